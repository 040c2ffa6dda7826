"""The page's headers, files and storage. The fixtures check that no test violates the policy or
sends a request to another server.
"""

import json

from playwright.sync_api import expect

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}


def test_each_document_has_its_policy(visitor, site):
    user = visitor()
    for path in ("/", "/login", "/c/1"):
        response = user.page.goto(site.url + path)
        assert response.status == 200
        headers = response.headers
        assert set(headers["content-security-policy"].split("; ")) == POLICY
        assert headers["cache-control"] == "no-cache"
        assert "Accept" in headers["vary"]


def test_a_program_gets_json_at_the_same_addresses(visitor, site):
    request = visitor().context.request
    assert request.get(f"{site.url}/").json()["service"] == "daesa"
    answer = request.get(f"{site.url}/login", headers={"Accept": "application/json"})
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_files_are_compressed_and_immutable(visitor, site):
    user = visitor()
    files = {}
    user.page.on("response", lambda found: files.update({found.url: found}))
    user.go("/login")
    expect(user.page.get_by_role("heading", level=1)).to_be_visible()
    assets = [found for url, found in files.items() if "/assets/" in url]
    assert assets
    for found in assets:
        assert "immutable" in found.headers["cache-control"], found.url
        if found.url.endswith((".js", ".css")) and int(found.headers["content-length"]) > 1000:
            assert found.headers["content-encoding"] == "br", found.url


def test_scripts_can_read_no_secret(person):
    user = person()
    page = user.go("/")
    user.ask("Hello")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Hello")
    kept = json.loads(page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))
    assert [
        name for store in kept for name in store if not name.startswith(("daesa.", "tsr-"))
    ] == []
    assert "sessionid" not in page.evaluate("document.cookie")
    assert not {"access", "refresh", "token"} & set(str(kept).replace("'", " ").split())


def test_the_page_can_be_installed(visitor, site):
    user = visitor()
    user.go("/login")
    response = user.context.request.get(f"{site.url}/manifest.webmanifest")
    assert response.headers["content-type"].startswith("application/manifest+json")
    manifest = response.json()
    for icon in manifest["icons"]:
        found = user.context.request.get(site.url + icon["src"])
        assert (found.status, found.headers["content-type"]) == (200, "image/png")
    image = user.page.locator('meta[property="og:image"]').get_attribute("content")
    assert image == f"{site.url}/og.png"


def test_markup_in_an_answer_is_text(person):
    user = person()
    page = user.go("/")
    user.ask(
        '[[say: <img src=x onerror="document.title=1"> AT&amp;T &lt;b&gt; '
        "[x](javascript:alert(1)) ![i](https://tracker.example/i.png)]]"
    )
    answer = page.get_by_role("article", name="Answer").locator(".prose")
    expect(answer).to_contain_text("<img src=x")
    expect(answer).to_contain_text("AT&T <b>")
    assert answer.locator("img, b").count() == 0
    links = answer.locator("a").evaluate_all("all => all.map((link) => link.href)")
    assert links == ["https://tracker.example/i.png"]
