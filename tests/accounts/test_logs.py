"""No log has a password, a token or an address, whatever fails."""

import logging

from accounts.tokens import issue
from tests.accounts.conftest import SESSION
from tests.factories import PASSWORD


def test_nothing_secret_is_logged(alice, as_alice, anonymous, browser, caplog, settings):
    caplog.set_level(logging.DEBUG)
    pair = issue(alice)
    wrong = {"email": alice.email, "password": "hunter2hunter2"}
    right = {"email": alice.email, "password": PASSWORD}
    new = {"email": "dora@example.com", "password": PASSWORD}
    for body in (wrong, right, new):
        anonymous.post("/accounts/login", body)
        anonymous.post("/accounts/join", body)
        browser.send("POST", f"{SESSION}/auth/login", body)
    for refresh in (pair["refresh"], pair["refresh"], pair["access"], "a.b.c"):
        anonymous.post("/accounts/token/refresh", {"refresh": refresh})
        anonymous.post("/accounts/token/verify", {"token": refresh})
    as_alice.delete("/accounts/profile", {"password": "hunter2hunter2"})
    alice.is_active = False
    alice.save()
    anonymous.post("/accounts/login", right)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    anonymous.get("/accounts/profile")
    lines = [
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    ]
    secrets = ["hunter2", PASSWORD, "example.com", *pair.values()]
    assert [(line, secret) for line in lines for secret in secrets if secret in line] == []
    logging.getLogger("accounts").info("the trap is armed")
    assert "the trap is armed" in caplog.text
