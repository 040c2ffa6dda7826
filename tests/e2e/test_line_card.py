"""A line as an image: drawn on the page, downloaded, copied and shared."""

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_access import PHONE, violations

SHARED = """() => {
    navigator.canShare = ({ files }) => files?.every((one) => one.type === "image/png") ?? false;
    navigator.share = async ({ files: [file] }) => {
        window.shared = { name: file.name, type: file.type, size: file.size };
    };
}"""
# The colours that are in the drawing, of some of its points.
COLOURS = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4)
        found.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
    return [...found];
}"""
LIGHT, DARK = "251,250,247", "20,20,15"  # the page's background in both themes


def open_card(page: Page, name: str = "Image"):
    page.get_by_role("button", name=name, exact=True).click()
    canvas = page.get_by_role("dialog").locator("canvas")
    expect(canvas).to_have_attribute("aria-busy", "false")
    return canvas


def size_of(download: Download) -> tuple[int, int]:
    data = Path(download.path()).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", data[16:24])


def submit(user: Person, **fields: str) -> int:
    """Submits a line by the API; returns its id."""
    [token] = [c["value"] for c in user.context.cookies() if c["name"] == "csrftoken"]
    answer = user.context.request.post(
        f"{user.url}/quote", data=fields, headers={"X-CSRFToken": token, "Origin": user.url}
    )
    assert answer.ok, answer.text()
    return answer.json()["id"]


def test_a_card_is_downloaded_and_copied(person):
    user = person(permissions=["clipboard-read", "clipboard-write"])
    page = user.go("/quotes/1")
    line = page.locator("blockquote").inner_text()
    canvas = open_card(page)
    expect(page.get_by_role("img", name=line)).to_be_visible()
    assert LIGHT in canvas.evaluate(COLOURS)
    assert violations(page) == []
    dialog = page.get_by_role("dialog")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "daesa-1.png"
    assert size_of(download.value) == (1080, 1350)
    dialog.get_by_role("button", name="Copy image").click()
    expect(page.get_by_text("The image is copied.").first).to_be_visible()
    assert page.evaluate(
        "async () => (await navigator.clipboard.read()).flatMap(({ types }) => types)"
    ) == ["image/png"]
    expect(dialog.get_by_role("button", name="Share")).to_have_count(0)  # there is no sheet here
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Image", exact=True)).to_be_focused()


def test_a_card_has_the_page_s_theme_until_another_is_chosen(person):
    user = person(color_scheme="dark")
    page = user.go("/quotes/1")
    canvas = open_card(page)
    assert DARK in canvas.evaluate(COLOURS)
    page.get_by_role("radio", name="Light").check()
    page.wait_for_function(
        "([canvas, colour]) => [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]"
        ".slice(0, 3).join() === colour",
        arg=[canvas.element_handle(), LIGHT],
    )
    assert DARK not in canvas.evaluate(COLOURS)


def test_on_a_phone_a_card_goes_to_the_system_s_sheet(person):
    user = person(locale="ko-KR", **PHONE)
    user.context.add_init_script(f"({SHARED})()")
    page = user.go("/quotes/1")
    open_card(page, "이미지")
    dialog = page.get_by_role("dialog")
    share = dialog.get_by_role("button", name="공유")
    expect(share).to_be_in_viewport(ratio=1)
    assert violations(page) == []
    share.click()
    page.wait_for_function("() => window.shared")  # a bare expression is a string to evaluate
    shared = page.evaluate("window.shared")
    assert (shared["name"], shared["type"]) == ("daesa-1.png", "image/png")
    assert shared["size"] > 10_000


@pytest.mark.parametrize(("length", "fits"), [(40, True), (400, True), (990, False)])
def test_a_long_line_is_smaller_or_said_to_be_too_long(person, site, length, fits):
    user = person()
    words = f"{user.email.split('-')[0]} 긴 대사는 글자가 작아지고 "
    number = submit(user, content=(words * 60)[:length].strip(), speaker="나", language="ko")
    site.manage(
        "shell",
        "-c",
        "from django.utils import timezone; from quotes.models import Quote;"
        f"Quote.objects.filter(pk={number})"
        ".update(is_apply=True, applied_at=timezone.now())",
    )
    page = user.go(f"/quotes/{number}")
    page.get_by_role("button", name="Image", exact=True).click()
    dialog = page.get_by_role("dialog")
    if fits:
        expect(dialog.locator("canvas")).to_have_attribute("aria-busy", "false")
        expect(dialog.get_by_role("button", name="Download")).to_be_enabled()
    else:
        expect(dialog.get_by_role("alert")).to_have_text(re.compile("too long for an image"))
        expect(dialog.get_by_role("button", name="Download")).to_have_count(0)
        assert violations(page) == []
