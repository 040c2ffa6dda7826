"""Generated lines that fill a board, with word frequencies like those of a real board of that size.

A line takes runs of words from random places of the set, so that common words stay common, rare
ones rare, and phrases occur together. The share of new words is that of unseen words to be expected
in such a text (Good and Turing: the share of words that occur once in the set). New words are made
of the set's own syllables or letters. The same number always gives the same line.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

_CONTINUE = 0.5  # share of words that follow the previous one as in the set


def filler(corpus: list[Any]) -> Callable[[int], Any]:
    """Returns a function from a number to its line."""
    texts = [row["text"].split() for row in corpus]
    words = [word for text in texts for word in text]
    once = sum(count == 1 for count in Counter(words).values()) / len(words)
    letters = [at for at, word in enumerate(words) if len(word) > 1]

    def made(chance: random.Random) -> str:
        """A new word: the beginning of one word and the end of another."""
        first, last = (words[chance.choice(letters)] for _ in range(2))
        return first[: chance.randint(1, len(first) - 1)] + last[chance.randint(1, len(last) - 1) :]

    def line(number: int) -> Any:
        chance = random.Random(number)
        found, at = list[str](), 0
        for _ in range(len(chance.choice(texts))):
            at = at + 1 if found and chance.random() < _CONTINUE else chance.randrange(len(words))
            found.append(made(chance) if chance.random() < once else words[at % len(words)])
        named = chance.choice(corpus)
        return {
            "text": " ".join(found),
            "author": named.get("author", ""),
            "source": named.get("source", ""),
        }

    return line
