"""Parameters that a server refuses are renamed or left out, and the request is sent again."""

import socket
import threading

import orjson
import pytest

from chat.upstream import errors
from chat.upstream.error_mapping import from_response
from chat.upstream.parameters import (
    LIMITS,
    NAMES,
    Adaptation,
    Complaint,
    Request,
    complaint_of,
)
from tests.chat.upstream.conftest import ANSWER, read_request, response, said

LIMIT = "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
EXTRA = "Extra inputs are not permitted"


def openai(message, param=None, code=None):
    return {"error": {"message": message, "type": "invalid_request_error", "param": param,
                      "code": code}}  # fmt: skip


# Bodies of a 400 or 422: the parameters that they name, and whether only the value is refused.
COMPLAINTS = {
    "OpenAI's limit": (
        openai(LIMIT + "'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter"),
        {"max_tokens"}, False),
    "without param": (openai(LIMIT + "the other."), {"max_tokens"}, False),
    "OpenAI's text alone": (
        openai(LIMIT + "'max_completion_tokens' instead."), {"max_tokens"}, False),
    "a value": (openai("Invalid value for max_tokens: 4096"), {"max_tokens"}, True),
    "odd places": ({"error": {"param": 1, "detail": [{"loc": 5}, {"loc": True}]}}, set(), False),
    "in another field": (
        {"error": "Bad Request", "message": "`temperature` is deprecated"}, {"temperature"}, False),
    "OpenAI's temperature": (
        openai("Unsupported value: 'temperature' does not support 0.7 with this model. Only the "
               "default (1) value is supported.", "temperature", "unsupported_value"),
        {"temperature"}, False),
    "Anthropic": (openai("`temperature` is deprecated for this model."), {"temperature"}, False),
    "Moonshot": (
        openai("invalid temperature: only 0.6 is allowed for this model"), {"temperature"}, False),
    "LiteLLM": (
        openai("litellm.UnsupportedParamsError: openai does not support parameters: "
               "['temperature', 'stream_options'], for model=o1-mini."),
        {"temperature", "stream_options"}, False),
    "Zhipu": ({"error": {"code": "1214", "message": "temperature参数非法。请检查文档。"}},
              {"temperature"}, False),
    "Azure": (openai("Unrecognized request argument supplied: stream_options"),
              {"stream_options"}, False),
    "Azure, with a place": (openai(f"Validation error at #/stream_options: {EXTRA}"),
                            {"stream_options"}, False),
    "Mistral": (
        {"object": "error", "type": "invalid_request_error", "param": None, "code": None,
         "message": {"detail": [{"type": "extra_forbidden", "msg": EXTRA, "input": True,
                                 "loc": ["body", "stream_options", "include_usage"]}]}},
        {"stream_options"}, False),
    "FastAPI": (
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"],
                     "msg": EXTRA, "input": 50}]},
        {"max_completion_tokens"}, False),
    "Fireworks": (openai(f"{EXTRA}, field: 'stream_options'"), {"stream_options"}, False),
    "xAI": ({"code": "invalid", "error": "Argument not supported on this model: stream_options"},
            {"stream_options"}, False),
    "Groq": (
        openai("property 'max_completion_tokens' is unsupported"), {"max_completion_tokens"},
        False),
    "Gemini": (
        [{"error": {"code": 400, "message": 'Unknown name "stream_options": Cannot find field.'}}],
        {"stream_options"}, False),
    "no streams": (
        openai("Unsupported value: 'stream' does not support true with this model.", "stream",
               "unsupported_value"),
        {"stream"}, False),
    "too many": (
        openai("max_tokens is too large: 8192. This model supports at most 4096 completion tokens",
               "max_tokens"),
        {"max_tokens"}, True),
    "too warm": (
        {"detail": [{"type": "less_than_equal", "loc": ["body", "temperature"], "input": 1.5,
                     "msg": "Input should be less than or equal to 1"}]},
        {"temperature"}, True),
    "DashScope": (openai("Temperature should be in [0.0, 2.0)"), {"temperature"}, True),
    "something else": (openai("messages: roles must alternate", "messages"), set(), False),
    "an everyday word": (openai("the stream of events could not be opened"), set(), False),
    "nothing": ("", set(), False),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPLAINTS)
@pytest.mark.parametrize("status", [400, 422])
def test_what_a_refusal_names(case, status):
    body, names, is_of_value = COMPLAINTS[case]
    failure = from_response(status=status, headers={}, body=orjson.dumps(body))
    assert type(failure) is errors.UpstreamRejected
    assert failure.complaint == Complaint(frozenset(names), is_of_value=is_of_value)


def test_without_a_name_nothing_is_tried_again():
    assert not Adaptation(frozenset(LIMITS)).follow(Complaint())


def test_a_deep_refusal_is_read_so_far():
    deep: dict[str, object] = {"param": "temperature"}
    for _ in range(1000):
        deep = {"detail": deep}
    assert complaint_of(deep, "") == Complaint()


def test_other_statuses_name_nothing():
    body = orjson.dumps(openai(LIMIT, "max_tokens"))
    for status in (401, 404, 413, 429, 500, 503):
        assert not from_response(status=status, headers={}, body=body).complaint.names


def body_of(refused):
    return orjson.loads(Request("m", [], 0.5, 50).body(frozenset(refused)))


@pytest.mark.parametrize(
    ("refused", "given"),
    [
        ((), {"max_tokens", "temperature", "stream", "stream_options"}),
        (("max_tokens",), {"max_completion_tokens", "temperature", "stream", "stream_options"}),
        (("max_completion_tokens",), {"max_tokens", "temperature", "stream", "stream_options"}),
        (("max_tokens", "max_completion_tokens"), {"temperature", "stream", "stream_options"}),
        (("temperature", "stream_options"), {"max_tokens", "stream"}),
        (("stream",), {"max_tokens", "temperature"}),
        (NAMES, set()),
    ],
)
def test_what_is_left_of_a_request(refused, given):
    assert set(body_of(refused)) == {"model", "messages", *given}


def test_the_name_is_changed_back_where_the_server_has_changed():
    adaptation = Adaptation(frozenset({"max_tokens", "temperature"}))
    assert adaptation.follow(Complaint(frozenset({"max_completion_tokens"})))
    assert adaptation.lasting == adaptation.refused == {"max_completion_tokens", "temperature"}
    assert adaptation.follow(Complaint(frozenset({"max_tokens"})))
    assert adaptation.refused == {"max_tokens", "max_completion_tokens", "temperature"}
    assert not adaptation.follow(Complaint(frozenset({"max_tokens"})))


def test_a_value_is_left_out_once():
    adaptation = Adaptation(frozenset())
    assert adaptation.follow(Complaint(frozenset({"max_tokens"}), is_of_value=True))
    assert adaptation.refused == {"max_tokens", "max_completion_tokens"}
    assert not adaptation.has_learned


def test_any_complaints_end_the_attempts():
    adaptation = Adaptation(frozenset())
    complaints = [Complaint(frozenset({name})) for name in (*NAMES, *NAMES, *reversed(NAMES))]
    assert [adaptation.follow(each) for each in complaints].count(True) <= len(NAMES)


# --- Over HTTP -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "first"), [("fake-new-names", 3), ("fake-strict", 2)])
def test_it_is_learned_once_for_each_model(ask, upstream, caplog, model, first):
    assert ["".join(ask(model=model)) for _ in range(3)] == [ANSWER] * 3
    assert len(upstream.requests()) == first + 2
    assert caplog.text.count(f"model={model} is asked without") == 1
    list(ask())
    assert {"max_tokens", "temperature", "stream_options"} <= set(upstream.requests()[-1])


def test_settings_may_say_it_beforehand(ask, make_upstream, upstream):
    unsupported = {("fake-new-names", "max_tokens"), ("", "temperature"), ("fake-x", "stream")}
    ask.upstream = make_upstream(unsupported=frozenset(unsupported))
    assert "".join(ask(model="fake-new-names")) == ANSWER
    assert "".join(ask()) == ANSWER
    first, second = upstream.requests()
    assert (first["max_completion_tokens"], second["max_tokens"]) == (50, 50)
    assert "temperature" not in {*first, *second}


def refusal(message: str) -> bytes:
    body = orjson.dumps(openai(message))
    return b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def test_a_model_without_streams(ask, serve):
    whole = b'{"choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}]}'
    seen = []

    def handler(connection: socket.socket) -> None:
        seen.append(orjson.loads(read_request(connection).partition(b"\r\n\r\n")[2]))
        if "stream" in seen[-1]:
            connection.sendall(refusal("Unsupported value: 'stream' does not support true."))
        else:
            connection.sendall(response(whole, content_type="application/json"))

    serve(handler)
    assert list(ask()) == ["Yes"]
    assert set(seen[1]) == {"model", "messages", "temperature", "max_tokens"}


def test_a_complaint_that_nothing_helps_is_not_remembered(ask, serve):
    requests = []

    def handler(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        text = "temperature: nothing that you ask is right"
        connection.sendall(refusal(text) if len(requests) < 3 else response(said("Yes")))

    serve(handler)
    with pytest.raises(errors.UpstreamRejected):
        list(ask())
    assert [b"temperature" in request for request in requests] == [True, False]
    assert list(ask()) == ["Yes"]
    assert b"temperature" in requests[2]


def test_a_value_that_is_refused_changes_nothing_for_others(ask, serve):
    requests = []

    def handler(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        is_first = len(requests) == 1
        text = "max_tokens is too large: 50. This model supports at most 40 completion tokens."
        connection.sendall(refusal(text) if is_first else response(said("Yes")))

    serve(handler)
    assert [list(ask()), list(ask())] == [["Yes"]] * 2
    assert [b"max_" in request for request in requests] == [True, False, True]


def test_a_stop_between_two_attempts(ask, serve):
    requests, refused, stopped = [], threading.Event(), threading.Event()

    def handler(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        refused.set()
        stopped.wait(5)
        connection.sendall(refusal("temperature is not supported"))

    serve(handler, first_byte_timeout=10)
    answer = ask()
    pieces: list[str] = []
    reader = threading.Thread(target=lambda: pieces.extend(answer))
    reader.start()
    assert refused.wait(5)
    answer.close()
    stopped.set()
    reader.join(5)
    assert (pieces, answer.stopped, len(requests)) == ([], True, 1)
