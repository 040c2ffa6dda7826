"""Every text has its Korean translation, and the compiled file matches the source."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import deactivate, gettext, override
from rest_framework.exceptions import APIException

from accounts.allauth.adapter import AccountAdapter
from config import urls  # noqa: F401 - brings in every room's problems
from config.translations import BORROWED

CATALOG = settings.LOCALE_PATHS[0] / "ko" / "LC_MESSAGES"
APPS = ("accounts", "chat", "config", "quotes")
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
HANGUL = re.compile("[가-힣]")
OTHER_REGISTER = re.compile(r"(?<!좋아)요(?:[.?!…]|$)|(?<!주)십시오")  # not 합니다체, 해 주십시오
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[ds]|\{\w+(?::\w+)?\}")
TEMPLATE_TEXT = re.compile(r"""{% translate (["'])(?P<text>.+?)\1 %}""")


@pytest.fixture(autouse=True)
def _leave_no_language_behind():
    yield
    deactivate()  # a thread keeps a request's language until the next request


@pytest.fixture(scope="module")
def written():
    with (CATALOG / "django.po").open("rb") as file:
        return read_po(file, locale="ko", abort_invalid=True)


def texts_of_code() -> Iterator[str]:
    for app in APPS:
        root = str(settings.BASE_DIR / app)
        for _file, _line, message, *_ in extract_from_dir(
            root, [("**.py", "python")], keywords=KEYWORDS
        ):
            yield message[0] if isinstance(message, tuple) else message


def texts_of_templates() -> Iterator[str]:
    for template in settings.BASE_DIR.glob("*/templates/**/*.html"):
        for found in TEMPLATE_TEXT.finditer(template.read_text()):
            yield found["text"]


def every_problem(kind: type[APIException] = APIException) -> set[type[APIException]]:
    return {kind}.union(*map(every_problem, kind.__subclasses__()))


PROBLEMS = sorted(
    (
        kind
        for kind in every_problem()
        if kind.__module__.split(".")[0] in APPS or kind.__module__ == APIException.__module__
    ),
    key=lambda kind: f"{kind.__module__}.{kind.__qualname__}",
)


def pairs(catalog):
    return {first(message.id): first(message.string) for message in catalog if message.id}


def first(text):
    """The singular of a text with a plural; Korean has one form for both."""
    return text[0] if isinstance(text, tuple | list) else text


def test_every_text_of_the_code_is_in_the_catalog(written):
    texts = {*texts_of_code(), *texts_of_templates()}
    assert len(texts) > 150
    assert texts - {first(message.id) for message in written if message.id} == set()


def test_the_catalog_has_no_gap_and_no_guess(written):
    assert [m.id for m in written if m.id and (m.fuzzy or not first(m.string))] == []
    assert dict(written.obsolete) == {}


def test_each_korean_text_is_korean_and_fills_the_same_places(written):
    for message in filter(lambda message: message.id, written):
        source, korean = first(message.id), first(message.string)
        assert HANGUL.search(korean), source
        assert not OTHER_REGISTER.search(korean), korean
        assert sorted(PLACEHOLDER.findall(korean)) == sorted(PLACEHOLDER.findall(source)), source


def test_the_compiled_catalog_is_the_written_one(written):
    with (CATALOG / "django.mo").open("rb") as file:
        compiled = read_mo(file)
    assert pairs(compiled) == pairs(written)


@pytest.mark.parametrize("kind", PROBLEMS, ids=lambda kind: kind.__name__)
def test_every_problem_speaks_korean(kind):
    with override("ko"):
        assert HANGUL.search(str(kind.default_detail))


@pytest.mark.parametrize("text", BORROWED)
def test_texts_of_libraries_are_korean_in_our_tone(text):
    with override("ko"):
        assert HANGUL.search(gettext(text))


@pytest.mark.parametrize("code", AccountAdapter.error_messages)
def test_session_endpoints_answer_in_korean(code):
    with override("ko"):
        assert HANGUL.search(str(AccountAdapter.error_messages[code]))


def test_a_problem_answers_in_the_language_that_was_asked_for(anonymous):
    korean = anonymous.get("/chat", headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})
    english = anonymous.get("/chat", headers={"Accept-Language": "en"})
    other = anonymous.get("/chat", headers={"Accept-Language": "fr"})
    assert korean.json()["detail"] == "인증 정보가 없습니다."
    assert korean["Content-Language"] == "ko"
    assert english.json()["detail"] == "Authentication credentials were not provided."
    assert other.json()["detail"] == english.json()["detail"]


def test_errors_of_input_are_korean(as_alice):
    body = {"content": "x" * 8001, "temperature": 3, "max_tokens": "many", "model": "nobody"}
    answer = as_alice.post("/chat", body, headers={"Accept-Language": "ko"})
    assert {error["field"]: error["detail"] for error in answer.json()["errors"]} == {
        "content": "8000자 이하여야 합니다.",
        "temperature": "2 이하여야 합니다.",
        "max_tokens": "정수여야 합니다.",
        "model": "이 서버가 제공하지 않는 모델입니다.",
    }


def test_the_rules_for_a_password_are_korean(anonymous):
    rules = anonymous.get("/accounts/join", headers={"Accept-Language": "ko"}).json()
    assert all(HANGUL.search(rule) for rule in rules["password_rules"])
