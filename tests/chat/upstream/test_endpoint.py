"""TLS, proxies and forks: how connections to the upstream are made."""

import asyncio
import base64
import contextlib
import datetime as dt
import ipaddress
import os
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat.upstream import endpoint, errors
from chat.upstream.fake.server import Server
from tests.chat.upstream.conftest import ANSWER, read_request, response, said


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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + signed.public_bytes(pem))
    return path


def test_tls(ask, settings, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_with_tls(certificate) as (settings.OPENAI_BASE_URL, _):
        assert "".join(ask()) == ANSWER
        assert "".join(ask("[[chunks: 200]]")).split() == [str(n) for n in range(1, 201)]
        assert "".join(ask("[[say: 대사 🎭]] [[fault: halves]]")) == "대사 🎭"
        endpoint.forget()


def test_stop_under_tls(ask, settings, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = 30
    with fake_with_tls(certificate) as (settings.OPENAI_BASE_URL, server):
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


def test_a_certificate_that_nobody_trusts(ask, settings, certificate, caplog):
    with fake_with_tls(certificate) as (settings.OPENAI_BASE_URL, server):
        with pytest.raises(errors.UpstreamUnreachable):
            list(ask())
        assert not server.record.requests
    assert "attempts=1" in caplog.text


def test_proxy(ask, serve, settings, monkeypatch):
    requests = []

    def handler(connection):
        requests.append(read_request(connection))
        connection.sendall(response(said("by proxy"), "X-Through: proxy"))

    address = serve(handler).removesuffix("/v1").removeprefix("http://")
    settings.OPENAI_BASE_URL = "http://upstream.invalid/v1"
    monkeypatch.setenv("http_proxy", f"http://somebody:secret@{address}")
    assert list(ask()) == ["by proxy"]
    head = requests[0].decode()
    assert head.startswith("POST http://upstream.invalid/v1/chat/completions HTTP/1.1")
    credentials = base64.b64encode(b"somebody:secret").decode()
    assert f"proxy-authorization: basic {credentials}".lower() in head.lower()


def test_proxy_that_is_not_there(ask, settings, monkeypatch):
    settings.OPENAI_BASE_URL = "http://upstream.invalid/v1"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())


def test_no_proxy(ask, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "".join(ask()) == ANSWER


def test_one_endpoint_for_all_and_one_after_a_fork(upstream, monkeypatch):
    first = endpoint.current()
    assert endpoint.current() is first
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert endpoint.current() is not first
