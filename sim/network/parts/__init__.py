"""What the engine needs to know of the corridor, frozen and without a clock.

Everything is resolved: durations are distributions in seconds, names are indices into
`Network.names`, a deck is whole numbers. Two ends of a carrier are 0 and 1, and direction 0 goes
from end 0 to end 1. A code that stands for nothing is `sim.log.NONE`.
"""

from sim.network.parts._cargo import (
    NO_METER,
    NOT_HELD,
    ArrivalsPlan,
    DwellPlan,
    EmbargoPlan,
    EquipmentPlan,
    FlowPlan,
    LevelPlan,
    PoissonPlan,
    RenewalPlan,
    ReturnsPlan,
    SchedulePlan,
    StagePlan,
    SurplusPlan,
    TracePlan,
    Way,
)
from sim.network.parts._initial import (
    BanStatePlan,
    InitialPlan,
    InitialTrainPlan,
    InitialVesselPlan,
    StockPlan,
)
from sim.network.parts._land import (
    BreakdownPlan,
    Checks,
    Crossing,
    Gateway,
    RoadLine,
    Stretch,
    TrainLine,
    UserPlan,
)
from sim.network.parts._line import Deck, DeparturePlan, FarCargoPlan, StormPlan
from sim.network.parts._network import Network
from sim.network.parts._outages import OutagePlan
from sim.network.parts._sea import (
    FleetPart,
    LoadingPlan,
    PoolUse,
    PortRules,
    PreferencePlan,
    ReassignmentPlan,
    SeaLine,
)
from sim.network.parts._weather import Climate, SeaLevelPlan

__all__ = [
    "NOT_HELD",
    "NO_METER",
    "ArrivalsPlan",
    "BanStatePlan",
    "BreakdownPlan",
    "Checks",
    "Climate",
    "Crossing",
    "Deck",
    "DeparturePlan",
    "DwellPlan",
    "EmbargoPlan",
    "EquipmentPlan",
    "FarCargoPlan",
    "FleetPart",
    "FlowPlan",
    "Gateway",
    "InitialPlan",
    "InitialTrainPlan",
    "InitialVesselPlan",
    "LevelPlan",
    "LoadingPlan",
    "Network",
    "OutagePlan",
    "PoissonPlan",
    "PoolUse",
    "PortRules",
    "PreferencePlan",
    "ReassignmentPlan",
    "RenewalPlan",
    "ReturnsPlan",
    "RoadLine",
    "SchedulePlan",
    "SeaLevelPlan",
    "SeaLine",
    "StagePlan",
    "StockPlan",
    "StormPlan",
    "Stretch",
    "SurplusPlan",
    "TracePlan",
    "TrainLine",
    "UserPlan",
    "Way",
]
