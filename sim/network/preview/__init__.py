"""Demand against capacity of every resource in a year, in its own unit, before any run.

A bound and a ranking, no forecast: it takes the demand as it is written, decks and trains as full
as their rule lets them be, working times at their mean, and takes off what weather, repair and
background traffic use. It knows no queues: a ratio above 1 cannot be carried, one below 1 may still
wait long.

`_demand` has units and trains per leg, `_departures` the limits of timetables and headways, `_land`
those of track, locomotives and gates, `_sea` those of vessels and berths.
"""

from sim.network.preview._demand import units_per_year
from sim.network.preview._load import Load
from sim.network.preview._preview import capacity, preview

__all__ = ["Load", "capacity", "preview", "units_per_year"]
