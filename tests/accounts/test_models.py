import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import RevokedToken, User


def test_address_is_unique_without_case(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="ALICE@example.com")])


def test_natural_key_has_no_case(alice):
    assert User.objects.get_by_natural_key(" ALICE@example.com") == alice


def test_create_superuser(db):
    root = User.objects.create_superuser("Root@Example.com", "staple of paper")
    assert (root.email, root.is_staff, root.is_superuser) == ("root@example.com", True, True)


def test_names():
    assert str(User(email="a@example.com")) == "a@example.com"
    assert str(RevokedToken(jti="x", expires_at=timezone.now())) == "x"
