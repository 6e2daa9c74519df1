"""What every measurement needs: networks to run, a clock, and a ratio with its goal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from sim.engine.run import simulate
from sim.log import RunLog
from sim.metrics.measure import measure
from sim.network.build import build
from sim.network.parts import Network
from sim.spec.load import load

REDUCED = Path(__file__).parent / "reduced.yaml"
BOXES = 400
"""TEU per train where every box is followed."""
TWENTYFOLD = {
    "demand.scale": 20,
    "services.caspian.vessels": 80,
    **{f"ports.{port}.berths.container.berths": 40 for port in ("aktau", "alat")},
    **{f"ports.{port}.train_tracks": 20 for port in ("aktau", "alat")},
    **{f"sections.{section}.paths_per_day": 160 for section in ("steppe", "desert", "valley")},
    "locomotives.west.locomotives": 240,
    "locomotives.east.locomotives": 160,
}
"""Twenty times the trains, and what it takes to carry them."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row: a ratio that was measured in several rounds, and its goal."""

    what: str
    values: tuple[float, ...]
    goal: float
    unit: str = ""

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the middle is within the goal."""
        return self.median <= self.goal

    def __str__(self) -> str:
        spread = ""
        if len(self.values) > 1:
            spread = f" ({min(self.values):.3g} to {max(self.values):.3g})"
        verdict = "met" if self.is_met else "MISSED"
        measured = f"{self.median:.3g}{spread}{self.unit}"
        return f"{verdict:7}{self.what}: {measured}; goal at most {self.goal:g}{self.unit}"


def cost_s(action: Callable[[], object]) -> float:
    """Return the processor time of *action*."""
    began = process_time()
    action()
    return process_time() - began


def timed(network: Network, seed: int) -> tuple[float, RunLog]:
    """Return the processor time of a run, and its log."""
    began = process_time()
    log = simulate(network, seed=seed)
    return process_time() - began, log


def side_by_side(
    rounds: int, ours: Callable[[int], float], theirs: Callable[[int], float]
) -> tuple[float, ...]:
    """Return ours / theirs, round by round."""
    return tuple(ours(seed) / theirs(seed) for seed in range(1, rounds + 1))


def boxes_a_train(count: int) -> dict[str, object]:
    """Return the changes that put *count* TEU on a train, with ships and cranes to match."""
    return {
        "flows.boxes.consignment_units": count,
        "trains.to-sea.capacity.teu": count,
        "trains.from-sea.capacity.teu": count,
        "vessels.feeder.capacity.teu": 2 * count,
        **{
            f"ports.{port}.berths.container.units_per_h.teu": count / 2
            for port in ("aktau", "alat")
        },
    }


def reduced(**changes: object) -> Network:
    """Return the network of the reduced corridor."""
    return build(load(REDUCED, changes))


def trains_of(log: RunLog) -> int:
    """Return the number of trains; each is a consignment."""
    return len(log.tables["consignments"])


def transit_days(log: RunLog) -> float:
    """Return the mean transit time of the corridor."""
    rows = measure(log)
    return float(rows[(rows["name"] == "transit_days_mean") & rows["flow"].isna()]["value"].iloc[0])


def cost_per_train(network: Network, seed: int) -> float:
    """Return the processor time of a run for each of its trains."""
    spent, log = timed(network, seed)
    return spent / trains_of(log)
