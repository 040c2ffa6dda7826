"""No byte of one user's answer reaches another, however the upstream frames its responses."""

import socket
import ssl
import threading

import pytest

from chat.upstream import errors
from tests.chat.upstream.conftest import read_request, response, said
from tests.chat.upstream.hostile import CASES, HostileServer, sized

ROUNDS = 3
PEOPLE = ("alice", "bob")


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request):
    return CASES[request.param]


@pytest.fixture
def server(case, ask, make_upstream, clock):
    hostile = HostileServer(case.script)
    with hostile.running() as url:
        ask.upstream = make_upstream(url, clock=clock, first_byte_timeout=case.patience)
        yield hostile
        ask.upstream.close()


def settle(server, clock) -> None:
    """Everything that the server sends has arrived before a connection may be reused."""
    server.settle()
    clock.rest()


def read(answer) -> tuple[str, bool]:
    text, iterator = "", iter(answer)
    while True:
        try:
            text += next(iterator)
        except StopIteration:
            return text, True
        except errors.UpstreamFailed:
            return text, False


def ask_at_once(ask, number) -> dict[str, tuple[str, bool]]:
    """All users ask at the same moment; what each of them got."""
    got = {}
    barrier = threading.Barrier(len(PEOPLE))

    def one(person):
        barrier.wait()
        got[person] = read(ask(f"for {person} {number}"))

    threads = [threading.Thread(target=one, args=(person,)) for person in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_each_gets_their_own(ask, server, case, clock):
    for number in range(ROUNDS):
        ask.upstream.breaker_of("fake").succeeded()  # an open breaker would send nothing
        for person, (text, is_whole) in ask_at_once(ask, number).items():
            own = f"for {person} {number}"
            assert text in {"", own}
            assert case.answers == (text == own and is_whole)
        settle(server, clock)
    asked = len(PEOPLE) * ROUNDS
    assert server.connections <= len(PEOPLE) if case.is_kept else server.connections >= asked


def test_one_after_the_other(ask, server, case, clock):
    """All on one connection, if it may be kept."""
    for number in range(ROUNDS):
        ask.upstream.breaker_of("fake").succeeded()
        for person in PEOPLE:
            assert read(ask(f"for {person} {number}"))[0] in {"", f"for {person} {number}"}
            settle(server, clock)
    asked = len(PEOPLE) * ROUNDS
    assert server.connections == 1 if case.is_kept else server.connections >= asked


@pytest.mark.parametrize(
    "name",
    [
        "102",
        "a plain length",
        "plain chunks",
        "a length and chunks",
        "a second answer after a length",
        "a second answer after chunks, late",
        "junk after chunks",
        "400 Bad Request, and the answer, late",
    ],
)
def test_under_tls(ask, make_upstream, monkeypatch, certificate, clock, name):
    """TLS may hold bytes of a second answer that the socket does not show."""
    case = CASES[name]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = HostileServer(case.script, tls=context)
    with server.running() as url:
        ask.upstream = make_upstream(url, clock=clock, connect_timeout=5)
        for number in range(ROUNDS):
            for person in PEOPLE:
                text, is_whole = read(ask(f"for {person} {number}"))
                assert text in {"", f"for {person} {number}"}
                assert case.answers == (bool(text) and is_whole)
                settle(server, clock)
        ask.upstream.close()
    asked = len(PEOPLE) * ROUNDS
    assert server.connections == 1 if case.is_kept else server.connections >= asked


def read_head(connection: socket.socket) -> bytes:
    """Reads until the head of a request is there; b"" when the client has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(4096)
        if not part:
            return b""
        received += part
    return received


LARGE = "x" * 8_000_000


def test_an_answer_before_the_question_is_sent(ask, serve, clock):
    """It may be a refusal that did not wait for the body. The connection is not reused, since the
    server may take the rest of the body for a request.
    """
    connections = []

    def handler(connection):
        connections.append(connection)
        read_head(connection)
        connection.sendall(response(said("early")))
        while connection.recv(65536):
            pass

    serve(handler, clock=clock)
    for _ in range(2):
        assert read(ask(LARGE)) == ("early", True)
        clock.rest()
    assert len(connections) == 2


def test_an_answer_on_a_used_connection_before_the_question_is_sent(ask, serve, clock):
    """It may answer this question or an earlier one, so the question is sent again."""
    used = []

    def handler(connection):
        used.append(1)
        read_request(connection)
        connection.sendall(response(said(f"first on {len(used)}")))
        if not read_head(connection):
            return
        connection.sendall(sized(said("another user's")))
        while connection.recv(65536):
            pass

    serve(handler, clock=clock, connect_timeout=10, first_byte_timeout=10)
    assert read(ask()) == ("first on 1", True)
    clock.rest()
    assert read(ask(LARGE)) == ("first on 2", True)


@pytest.mark.parametrize("name", ["102", "a second answer after a length", "plain chunks"])
def test_a_stopped_answer_leaves_nothing(ask, make_upstream, clock, name):
    """It is stopped after its first piece, while the rest is still arriving."""
    server = HostileServer(CASES[name].script)
    with server.running() as url:
        ask.upstream = make_upstream(url, clock=clock)
        for number in range(ROUNDS):
            stopped = ask(f"for alice {number}")
            assert next(iter(stopped)).startswith("for alice")
            stopped.close()
            assert read(ask(f"for bob {number}")) == (f"for bob {number}", True)
            settle(server, clock)
        ask.upstream.close()


def test_a_server_that_once_sent_too_much_gets_new_connections(ask, make_upstream, clock, caplog):
    """The next time, the extra bytes might be indistinguishable from an answer."""
    answers = []

    def script(wire):
        answers.append(wire.marker)
        wire.send(sized(wire.answer()) + (sized(wire.answer()) if len(answers) == 2 else b""))

    server = HostileServer(script)
    with server.running() as url:
        ask.upstream = make_upstream(url, clock=clock)
        opened = []
        for number in range(5):
            assert read(ask(f"for alice {number}")) == (f"for alice {number}", True)
            settle(server, clock)
            opened.append(server.connections)
        ask.upstream.close()
    assert opened == [1, 1, 2, 3, 4]
    assert [it.levelname for it in caplog.records].count("ERROR") == 1
