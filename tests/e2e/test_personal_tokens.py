"""Personal tokens by the keyboard alone: make one, use it as the page says, revoke it."""

import json
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.e2e.test_access import violations

SHOWN_ONCE = "Copy the token now. It is never shown again."


def run(command: str) -> tuple[int, dict[str, object]]:
    """The status and the body of a curl command, run as a shell does."""
    in_shell = ["sh", "-c", rf"{command} -s -w '\n%{{http_code}}'"]
    done = subprocess.run(in_shell, capture_output=True, text=True, check=True)  # noqa: S603
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_token_from_its_making_to_its_end(person):
    user = person(permissions=["clipboard-read", "clipboard-write"])
    page = user.go("/settings/tokens")
    expect(page.get_by_text("You have no tokens.")).to_be_visible()
    page.get_by_role("button", name="New token").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New token")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_label("Name").focus()
    page.keyboard.type("My bot")
    page.keyboard.press("Enter")  # without a scope
    expect(dialog.get_by_text("Choose at least one.")).to_be_visible()
    expect(dialog.get_by_role("group", name="Scopes")).to_be_focused()
    for key in ("Tab", "Space", "Tab", "Space"):
        page.keyboard.press(key)
    dialog.get_by_role("button", name="Make the token").press("Enter")

    heading = page.get_by_role("heading", name="“My bot” is made")
    expect(heading).to_be_focused()
    expect(page.get_by_text(SHOWN_ONCE)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Copy the command").press("Enter")
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    status, body = run(command)
    assert (status, body["user"]) == (201, user.email)

    page.reload()
    item = page.get_by_role("listitem").filter(has_text="My bot")
    expect(item).to_contain_text("daesa_pat_")
    expect(item).to_contain_text("chat:read, chat:write")
    expect(item).to_contain_text("Questions today 1, in all 1")
    expect(page.get_by_text(SHOWN_ONCE)).to_be_hidden()
    item.get_by_role("button", name="Revoke “My bot”").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").press("Enter")
    expect(page.get_by_text("You have no tokens.")).to_be_visible()
    status, body = run(command)
    assert (status, body["code"]) == (401, "token_not_valid")
