"""Taking one's data along, bringing conversations, and what has happened to the account."""

import json
import zipfile

from playwright.sync_api import expect

from tests.e2e.test_access import violations

TALK = [
    {
        "conversation_id": "talk-1",
        "title": "About Yun Dong-ju",
        "create_time": 1_700_000_000,
        "current_node": "a",
        "mapping": {
            "q": {
                "parent": None,
                "children": ["a"],
                "message": {
                    "author": {"role": "user"},
                    "content": {"content_type": "text", "parts": ["Who wrote Foreword?"]},
                },
            },
            "a": {
                "parent": "q",
                "children": [],
                "message": {
                    "author": {"role": "assistant"},
                    "content": {"content_type": "text", "parts": ["Yun Dong-ju did."]},
                    "metadata": {"model_slug": "gpt-4o"},
                },
            },
        },
    }
]


def test_conversations_come_and_go(person, tmp_path):
    user = person()
    page = user.go("/settings/data")
    brought = tmp_path / "conversations.json"
    brought.write_text(json.dumps(TALK))
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(brought)
    expect(page.get_by_text("1 conversation was imported.")).to_be_visible()
    chooser.set_input_files(brought)
    expect(page.get_by_text("1 had been imported before.")).to_be_visible()

    page.get_by_role("button", name="Collect my data").click()
    link = page.get_by_role("link", name="Download (")
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        found = json.loads(archive.read("conversations.json"))["conversations"]
    assert [one["title"] for one in found] == ["About Yun Dong-ju"]
    assert violations(page) == []

    page.get_by_role("link", name="About Yun Dong-ju").first.click()
    expect(page.get_by_text("Yun Dong-ju did.")).to_be_visible()
    expect(page.get_by_text("were not compared with the board")).to_be_visible()

    page = user.go("/settings/activity")
    entries = page.get_by_role("listitem")
    expect(entries.filter(has_text="data downloaded")).to_have_count(1)
    expect(entries.filter(has_text="joined")).to_have_count(1)
    assert violations(page) == []
