"""The routes of the API that people without an account may read."""

import pytest
from django.test import Client
from django.utils import timezone

from config.api.caching import has_credentials
from tests.factories import make_quote
from tests.quotes.api.bodies import body_of_pending

pytestmark = pytest.mark.django_db

READS = ["/quote", "/quote/{pk}", "/quote/today", "/quote/random"]


@pytest.fixture
def line(alice):
    return make_quote(alice, "To be, or not to be", is_apply=True, language="en", likes=3)


def public_body(line):
    body = body_of_pending(line, state="applied", mine=False, submitter="", likes=line.likes)
    return {
        **body,
        "content": line.content,
        "language": line.language,
        "is_apply": True,
        "applied_at": timezone.localtime(line.applied_at).isoformat(),
        "links": body["links"][:1],
    }


def test_a_line_is_shown_without_its_submitter(anonymous, line):
    line.user.nickname = "Alice"
    line.user.save()
    assert anonymous.get(f"/quote/{line.pk}").json() == public_body(line)
    assert anonymous.get("/quote").json()["results"] == [public_body(line)]


@pytest.mark.parametrize("path", READS)
def test_nothing_names_a_person(anonymous, line, path):
    line.user.nickname = "The-nickname"
    line.user.save()
    text = anonymous.get(path.format(pk=line.pk)).content
    assert b"The-nickname" not in text
    assert b"example.com" not in text


@pytest.mark.parametrize("fields", [{}, {"declined_at": timezone.now(), "reason": "Why"}])
def test_only_applied_lines_exist(anonymous, alice, fields):
    line = make_quote(alice, "A secret line", **fields)
    assert anonymous.get(f"/quote/{line.pk}").status_code == 404
    for query in ("", "?q=secret", "?state=applied", "?speaker=x", "?sort=liked"):
        response = anonymous.get(f"/quote{query}")
        assert (response.status_code, response.json()["count"]) == (200, 0)


@pytest.mark.parametrize("query", ["mine=true", "state=pending", "state=declined"])
def test_what_is_somebody_s_own_needs_a_sign_in(anonymous, query):
    response = anonymous.get(f"/quote?{query}")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_search_and_filters_work_without_an_account(anonymous, line, alice):
    make_quote(alice, "Call me Ishmael", is_apply=True, language="fr")
    for query in ("q=or+not+to+be", "language=en"):
        assert [found["id"] for found in anonymous.get(f"/quote?{query}").json()["results"]] == [
            line.pk
        ]


@pytest.mark.usefixtures("_closed")
@pytest.mark.parametrize("path", READS)
def test_a_closed_board_needs_a_sign_in(anonymous, as_bob, line, path):
    assert anonymous.get(path.format(pk=line.pk)).status_code == 401
    response = as_bob.get(path.format(pk=line.pk))
    assert response.status_code == 200
    assert "embed" not in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_without_an_account_nothing_else_is_done(anonymous, line, method):
    for path in (f"/quote/{line.pk}", "/quote", "/quote/random", "/quote/today"):
        assert getattr(anonymous, method)(path).status_code == 401
    assert anonymous.get(f"/quote/{line.pk}").status_code == 200


def test_statements(anonymous, line, django_assert_num_queries):
    with django_assert_num_queries(2):
        anonymous.get("/quote")
    with django_assert_num_queries(1):
        anonymous.get(f"/quote/{line.pk}")


# --- Caches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/quote", "/quote/{pk}", "/quote/today"])
def test_caches_may_keep_an_anonymous_answer(anonymous, line, path):
    first = anonymous.get(path.format(pk=line.pk))
    assert first["Cache-Control"] == "public, max-age=60"
    varying = {name.strip() for name in first["Vary"].split(",")}
    assert {"Accept", "Accept-Language", "Authorization", "Cookie"} <= varying
    assert not first.cookies
    again = anonymous.get(path.format(pk=line.pk), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]
    assert "Cookie" in again["Vary"]


def test_a_change_changes_the_tag(anonymous, line):
    first = anonymous.get(f"/quote/{line.pk}")
    line.likes += 1
    line.save()
    again = anonymous.get(f"/quote/{line.pk}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]


def test_a_random_line_and_errors_are_not_kept(anonymous, line):
    for path in ("/quote/random", f"/quote/{line.pk + 1}", "/quote?page=0", "/quote?mine=true"):
        response = anonymous.get(path)
        assert response["Cache-Control"] == "no-store"
        assert "ETag" not in response


def test_an_answer_to_credentials_is_not_kept(line, as_bob, bob, settings):
    browser = Client()
    browser.force_login(bob)
    forgotten = Client()
    forgotten.cookies[settings.SESSION_COOKIE_NAME] = "ended"
    other_scheme = Client(headers={"Authorization": "Basic abc"})
    for client in (as_bob, browser, forgotten, other_scheme):
        response = client.get(f"/quote/{line.pk}")
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert "ETag" not in response


def test_credentials_are_seen_whether_valid_or_not(rf, settings):
    assert not has_credentials(rf.get("/"))
    assert has_credentials(rf.get("/", headers={"Authorization": ""}))
    request = rf.get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = ""
    assert has_credentials(request)


# --- Limits ------------------------------------------------------------------------------------


@pytest.fixture
def rates(settings):
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "board": "4/m/ip",
        "board_search": "1/m/ip",
    }


def test_reads_are_limited_by_address(rates, anonymous, as_bob, line):
    for _ in range(4):
        assert anonymous.get(f"/quote/{line.pk}").status_code == 200
    refused = anonymous.get(f"/quote/{line.pk}")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Cache-Control"] == "no-store"
    assert anonymous.get("/quote", REMOTE_ADDR="198.51.100.7").status_code == 200
    for _ in range(6):
        assert as_bob.get(f"/quote/{line.pk}").status_code == 200


def test_searches_have_a_limit_of_their_own(rates, anonymous, line):
    assert anonymous.get("/quote?q=be").status_code == 200
    assert anonymous.get("/quote?q=be").status_code == 429
    assert anonymous.get("/quote").status_code == 200


@pytest.mark.parametrize("query", ["q=" + "a" * 201, "page=0", "page=1e3", "page=9999999", "q=%00"])
def test_hostile_input_is_refused(anonymous, query):
    assert anonymous.get(f"/quote?{query}").status_code == 400
