"""Routes of the tests, to check the API's conventions without an app's rules."""

from django.contrib.auth import get_user_model
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotAuthenticated, Throttled
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken

from config.api.problems import Conflict, Problem, ServiceUnavailable, Unprocessable
from config.api.views import OpenView
from config.urls import (  # noqa: F401 - Django looks for them in the URL configuration
    handler400,
    handler403,
    handler404,
    handler500,
)
from config.urls import urlpatterns as real

RAISED = {
    "crash": RuntimeError("the secret cause"),
    "database-away": OperationalError("could not connect to db.internal"),
    "connection-closed": InterfaceError("connection already closed"),
    "database-refuses": DatabaseError("relation is missing"),
    "http404": Http404(),
    "forbidden": PermissionDenied(),
    "not-authenticated": NotAuthenticated(),
    "throttled": Throttled(wait=2.2),
    "token": InvalidToken("Token is expired"),
    "teapot": APIException(code="teapot"),
    "problem": Problem(),
    "conflict": Conflict("Somebody was faster.", "stale", version=3),
    "unprocessable": Unprocessable("No.", headers={"X-Reason": "no"}),
    "busy": ServiceUnavailable(wait=7),
}


class Raise(APIView):
    """Without an authenticator, where DRF turns a 401 into a 403."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request, name):
        raise RAISED[name]


class Line(serializers.Serializer):
    message = serializers.CharField(max_length=5)
    code = serializers.IntegerField()


class Poem(serializers.Serializer):
    title = serializers.CharField()
    lines = Line(many=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)

    def validate(self, attrs):
        if attrs["title"] == "untitled":
            raise serializers.ValidationError("A poem has a title.", code="untitled")
        return attrs


class Echo(OpenView):
    def post(self, request):
        poem = Poem(data=request.data)
        poem.is_valid(raise_exception=True)
        return Response(poem.validated_data)


class Person(serializers.Serializer):
    email = serializers.CharField()


class People(ListAPIView):
    authentication_classes = ()
    permission_classes = ()
    serializer_class = Person
    queryset = get_user_model().objects.all()


def crash(request):
    raise RuntimeError("the secret cause")


def bad(request):
    raise BadRequest("the secret cause")


def forbidden(request):
    raise PermissionDenied("the secret cause")


urlpatterns = [
    path("test/raise/<name>", Raise.as_view()),
    path("test/echo", Echo.as_view()),
    path("test/people", People.as_view()),
    path("test/crash", crash),
    path("test/bad", bad),
    path("test/forbidden", forbidden),
    *real,
]
