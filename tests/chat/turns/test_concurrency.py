"""How many answers at once: of a user, and in a process."""

import socket
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from chat.api import responses
from chat.live import readers
from chat.live.registry import registry
from chat.models import Reply, Status
from tests.chat.asking import EVENT_STREAM, ask, follow, make_chat, used


def test_answers_of_a_person(as_alice, alice, bob, upstream, settings):
    settings.MAX_STREAMS_PER_USER = 2
    for user in (alice, alice, bob):
        make_chat(user, reply={"status": Status.STREAMING})
    response = ask(as_alice)
    assert response.status_code == 429
    assert response.json()["code"] == "too_many_streams"
    assert response["Retry-After"] == "5"
    assert response["RateLimit"].startswith('"daily";r=5;')
    assert used(alice) == 0
    Reply.objects.filter(user=alice).first().chat.delete()
    assert ask(as_alice).status_code == 201


def test_another_answer_counts_too(as_alice, alice, upstream, settings):
    settings.MAX_STREAMS_PER_USER = 1
    chat = make_chat(alice)
    make_chat(alice, reply={"status": Status.STREAMING})
    response = as_alice.post(f"/chat/{chat.pk}/replies", {})
    assert response.status_code == 429
    assert response.json()["code"] == "too_many_streams"
    assert used(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_at_once_no_more_than_may_be(alice, client_for, upstream, settings):
    """New questions and further replies to old ones, which are stored in two ways."""
    settings.MAX_STREAMS_PER_USER = 2
    old = [make_chat(alice, content="Hello [[slow: 0.3]]") for _ in range(4)]
    barrier, codes = Barrier(8, timeout=20), []

    def go(number, client):
        barrier.wait()
        if number % 2:
            response = client.post(f"/chat/{old[number // 2].pk}/replies", {})
        else:
            response = ask(client, "Hello [[slow: 0.3]]")
        codes.append(response.status_code)
        connection.close()

    threads = [Thread(target=go, args=(number, client_for(alice))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201, 201, 429, 429, 429, 429, 429, 429]
    assert used(alice) == len(upstream.requests()) == 2


def test_full_process(as_alice, alice, upstream, settings):
    settings.MAX_STREAMS_PER_PROCESS = 1
    stream_id = uuid4()
    registry.open(stream_id)
    try:
        response = ask(as_alice)
    finally:
        registry.close(stream_id)
    assert response.status_code == 503
    assert response.json()["code"] == "process_full"
    assert response["Retry-After"] == "5"
    assert used(alice) == 0
    assert not upstream.requests()


def test_readers_of_a_person(as_alice, as_bob, alice, bob, settings):
    settings.MAX_STREAMS_PER_USER = 1
    stream_id = make_chat(alice).chat_reply.stream_id
    opened = [follow(as_alice, stream_id) for _ in range(readers.READERS_PER_STREAM)]
    assert readers.open_streams() == len(opened)
    refused = follow(as_alice, stream_id)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_streams"
    theirs = follow(as_bob, make_chat(bob).chat_reply.stream_id)
    assert theirs.status_code == 200
    for reader in (*opened, theirs):
        reader.close()
    assert readers.open_streams() == 0
    follow(as_alice, stream_id).close()


def test_reader_that_takes_nothing_loses_its_connection(as_alice, alice):
    """Its socket has a timeout while it is written to, and none for the next request."""
    stream_id = make_chat(alice).chat_reply.stream_id
    ours, theirs = socket.socketpair()
    with ours, theirs:
        response = as_alice.get(
            f"/chat/stream/{stream_id}",
            headers={"Accept": EVENT_STREAM},
            **{"gunicorn.socket": ours},
        )
        assert ours.gettimeout() == responses.WRITE_TIMEOUT_SECONDS
        response.close()
        assert ours.gettimeout() is None


def test_readers_of_a_process(as_alice, alice, settings):
    settings.MAX_STREAMS_PER_PROCESS = 1
    stream_id = make_chat(alice).chat_reply.stream_id
    first = follow(as_alice, stream_id)
    refused = follow(as_alice, stream_id)
    assert refused.status_code == 503
    assert refused.json()["code"] == "process_full"
    first.close()
    assert readers.open_streams() == 0
