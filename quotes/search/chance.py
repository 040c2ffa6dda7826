"""How similar two lines are by chance, to a model of embeddings. Models differ: to one, unrelated
texts have a cosine of 0.1, to another 0.8. So both what counts as near and how much nearness counts
are measured on the board's own vectors.
"""

from math import log, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np

SAMPLE_SIZE = 512  # vectors: 130,000 pairs; comparing them takes about 10 ms
_FEWEST = 100  # lines; the pairs of fewer are no sample
_SURE = 0.9  # of the lines; those beyond may have variants on the board
_MOST = 0.99  # of a cosine that is measured: the same text is always near


class Chance(NamedTuple):
    """The mean cosine of two lines, and the cosine from which a line is nearer to a question than
    the nearest of all lines would be by chance.
    """

    mean: float
    least: float

    def nearness(self, cosine: float) -> float:
        """From 0 (as near as any line) to 1."""
        return min(1.0, max(0.0, (cosine - self.mean) / (1 - self.mean)))

    def is_near(self, cosine: float) -> bool:
        """EMBEDDING_LEAST overrides what was measured."""
        least = settings.EMBEDDING_LEAST
        return cosine >= (self.least if least is None else least)


UNMEASURED = Chance(0.0, 0.4)  # usual for models whose unrelated texts have cosines near 0


def measure_chance(sample: "np.ndarray[Any, Any]", lines: int) -> Chance:
    """From vectors of length 1 of some of the board's `lines`, in rows.

    Each line's cosine with the nearest of the others shows what chance brings about; `_SURE` of
    them have none that is nearer than the result. The greatest of n values lies about
    sqrt(2 log n) standard deviations above their mean, so it is further from it on a larger board.
    (The standard deviation of all pairs is no measure: verses of one book are much alike.)
    """
    import numpy as np  # noqa: PLC0415 - only where embeddings are enabled

    sample = sample[np.isfinite(sample).all(axis=1)]  # one NaN would make all means NaN
    count = len(sample)
    if count < _FEWEST:
        return UNMEASURED
    cosines = sample @ sample.T
    others = ~np.eye(count, dtype=bool)
    means = cosines.mean(axis=1, where=others)
    farther = sqrt(log(max(lines, count)) / log(count))
    nearest = cosines.max(axis=1, where=others, initial=-1.0)
    least = float(np.quantile(means + (nearest - means) * farther, _SURE))
    return Chance(min(_MOST, max(0.0, float(means.mean()))), min(_MOST, least))


def choose_sample(rows: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """At most `SAMPLE_SIZE` of the rows, from everywhere."""
    step = max(1, len(rows) // SAMPLE_SIZE)
    return rows[::step][:SAMPLE_SIZE]
