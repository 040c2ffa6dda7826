"""Every fault of fakeopenai over real HTTP: its error, the text before it, how many requests."""

import re
from typing import NamedTuple

import pytest

from chat.upstream import UpstreamFailed, errors
from fakeopenai.faults import ELSEWHERE, FAULTS
from tests.chat.upstream.conftest import ANSWER, HELLO
from tests.upstream import IMPATIENCE, SILENCES

HALF = "You said: "


class Outcome(NamedTuple):
    failure: type[UpstreamFailed] | None
    text: str = ""
    requests: int = 1
    finish_reason: str = "stop"


OUTCOMES = {
    "401": Outcome(errors.UpstreamUnauthorized),
    "403": Outcome(errors.UpstreamUnauthorized),
    "404": Outcome(errors.UpstreamModelNotFound),
    "400": Outcome(errors.UpstreamRejected),
    "context": Outcome(errors.UpstreamContextTooLong),
    "new-names": Outcome(None, ANSWER, requests=3),
    "strict": Outcome(None, ANSWER, requests=2),
    "short-context": Outcome(None, ANSWER),
    "filter-400": Outcome(errors.UpstreamContentFilter),
    "429": Outcome(errors.UpstreamRateLimited),
    "429-once": Outcome(None, ANSWER, requests=2),
    "429-twice": Outcome(None, ANSWER, requests=3),
    "429-spent": Outcome(errors.UpstreamRateLimited),
    "500": Outcome(errors.UpstreamFailed, requests=3),
    "500-once": Outcome(None, ANSWER, requests=2),
    "502": Outcome(errors.UpstreamFailed, requests=3),
    "503": Outcome(errors.UpstreamFailed, requests=3),
    "redirect": Outcome(errors.UpstreamRejected),
    "timeout": Outcome(errors.UpstreamTimeout),
    "timeout-body": Outcome(errors.UpstreamTimeout),
    "stall": Outcome(errors.UpstreamTimeout, HALF),
    "reset": Outcome(errors.UpstreamDisconnected, requests=3),
    "reset-once": Outcome(None, ANSWER, requests=2),
    "close": Outcome(errors.UpstreamDisconnected, requests=3),
    "die": Outcome(errors.UpstreamDisconnected, HALF),
    "die-reset": Outcome(errors.UpstreamDisconnected, HALF),
    "cut": Outcome(errors.UpstreamDisconnected, HALF),
    "not-http": Outcome(errors.UpstreamMalformed),
    "html": Outcome(errors.UpstreamMalformed),
    "malformed": Outcome(errors.UpstreamMalformed),
    "other-json": Outcome(errors.UpstreamMalformed),
    "framing": Outcome(errors.UpstreamMalformed, HALF),
    "garbage": Outcome(errors.UpstreamMalformed, HALF),
    "error-event": Outcome(errors.UpstreamFailed, HALF),
    "error-object": Outcome(errors.UpstreamFailed, HALF),
    "error-first": Outcome(errors.UpstreamFailed),
    "filter": Outcome(errors.UpstreamContentFilter, ANSWER, finish_reason="content_filter"),
    "abort": Outcome(errors.UpstreamFailed, ANSWER),
    "empty": Outcome(errors.UpstreamEmpty),
    "blank": Outcome(errors.UpstreamEmpty, " \n"),
    "unseen": Outcome(errors.UpstreamEmpty),
    "counted": Outcome(errors.UpstreamEmpty),
    "length": Outcome(None, "You ", finish_reason="length"),
    "stops": Outcome(None, ANSWER),
    "think": Outcome(None, ANSWER),
    "no-done": Outcome(None, ANSWER),
    "no-finish": Outcome(None, ANSWER, finish_reason=""),
    "no-usage": Outcome(None, ANSWER),
    "json": Outcome(None, ANSWER),
    "crlf": Outcome(None, ANSWER),
    "cr": Outcome(None, ANSWER),
    "comments": Outcome(None, ANSWER),
    "halves": Outcome(None, ANSWER),
    "bytes": Outcome(None, ANSWER),
}
LOGGED = re.compile(r"(\w+) status=(\d+) model=(\S+) attempts=(\d) ms=\d+")


def test_every_fault_has_an_outcome():
    assert set(OUTCOMES) == set(FAULTS)


@pytest.mark.parametrize("fault", OUTCOMES)
def test_outcome(ask, make_upstream, upstream, caplog, fault):
    expected = OUTCOMES[fault]
    if limit := SILENCES.get(fault):
        ask.upstream = make_upstream(**{limit: IMPATIENCE})
    answer = ask(model=f"fake-{fault}")
    pieces: list[str] = []
    failure = None
    try:
        pieces += answer
    except UpstreamFailed as raised:
        failure = raised
    assert type(failure) is (expected.failure or type(None))
    assert "".join(pieces) == expected.text
    assert len(upstream.requests()) == expected.requests
    if not failure:
        assert answer.finish_reason == expected.finish_reason

    (line,) = [record for record in caplog.records if record.name == "chat.upstream"]
    code, status, model, attempts = LOGGED.fullmatch(line.getMessage()).groups()
    assert code == (failure.code if failure else "ok")
    assert model == f"fake-{fault}"
    assert int(attempts) == expected.requests
    assert int(status) == (failure.upstream_status if failure else 200) or failure.status_code
    assert line.levelname == ("WARNING" if failure else "INFO")
    assert HELLO not in caplog.text


def test_only_the_content_filter_is_charged():
    classes = {errors.UpstreamFailed, *errors.UpstreamFailed.__subclasses__()}
    assert {kind.default_code for kind in classes if not kind.refunded} == {  # type: ignore[attr-defined]
        "upstream_content_filter"
    }
    assert len({kind.default_code for kind in classes}) == len(classes) == 13  # type: ignore[attr-defined]


def test_a_redirect_is_not_followed(ask, upstream):
    with pytest.raises(errors.UpstreamRejected):
        list(ask(model="fake-redirect"))
    assert ELSEWHERE not in [seen["path"] for seen in upstream.seen()]


@pytest.mark.parametrize("fault", ["halves", "bytes", "crlf", "cr", "comments", "json"])
def test_characters_stay_whole(ask, fault):
    text = "대사 — “한 줄” 🎭"
    assert "".join(ask(f"[[say: {text}]] [[fault: {fault}]]")) == text
