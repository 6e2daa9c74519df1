"""Figures: each is one file with its caption, and `sim.plot.kinds` is the table of all.

Importing this loads Matplotlib; outside `sim.plot` and `sim.report` nothing does.
"""

from sim.plot.answer import answer
from sim.plot.carried import carried
from sim.plot.disruption import disruption
from sim.plot.forecast import forecast
from sim.plot.frontier import frontier
from sim.plot.kinds import draw_study
from sim.plot.ladder import ladder
from sim.plot.ladder_waits import ladder_waits
from sim.plot.notebook import draw, map, time_space  # noqa: A004 - a name of the notebook interface
from sim.plot.occupancy import occupancy
from sim.plot.plausible import plausible
from sim.plot.project_ladder import project_ladder
from sim.plot.stacks import stacks, stacks_figure
from sim.plot.tornado import tornado
from sim.plot.transit import transit
from sim.plot.validation import validation
from sim.plot.waits import waits
from sim.plot.warmup import warmup

__all__ = [
    "answer",
    "carried",
    "disruption",
    "draw",
    "draw_study",
    "forecast",
    "frontier",
    "ladder",
    "ladder_waits",
    "map",
    "occupancy",
    "plausible",
    "project_ladder",
    "stacks",
    "stacks_figure",
    "time_space",
    "tornado",
    "transit",
    "validation",
    "waits",
    "warmup",
]
