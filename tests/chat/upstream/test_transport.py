"""TLS. Proxies are in test_proxies."""

import asyncio
import contextlib
import ssl
import threading

import pytest

from chat.upstream import errors
from fakeopenai.server import Server
from tests.chat.upstream.conftest import ANSWER


@contextlib.contextmanager
def fake_with_tls(certificate):
    """The fake server behind TLS, on a thread."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=5)

    server = Server()
    try:
        yield run(server.start("127.0.0.1", 0, tls)), server
    finally:
        run(server.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_tls(ask, make_upstream, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_with_tls(certificate) as (url, _):
        ask.upstream = make_upstream(url)
        assert "".join(ask()) == ANSWER
        assert "".join(ask("[[chunks: 200]]")).split() == [str(n) for n in range(1, 201)]
        assert "".join(ask("[[say: 대사 🎭]] [[fault: halves]]")) == "대사 🎭"
        ask.upstream.close()


def test_stop_under_tls(ask, make_upstream, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_with_tls(certificate) as (url, server):
        ask.upstream = make_upstream(url, first_byte_timeout=30)
        answer = ask(model="fake-timeout")
        thread = threading.Thread(target=lambda: list(answer))
        thread.start()
        while not server.record.open:
            thread.join(timeout=0.01)
        answer.close()
        thread.join(timeout=1)
        assert not thread.is_alive()
        while server.record.open:
            thread.join(timeout=0.01)
        assert server.record.aborted == 1


def test_an_untrusted_certificate(ask, make_upstream, certificate, caplog):
    with fake_with_tls(certificate) as (url, server):
        ask.upstream = make_upstream(url)
        with pytest.raises(errors.UpstreamUnreachable):
            list(ask())
        assert not server.record.requests
    assert "attempts=1" in caplog.text
