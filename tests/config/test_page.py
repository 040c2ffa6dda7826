"""Which requests get the page's document, and which the API."""

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
DOCUMENT = '<!doctype html><meta property="og:image" content="/og.png"><title>Daesa</title>'


@pytest.fixture
def built(settings, tmp_path):
    (tmp_path / "index.html").write_text(DOCUMENT)
    settings.PAGE_DIR = tmp_path


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/join",
        "/reset",
        "/reset/3-abc",
        "/verify-email",
        "/verify-email/abc:def",
        "/c/12",
        "/quotes/mine",
        "/quotes/new",
        "/quotes/7/edit",
        "/settings",
        "/settings/profile",
    ],
)
def test_a_browser_gets_the_page(client, path):
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    assert "Accept" in response["Vary"]
    assert "require-trusted-types-for 'script'" in response["Content-Security-Policy"]
    assert response.content.decode() == DOCUMENT.replace("/og.png", "http://testserver/og.png")


@pytest.mark.usefixtures("built")
def test_an_unknown_address_is_the_page_with_404(client):
    response = client.get("/nowhere", headers={"Accept": BROWSER})
    assert response.status_code == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "trusted-types 'none'" in response["Content-Security-Policy"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
def test_a_program_gets_the_api(client, accept):
    assert client.get("/", headers={"Accept": accept}).json()["service"] == "daesa"
    response = client.get("/login", headers={"Accept": accept})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.usefixtures("built")
def test_only_reading_shows_the_page(client):
    response = client.post("/login", headers={"Accept": BROWSER})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/chat", "/quote/similar", "/conversations", "/accounts/profile"])
def test_api_endpoints_are_not_pages(client, path):
    response = client.get(path, headers={"Accept": BROWSER})
    assert response["Content-Type"].startswith("application/problem+json")


@pytest.mark.usefixtures("built")
def test_a_rebuilt_page_is_seen_without_a_restart(client, settings):
    assert b"Daesa" in client.get("/", headers={"Accept": BROWSER}).content
    (settings.PAGE_DIR / "index.html").write_text("<title>New</title>")
    assert b"New" in client.get("/", headers={"Accept": BROWSER}).content


def test_without_a_built_page_there_is_the_api_alone(client, settings, tmp_path):
    settings.PAGE_DIR = tmp_path
    assert client.get("/", headers={"Accept": BROWSER}).json()["service"] == "daesa"
    assert client.get("/login", headers={"Accept": BROWSER}).status_code == 404
