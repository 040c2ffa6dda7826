"""Forbidden passwords, and good ones in both languages that pass."""

import unicodedata

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.passwords.keyboard import is_walk, keys_of

URL = "/accounts/join"
KEYS = "qwertyuiopasdfghjklzxcvbnm"
PERSON = User(email="minjun.kim@hanmail.example.com", nickname="민준 Seagull")

REFUSED = {
    "password_too_common": [
        "password", "PASSWORD", "Password1", "password!", "P@ssw0rd!", "pa55word123", "$unshine",
        "1password1", "passwordpassword", "ｐａｓｓｗｏｒｄ", "dragon1998", "iloveyou2",
        "letmein123", "password12345678", "qwerty2024!", "superman!!!!!!!!!!",
        "비밀번호비밀번호", "비밀번호1234", "qlalfqjsgh", "QLALFQJSGH1!", "사랑해사랑해",
        "tkfkdgo1234", "dkssudgktpdy", "대한민국2024!", "ㅔㅁㄴㄴ재ㄱㅇ1",
        unicodedata.normalize("NFD", "비밀번호1234"),
    ],
    "password_too_simple": [
        "qwertyuiop", "asdfghjkl;", "poiuytrewq", "qwer1234", "QWER!@#$", "1q2w3e4r", "q1w2e3r4",
        "1qaz2wsx", "zaq12wsx", "mnbvcxz1", "!@#$%^&*", "12345678", "87654321", "11112222",
        "ㅂㅈㄷㄱㅅㅛㅕㅑ", "ㅁㄴㅇㄹㅎㅗㅓㅏ", "ㅁㄴㅇㄹ1234", "ㅃㅉㄸㄲㅆㅛㅕㅑ",
        "ㅋㅌㅊㅍㅠㅜㅡ,", "abcdefgh", "zyxwvuts", "abcd1234", "가나다라마바사아",
        "ㄱㄴㄷㄹㅁㅂㅅㅇ", "ㅏㅑㅓㅕㅗㅛㅜㅠ", "aaaaaaaa", "abababab", "가나가나가나가나",
        "xyz9xyz9xyz9", "qwerasdf2019",
    ],
    "password_too_related": [
        "daesa1234", "DAESA!2024", "d43s42024", "daesadaesa", "daesa-2024-11", "daesapassword",
        "daesaqwertyui", "대사대사대사", "우리대사1234", "eotk1234", "EOTKEOTK!", "ㅇㅁㄷㄴㅁ1234",
        "my daesa", "testhost2024", "1Lines.testhost",
    ],
    "password_too_similar": [
        "minjun2024", "Minjun!!", "kimminjun1", "m1njun2024", "민준2024!!", "alswns2024",
        "ㅡㅑㅜㅓㅕㅜ2024", "seagull7777", "hanmail123", "seagull민준",
    ],
}  # fmt: skip
GOOD = [
    "correct horse battery", "staple of paper", "a long pass phrase", "zebra crossing at dawn",
    "daesa is where I keep lines", "kim likes to sail alone", "the seagull of 1998 was ours",
    "reset after every storm", "we were all there in dresses", "correct-horse-42-battery",
    "tr0ub4dor&3x", "xK9#vLq2Tz", "j7Fq0wZb", "korrekt hest batteri",
    "푸른 하늘 은하수", "어제 본 연극 대사가 좋았다", "퇴근길에 붕어빵 세 개",
    "민준이는 오늘도 늦잠을 잔다", "비 오는 날의 수채화", "네 개의 의자와 고양이",
    "여름밤 반딧불이", "사랑은 눈물의 씨앗이라 했지",
    "gksmfdms vkfkzh ekfdms qkrek", "gmlals rhdiddlfmf xkrnrh",
]  # fmt: skip


def codes_of(password, person=PERSON):
    try:
        validate_password(password, person)
    except ValidationError as refused:
        return [error.code for error in refused.error_list]
    return []


@pytest.fixture(autouse=True)
def _host(settings):
    settings.ALLOWED_HOSTS = ["lines.testhost.example", "127.0.0.1", "[::1]", "*", ".kr"]


@pytest.mark.parametrize(
    ("code", "password"), [(code, each) for code, all_ in REFUSED.items() for each in all_]
)
def test_refused(code, password):
    assert code in codes_of(password)


@pytest.mark.parametrize("password", GOOD)
def test_good(password):
    assert codes_of(password) == []


def test_words_of_one_user_are_allowed_for_another():
    assert codes_of("seagull7777 over") == []
    assert codes_of("minjun2024", User(email="alice@example.com", nickname="alice")) == []


def test_short_words_of_a_user_do_not_count():
    assert codes_of("j7Fq0wZb", User(email="j@f.q.example", nickname="z w")) == []


@given(st.text(alphabet=KEYS, min_size=8, max_size=40))
def test_a_text_and_the_same_keys_in_the_other_layout_are_one(keys):
    korean = keys.translate(
        str.maketrans(
            "qwertyuiopasdfghjklzxcvbnm", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ"
        )
    )
    assert keys_of(korean) == keys
    if is_walk(keys):
        assert is_walk(korean)


@given(st.text(max_size=300), st.text(max_size=50), st.text(max_size=50))
def test_any_text_is_judged(password, local, nickname):
    person = User(email=f"{local}@example.com", nickname=nickname)
    assert set(codes_of(password, person)) <= {*REFUSED, "password_too_short"}


@given(st.text(min_size=8, max_size=40), st.sampled_from(["1", "!", "12", "!!", "2024"]))
def test_an_ending_makes_no_weak_password_good(password, ending):
    weak = set(codes_of(password)) - {"password_too_short"}
    if weak & {"password_too_common", "password_too_simple"} and password.isalpha():
        assert codes_of(password + ending)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This password is a simple sequence or follows the keys of a keyboard."),
        ("ko", "이 비밀번호는 단순한 나열이거나 자판을 따라 누른 것입니다."),
    ],
)
def test_texts(db, anonymous, language, text):
    body = {"email": "dora@example.com", "password": "1q2w3e4rt5"}
    refused = anonymous.post(URL, body, HTTP_ACCEPT_LANGUAGE=language, HTTP_HOST="127.0.0.1")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"field": "password", "code": "password_too_simple", "detail": text}
    ]
