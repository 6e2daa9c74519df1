"""What a unit pays on a line with a tariff."""

from __future__ import annotations

from sim.spec.economy import Money
from sim.spec.fields import at_end


def fare_usd(
    money: Money, line: str, unit: str, place: str, *, is_empty: bool, default_usd: float = 0.0
) -> float:
    """Return the price of one unit on *line* from *place* [USD]: its tariff, or else
    *default_usd*; of an empty unit, its share of that."""
    usd = default_usd
    tariffs = money.tariffs_usd.get(line, {}).get(unit)
    if tariffs is not None:
        usd = at_end(tariffs, place, 0.0)
    return usd * money.empty_share.get(unit, 1.0) if is_empty else usd
