"""The lines' vectors in the memory of a process."""

import numpy as np
import pytest

from config.offload import Cores
from quotes.search import embeddings
from quotes.search.chance import UNMEASURED, Chance, measure_chance


@pytest.mark.parametrize(("count", "nearest"), [(1, {2: 1.0}), (0, {})])
def test_embeddings_give_up_if_all_cores_are_busy(count, nearest):
    """Lines are then found by their words."""
    vectors = embeddings.LineVectors(cores=Cores(count, max_wait=0))
    rows = np.eye(3, dtype=np.float32)
    vectors._matrix = embeddings._Matrix("model", [1, 2, 3], rows, last=3, loaded_at=0.0)
    assert vectors.nearest([0.0, 1.0, 0.0], 1) == nearest


def test_chance_is_measured_on_the_boards_own_vectors():
    """A model to which all texts are similar, as some are: no cosine is below 0.8."""
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(600, 32)) + 4 * np.ones(32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    measured = measure_chance(rows, 600)
    assert cosines.min() > 0.8
    assert measured.mean == pytest.approx(0.94, abs=0.01)
    assert not measured.is_near(float(np.median(cosines)))
    assert measured.nearness(float(np.median(cosines))) < 0.2
    assert measured.nearness(1.0) == 1.0


def test_what_counts_as_near_grows_with_the_board():
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(512, 64))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    small, large = measure_chance(rows, 512), measure_chance(rows, 1_000_000)
    assert 0.3 < small.least < large.least < 0.8
    cosines = rows @ rows.T - np.eye(512)
    assert not (cosines >= large.least).any()


def test_few_lines_are_no_sample():
    assert measure_chance(np.eye(99, dtype=np.float32), 99) == UNMEASURED


def test_vectors_with_nan_are_left_out():
    """A server's answer may have them, and one would make every mean NaN."""
    rows = np.random.default_rng(1).normal(size=(200, 32))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    expected = measure_chance(rows, 200)
    with_nan = np.concatenate([rows, np.full((1, 32), np.nan)])
    assert measure_chance(with_nan, 200) == pytest.approx(expected)
    vectors = embeddings.LineVectors()
    last = with_nan[-2:].astype(np.float32)
    vectors._matrix = embeddings._Matrix("model", [1, 2], last, last=2, loaded_at=0.0)
    assert list(vectors.nearest(last[0].tolist(), 2)) == [1]


def test_the_setting_overrides_what_was_measured(settings):
    settings.EMBEDDING_LEAST = 0.7
    assert Chance(0.8, 0.95).is_near(0.7)
    assert not Chance(0.1, 0.2).is_near(0.69)
