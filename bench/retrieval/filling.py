"""Lines that fill a board up, so that its words are spread as in a board that grew to that size.

A line takes its words in runs from anywhere in the set: so common words stay common, rare ones
rare, and words that go together still do. As many words are new as unseen ones are to be expected
in a text of the kind (Good and Turing: the share of the words that the set has once), made of the
set's own syllables or letters. The same for the same number.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

_RUN_ON = 0.5  # the share of words that follow the last one as they do in the set


def filler(corpus: list[Any]) -> Callable[[int], Any]:
    """A function that gives the line of a number."""
    texts = [row["text"].split() for row in corpus]
    words = [word for text in texts for word in text]
    once = sum(count == 1 for count in Counter(words).values()) / len(words)
    letters = [at for at, word in enumerate(words) if len(word) > 1]

    def made(chance: random.Random) -> str:
        """The beginning of one word and the end of another."""
        first, last = (words[chance.choice(letters)] for _ in range(2))
        return first[: chance.randint(1, len(first) - 1)] + last[chance.randint(1, len(last) - 1) :]

    def line(number: int) -> Any:
        chance = random.Random(number)
        found, at = list[str](), 0
        for _ in range(len(chance.choice(texts))):
            at = at + 1 if found and chance.random() < _RUN_ON else chance.randrange(len(words))
            found.append(made(chance) if chance.random() < once else words[at % len(words)])
        named = chance.choice(corpus)
        return {
            "text": " ".join(found),
            "author": named.get("author", ""),
            "source": named.get("source", ""),
        }

    return line
