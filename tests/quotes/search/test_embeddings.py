"""The lines' vectors in the memory of a process."""

import numpy as np

from quotes.search import embeddings


def test_embeddings_give_up_if_all_cores_are_busy(busy_cores):
    """Lines are then found by their words."""
    vectors = embeddings.LineVectors()
    rows = np.eye(3, dtype=np.float32)
    vectors._matrix = embeddings._Matrix("model", [1, 2, 3], rows, last=3, loaded_at=0.0)
    assert vectors.nearest([0.0, 1.0, 0.0], 1) == [2]
    with busy_cores:
        assert vectors.nearest([0.0, 1.0, 0.0], 1) == []
