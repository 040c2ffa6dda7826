"""The access log and the counts of responses: ids alone, and a stream after its last byte."""

import logging

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from config.api.responses import AccessLogMiddleware, CountingMiddleware, when_sent
from tests.chat.asking import EVENT_STREAM
from tests.factories import make_user

SECRET_WORDS = ("Hello", "example.com", "127.0.0.1", "q=", "hunter2", "/chat", "?")


@pytest.fixture
def logged(settings, caplog):
    settings.MIDDLEWARE = [
        settings.MIDDLEWARE[0],
        "config.api.responses.AccessLogMiddleware",
        *settings.MIDDLEWARE[1:],
    ]
    caplog.set_level(logging.INFO, "daesa.access")
    return lambda: [record for record in caplog.records if record.name == "daesa.access"]


def test_one_line_with_ids_alone(logged, alice, client_for):
    response = client_for(alice).get("/chat?q=Hello", headers={"X-Request-ID": "of-the-proxy"})
    [record] = logged()
    size = len(response.content)
    assert record.getMessage() == f"GET chat:chats 200 {record.ms} ms {size} B"
    assert (record.user, record.request_id, record.bytes) == (alice.pk, "of-the-proxy", size)
    assert not any(word in record.getMessage() for word in SECRET_WORDS)


def test_requests_without_a_user_ask_for_none(logged, db, django_assert_num_queries):
    client = APIClient()
    with django_assert_num_queries(0):
        client.get("/health/live")
        client.get("/nowhere/hunter2?q=Hello")
        client.generic("HUNTER2", "/health/live")
    lines = [record.getMessage() for record in logged()]
    assert [line.split(" ms ")[0].rpartition(" ")[0] for line in lines] == [
        "GET health-live 200",
        "GET not-found 404",
        "OTHER health-live 405",
    ]
    assert {record.user for record in logged()} == {None}
    assert "hunter2" not in str([vars(record) for record in logged()]).lower()


@pytest.mark.django_db(transaction=True)
def test_a_stream_when_it_has_been_sent(logged, upstream, client_for):
    client = client_for(make_user("streaming"))
    response = client.post("/chat", {"content": "Hello"}, headers={"Accept": EVENT_STREAM})
    assert not logged()
    body = response.getvalue()
    response.close()
    [record] = logged()
    assert record.getMessage().startswith("POST chat:chats 200 ")
    assert record.bytes == len(body) > 100


def test_a_stream_that_is_left_is_logged_once():
    sizes: list[int] = []
    response = StreamingHttpResponse(iter([b"To be, ", b"or not"]))
    when_sent(response, sizes.append)
    assert next(iter(response)) == b"To be, "
    response.close()
    response.close()
    assert sizes == [7]


def test_the_body_of_an_answer_to_head_is_not_sent(caplog):
    caplog.set_level(logging.INFO, "daesa.access")
    request = HttpRequest()
    request.method = "HEAD"
    AccessLogMiddleware(lambda _: HttpResponse(b"12345"))(request)
    [record] = caplog.records
    assert record.bytes == 0


@pytest.mark.parametrize(
    ("status", "label"), [(200, "2xx"), (204, "2xx"), (404, "4xx"), (503, "5xx")]
)
def test_responses_are_counted_by_their_kind(status, label):
    def count():
        return REGISTRY.get_sample_value("daesa_responses_total", {"status": label})

    before = count()
    CountingMiddleware(lambda _: HttpResponse(status=status))(HttpRequest())
    assert count() == before + 1
