"""Pictures: functions from a frame to axes. Importing this loads matplotlib; nothing else in the
package does."""

from sim.plot.answer import answer
from sim.plot.comparison import carried, occupancy
from sim.plot.disruption import disruption
from sim.plot.figures import stacks_figure
from sim.plot.kinds import draw_study
from sim.plot.ladder import ladder, ladder_waits
from sim.plot.notebook import draw, map, time_space  # noqa: A004 - a name of the notebook interface
from sim.plot.plan import frontier, project_ladder
from sim.plot.plausible import plausible
from sim.plot.stacks import stacks
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
