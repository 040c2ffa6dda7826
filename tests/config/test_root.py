"""/: the description of the service and its links."""

import pytest
import time_machine

pytestmark = pytest.mark.usefixtures("no_page")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture
def no_page(settings, tmp_path):
    """As if the page had not been built; test_page.py has the other case."""
    settings.PAGE_DIR = tmp_path


@time_machine.travel("2026-03-01T00:30:00Z", tick=False)
@pytest.mark.parametrize("accept", ["application/json", "*/*", BROWSER])
def test_body(anonymous, accept):
    response = anonymous.get("/", headers={"Accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "service": "daesa",
        "status": "ok",
        "version": "0.1.0",
        "timestamp": "2026-03-01T09:30:00+09:00",
        "links": [
            {"rel": rel, "href": f"http://testserver{path}", "method": method}
            for rel, path, method in [
                ("join", "/accounts/join", "POST"),
                ("login", "/accounts/login", "POST"),
                ("chat", "/chat", "POST"),
                ("quotes", "/quote", "GET"),
                ("models", "/models", "GET"),
                ("docs", "/docs", "GET"),
                ("health", "/health", "GET"),
            ]
        ],
    }


def test_every_link_leads_somewhere(anonymous):
    for entry in anonymous.get("/").json()["links"]:
        assert anonymous.options(entry["href"]).status_code != 404


def test_a_form_that_it_does_not_have(anonymous):
    response = anonymous.get("/", headers={"Accept": "text/html"})
    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_acceptable"


def test_links_keep_to_the_host_that_was_asked(anonymous, settings):
    settings.ALLOWED_HOSTS = ["daesa.example"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {"Host": "daesa.example", "X-Forwarded-Proto": "https"}
    hrefs = {entry["href"] for entry in anonymous.get("/", headers=headers).json()["links"]}
    assert all(href.startswith("https://daesa.example/") for href in hrefs)
