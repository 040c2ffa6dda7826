"""The line of the day in the frames of other sites."""

import base64
import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from tests.factories import make_quote

pytestmark = pytest.mark.django_db

FRAME = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def line(alice):
    return make_quote(alice, "To be, <b>or</b> not to be", speaker="Hamlet", is_apply=True)


def card(query="", client=None, **headers):
    client = client or Client()
    return client.get(f"/quote/today{query}", headers={"Accept": FRAME, **headers})


def test_it_is_one_document_for_any_frame(line):
    response = card()
    text = response.content.decode()
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "To be, &lt;b&gt;or&lt;/b&gt; not to be" in text
    assert f'href="http://testserver/quotes/{line.pk}" target="_blank" rel="noopener"' in text
    assert not re.search(r"<(script|link|img|iframe|form)\b|\s(on[a-z]+|style)=", text)
    policy = response["Content-Security-Policy"]
    [style] = re.findall("<style>(.*)</style>", text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors *;" in policy
    assert "X-Frame-Options" not in response
    assert not response.cookies


@pytest.mark.parametrize("path", ["/", "/quotes", "/quote/random", "/quote/today"])
def test_no_other_answer_may_be_framed(line, client, path):
    response = client.get(path, headers={"Accept": "application/json"})
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


def test_programs_get_json(line, anonymous):
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        response = anonymous.get("/quote/today", headers={"Accept": accept})
        assert response.json()["id"] == line.pk
        assert "Accept" in response["Vary"]
    links = {link["rel"]: link["href"] for link in response.json()["links"]}
    assert links["embed"] == "http://testserver/quote/today"


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "ko", "ko"),
        ("?lang=en", "ko", "en"),
        ("?lang=ko", "en", "ko"),
        ("?lang=xx", "en", "en"),
        ("?lang=%22%3E%3Cscript%3E", "en", "en"),
    ],
)
def test_language(line, query, accepted, language):
    response = card(query, **{"Accept-Language": accepted})
    assert f'<html lang="{language}"' in response.content.decode()
    assert response["Content-Language"] == language
    title = {"ko": "오늘의 대사", "en": "Line of the day"}[language]
    assert f"<h1>{title}</h1>" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "theme"),
    [("", "auto"), ("?theme=dark", "dark"), ("?theme=light", "light"), ("?theme=%22x", "auto")],
)
def test_theme(line, query, theme):
    assert f'data-theme="{theme}"' in card(query).content.decode()


def test_caches_keep_it_until_the_day_ends(line, alice, settings):
    settings.TIME_ZONE = "Asia/Seoul"
    with time_machine.travel(datetime(2026, 3, 1, 23, 58, tzinfo=SEOUL), tick=False):
        response = card()
        assert response["Cache-Control"] == "public, max-age=120"
        again = card(**{"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        assert "frame-ancestors *" in again["Content-Security-Policy"]
        assert "X-Frame-Options" not in again


def test_it_is_the_same_for_somebody_with_a_session(line, alice):
    browser = Client()
    browser.force_login(alice)
    assert card(client=browser).content == card().content


def test_an_empty_board_is_said(db):
    response = card("?lang=en")
    assert response.status_code == 404
    assert "There is no line on the board yet." in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert "frame-ancestors *" in response["Content-Security-Policy"]


def test_too_many_requests_are_said(line, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "board": "1/m/ip"}
    assert card().status_code == 200
    response = card("?lang=ko")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "To be" not in response.content.decode()


@pytest.mark.usefixtures("_closed")
def test_a_closed_board_has_no_card(line):
    response = card()
    assert response.status_code == 401
    assert "To be" not in response.content.decode()


def test_statements(line, django_assert_max_num_queries):
    card()
    with django_assert_max_num_queries(3):
        card()
