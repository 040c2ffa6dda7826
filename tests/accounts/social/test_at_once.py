"""Requests of one person, or for one address, at the same time."""

from threading import Barrier, Thread
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db import connection
from django.test import RequestFactory

from accounts import social
from accounts.models import User
from accounts.providers.identity import Identity
from tests.accounts.social.conftest import PAGE, query_of


def at_once(*works: Any) -> list[Any]:
    """The results, or what was raised."""
    barrier = Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(at: int) -> None:
        try:
            barrier.wait()
            results[at] = works[at]()
        except Exception as error:  # noqa: BLE001 - compared by the tests
            results[at] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_sign_ins_make_one_account(site, another_site):
    sites = [site, *(another_site() for _ in range(3))]
    ways_back = [one.visit("kakao") for one in sites]
    results = at_once(
        *(
            lambda one=one, way=way: one.browser.get(way)["Location"]
            for one, way in zip(sites, ways_back, strict=True)
        )
    )
    assert results == [PAGE] * 4
    assert User.objects.count() == SocialAccount.objects.count() == 1
    assert {one.user() for one in sites} == {User.objects.get()}


@pytest.mark.parametrize("name", ["kakao", "naver"])  # with an address, and without
def test_the_account_was_made_since_it_was_looked_for(site, another_site, monkeypatch, name):
    site.sign_in(name)
    real, looked = social.account_of, []

    def late(identity: Identity) -> SocialAccount | None:
        looked.append(identity)
        return real(identity) if len(looked) > 1 else None

    monkeypatch.setattr(social, "account_of", late)
    again = another_site()
    assert again.sign_in(name) == PAGE
    assert again.user() == site.user()
    assert User.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_verified_address_at_once(site, another_site):
    """One joins with it; the other is told that it is taken."""
    other = another_site()
    site.running["google"].person["email"] = "same@example.com"
    site.running["kakao"].person["email"] = "same@example.com"
    ways = [(site, site.visit("google")), (other, other.visit("kakao"))]
    results = at_once(
        *(lambda one=one, way=way: one.browser.get(way)["Location"] for one, way in ways)
    )
    assert sorted(query_of(result).get("error", "") for result in results) == ["", "address_taken"]
    assert User.objects.filter(email="same@example.com").count() == User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("offered")
def test_the_last_two_ways_are_not_removed_at_once():
    user = User.objects.create_user(None)
    accounts = [
        SocialAccount.objects.create(user=user, provider=name, uid="1")
        for name in ("kakao", "naver")
    ]
    results = at_once(
        *(
            lambda account=account: social.disconnect(RequestFactory().get("/"), user, account)
            for account in accounts
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["LastWayToSignIn", "NoneType"]
    assert SocialAccount.objects.count() == 1
