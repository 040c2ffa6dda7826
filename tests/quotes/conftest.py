import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def reviewer(db):
    """A member of staff who may change quotes and nothing else."""
    user = make_user("reviewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_quote"))
    return user


@pytest.fixture
def as_reviewer(client, reviewer) -> Client:
    client.force_login(reviewer)
    return client


@pytest.fixture
def loader(db):
    """A member of staff who may load, change and delete lines, and who starts jobs."""
    user = make_user("loader", is_staff=True)
    for name in ("view_quote", "add_quote", "change_quote", "delete_quote"):
        user.user_permissions.add(Permission.objects.get(codename=name))
    return user


@pytest.fixture
def as_loader(client, loader) -> Client:
    client.force_login(loader)
    return client
