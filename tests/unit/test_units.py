"""Numbers are written to the precision of their interval."""

from __future__ import annotations

from math import inf, nan

import pytest

from sim.units import format_at_precision, format_mean


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((4_161_926, 3_966_975, 4_356_876), "4,160,000 (3,970,000 to 4,360,000)"),
        ((7.502, 7.331, 7.673), "7.50 (7.33 to 7.67)"),
        ((0.6052585, 0.598574, 0.611943), "0.605 (0.599 to 0.612)"),
        ((129_478, 117_000, 141_956), "129,000 (117,000 to 142,000)"),
        ((12.3, -0.01, 24.61), "12 (0 to 25)"),
        ((5.0, 5.0, 5.0), "5.000 (5.000 to 5.000)"),
        ((1234.5, 1234.1, 1234.9), "1,234 (1,234 to 1,235)"),
        ((0.03, nan, nan), "0.030"),
        ((nan, nan, nan), "-"),
    ],
)
def test_a_mean_has_as_many_digits_as_its_interval_bears(bounds, text):
    assert format_mean(*bounds) == text


def test_without_an_interval_a_number_is_written_as_any_other():
    assert format_at_precision(nan, 1.5, nan) == ("1.5", "-")
    assert format_at_precision(1.0, inf) == ("no limit",)
    assert format_at_precision(0.0, 0.0) == ("0",)
