"""The form of personal tokens."""

import re
import string
import zlib

import pytest

from accounts.personal_tokens import secret
from config.settings import BASE_DIR

BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
ZEROS = secret.PREFIX + "0" * 32


def test_a_token_has_its_form():
    made = {secret.make() for _ in range(100)}
    assert len(made) == 100
    for token in made:
        assert secret.PATTERN.fullmatch(token)
        assert secret.is_well_formed(token)


@pytest.mark.parametrize("body", ["", "a", ZEROS])
def test_the_checksum_is_crc_32_in_base_62(body):
    """Read back by other means."""
    digits, value = secret.checksum(body), 0
    for digit in digits:
        value = value * 62 + BASE_62.index(digit)
    assert (len(digits), value) == (6, zlib.crc32(body.encode()))


@pytest.mark.parametrize("place", range(48))
def test_one_wrong_character_is_found(place):
    token = secret.make()
    other = "A" if token[place] != "A" else "B"
    assert not secret.is_well_formed(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daesa_pat_",
        ZEROS + "000000",
        "DAESA_PAT_" + "a" * 38,
        "daesa_pat_" + "가" * 38,
        "daesa_pat_" + "٣" * 38,
        "daesa_pat_" + "a" * 38 + "\n",
        "daesa_pat_" + "a" * 100_000,
    ],
)
def test_what_is_no_token(text):
    assert not secret.is_well_formed(text)


def test_a_scanner_finds_tokens_by_the_documented_expression():
    documented = [
        re.search(r"`(\\bdaesa_pat_\S+)`", (BASE_DIR / "docs" / name).read_text(encoding="utf-8"))
        for name in ("api.md", "adr/0032-personal-tokens.md")
    ]
    token = secret.make()
    for found in documented:
        assert found
        assert re.findall(found[1], f'API_KEY="{token}" # {token}x\n{token}') == [token, token]
