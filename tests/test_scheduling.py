"""How the tests are divided among processes."""

from tests.live import ROOT
from tests.scheduling import TOGETHER


def test_files_that_stay_together_exist():
    """A file that was renamed would be divided again, which only takes longer and fails nothing."""
    assert [path for path in sorted(TOGETHER) if not (ROOT / path).is_file()] == []
