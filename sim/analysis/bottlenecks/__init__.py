"""What holds a corridor back, and what will next.

`_search` climbs the ladder. On each rung `_suspects` lists what the scenario could have more of,
`_signs` orders what looks short, `_what_ifs` runs one more of it, `_contenders` decides which may be
the best, and `_fix` raises it. `_result` holds the rungs and their tables.
"""

from sim.analysis.bottlenecks._result import (
    Bottlenecks,
    BottlenecksInterrupted,
    DroppedSuspect,
    Rung,
)
from sim.analysis.bottlenecks._search import bottlenecks

__all__ = ["Bottlenecks", "BottlenecksInterrupted", "DroppedSuspect", "Rung", "bottlenecks"]
