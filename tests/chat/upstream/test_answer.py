"""Reading an answer, and stopping it at any moment."""

import threading
import time

import pytest

from chat.upstream import errors
from tests.chat.upstream.conftest import ANSWER, read_request, response, said


def wait_for(condition, seconds=2.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def collect(answer):
    """Reads the answer in a thread, as generation does. Returns the thread and the pieces."""
    pieces = []
    thread = threading.Thread(target=lambda: pieces.extend(answer))
    thread.start()
    return thread, pieces


def test_usage_and_finish_reason(ask):
    answer = ask("one two [[say: a b c]]")
    assert "".join(answer) == "a b c"
    assert (answer.prompt_tokens, answer.completion_tokens) == (6, 3)
    assert answer.finish_reason == "stop"
    assert not answer.stopped


def test_it_can_be_read_once(ask):
    answer = ask()
    assert "".join(answer) == ANSWER
    assert list(answer) == []
    answer.close()
    assert not answer.stopped


def test_pieces_come_as_they_arrive(ask, upstream):
    pieces = iter(ask("[[chunks: 3]] [[slow: 0.5]]"))
    assert next(pieces) == "1 "
    assert upstream.stats()["open"] == 1, "the others are not sent yet"
    assert list(pieces) == ["2 ", "3 "]


def test_invalid_usage_is_ignored(ask, serve):
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": -1, "completion_tokens": true}}\n\n'
    serve(lambda it: (read_request(it), it.sendall(response(usage + said("x")))))
    answer = ask()
    assert list(answer) == ["x"]
    assert (answer.prompt_tokens, answer.completion_tokens) == (None, None)


def test_refusals_are_text_and_nul_is_removed(ask, serve):
    body = b'data: {"choices": [{"delta": {"refusal": "No\\u0000."}}]}\n\ndata: [DONE]\n\n'
    serve(lambda it: (read_request(it), it.sendall(response(body))))
    assert list(ask()) == ["No."]


@pytest.mark.parametrize(
    "event",
    [
        *("7", "null", '"x"', '{"choices": [7]}', '{"choices": 1}', '["x"]', "[]", "{"),
        '{"choices": [{"delta": {"content": 5}}]}',
        '{"choices": [{"delta": {"content": [5]}}]}',
    ],
)
def test_invalid_events(ask, serve, event):
    body = said("before", done=False) + f"data: {event}\n\n".encode()
    serve(lambda it: (read_request(it), it.sendall(response(body))))
    pieces = []
    with pytest.raises(errors.UpstreamMalformed):
        pieces += ask()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ('{"code": 429, "message": "slow down"}', errors.UpstreamRateLimited),
        ('{"code": "context_length_exceeded"}', errors.UpstreamContextTooLong),
        ('"overloaded"', errors.UpstreamFailed),
    ],
)
@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
def test_errors_after_a_200(ask, serve, error, kind, content_type):
    body = f'{{"error": {error}}}'.encode()
    body = body if "json" in content_type else b"data: " + body + b"\n\n"
    whole = response(body, content_type=content_type)
    serve(lambda it: (read_request(it), it.sendall(whole)))
    with pytest.raises(errors.UpstreamFailed) as caught:
        list(ask())
    assert type(caught.value) is kind


def test_last_event_without_its_empty_line(ask, serve):
    serve(lambda it: (read_request(it), it.sendall(response(said("x")[:-1]))))
    assert list(ask()) == ["x"]


def test_event_that_is_truncated(ask, serve):
    serve(lambda it: (read_request(it), it.sendall(response(said("x", done=False) + b'data: {"c'))))
    pieces = []
    with pytest.raises(errors.UpstreamDisconnected):
        pieces.extend(ask())


def test_json_body_that_is_truncated(ask, serve):
    whole = response(b'{"choices": []}', content_type="application/json")
    serve(lambda it: (read_request(it), it.sendall(whole[:-3])))
    with pytest.raises(errors.UpstreamDisconnected):
        list(ask())


def test_the_end_of_the_connection_may_end_the_body(ask, serve):
    whole = response(said("x"), "Connection: close")
    serve(lambda it: (read_request(it), it.sendall(whole)))
    assert list(ask()) == ["x"]


def test_silence_after_the_finish_reason_is_no_failure(ask, serve):
    events = said("x").removesuffix(b"data: [DONE]\n\n")
    whole = response(events, "Transfer-Encoding: chunked").replace(
        events, b"%x\r\n%b\r\n" % (len(events), events)
    )
    serve(lambda it: (read_request(it), it.sendall(whole), read_request(it)), usage_timeout=0.1)
    started = time.monotonic()
    answer = ask()
    assert list(answer) == ["x"]
    assert answer.finish_reason == "stop"
    assert time.monotonic() - started < 10


def test_silence_after_a_reason_that_every_chunk_has_is_one(ask, serve):
    """Such a reason ends nothing, so the answer may have been cut."""
    events = said("x", done=False).replace(b"}}]", b'}, "finish_reason": "stop"}]')
    whole = response(b"%x\r\n%b\r\n" % (len(events), events), "Transfer-Encoding: chunked")
    serve(lambda it: (read_request(it), it.sendall(whole), read_request(it)), chunk_timeout=0.1)
    pieces = []
    with pytest.raises(errors.UpstreamTimeout):
        pieces += ask()


def test_reasoning_is_gathered_like_text(ask, serve):
    """A model that thinks aloud would otherwise wake the writer at every word."""
    thought = b'data: {"choices": [{"delta": {"reasoning_content": "Hm."}}]}\n\n'
    paused = threading.Event()

    def handler(it):
        read_request(it)
        head, body = response(thought + said("x")).split(thought)
        it.sendall(head + thought)
        assert paused.wait(5)
        it.sendall(body)

    serve(handler, first_byte_timeout=5, chunk_timeout=5)
    answer = ask()

    def coalesce_seconds():
        paused.set()
        return 0.0

    answer.coalesce_seconds = coalesce_seconds
    assert list(answer) == ["x"]


def test_silence_after_done_is_no_failure(ask, serve):
    whole = response(said("x"), "Transfer-Encoding: chunked").replace(
        said("x"), b"%x\r\n%b" % (len(said("x")), said("x"))
    )
    serve(lambda it: (read_request(it), it.sendall(whole), read_request(it)), tail_timeout=0.05)
    started = time.monotonic()
    assert list(ask()) == ["x"]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
def test_an_event_that_is_too_large(ask, serve, content_type):
    whole = response(b"data: " + b"x" * 5000, content_type=content_type)
    serve(lambda it: (read_request(it), it.sendall(whole)), max_event_bytes=1000)
    with pytest.raises(errors.UpstreamMalformed):
        list(ask())


def test_a_body_that_is_too_large(ask, make_upstream):
    ask.upstream = make_upstream(max_body_bytes=1000)
    with pytest.raises(errors.UpstreamMalformed):
        list(ask("[[chunks: 50]]"))


def test_a_text_that_is_too_long(ask, make_upstream):
    ask.upstream = make_upstream(max_text_length=20)
    pieces = []
    with pytest.raises(errors.UpstreamMalformed):
        pieces += ask("[[chunks: 50]] [[slow: 0.01]]")


# --- Stopping ----------------------------------------------------------------------------------


def test_stop_before_reading(ask, caplog):
    answer = ask()
    answer.close()
    assert list(answer) == []
    assert answer.stopped
    assert caplog.records[-1].getMessage().startswith("stopped status=0")


@pytest.mark.parametrize("fault", ["timeout", "timeout-body", "stall"])
def test_stop_while_the_upstream_is_silent(ask, make_upstream, upstream, caplog, fault):
    ask.upstream = make_upstream(first_byte_timeout=30, chunk_timeout=30)
    answer = ask(model=f"fake-{fault}")
    thread, _ = collect(answer)
    wait_for(lambda: upstream.stats()["open"] == 1)
    time.sleep(0.05)
    started = time.monotonic()
    answer.close()
    thread.join(timeout=10)
    wait_for(lambda: upstream.stats() == {"open": 0, "finished": 0, "aborted": 1})
    assert time.monotonic() - started < 10
    assert answer.stopped
    assert len(upstream.requests()) == 1
    assert [record.getMessage().split()[0] for record in caplog.records] == ["stopped"]


def test_stop_in_the_middle_keeps_what_came(ask, upstream):
    answer = ask("[[chunks: 100]] [[slow: 0.05]]")
    thread, pieces = collect(answer)
    wait_for(lambda: len(pieces) >= 2)
    answer.close()
    answer.close()
    thread.join(timeout=10)
    wait_for(lambda: upstream.stats()["aborted"] == 1)
    assert "".join(pieces) == "".join(f"{number} " for number in range(1, len(pieces) + 1))
    assert len(pieces) < 100


def test_stop_while_pieces_are_gathered(ask, upstream):
    answer = ask("[[chunks: 100]] [[slow: 0.05]]")
    answer.coalesce_seconds = lambda: 30
    thread, pieces = collect(answer)
    wait_for(lambda: pieces)
    answer.close()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert len(pieces) == 1


def test_stop_between_two_attempts(ask, make_upstream, upstream):
    ask.upstream = make_upstream(jitter=lambda *_: 30)
    answer = ask(model="fake-500")
    thread, pieces = collect(answer)
    wait_for(lambda: upstream.stats()["finished"] == 1)
    time.sleep(0.05)
    answer.close()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert (pieces, len(upstream.requests())) == ([], 1)


def test_stop_in_a_json_body(ask, serve):
    whole = response(b'{"choices": []}', content_type="application/json")
    serve(lambda it: (read_request(it), it.sendall(whole[:-3]), read_request(it)), chunk_timeout=30)
    answer = ask()
    thread, pieces = collect(answer)
    time.sleep(0.1)
    answer.close()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert pieces == []


def test_a_request_that_is_cancelled_before_it_connects(ask, upstream):
    answer = ask()
    answer._cancel.cancel()
    answer.stopped = True
    assert list(answer) == []
    wait_for(lambda: upstream.stats()["open"] == 0)


def test_stopping_one_does_not_stop_another(ask):
    first, second = ask(), ask("[[chunks: 10]] [[slow: 0.02]]")
    assert "".join(first) == ANSWER  # its connection is back in the pool
    thread, pieces = collect(second)
    first.close()
    thread.join(timeout=10)
    assert "".join(pieces) == "1 2 3 4 5 6 7 8 9 10 "


def test_pieces_that_come_close_together_are_read_as_one(ask):
    pieces = list(ask("[[chunks: 20]] [[slow: 0.01]]"))
    assert "".join(pieces) == "".join(f"{number} " for number in range(1, 21))
    assert pieces[0].startswith("1 ")
    assert 2 < len(pieces) < 15


def test_a_reader_that_leaves_closes_the_connection(ask, upstream):
    for _ in ask("[[chunks: 100]] [[slow: 0.05]]"):
        break
    wait_for(lambda: upstream.stats()["aborted"] == 1)
