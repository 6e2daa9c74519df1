"""What may be tried in place of a number or duration: nothing, one, far too much, and less than nothing."""

from __future__ import annotations

import re
from typing import Any

NUMBERS = (0, 1, 1e18, -1)
DURATIONS = ("0h", "1h", "30000d", "-1h")
_DURATION = re.compile(r"\s*(\d+(\.\d+)?\s*(d|h|min|s)\s*)+")


def others(written: object) -> tuple[Any, ...]:
    """Return what is written in place of a number or duration; nothing for other values."""
    if isinstance(written, bool):
        return ()
    if isinstance(written, int | float):
        return NUMBERS
    is_duration = isinstance(written, str) and _DURATION.fullmatch(written)
    return DURATIONS if is_duration else ()
