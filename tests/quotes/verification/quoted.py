"""Spans for tests of single modules: by the quoted words, without a search for marks."""

from quotes.verification.reading import Reading, read
from quotes.verification.spans import MARKED, Span


def span_of(answer: str, words: str, kind: str = MARKED) -> tuple[Reading, Span]:
    reading = read(answer)
    begin = reading.text.index(words)
    stop = begin + len(words)
    return reading, Span(words, begin, stop, *reading.source(begin, stop), kind)
