"""Files with a question: chosen, pasted and dropped, seen by the model, shown, and edited."""

from base64 import b64encode

import pytest
from playwright.sync_api import Page, expect

from tests.chat.attachments.samples import SVG, pdf, picture
from tests.e2e.conftest import Person, serving
from tests.e2e.test_access import violations

WORDS = {
    "en-GB": ("Add files", "Files", "Remove red.png", "Answer"),
    "ko-KR": ("파일 추가", "파일", "red.png 빼기", "답변"),
}
RED = {"name": "red.png", "mimeType": "image/png", "buffer": picture("PNG", (300, 200))}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("files"), VISION_MODELS="fake") as found:
        yield found


def give(page: Page, how: str, data: bytes, name: str, kind: str) -> None:
    """Pastes or drops a file, as a browser does."""
    page.locator("form:has(textarea)").last.evaluate(
        """(form, [how, data, name, kind]) => {
            const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: kind }));
            const init = { bubbles: true, cancelable: true };
            if (how === "paste") {
                const field = form.querySelector("textarea");
                const clipboard = { ...init, clipboardData: transfer };
                field.dispatchEvent(new ClipboardEvent("paste", clipboard));
            } else {
                form.dispatchEvent(new DragEvent("dragover", { ...init, dataTransfer: transfer }));
                form.dispatchEvent(new DragEvent("drop", { ...init, dataTransfer: transfer }));
            }
        }""",
        [how, b64encode(data).decode(), name, kind],
    )


def answered(user: Person, name: str) -> None:
    expect(user.page.get_by_role("article", name=name).last).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("is_phone", [False, True])
def test_a_picture(person, locale, is_phone):
    add, files, remove, answer = WORDS[locale]
    size = {"viewport": {"width": 390, "height": 844}, "has_touch": True} if is_phone else {}
    user = person(locale=locale, **size)
    page = user.go("/")
    page.get_by_label(add).set_input_files([RED])
    chip = page.get_by_role("list", name=files)
    expect(chip.get_by_text("red.png")).to_be_visible()
    expect(page.get_by_role("button", name=remove)).to_be_visible()
    assert violations(page) == []
    user.ask("What is this?")
    answered(user, answer)
    expect(page.get_by_text("(with 1 pictures)")).to_be_visible()
    shown = page.get_by_role("img", name="red.png")
    expect(shown).to_be_visible()
    assert shown.evaluate("(img) => img.complete && img.naturalWidth") == 300
    assert violations(page) == []
    page.reload()
    expect(page.get_by_role("img", name="red.png")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("img", name="red.png").click()
    assert opened.value.evaluate("document.contentType") == "image/png"


def test_pasted_dropped_and_refused(person):
    user = person()
    page = user.go("/")
    expect(page.get_by_label("Add files")).to_be_attached()
    give(page, "paste", picture("WEBP"), "pasted.webp", "image/webp")
    give(page, "drop", pdf(), "haiku.pdf", "application/pdf")
    give(page, "drop", SVG, "evil.svg", "image/svg+xml")
    expect(page.get_by_text("SVG pictures are not taken. Send it as PNG.")).to_be_visible()
    user.question.fill("What have I given you?")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.get_by_role("button", name="Remove evil.svg").click()
    page.get_by_role("button", name="Send").click()
    answered(user, "Answer")
    expect(page.get_by_text("The old pond. A frog jumps in.")).to_be_visible()
    expect(page.get_by_role("link", name="haiku.pdf")).to_be_visible()


def test_edited(person):
    """An edited question keeps its files, which no other may see."""
    user = person()
    page = user.go("/")
    page.get_by_label("Add files").set_input_files([RED])
    user.ask("What is this?")
    answered(user, "Answer")
    page.get_by_role("button", name="Edit question").click()
    page.get_by_role("button", name="Go ahead").click()
    page.get_by_label("Edited question").fill("What is that?")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("What is that? (with 1 pictures)")).to_be_visible()
    expect(page.get_by_role("img", name="red.png")).to_have_count(1)
    address = page.get_by_role("img", name="red.png").get_attribute("src")
    assert page.request.get(address).status == 200
    assert page.request.get(address, headers={"Cookie": ""}).status in {401, 403}


def test_what_is_refused_is_not_lost(person):
    """The question and its files come back into the composer."""
    user = person()
    page = user.go("/")
    page.get_by_label("Add files").set_input_files([RED])
    expect(page.get_by_role("button", name="Remove red.png")).to_be_visible()
    user.question.fill("What is this?")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    page.route("**/chat", lambda route: route.abort() if route.request.method == "POST" else None)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Remove red.png")).to_be_visible()
    expect(user.question).to_have_value("What is this?")
    user.faults.clear()


def test_a_file_that_is_chosen_offline(person):
    """The code for files is not loaded then: the page says so, and the question can go without."""
    user = person()
    page = user.go("/")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Add files")).to_be_attached()
    page.context.set_offline(True)
    page.get_by_label("Add files").set_input_files([RED])
    expect(page.get_by_text("This part is not loaded yet.")).to_be_visible()
    user.question.fill("What is this?")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.context.set_offline(False)
    page.get_by_role("button", name="Remove red.png").click()
    page.get_by_role("button", name="Send").click()
    answered(user, "Answer")
    user.faults.clear()


def test_asked_files_whose_code_is_missing(person):
    user = person()
    page = user.go("/")
    page.route("**/AskedFiles-*.js", lambda route: route.abort())
    # A page that cannot load a part of itself is reloaded, once in a minute (main.tsx).
    page.evaluate("sessionStorage.setItem('daesa.reloaded', String(Date.now()))")
    page.get_by_label("Add files").set_input_files([RED])
    user.ask("What is this?")
    answered(user, "Answer")
    expect(page.get_by_role("article", name="You").get_by_text("red.png")).to_be_visible()
    user.faults.clear()


def test_a_model_that_takes_no_files(person):
    user = person()
    page = user.go("/")
    page.get_by_role("button", name="Model: Fake").click()
    page.get_by_role("menuitemradio", name="Board").click()
    expect(page.get_by_role("button", name="Model: Board")).to_be_visible()
    expect(page.get_by_label("Add files")).to_have_count(0)
