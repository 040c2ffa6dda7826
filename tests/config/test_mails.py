"""The layout of mails."""

from html.parser import HTMLParser

import pytest
from django.core import mail

from accounts import notices
from accounts.joining import mails as joining
from config.mails import MailText, compose_mail
from tests.accounts.conftest import SESSION, Browser

ENGLISH = MailText(
    "en",
    "A code",
    "Enter <this> code:\n\n    1234 5678\n\nOr open:\n\nhttps://daesa.example/a?b=1&c=2",
)
KOREAN = MailText("ko", "코드", "코드를 입력해 주십시오.")


class Elements(HTMLParser):
    """The elements of a document with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def html_of(message) -> str:
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return alternative.content


def test_a_text_in_two_languages():
    message = compose_mail([ENGLISH, KOREAN], to=["a@example.com"])
    assert message.subject == "[Daesa] A code / 코드"
    assert message.body == f"{ENGLISH.body}\n\n--\n\n{KOREAN.body}"
    document = Elements(html_of(message))
    assert [given["lang"] for _, given in document.found if "lang" in given] == ["en", "en", "ko"]
    for words in ("Daesa", "Enter <this> code:", "1234 5678", "Open the link", KOREAN.body):
        assert words in document.text
    links = [given["href"] for tag, given in document.found if tag == "a"]
    assert links == ["https://daesa.example/a?b=1&c=2"]


def test_the_product_has_its_korean_name():
    message = compose_mail([KOREAN, ENGLISH], to=["a@example.com"])
    assert message.subject.startswith("[대사] 코드 / ")
    assert "링크 열기" not in html_of(message)  # only the English part has one


def test_it_loads_nothing():
    tags = {tag for tag, _ in Elements(html_of(compose_mail([ENGLISH], to=["a@b.example"]))).found}
    assert not tags & {"img", "link", "script", "style", "iframe"}


def join_mail(alice):
    Browser().send("POST", f"{SESSION}/auth/password/request", {"email": alice.email})


def notice(alice):
    notices.tell(alice, lambda: notices.connected("Kakao"))


def approval(alice):
    joining.tell_approved(alice, base="https://daesa.example")


@pytest.mark.parametrize("cause", [join_mail, notice, approval])
@pytest.mark.django_db
def test_every_mail_has_the_layout(alice, cause):
    cause(alice)
    [message] = mail.outbox
    assert message.subject.startswith(("[Daesa] ", "[대사] "))
    assert message.body.split("\n")[0] in Elements(html_of(message)).text
