"""Each format in which models write a line, and each way in which they alter one, is judged as its
data in `bench.verification` says; on the demo lines, a few answers each. Everyday answers, which
quote no line, hardly ever show a warning.
"""

import random

import pytest
from django.core.management import call_command

from bench.verification.alterations import WORDS, Alteration, alterations
from bench.verification.cases import INVENTED, TRUE, line_set, made, of_pair
from bench.verification.everyday import alarms, answers
from bench.verification.formats import FORMATS
from bench.verification.judge import seen
from bench.verification.pairs import PAIRS
from quotes.columns import BoardLine
from quotes.importing.importer import DEMO_FILE
from quotes.models import Quote
from quotes.search.candidates import lines_by_id
from tests.factories import make_quote, make_user

# The statements are tried on both databases by `test_verify.py`.
# The board is loaded once for all tests of this file.
pytestmark = [pytest.mark.any_database]

REPLACED = Alteration("replaced", WORDS["replaced"])
PLAIN = {"en": FORMATS["en"][0], "ko": FORMATS["ko"][0]}
EVERY_FORMAT = [
    pytest.param(language, form, id=f"{language}: {form.name}")
    for language, forms in FORMATS.items()
    for form in forms
]
EVERY_ALTERATION = [
    pytest.param(language, alteration, id=f"{language}: {alteration.name}")
    for language in FORMATS
    for alteration in alterations(language)
]
EVERY_PAIR = [
    pytest.param(language, pair, id=pair.said) for language in PAIRS for pair in PAIRS[language]
]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The lines by language, loaded once for this module: each test rolls back to them."""
    with django_db_blocker.unblock():
        call_command("load_quotes", DEMO_FILE, apply=True, verbosity=0)
        owner = make_user("owner")
        for language, pairs in PAIRS.items():
            for pair in pairs:
                make_quote(owner, pair.line, language=language, is_apply=True)
        lines = {language: board_lines(language) for language in FORMATS}
    yield lines
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


def board_lines(language: str) -> list[BoardLine]:
    ids = Quote.objects.applied().filter(language=language).values_list("pk", flat=True)
    return sorted(lines_by_id(ids), key=lambda line: line.id)


@pytest.fixture(scope="module")
def stocks(loaded):
    return {language: line_set(language, lines) for language, lines in loaded.items()}


def wrong(case) -> list[str]:
    return [
        f"{one.part.role}: {one.verdict}, not {' or '.join(sorted(one.part.expected))}"
        f"{'' if one.has_note else f' with {case.note}'}: {case.answer!r}"
        for one in seen(case)
        if not one.is_right
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "form"), EVERY_FORMAT)
def test_formats(stocks, language, form):
    found = []
    for alteration in (TRUE, REPLACED, INVENTED):
        for is_shown in (True, False):
            dice = random.Random(5)  # noqa: S311
            found += wrong(made(form, alteration, stocks[language], dice, is_shown=is_shown))
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "alteration"), EVERY_ALTERATION)
def test_alterations(stocks, language, alteration):
    dice, found = random.Random(6), []  # noqa: S311
    for is_shown in (True, False):
        found += wrong(made(PLAIN[language], alteration, stocks[language], dice, is_shown=is_shown))
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "pair"), EVERY_PAIR)
def test_pairs(loaded, stocks, language, pair):
    [line] = [line for line in loaded[language] if line.content == pair.line]
    assert wrong(of_pair(pair, PLAIN[language], stocks[language], line)) == []


@pytest.mark.usefixtures("loaded", "db")
@pytest.mark.parametrize("language", FORMATS)
def test_at_most_one_everyday_answer_in_twenty_has_a_warning(language):
    every = [one for one in answers(language) if not one.kind]
    alarmed = {one.question: found for one in every if (found := list(alarms(one)))}
    assert len(every) >= 150
    assert len(alarmed) <= len(every) / 20, alarmed


@pytest.mark.usefixtures("loaded", "db")
@pytest.mark.parametrize("language", FORMATS)
def test_titles_of_works_have_no_warning(language):
    titles = [one for one in answers(language) if one.kind == "title"]
    assert {one.question: list(alarms(one)) for one in titles} == {
        one.question: [] for one in titles
    }
    assert titles


def test_there_are_enough_formats():
    assert len(FORMATS["en"]) >= 71
    assert len(FORMATS["ko"]) >= 61
    for forms in FORMATS.values():
        assert len({form.name for form in forms}) == len(forms)
