"""What a scenario leaves to be chosen: the projects of its catalogue that are not built yet.

A project without a published cost counts at an assumed cost, and every sum states how much of it is
assumed. Three kinds of project are left out, and listed with the reason; naming one in ``projects``
includes it all the same:

- a project that others pay for (``external_cost``): it would always come first, at no capital, and
  what it takes from others would break the rule that more projects never do worse;
- a project that breaks the same rule because it limits what it does not enlarge, such as a timetable
  with fewer departures than all ships of the catalogue could make (`sim.analysis.plan._obstacles`);
- a project that needs one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import median

from sim.analysis.plan._choices import Candidate, Capital, Choices
from sim.analysis.plan._obstacles import obstacles
from sim.analysis.projects import capital_range
from sim.errors import UsageError
from sim.spec.load import Scenario
from sim.spec.merge import leaves


def choices_of(
    scenario: Scenario, assumed_musd: float | None = None, scale: float | None = None
) -> Choices:
    """Return what *scenario* leaves to be chosen.

    Parameters
    ----------
    assumed_musd
        Assumed cost of a project without a published one [millions of USD]; default, the median of
        the published ones.
    scale
        Value of ``demand.scale`` at which no project may stand in the way of the others; without it
        this is not checked.

    Raises
    ------
    UsageError
        There is nothing to choose from, or a project needs one that does not exist.
    """
    catalogue = _Catalogue(scenario, _free_projects(scenario), assumed_musd)
    catalogue = catalogue.without(catalogue.paid_by_others())
    if not catalogue.remaining:
        raise UsageError(
            f"{scenario.name}: others pay for every project that is left; "
            "name in 'projects' what they accept"
        )
    choices = catalogue.choices()
    if scale is None:
        return choices
    while in_the_way := obstacles(choices, scale):
        catalogue = catalogue.without(in_the_way)
        if not catalogue.remaining:
            raise UsageError(
                f"{scenario.name}: at {scale:g} times the demand every project that is left stands "
                f"in the way ({next(iter(in_the_way.values()))}); "
                "name in 'projects' what is wanted all the same"
            )
        choices = catalogue.choices()
    return choices


def _free_projects(scenario: Scenario) -> tuple[str, ...]:
    """Return the projects of the catalogue that are not built."""
    spec = scenario.spec
    if not spec.project_catalogue:
        raise UsageError(
            f"{scenario.name} has no project_catalogue, so there is nothing to choose from; "
            "give it one (id: {title, change, needs, capital_musd})"
        )
    free = tuple(name for name in spec.project_catalogue if name not in spec.projects)
    if not free:
        raise UsageError(
            f"{scenario.name} has built all projects of its catalogue; leave some out of 'projects'"
        )
    return free


@dataclass(frozen=True)
class _Catalogue:
    """The projects of a catalogue that are not built yet, without those that are left out."""

    scenario: Scenario
    free: tuple[str, ...]
    assumed_musd: float | None
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def remaining(self) -> tuple[str, ...]:
        return tuple(name for name in self.free if name not in self.left_out)

    def paid_by_others(self) -> dict[str, str]:
        """Return the projects that others would pay for, and with what."""
        catalogue = self.scenario.spec.project_catalogue
        return {
            name: f"others would pay for it: {catalogue[name].external_cost}"
            for name in self.free
            if catalogue[name].external_cost
        }

    def without(self, reasons: Mapping[str, str]) -> _Catalogue:
        """Return the catalogue without the projects of *reasons* and all that need them."""
        left_out = {**self.left_out, **reasons}
        while needing := self._needing(left_out):
            left_out |= needing
        return replace(self, left_out=left_out)

    def _needing(self, left_out: Mapping[str, str]) -> dict[str, str]:
        """Return the projects that cannot be built without *left_out*, and what they need of it."""
        needing = {}
        for name in self.free:
            if name in left_out:
                continue
            for need in self.scenario.spec.project_catalogue[name].needs:
                if need in left_out:
                    needing[name] = f"needs {need}"
        return needing

    def choices(self) -> Choices:
        """Return what remains as candidates."""
        published = self._published_musd()
        assumed_musd = self.assumed_musd
        if assumed_musd is None:
            assumed_musd = float(median(published)) if published else 1.0
        if assumed_musd < 0:
            raise UsageError(
                "the capital of a project without a published cost cannot be below 0; "
                f"got {assumed_musd:g}"
            )
        assumed = Capital(
            assumed_musd,
            min([*published, assumed_musd]),
            max([*published, assumed_musd]),
            assumed=assumed_musd,
        )
        candidates = {name: self._candidate(name, assumed) for name in self._in_order()}
        return Choices(self.scenario, candidates, assumed_musd, self.left_out)

    def _published_musd(self) -> list[float]:
        catalogue = self.scenario.spec.project_catalogue
        costs = (catalogue[name].capital_musd for name in self.remaining)
        return [cost for cost in costs if cost is not None]

    def _in_order(self) -> Iterator[str]:
        """Yield the projects that remain, each after what it needs, else as in the catalogue."""
        catalogue, left = self.scenario.spec.project_catalogue, list(self.remaining)
        built = set(self.scenario.spec.projects)
        while left:
            ready = [name for name in left if built.issuperset(catalogue[name].needs)]
            if not ready:
                missing = [f"{name} needs {', '.join(catalogue[name].needs)}" for name in left]
                raise UsageError(
                    "these projects can never be built, since what they need does not exist: "
                    + "; ".join(missing)
                )
            left.remove(ready[0])
            built.add(ready[0])
            yield ready[0]

    def _candidate(self, name: str, assumed: Capital) -> Candidate:
        spec = self.scenario.spec.project_catalogue[name]
        needs = tuple(need for need in spec.needs if need not in self.scenario.spec.projects)
        capital = assumed
        if spec.capital_musd is not None:
            ends = capital_range(self.scenario, name, spec.capital_musd)
            capital = Capital(spec.capital_musd, *ends)
        paths = [path for path, _ in leaves(spec.change)]
        return Candidate(
            name,
            spec.title,
            needs,
            spec.opens,
            capital=capital,
            adds_vessels=any(path[:1] == ("services",) and "vessels" in path for path in paths),
        )
