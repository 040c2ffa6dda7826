"""Words of a text that the user has given, such as a file: quoting them claims no line."""

import pytest

from quotes.verification.verify import verify
from tests.factories import make_quote

pytestmark = pytest.mark.django_db

ASKED = "Quote a line of it"
GIVEN = "Minutes of the meeting.\n\n“We shall plant a thousand pears, said Ms Ode, by spring.”"
KOREAN = "우리는 봄까지 배나무 천 그루를 심겠습니다"
LINE = "Call me Ishmael."


def verdicts(answer: str, given: str = "") -> list[str]:
    return [one.verdict for one in verify(answer, [], question=ASKED, given=given)]


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ("Ms Ode says: “We shall plant a thousand pears”.", GIVEN),
        ("> we shall plant a thousand pears,\n\n— Ms Ode", GIVEN),
        ("She said “We shall” and “plant a thousand pears, said Ms Ode, by spring.”", GIVEN),
        (f"배 대표는 “{KOREAN}.”라고 말했습니다.", f"회의록\n{KOREAN}. 이상."),
    ],
)
def test_words_of_it_are_no_claim(answer, given):
    assert "unknown" in verdicts(answer)
    assert verdicts(answer, given) == []


def test_other_words_are_one_all_the_same():
    assert verdicts("Ms Ode says: “We shall plant a thousand apples”.", GIVEN) == ["unknown"]


def test_a_line_of_the_board_is_marked_all_the_same(alice):
    make_quote(alice, LINE, speaker="Ishmael", is_apply=True)
    assert verdicts(f"“{LINE}”", f"{GIVEN} {LINE}") == ["verbatim"]
    assert verdicts("“Call you Ishmael, me.” — Ishmael", GIVEN) != ["verbatim"]
