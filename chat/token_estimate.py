"""How many tokens a text may take, without the model's tokenizer: a tokenizer of its own, which
splits more than the real ones do.

Its classes were measured against the tokenizers of OpenAI (cl100k, o200k), Llama 3, Qwen 3,
DeepSeek and Mistral (tekken, and the ones of 32,000 tokens) on 50 kinds of text: prose, code, JSON,
numbers, base64, Korean, Japanese, Chinese, Indic and other scripts, emoji. It is above the largest
count of each kind, for English by a fifth to a third; the tokenizers differ by as much and, for
Korean, by a factor of two. What it does not bound is letters without a sense: invented words, and
syllables or ideographs at random. No text takes more tokens than it has bytes in UTF-8.
"""

import re

PICTURE_TOKENS = 1600  # what the largest picture takes with the models that take most

# One token each. ASCII, and letters of two bytes, such as é and я.
_PIECE = re.compile(
    r"(?=[A-Za-z0-9+/]{21})[A-Za-z0-9+/]"  # too long for a word: a key, base64
    r"| ?[A-Za-z][a-z]{0,3}"  # a fourth of a long word; a capital begins another
    r"|  {0,15}"
    r"|[\x00-\x7f\u0080-\u02ff\u0370-\u07ff]"
)
# Three tokens for two: the syllables, ideographs and letters of scripts that tokenizers know well.
_SYLLABLE = re.compile(
    "[\u0900-\u0fff\u1e00-\u1fff\u2010-\u2027\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
# As many tokens as bytes: emoji, the letters of a Korean syllable, combining marks, and the rest.
_RARE = re.compile(
    "[^\x00-\u02ff\u0370-\u07ff"
    "\u0900-\u0fff\u1e00-\u1fff\u2010-\u2027\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)


def most_tokens(text: str) -> int:
    tokens = len(_PIECE.findall(text))
    if text.isascii():
        return tokens
    rare = "".join(_RARE.findall(text))
    return tokens + -(-3 * len(_SYLLABLE.findall(text)) // 2) + len(rare.encode("utf-8", "replace"))
