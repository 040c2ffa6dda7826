"""nginx/daesa.conf, in a real nginx in front of the server as it is deployed."""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import live
from tests.nginx import BROWSER, HOST, Proxy, in_front_of, open_directory, program, wait_for

# One server for all tests of this file.
pytestmark = [pytest.mark.live]

LIES = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "192.0.2.1",
    "X-Real-IP": "192.0.2.1",
    "Forwarded": "for=192.0.2.1;host=evil.example;proto=https",
}


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    program("nginx")
    program("openssl")
    with open_directory() as directory, contextlib.ExitStack() as stack:
        app = live.free_port()
        env = live.environment(
            DATA_DIR=f"{directory}/data",
            PORT=str(app),
            ALLOWED_HOSTS=HOST,
            DEFAULT_MODEL="board",
        )
        prepare = [sys.executable, "manage.py", "prepare", "--verbosity", "0"]
        subprocess.run(prepare, cwd=live.ROOT, env=env, check=True, capture_output=True)  # noqa: S603
        gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py")
        stack.enter_context(live.process(*gunicorn, env=env, log=directory / "gunicorn.log"))
        proxy = stack.enter_context(in_front_of(app, directory))
        wait_for(app)
        yield proxy


def test_links_keep_the_port_and_nobody_else_says_the_host(proxy):
    for headers in ({}, LIES):
        links = json.loads(proxy.call("/", **headers).body)["links"]
        hrefs = {link["href"] for link in links}
        assert all(href.startswith(f"https://{HOST}:{proxy.secure}/") for href in hrefs)


def test_another_host_is_not_answered(proxy):
    assert proxy.call("/", Host="evil.example").status == 400


@pytest.mark.parametrize("headers", [{}, LIES], ids=["plain", "lies"])
def test_calls_over_plain_http_are_refused(proxy, headers):
    for path, body in (("/accounts/login", "{}"), ("/chat", None), ("/", None)):
        answer = proxy.call(path, secure=False, body=body, **headers)
        assert (answer.status, json.loads(answer.body)["code"]) == (403, "https_required")
        assert "Location" not in answer.headers


def test_a_browser_is_sent_to_https(proxy):
    answer = proxy.call("/login?next=/c/1", secure=False, Accept=BROWSER)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/login?next=/c/1")


def test_hsts_binds_this_host_alone(proxy):
    style = proxy.call(style_of(proxy))
    for answer in (proxy.call("/"), style):
        assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def style_of(proxy: Proxy) -> str:
    page = proxy.call("/docs", Accept=BROWSER).body.decode()
    found = re.search(r'href="(/static/drf_spectacular_sidecar/[^"]+\.css)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("mode", [0o700, 0o711])
def test_static_files_come_whether_or_not_nginx_may_read_them(proxy, mode):
    (proxy.directory / "data").chmod(mode)
    answer = proxy.call(style_of(proxy))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert proxy.call("/static/nothing.css").status == 404


def test_nobody_else_says_the_callers_address(proxy):
    person = {"email": "liar@example.com", "password": "a long pass phrase"}
    answer = proxy.call(
        "/accounts/join", body=json.dumps(person), Content_Type="application/json", **LIES
    )
    assert answer.status == 201
    with sqlite3.connect(proxy.directory / "data" / "daesa.sqlite3") as database:
        [found] = database.execute(
            "SELECT ip_address FROM accounts_user WHERE email = ?", [person["email"]]
        ).fetchall()
    assert found == ("127.0.0.1",)


def test_an_answer_streams_through_it(proxy):
    person = {"email": "asker@example.com", "password": "a long pass phrase"}
    joined = proxy.call("/accounts/join", body=json.dumps(person), Content_Type="application/json")
    answer = proxy.call(
        "/chat",
        body=json.dumps({"content": "To be, or not to be"}),
        Authorization=f"Bearer {json.loads(joined.body)['access']}",
        Content_Type="application/json",
        Accept="text/event-stream",
    )
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers.get_all("X-Accel-Buffering") == ["no"]
    kinds = re.findall(rb'"type": ?"([A-Z]+)"', answer.body)
    assert (kinds[0], kinds[-1]) == (b"START", b"END")


@pytest.mark.parametrize("secure", [True, False])
def test_metrics_are_not_there(proxy, secure):
    assert proxy.call("/metrics", secure=secure).status == 404


def test_the_log_has_neither_queries_nor_keys(proxy):
    for secure in (True, False):
        for path in (
            "/quote?q=hidden",
            "/reset/hidden",
            "/verify-email/hidden:1:x?a=hidden",
            "/login",
        ):
            proxy.call(path, secure=secure, Accept=BROWSER, Referer=f"https://{HOST}/hidden")
    text = proxy.log()
    assert "hidden" not in text
    assert "127.0.0.1" not in text
    assert {" /reset ", " /verify-email ", " /quote ", " /login "} <= set(
        re.findall(r" /[\w-]+ ", text)
    )
