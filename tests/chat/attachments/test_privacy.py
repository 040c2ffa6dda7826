"""A file is its user's alone, and a browser can do nothing with it but show it."""

import pytest

from chat.attachments.models import Attachment
from tests.chat.asking import ask
from tests.chat.attachments.samples import picture, sent

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = ["/attachments/{}", "/attachments/{}/content"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("is_asked", [True, False])
def test_of_another(as_alice, as_bob, as_staff, anonymous, path, is_asked):
    """As if it were not there, also for staff."""
    key = sent(as_alice, picture())["id"]
    if is_asked:
        ask(as_alice, attachments=[key])
    assert as_alice.get(path.format(key)).status_code == 200
    for client in (as_bob, as_staff):
        foreign, missing = client.get(path.format(key)), client.get(path.format(10**9))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json()["code"] == missing.json()["code"]
    assert anonymous.get(path.format(key)).status_code == 401


def test_deleting_that_of_another(as_alice, as_bob):
    key = sent(as_alice, picture())["id"]
    assert as_bob.delete(f"/attachments/{key}").status_code == 404
    assert Attachment.objects.count() == 1


def test_the_list_is_ones_own(as_alice, as_bob):
    key = sent(as_alice, picture())["id"]
    assert [one["id"] for one in as_alice.get("/attachments").json()["results"]] == [key]
    assert as_bob.get("/attachments").json()["results"] == []


def test_headers_of_a_content(as_alice):
    key = sent(as_alice, picture(), 'a"b;.png')["id"]
    response = as_alice.get(f"/attachments/{key}/content")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"].startswith("private")
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Type"] == "image/png"


def test_it_is_sent_once(as_alice):
    """A browser that has it asks by its ETag."""
    key = sent(as_alice, picture())["id"]
    tag = as_alice.get(f"/attachments/{key}/content")["ETag"]
    response = as_alice.get(f"/attachments/{key}/content", headers={"If-None-Match": tag})
    assert response.status_code == 304


def test_the_name_tells_what_it_is(as_alice):
    """Of a converted picture, and of a text that was a page."""
    photo = sent(as_alice, picture("WEBP"), "a.webp")["id"]
    page = sent(as_alice, b"<script>alert(1)</script>", "a.html")["id"]
    names = [
        as_alice.get(f"/attachments/{key}/content")["Content-Disposition"] for key in (photo, page)
    ]
    assert names == ['inline; filename="a.webp.jpg"', 'attachment; filename="a.html.txt"']
