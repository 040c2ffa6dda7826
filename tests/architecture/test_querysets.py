"""Permission is a queryset: a view has none until it knows who asks, and then that person's."""

import ast
import inspect
from textwrap import dedent

import pytest
from django.db.models import Model
from rest_framework.generics import GenericAPIView
from rest_framework.test import APIRequestFactory

from tests.architecture.routes import METHODS, ROUTES

VIEWS = sorted(
    {
        route.view
        for route in ROUTES
        if route.kind == "api" and route.view and issubclass(route.view, GenericAPIView)
    },
    key=lambda view: view.__qualname__,
)
UNFILTERED = (".objects.all", ".objects.get", ".objects.filter")
OWN = [view for view in VIEWS if "get_queryset" in vars(view)]


def test_there_are_such_views():
    assert len(VIEWS) >= 9
    assert len(OWN) >= 4


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__qualname__)
def test_the_class_itself_has_no_rows(view):
    assert view.queryset is not None
    assert view.queryset.query.is_empty()
    assert issubclass(view.queryset.model, Model)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("view", OWN, ids=lambda view: view.__qualname__)
def test_rows_are_those_of_the_one_who_asks(view, method, alice):
    request = getattr(APIRequestFactory(), method.lower())("/")
    made = view()
    made.request = made.initialize_request(request)
    made.request.user = alice
    rows = str(made.get_queryset().query)
    assert f'"user_id" = {alice.pk}' in rows.partition(" WHERE ")[2]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__qualname__)
def test_no_view_reaches_the_rows_of_all(view):
    """`objects.all()`, `get()` and `filter()` do not ask whose rows they are."""
    calls = {
        ast.unparse(call.func)
        for call in ast.walk(ast.parse(dedent(inspect.getsource(view))))
        if isinstance(call, ast.Call)
    }
    assert not [name for name in calls if name.endswith(UNFILTERED)]
