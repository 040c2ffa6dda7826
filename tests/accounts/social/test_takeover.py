"""Nobody gets into an account, or gets an address, by what a provider says of an address."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail

from accounts.models import PendingJoin, SecurityEvent, User
from tests.accounts.conftest import SESSION
from tests.accounts.social.conftest import PAGE, query_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.one_database

ALICE = "alice@example.com"


@dataclass(frozen=True)
class Claim:
    """What a provider says about an address of `alice@example.com`."""

    provider: str
    members: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.provider} {self.members}"

    def tell(self, site: Any, address: str = ALICE) -> None:
        person = site.running[self.provider].person
        person["email"] = address
        for name in ("email_verified", "is_email_valid", "is_email_verified"):
            person.pop(name, None)
        person.update(self.members)
        if self.provider == "github":
            person["emails"] = [{"email": address, "primary": True, **self.members}]


VERIFIED = [
    Claim("kakao", {"is_email_valid": True, "is_email_verified": True}),
    Claim("google", {"email_verified": True}),
    Claim("github", {"verified": True}),
    Claim("oidc", {"email_verified": True}),
]
UNVERIFIED = [
    Claim("kakao", {"is_email_valid": True, "is_email_verified": False}),
    Claim("kakao", {"is_email_valid": False, "is_email_verified": True}),
    Claim("kakao", {"is_email_verified": True}),
    Claim("kakao", {"is_email_valid": "true", "is_email_verified": True}),
    Claim("kakao", {"is_email_valid": 1, "is_email_verified": 1}),
    Claim("kakao"),
    Claim("naver"),
    Claim("naver", {"email_verified": True}),
    *(
        Claim(name, {"email_verified": value})
        for name in ("google", "oidc")
        for value in (False, "false", "true", 1, "1", [True], {"a": 1}, None)
    ),
    Claim("google"),
    Claim("oidc"),
    *(Claim("github", {"verified": value}) for value in (False, "true", 1, None)),
    Claim("github"),
]
SPELLINGS = [
    ALICE,
    "Alice@Example.COM",
    "ALICE@EXAMPLE.COM",
    "ａｌｉｃｅ@example.com",  # wide letters
    "alice@ｅｘａｍｐｌｅ.com",
    "al\u200bice@example.com",
    " alice@example.com ",
    "alice@example.com.",
]


def rows() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (User, EmailAddress, SocialAccount)
    ]


@pytest.mark.parametrize("claim", [*VERIFIED, *UNVERIFIED], ids=str)
def test_an_address_of_an_account(site, alice, claim):
    """Verified or not, no account is made, nobody gets in, and the owner is told."""
    claim.tell(site)
    before = rows()
    assert site.sign_in(claim.provider) == f"{PAGE}?error=address_taken&provider={claim.provider}"
    assert site.user() is None
    assert rows() == before
    events = SecurityEvent.objects.values_list("user", "kind", "details")
    assert list(events) == [(alice.pk, "provider_conflict", {"provider": claim.provider})]
    [notice] = mail.outbox
    assert notice.to == [ALICE]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("claim", [VERIFIED[0], VERIFIED[1], UNVERIFIED[6]], ids=str)
def test_another_spelling_of_it(site, alice, claim, spelling):
    claim.tell(site, spelling)
    before = rows()
    assert query_of(site.sign_in(claim.provider))["error"] == "address_taken"
    assert rows() == before


@pytest.mark.parametrize("claim", UNVERIFIED, ids=str)
def test_an_unverified_address_is_not_kept(site, claim):
    """So it blocks nobody else, and no mail of this site goes there."""
    claim.tell(site, "victim@example.com")
    assert site.sign_in(claim.provider) == PAGE
    assert site.user().email is None
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("claim", VERIFIED, ids=str)
def test_a_verified_address_becomes_the_login(site, claim):
    claim.tell(site, "ＮEW@Example.com")
    assert site.sign_in(claim.provider) == PAGE
    assert site.user().email == "new@example.com"
    confirmed = EmailAddress.objects.values_list("user", "email", "verified", "primary")
    assert list(confirmed) == [(site.user().pk, "new@example.com", True, True)]


HOMOGLYPHS = [
    "аlice@example.com",  # a Cyrillic letter
    "alice@exаmple.com",
    "alıce@example.com",  # without its dot
    "al\u0131ce@example.com",
    "alice@examp1e.com",
]


@pytest.mark.parametrize("address", HOMOGLYPHS)
@pytest.mark.parametrize("claim", VERIFIED, ids=str)
def test_an_address_that_looks_alike_is_another(site, alice, claim, address):
    """It never signs in as alice, and is stored only in ASCII."""
    claim.tell(site, address)
    assert site.sign_in(claim.provider) == PAGE
    assert site.user() != alice
    assert (site.user().email or "").isascii()
    assert site.user().email != ALICE


BROKEN = ["", "no address", "a@b", "a" * 250 + "@example.com", 7, ["a@b.c"], {"a": 1}, "a\x00@b.c"]


@pytest.mark.parametrize("address", BROKEN)
@pytest.mark.parametrize("claim", VERIFIED, ids=str)
def test_a_broken_address_is_none(site, claim, address):
    claim.tell(site, address)
    assert site.sign_in(claim.provider) == PAGE
    assert site.user().email is None


def test_github_s_shown_and_secondary_addresses_count_for_nothing(site, alice):
    """Everybody may show any address, and add an unverified one."""
    person = site.running["github"].person
    person["email"] = ALICE
    person["emails"] = [
        {"email": ALICE, "primary": False, "verified": True},
        {"email": "octocat@example.com", "primary": True, "verified": True},
    ]
    assert site.sign_in("github") == PAGE
    assert site.user().email == "octocat@example.com"


@pytest.mark.parametrize("flag", [None, False])
def test_flags_of_an_id_token_do_not_verify_the_address_of_userinfo(site, flag):
    """Both are told by the provider, but of two addresses."""
    provider = site.running["oidc"]
    provider.claims_in = "userinfo"
    provider.changed = {"email_verified": True}
    provider.person |= {"email": "victim@example.com", "email_verified": flag}
    assert site.sign_in("oidc") == PAGE
    assert site.user().email is None


def test_an_account_that_somebody_made_before_with_the_address(site, another_site, db):
    """The attacker joins with the victim's address and waits: the victim does not land there."""
    attacker = another_site()
    body = {"email": "victim@example.com", "password": PASSWORD, "nickname": ""}
    assert attacker.browser.send("POST", f"{SESSION}/auth/signup", body).status_code == 200
    VERIFIED[1].tell(site, "victim@example.com")
    assert query_of(site.sign_in("google"))["error"] == "address_taken"
    assert site.user() is None
    assert not SocialAccount.objects.exists()


def test_a_join_that_waits_for_its_mail_does_not_block_the_owner(settings, site):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    PendingJoin.objects.create(email="victim@example.com", password="!")
    VERIFIED[1].tell(site, "victim@example.com")
    assert site.sign_in("google") == PAGE
    assert site.user().email == "victim@example.com"
    assert not PendingJoin.objects.exists()


def test_an_address_that_another_account_has_confirmed_beside_its_login(site, alice):
    EmailAddress.objects.create(user=alice, email="second@example.com", verified=True)
    VERIFIED[1].tell(site, "second@example.com")
    assert query_of(site.sign_in("google"))["error"] == "address_taken"
    assert [notice.to for notice in mail.outbox] == [[ALICE]]


@pytest.mark.parametrize("verification", ["none", "optional", "mandatory"])
def test_verification_by_mail_is_not_asked_of_people_by_providers(settings, site, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    assert site.sign_in("naver") == PAGE
    assert site.user() is not None
    assert mail.outbox == []


def test_the_owner_is_told_a_few_times_only(site, another_site, alice):
    VERIFIED[1].tell(site)
    for _ in range(6):
        assert query_of(another_site().sign_in("google"))["error"] == "address_taken"
    assert len(mail.outbox) == 3
    assert SecurityEvent.objects.get(user=alice).count == 3


@pytest.mark.parametrize(("language", "first"), [("ko", 0), ("en", 1)])
def test_the_notice_is_in_both_languages(site, alice, language, first):
    VERIFIED[1].tell(site)
    site.browser.get(site.visit("google"), headers={"Accept-Language": language})
    [notice] = mail.outbox
    english = "A sign-in with your address"
    assert english in notice.subject
    assert notice.body.count("Google") >= 2
    assert "jane" not in f"{notice.subject} {notice.body}"


def test_a_mail_server_that_is_away_changes_nothing(settings, site, alice):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    VERIFIED[1].tell(site)
    assert query_of(site.sign_in("google"))["error"] == "address_taken"


def test_the_same_subject_of_two_providers_is_two_people(site, another_site):
    site.running["google"].person["sub"] = site.running["oidc"].person["sub"] = "7"
    site.running["google"].person["email"] = "other@example.com"
    site.sign_in("oidc")
    other = another_site()
    other.sign_in("google")
    assert User.objects.count() == 2
    assert other.user() != site.user()


@pytest.mark.parametrize("name", ["oidc", "kakao", "github"])
def test_the_same_subject_of_another_server_is_another_person(
    settings, site, another_site, running, name
):
    """The site moves to another issuer, where other people have the same numbers."""
    from config.providers import providers  # noqa: PLC0415
    from tests.accounts.social.conftest import KINDS, Site, registration  # noqa: PLC0415

    running[name].person.pop("email")
    running[name].person.pop("emails", None)
    site.sign_in(name)
    with KINDS[name]() as moved:
        moved.person.pop("email")
        moved.person.pop("emails", None)
        settings.SOCIALACCOUNT_PROVIDERS = providers(registration(name, moved.url))
        later = Site(another_site().browser, {name: moved})
        later.sign_in(name)
    assert later.user() not in {None, site.user()}
