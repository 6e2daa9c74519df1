"""Counts of replications and seeds are whole numbers, be they Python's own or those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import UsageError
from sim.runs.requests import check_replications_and_seed


def test_whole_numbers_of_numpy_become_those_of_python():
    checked = check_replications_and_seed(np.int64(2), np.uint8(7))
    assert checked == (2, 7)
    assert [type(number) for number in checked] == [int, int]


@pytest.mark.parametrize(
    ("replications", "seed"), [(True, 1), (0, 1), (2.0, 1), (2, -1), (2, None)]
)
def test_anything_else_is_refused(replications, seed):
    with pytest.raises(UsageError, match="whole number from"):
        check_replications_and_seed(replications, seed)
