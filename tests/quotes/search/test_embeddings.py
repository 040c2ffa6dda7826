"""The lines' vectors in the memory of a process."""

import numpy as np
import pytest

from config.offload import Cores
from quotes.search import embeddings


@pytest.mark.parametrize(("count", "nearest"), [(1, [2]), (0, [])])
def test_embeddings_give_up_if_all_cores_are_busy(count, nearest):
    """Lines are then found by their words."""
    vectors = embeddings.LineVectors(cores=Cores(count, max_wait=0))
    rows = np.eye(3, dtype=np.float32)
    vectors._matrix = embeddings._Matrix("model", [1, 2, 3], rows, last=3, loaded_at=0.0)
    assert vectors.nearest([0.0, 1.0, 0.0], 1) == nearest
