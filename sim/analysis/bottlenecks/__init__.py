"""What holds a corridor back, and what will next.

`_suspects` lists what a scenario could have more of, `_signs` orders what looks short, `_search`
climbs the ladder and runs the what-ifs, `_contenders` decides which of them may be the best,
`_fix` raises the bottleneck, and `_result` keeps the rungs and their tables.
"""

from sim.analysis.bottlenecks._result import (
    Bottlenecks,
    BottlenecksInterrupted,
    DroppedSuspect,
    Rung,
)
from sim.analysis.bottlenecks._search import bottlenecks

__all__ = ["Bottlenecks", "BottlenecksInterrupted", "DroppedSuspect", "Rung", "bottlenecks"]
