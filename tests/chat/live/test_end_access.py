"""A user's answers end with the user's access, and open streams with a new password."""

import time
from itertools import islice
from threading import Thread
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.personal_tokens import usage
from accounts.tokens import issue
from chat.live import readers
from chat.live.redis_relay import ANSWERS, READERS, RedisRelay
from chat.live.registry import registry
from chat.live.streams import INTERRUPT, Live
from chat.models import Reply, Status
from chat.turns import heartbeat
from tests.accounts.addresses.test_ownership import key_in
from tests.accounts.conftest import SESSION, Browser
from tests.chat.asking import EVENT_STREAM, _event, ask, follow, used, wait_for_end
from tests.environment import SETTINGS
from tests.factories import PASSWORD, client_with, make_personal_token

LONG = "[[chunks: 1000]] [[slow: 0.05]]"
SHORT = "[[say: one two three four five six]] [[slow: 0.2]]"
NEW = "staple of paper"

transactional = pytest.mark.django_db(transaction=True)
asks = pytest.mark.usefixtures("upstream")


def begin(client, content=LONG):
    """The blocks of a stream, those read up to the first text, and the response."""
    response = client.post("/chat", {"content": content}, headers={"Accept": EVENT_STREAM})
    blocks = iter(response.streaming_content)
    start, text = islice(blocks, 2)
    return blocks, [start, text], response


def rest_of(blocks, response) -> list[bytes]:
    left = [block for block in blocks if not block.startswith(b":")]
    response.close()
    return left


def gone(upstream) -> bool:
    """Whether the connection to the upstream was closed."""
    end = time.monotonic() + 30
    while upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    return upstream.stats()["open"] == 0


def in_admin(staff, alice, path, body):
    client = Client()
    client.force_login(staff)
    page = f"/admin/accounts/user/{path}"
    assert client.post(page, body).status_code == 302


def by_action(staff, alice):
    in_admin(staff, alice, "", {"action": "deactivate", "_selected_action": [alice.pk]})


def by_form(staff, alice):
    form = {"email": alice.email, "nickname": "alice", "daily_limit": ""}
    in_admin(staff, alice, f"{alice.pk}/change/", form)


def by_code(staff, alice):
    alice.is_active = False
    alice.save(update_fields=["is_active"])


def by_sql(staff, alice):
    """As from a shell or another process: the next heartbeat finds it."""
    User.objects.filter(pk=alice.pk).update(is_active=False)
    heartbeat.beat(registry.all())


WAYS = [by_action, by_form, by_code, by_sql]


@transactional
@asks
@pytest.mark.parametrize("deactivate", WAYS)
def test_a_deactivated_persons_answers_are_interrupted_and_not_charged(
    alice, bob, staff, as_alice, as_bob, upstream, deactivate
):
    blocks, _seen, response = begin(as_alice)
    others, _, others_response = begin(as_bob, SHORT)
    deactivate(staff, alice)
    last = _event(rest_of(blocks, response)[-1].decode()[:-2])
    assert (last.data["type"], last.data["problem"]["code"]) == ("ERROR", "interrupted")
    reply = Reply.objects.get(user=alice)
    assert (reply.status, reply.error_code) == (Status.INTERRUPTED, "interrupted")
    assert reply.content.startswith("1 ")
    assert used(alice) == 0
    assert b'"type":"END"' in rest_of(others, others_response)[-1]
    assert Reply.objects.get(user=bob).status == Status.DONE
    assert used(bob) == 1
    assert gone(upstream)
    assert upstream.stats()["aborted"] == 1


@transactional
@asks
@pytest.mark.parametrize("delete", ["leave", "code"])
def test_a_deleted_persons_answers_end(alice, as_alice, upstream, caplog, delete):
    blocks, _seen, response = begin(as_alice)
    if delete == "leave":
        assert as_alice.delete("/accounts/profile", {"password": PASSWORD}).status_code == 204
    else:
        alice.delete()
    last = _event(rest_of(blocks, response)[-1].decode()[:-2])
    assert (last.data["type"], last.data["problem"]["code"]) == ("ERROR", "not_found")
    assert gone(upstream)
    assert upstream.stats()["aborted"] == 1
    assert not Reply.objects.exists()
    assert not [record for record in caplog.records if record.exc_info]


@transactional
@asks
def test_waiting_request_gets_the_interruption(alice, as_alice, upstream):
    got = []

    def go():
        got.append(ask(as_alice, LONG))
        connection.close()

    thread = Thread(target=go)
    thread.start()
    end = time.monotonic() + 30
    while not upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    by_code(None, alice)
    thread.join(5)
    assert (got[0].status_code, got[0].json()["code"]) == (503, "interrupted")
    assert used(alice) == 0


def by_profile(alice, staff):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert client.patch("/accounts/profile", body).status_code == 200


def by_mail(alice, staff):
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": alice.email})
    body = {"key": key_in(mail.outbox[-1], "reset"), "password": NEW}
    assert browser.send("POST", f"{SESSION}/auth/password/reset", body).status_code == 401


def by_staff(alice, staff):
    body = {"usable_password": "true", "password1": NEW, "password2": NEW}
    in_admin(staff, alice, f"{alice.pk}/password/", body)


@transactional
@asks
@pytest.mark.parametrize("change", [by_profile, by_mail, by_staff])
def test_a_new_password_ends_open_readers_and_no_answer(alice, staff, as_alice, client_for, change):
    blocks, seen, response = begin(as_alice, SHORT)
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    change(alice, staff)
    seen += rest_of(blocks, response)
    assert b'"type":"END"' not in seen[-1]
    reply = wait_for_end()
    assert (reply.status, reply.content) == (Status.DONE, "one two three four five six")
    assert used(alice) == 1
    last = _event(seen[-1].decode()[:-2]).id
    assert follow(as_alice, reply.stream_id, last).status_code == 401
    alice.refresh_from_db()
    resumed = b"".join(follow(client_for(alice), reply.stream_id, last).streaming_content)
    assert b'"type":"END"' in resumed


@transactional
@asks
def test_another_hash_of_the_same_password_ends_no_reader(alice, as_alice, settings):
    blocks, _seen, response = begin(as_alice, SHORT)
    settings.PASSWORD_HASHERS = list(reversed(settings.PASSWORD_HASHERS))
    body = {"email": alice.email, "password": PASSWORD}
    assert APIClient().post("/accounts/login", body).status_code == 200
    assert b'"type":"END"' in rest_of(blocks, response)[-1]


def test_readers_of_other_users_stay(alice, bob):
    live = Live(uuid4())
    with readers.reading(alice, live) as hers, readers.reading(bob, live) as his:
        readers.dismiss_readers(alice.pk)
        assert (hers.is_dismissed, his.is_dismissed) == (True, False)
    readers.dismiss_readers(alice.pk)


@pytest.mark.redis
@pytest.mark.parametrize("what", [ANSWERS, READERS])
def test_all_processes_end_it(alice, bob, what):
    here, elsewhere = RedisRelay(SETTINGS["REDIS_URL"]), RedisRelay(SETTINGS["REDIS_URL"])
    hers = registry.open(uuid4(), user_id=alice.pk)
    his = registry.open(uuid4(), user_id=bob.pk)
    place = here._last_request()
    with readers.reading(alice, hers) as reader:
        elsewhere.request_end(alice.pk, what)
        here._read_once(place)
        assert reader.is_dismissed is (what == READERS)
    registry.close(hers.stream_id)
    registry.close(his.stream_id)
    assert (hers.cancelled, his.cancelled) == (INTERRUPT if what == ANSWERS else "", "")


def revoke(user, token):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(user)['access']}")
    assert client.delete(f"/accounts/tokens/{token.pk}").status_code == 204


@transactional
@asks
def test_a_revoked_token_ends_the_streams_that_were_opened_with_it(alice, as_alice):
    """Its answer goes on, as do the streams of the user's other devices and tokens."""
    token, raw = make_personal_token(alice)
    _other, other_raw = make_personal_token(alice)
    blocks, seen, response = begin(client_with(raw), SHORT)
    stream_id = Reply.objects.get().stream_id
    others = [follow(client, stream_id) for client in (as_alice, client_with(other_raw))]
    revoke(alice, token)
    seen += rest_of(blocks, response)
    assert b'"type":"END"' not in seen[-1]
    for other in others:
        assert b'"type":"END"' in b"".join(other.streaming_content)
    assert follow(client_with(raw), stream_id).status_code == 401
    assert wait_for_end().status == Status.DONE
    assert used(alice) == 1


@pytest.mark.redis
def test_all_processes_end_the_streams_of_a_revoked_token(alice):
    here, elsewhere = RedisRelay(SETTINGS["REDIS_URL"]), RedisRelay(SETTINGS["REDIS_URL"])
    token, _raw = make_personal_token(alice)
    its_id = usage.access_id(token.pk)
    place = here._last_request()
    with (
        readers.reading(alice, Live(uuid4()), access_id="another") as hers,
        readers.reading(alice, Live(uuid4()), access_id=its_id) as its,
    ):
        elsewhere.request_end(alice.pk, READERS, its_id)
        here._read_once(place)
        assert (hers.is_dismissed, its.is_dismissed) == (False, True)


def test_without_redis_no_request_waits():
    RedisRelay("redis://127.0.0.1:1/0").request_end(1, ANSWERS)
