"""When what is stated of ports, vessels, services and weather has no effect."""

from __future__ import annotations

from collections.abc import Mapping

from sim.spec.effect._idle import Idle
from sim.spec.effect._uses import Uses
from sim.spec.fields import at_end
from sim.spec.itineraries import deck_share
from sim.spec.sea import EVERY_CLASS, Pool

# -- ports
# ------------------------------------------------------------------------------------------------


def _port(uses: Uses, port: str) -> bool:
    return port not in uses.callers and port not in uses.train_ends


def _berth_group(uses: Uses, port: str, group: str) -> bool:
    return not any(uses.berthed(port, group))


def _class_at_berth(uses: Uses, port: str, group: str, number: str) -> bool:
    named = uses.spec.ports[port].berths[group].vessels[int(number)]
    return not any(vessel == named for _, vessel in uses.vessels_at(port))


def _rate(uses: Uses, port: str, group: str, unit: str) -> bool:
    return not any(uses.goes_by(service, unit) for service, _ in uses.berthed(port, group))


def _stack(uses: Uses, port: str, side: str, unit: str) -> bool:
    return not uses.waits_at(port, side, unit)


def _in_storm(uses: Uses, port: str) -> bool:
    if port in uses.storms or port in uses.struck:
        return False
    limited = [vessel for _, vessel in uses.vessels_at(port) if not _no_limits(uses, vessel)]
    return port not in uses.watched or not limited


def _depth(uses: Uses, port: str) -> bool:
    return not any(
        uses.spec.vessels[vessel].draught_m is not None for _, vessel in uses.vessels_at(port)
    )


def _sea_level(uses: Uses) -> bool:
    depths = ((port, terminal.depth_m) for port, terminal in uses.spec.ports.items())
    return not any(depth_m is not None and not _depth(uses, port) for port, depth_m in depths)


def _pool(uses: Uses, port: str, name: str) -> bool:
    """Return whether no vessel ever waits for a pool: none needs it, or none keeps it for any time,
    by its own nor by those that follow it, and no storm stops it."""
    pools = uses.spec.ports[port].pools
    if pools[name].in_storm == "waits" and (port in uses.storms or port in uses.struck):
        return all(not pools[name].needed_by(vessel) for _, vessel in uses.vessels_at(port))
    first = list(pools).index(name)
    after = list(pools.values())[first:]
    for _, vessel in uses.vessels_at(port):
        if pools[name].needed_by(vessel) and any(_keeps(pool, vessel) for pool in after):
            return False
    return True


def _keeps(pool: Pool, vessel: str) -> bool:
    stated = [time.mean for time in (pool.in_, pool.out) if time is not None]
    return bool(pool.needed_by(vessel)) and any(stated)


def _time_with_pool(uses: Uses, port: str, name: str) -> bool:
    pool = uses.spec.ports[port].pools[name]
    return not any(pool.needed_by(vessel) for _, vessel in uses.vessels_at(port))


def _need(uses: Uses, port: str, name: str, needer: str) -> bool:
    del name
    if needer == EVERY_CLASS:
        return False
    return not any(vessel == needer for _, vessel in uses.vessels_at(port))


def _pool_in_storm(uses: Uses, port: str, name: str) -> bool:
    is_stated = uses.spec.ports[port].pools[name].in_storm == "goes_on"
    return is_stated and port not in uses.storms and port not in uses.struck


# -- vessels and services
# ------------------------------------------------------------------------------------------------


def _lanes(uses: Uses, vessel: str) -> bool:
    """Return whether no unit that comes to the class takes lanes."""
    ship = uses.spec.vessels[vessel]
    return not any(
        unit not in ship.capacity
        and uses.carries(vessel, unit)
        and deck_share(uses.spec, vessel, unit) is not None
        for unit in uses.spec.units
    )


def _unit_in_lanes(uses: Uses, vessel: str, number: str) -> bool:
    return not uses.carries(vessel, uses.spec.vessels[vessel].carries[int(number)])


def _speed(uses: Uses, vessel: str) -> bool:
    """Return whether no crossing follows from the speed of a class."""
    return all(line.crossing is not None for line in uses.services_of(vessel))


def _handling(uses: Uses, vessel: str) -> bool:
    """Return whether every call of a class takes the time that its service gives."""
    for line in uses.services_of(vessel):
        if any(at_end(line.handling, place, None) is None for place in line.ends):
            return False
    return True


def _draught(uses: Uses, vessel: str) -> bool:
    """Return whether no port at which a class calls has a depth."""
    ports = (uses.spec.ports.get(place) for place in uses.calls_at(vessel))
    return not any(port is not None and port.depth_m is not None for port in ports)


def _no_limits(uses: Uses, vessel: str) -> bool:
    limits = uses.spec.vessels[vessel].limits
    return limits.wind_m_s is None and limits.wave_m is None


def _limits(uses: Uses, vessel: str) -> bool:
    return not any(place in uses.watched for place in uses.calls_at(vessel))


def _segregates(uses: Uses, vessel: str) -> bool:
    services = uses.classes.get(vessel, ())
    groups = {
        uses.spec.flows[flow].segregation
        for flow, legs in uses.legs.items()
        if any(leg.carrier in services for leg in legs)
    }
    return uses.spec.vessels[vessel].segregates and len(groups) < 2


def _window(uses: Uses, service: str) -> bool:
    line = uses.spec.services[service]
    if line.sailing.window is None:
        return False
    if any(place in uses.storms or place in uses.struck for place in line.ends):
        return False
    is_watched = any(place in uses.watched for place in line.ends)
    return not (is_watched and any(not _no_limits(uses, vessel) for vessel in line.fleet))


def _reassignment(uses: Uses, name: str) -> bool:
    helped = uses.spec.reassignments[name]
    return not any(
        uses.goes_by(helped.to, unit) and deck_share(uses.spec, helped.vessel, unit) is not None
        for unit in uses.units
    )


# -- weather
# ------------------------------------------------------------------------------------------------


def _storms(uses: Uses) -> bool:
    return not any(place in uses.callers for place in uses.storms)


def _exposure(uses: Uses, place: str) -> bool:
    return place not in uses.callers


def _series(uses: Uses, name: str) -> bool:
    """Return whether no vessel that calls where the series holds has limits."""
    for port in uses.series[name].ports:
        if any(not _no_limits(uses, vessel) for _, vessel in uses.vessels_at(port)):
            return False
    return True


def _port_of_series(uses: Uses, name: str, number: str) -> bool:
    return uses.series[name].ports[int(number)] not in uses.callers


TABLE: Mapping[str, Idle] = {
    "ports.*": Idle(_port, "no service calls here and no train ends here; leave it out"),
    "ports.*.berths.*": Idle(
        _berth_group, "no vessel uses these berths; name a class that calls here in 'vessels'"
    ),
    "ports.*.berths.*.vessels.*": Idle(_class_at_berth, "no such vessel calls here; leave it out"),
    "ports.*.berths.*.units_per_h.*": Idle(
        _rate, "no flow brings such a unit over these berths; leave it out"
    ),
    "ports.*.pools.*": Idle(
        _pool,
        "no vessel keeps any for a time; give 'in' or 'out', and 'needs' of a class that calls",
    ),
    "ports.*.pools.*.needs.*": Idle(_need, "no such vessel calls here; leave it out"),
    "ports.*.pools.*.in": Idle(_time_with_pool, "no vessel that calls here needs any"),
    "ports.*.pools.*.out": Idle(_time_with_pool, "no vessel that calls here needs any"),
    "ports.*.pools.*.in_storm": Idle(
        _pool_in_storm, "nothing shuts this port for all; give it an exposure or an outage"
    ),
    "ports.*.stacks.*.*": Idle(_stack, "no such unit waits here on this side; leave it out"),
    "ports.*.in_storm": Idle(
        _in_storm, "nothing closes this port; give it an exposure, a series or an outage"
    ),
    "ports.*.depth_m": Idle(_depth, "no vessel that calls here has a draught; give 'draught_m'"),
    "ports.*.train_tracks": Idle(
        lambda uses, port: port not in uses.train_ends, "no train ends here; leave it out"
    ),
    "sea_level": Idle(_sea_level, "limits no vessel; give ports 'depth_m' and vessels 'draught_m'"),
    "vessels.*": Idle(
        lambda uses, vessel: vessel not in uses.classes, "sails on no service; name it in one"
    ),
    "vessels.*.capacity.*": Idle(
        lambda uses, vessel, unit: not uses.carries(vessel, unit),
        "no flow sends such a unit by its services",
    ),
    "vessels.*.lane_m": Idle(
        _lanes, "no unit takes lanes on it; give units that its services carry a 'lane_m'"
    ),
    "vessels.*.carries.*": Idle(_unit_in_lanes, "no flow sends such a unit by its services"),
    "vessels.*.speed_kn": Idle(
        _speed, "changes no crossing: every service of the class has a 'crossing' of its own"
    ),
    "vessels.*.handling": Idle(
        _handling, "changes no call: every service of the class has a 'handling' of its own"
    ),
    "vessels.*.draught_m": Idle(
        _draught, "limits no load: no port at which the class calls has a 'depth_m'"
    ),
    "vessels.*.light_draught_m": Idle(
        _draught, "limits no load: no port at which the class calls has a 'depth_m'"
    ),
    "vessels.*.limits": Idle(
        _limits,
        "count against a series of wind and wave, and there is none where it calls; "
        "add 'weather.series'",
    ),
    "vessels.*.segregates": Idle(
        _segregates,
        "keeps nothing apart: flows on its services are of one group; give some 'segregation'",
    ),
    "services.*.sailing": Idle(
        _window,
        "waits for weather that never comes: give its ends an exposure to storms, "
        "or a series and its vessels 'limits'",
    ),
    "reassignments.*": Idle(
        _reassignment, "the vessel carries nothing that waits for 'to', so it never changes over"
    ),
    "weather.closed_share": Idle(
        _storms, "closes no port at which vessels call; give them an 'exposure'"
    ),
    "weather.spell": Idle(_storms, "closes no port; give 'closed_share', and ports an 'exposure'"),
    "weather.exposure": Idle(
        lambda uses: not uses.storms, "closes no port: no month has a 'closed_share'"
    ),
    "weather.exposure.*": Idle(_exposure, "no service calls here; leave it out"),
    "weather.series.*": Idle(_series, "no vessel with 'limits' calls at its ports; give one some"),
    "weather.series.*.ports.*": Idle(_port_of_series, "no service calls here; leave it out"),
}
