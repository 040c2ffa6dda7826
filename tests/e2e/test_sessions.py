"""Settings: where somebody is signed in, and signing out elsewhere."""

from playwright.sync_api import expect

from tests import live
from tests.e2e.conftest import PASSWORD


def test_signing_out_elsewhere(person, visitor, site):
    user, elsewhere = person(), visitor()
    elsewhere.email = user.email
    session = f"{site.url}/_allauth/browser/v1/auth"
    elsewhere.context.request.get(f"{session}/session")
    [token] = [c["value"] for c in elsewhere.context.cookies() if c["name"] == "csrftoken"]
    answer = elsewhere.context.request.post(
        f"{session}/login",
        data={"email": user.email, "password": PASSWORD},
        headers={"X-CSRFToken": token, "Origin": site.url},
    )
    assert answer.ok
    live.call(f"{site.url}/accounts/login", {"email": user.email, "password": PASSWORD})

    page = user.go("/settings/sessions")
    expect(page.get_by_text("This session")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out Chrome on Linux")).to_have_count(1)
    page.get_by_role("button", name="Sign out Chrome on Linux").click()
    expect(page.get_by_role("button", name="Sign out Chrome on Linux")).to_have_count(0)
    assert elsewhere.context.request.get(f"{site.url}/accounts/profile").status == 401

    # Two programs: one of joining, one of signing in.
    expect(page.get_by_role("button", name="Sign out Python-urllib")).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere else").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("No program is signed in.")).to_be_visible()
    expect(page.get_by_text("This session")).to_be_visible()
