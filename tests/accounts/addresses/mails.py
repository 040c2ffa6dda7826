"""What the mails of a test have."""

import re
from urllib.parse import unquote

from django.core import mail

from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD

VERIFY, RESEND = f"{SESSION}/auth/email/verify", f"{SESSION}/auth/email/verify/resend"


def mails_to(address: str) -> list:
    return [message for message in mail.outbox if message.to == [address]]


def code_to(address: str) -> str:
    """Of the last mail to the address that has a code."""
    codes = re.findall(
        r"^ +(\d{4} \d{4})$", "\n".join(m.body for m in mails_to(address)), re.MULTILINE
    )
    return codes[-1]


def key_to(address: str, path: str = "verify-email") -> str:
    keys = re.findall(rf"/{path}#(\S+)", "\n".join(m.body for m in mails_to(address)))
    return unquote(keys[-1])


def other_than(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"


def signed_in(email: str, password: str = PASSWORD) -> Browser:
    browser = Browser()
    body = {"email": email, "password": password}
    assert browser.send("POST", f"{SESSION}/auth/login", body).status_code == 200
    return browser


def code_error(answer) -> list[str]:
    """The codes of an error in the format of allauth or of the API."""
    body = answer.json()
    return [error["code"] for error in body["errors"]] if "errors" in body else [body["code"]]
