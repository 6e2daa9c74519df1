"""Draw the packages of `sim` and what they import: `packages.svg` and `packages.md`.

The arrows are read from the imports (type-checking imports included), the order of the packages from
the import contracts in `pyproject.toml`. Both files are always the same bytes for the same imports;
`make map` writes them, and `tests/test_package_map.py` fails when they are not up to date.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias
from xml.sax.saxutils import escape

import grimp

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PICTURE, TABLE = HERE / "packages.svg", HERE / "packages.md"

Arrows: TypeAlias = Mapping[tuple[str, str], int]
"""``(importer, imported)`` to the number of pairs of modules that make the arrow."""


class Layer(NamedTuple):
    """Place from the top down; packages with the same place must not import each other."""

    number: int
    floor: int
    """Within the engine; 0 elsewhere."""


OPENED = "engine"
"""The package whose floors are drawn one by one."""
FACES = frozenset({"sim", "sim.__main__"})
"""Modules that belong to no package: they hand on what the others offer."""

PURPOSES = {
    "cli": "a file for each command",
    "report": "pages for a browser",
    "plot": "figures and their captions",
    "verify": "textbook cases against theory",
    "analysis": "a room for each question",
    "study": "many replications, with intervals",
    "runs": "computes and keeps replications",
    "metrics": "log in, numbers out",
    "engine.run": "one replication from start to end",
    "engine.sea": "vessels, quays, fleets",
    "engine.land": "trains, track, borders, roads",
    "engine.audit": "laws, gridlock, end state",
    "engine.cargo": "journeys, demand, routing",
    "engine.world": "what stands: lots, facilities, weather",
    "engine.kernel": "clock, processes, tokens",
    "network": "the scenario in codes, frozen",
    "spec": "the scenario language and its checks",
    "log": "the contract on what happened",
    "streams": "named random numbers",
    "distributions": "durations and amounts",
    "html": "tables for notebooks",
    "bounds": "what input from elsewhere may cost",
    "units": "seconds and how they are written",
    "errors": "what callers can catch",
    "version": "of the package",
    "layers": "order of the packages",
}
"""What each package is for, in a few words."""


# -- arrows and order
# --------------------------------------------------------------------------------------------------


def package_of(module: str) -> str:
    """Return the package, or the floor of the engine, that *module* belongs to."""
    _, package, *rest = module.split(".")
    if package == OPENED and rest:
        return f"{package}.{rest[0]}"
    return package


def arrows_of_imports() -> Arrows:
    """Return which packages import which, from the imports of all modules."""
    graph = grimp.build_graph("sim", exclude_type_checking_imports=False)
    pairs: Counter[tuple[str, str]] = Counter()
    for importer in graph.modules - FACES:
        for imported in graph.find_modules_directly_imported_by(importer) - FACES:
            ends = package_of(importer), package_of(imported)
            if ends[0] != ends[1]:
                pairs[ends] += 1
    return dict(sorted(pairs.items()))


def layers_of_contracts(project: Path = ROOT / "pyproject.toml") -> dict[str, Layer]:
    """Return the layer of each package, in order from the top down, by the contracts.

    The floors of the engine stand in place of the engine.
    """
    contracts = tomllib.loads(project.read_text())["tool"]["importlinter"]["contracts"]
    by_container = {
        contract["containers"][0]: contract["layers"]
        for contract in contracts
        if contract["type"] == "layers"
    }
    layers: dict[str, Layer] = {}
    for number, siblings in enumerate(by_container["sim"]):
        for package in _names(siblings):
            if package != OPENED:
                layers[package] = Layer(number, 0)
                continue
            for floor_number, floors in enumerate(by_container[f"sim.{OPENED}"]):
                for floor in _names(floors):
                    layers[f"{OPENED}.{floor}"] = Layer(number, floor_number)
    return layers


def _names(siblings: str) -> list[str]:
    return [name.strip(" ()") for name in siblings.split("|")]


def upward(arrows: Iterable[tuple[str, str]], layers: Mapping[str, Layer]) -> list[tuple[str, str]]:
    """Return the arrows that do not run down: to a layer above, or within a layer.

    Between two floors of the engine their order counts; the engine and its siblings do not import
    each other.
    """
    against = []
    for importer, imported in arrows:
        of_engine = importer.startswith(f"{OPENED}.") and imported.startswith(f"{OPENED}.")
        above, below = layers[importer], layers[imported]
        if above >= below or (above.number == below.number and not of_engine):
            against.append((importer, imported))
    return against


# -- picture
# --------------------------------------------------------------------------------------------------

COLUMN, ROW = 35, 37
"""Distance of two packages across and down."""
LEFT, TOP, WIDTH, BOTTOM = 22, 104, 1080, 24
BOX, RADIUS = 26, 10
PALETTE = {
    "ask": ("#8a3b12", "#fbe9df"),
    "answer": ("#7a5b00", "#fbf1cf"),
    "compute": ("#1f5f43", "#dff1e7"),
    "engine": ("#17557e", "#dfedf7"),
    "model": ("#54408c", "#ece7f7"),
    "ground": ("#4d5358", "#eceeef"),
}
"""Dark for lines and text, light for boxes."""
FAMILIES = {
    "ask": ("cli", "report", "plot", "verify"),
    "answer": ("analysis", "study"),
    "compute": ("runs", "metrics"),
    "model": ("network", "spec"),
}
UP_COLOUR = "#c4001d"
FONT = "DejaVu Sans, Verdana, Segoe UI, Arial, sans-serif"


@dataclass(frozen=True)
class _Place:
    """Where a package stands in the picture."""

    package: str
    number: int
    layer: Layer

    @property
    def x(self) -> int:
        """Left edge of its box."""
        return LEFT + COLUMN * self.number

    @property
    def y(self) -> int:
        """Middle of its row."""
        return TOP + ROW * self.number

    @property
    def trunk_x(self) -> int:
        """Where the line of its imports goes down."""
        return self.x + 13

    @property
    def name(self) -> str:
        return self.package.removeprefix(f"{OPENED}.")

    @property
    def box_width(self) -> int:
        return 20 + 9 * len(self.name)

    @property
    def colours(self) -> tuple[str, str]:
        if self.package.startswith(f"{OPENED}."):
            return PALETTE["engine"]
        for family, packages in FAMILIES.items():
            if self.package in packages:
                return PALETTE[family]
        return PALETTE["ground"]


def picture(arrows: Arrows, layers: Mapping[str, Layer]) -> str:
    """Return the map as an SVG."""
    places = {
        package: _Place(package, number, layer)
        for number, (package, layer) in enumerate(layers.items())
    }
    height = TOP + ROW * len(places) + BOTTOM
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="{FONT}" role="img" '
        'aria-labelledby="title">'
    )
    parts = [
        root,
        '<title id="title">Packages of sim and what they import</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_heading(sum(arrows.values()), len(arrows)),
        *_bands(list(places.values())),
        *_engine(list(places.values())),
        *_lines(arrows, places),
        *_boxes(list(places.values())),
        *_marks(arrows, places, upward(arrows, layers)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


EXPLANATION = """
A line goes down from each package. Where it meets the row of another, the number in a circle says \
in how many pairs of modules
the first imports the second. All arrows point down and to the right; packages in one band do not \
import each other.
""".strip()


def _heading(imports: int, arrows: int) -> list[str]:
    first, second = EXPLANATION.splitlines()
    return [
        _text(LEFT, 30, "Packages of sim and what they import", size=20, weight="bold"),
        _text(
            WIDTH - 22, 30, f"{arrows} arrows, {imports} imports of modules", size=13, anchor="end"
        ),
        _text(LEFT, 53, first, size=13),
        _text(LEFT, 71, second, size=13),
    ]


def _bands(places: list[_Place]) -> list[str]:
    """Return every second layer as a band."""
    bands = []
    layers = list(dict.fromkeys(place.layer for place in places))
    for layer in layers[::2]:
        rows = [place.y for place in places if place.layer == layer]
        top, height = rows[0] - ROW / 2, ROW * len(rows)
        bands.append(
            f'<rect x="0" y="{top:g}" width="{WIDTH}" height="{height:g}" fill="#f6f6f3"/>'
        )
    return bands


def _engine(places: list[_Place]) -> list[str]:
    """Return a frame around the floors of the engine."""
    floors = [place for place in places if place.package.startswith(f"{OPENED}.")]
    first, last = floors[0], floors[-1]
    dark, light = PALETTE["engine"]
    left, top = first.x - 9, first.y - ROW / 2 + 1
    width = last.x + 330 - left
    height = ROW * len(floors) - 2
    frame = (
        f'<rect x="{left}" y="{top:g}" width="{width}" height="{height}" rx="9" fill="{light}" '
        f'fill-opacity="0.45" stroke="{dark}" stroke-opacity="0.45"/>'
    )
    return [
        frame,
        _text(left + width - 14, top + 22, OPENED, size=15, weight="bold", anchor="end", fill=dark),
    ]


def _lines(arrows: Arrows, places: Mapping[str, _Place]) -> list[str]:
    """Return the line down from each importer and the line into each imported package."""
    lines = []
    for place in places.values():
        importers = [places[a] for a, b in arrows if b == place.package]
        before = [importer.trunk_x for importer in importers if importer.number < place.number]
        if before:
            tip = place.x - 1
            lines.append(
                f'<path d="M{min(before)} {place.y}H{tip - 6}" stroke="#b9bdc0" '
                'stroke-width="1.2" fill="none"/>'
            )
            lines.append(f'<path d="M{tip} {place.y}l-8 -4.5v9z" fill="#6d7478"/>')
    for place in places.values():
        rows = [places[b].y for a, b in arrows if a == place.package]
        below = [row for row in rows if row > place.y]
        if below:
            lines.append(
                f'<path d="M{place.trunk_x} {place.y + BOX // 2}V{max(below)}" '
                f'stroke="{place.colours[0]}" stroke-opacity="0.55" stroke-width="1.4" fill="none"/>'
            )
    return lines


def _boxes(places: list[_Place]) -> list[str]:
    boxes = []
    for place in places:
        dark, light = place.colours
        boxes.append(
            f'<rect x="{place.x}" y="{place.y - BOX // 2}" width="{place.box_width}" '
            f'height="{BOX}" rx="6" fill="{light}" stroke="{dark}"/>'
        )
        middle = place.x + place.box_width / 2
        boxes.append(
            _text(
                middle, place.y + 5, place.name, size=14, weight="bold", anchor="middle", fill=dark
            )
        )
        beside = place.x + place.box_width + 10
        boxes.append(_text(beside, place.y + 4.5, PURPOSES[place.package], size=13))
    return boxes


def _marks(arrows: Arrows, places: Mapping[str, _Place], up: list[tuple[str, str]]) -> list[str]:
    """Return a circle with its number for each arrow; those that run up are red."""
    marks = []
    for (importer, imported), count in arrows.items():
        x, y = places[importer].trunk_x, places[imported].y
        colour = UP_COLOUR if (importer, imported) in up else places[importer].colours[0]
        marks.append(f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="#ffffff" stroke="{colour}"/>')
        marks.append(_text(x, y + 4, str(count), size=11, anchor="middle", fill=colour))
    return marks


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    weight: str = "normal",
    anchor: str = "start",
    fill: str = "#24292e",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )


# -- table
# --------------------------------------------------------------------------------------------------


def table(arrows: Arrows, layers: Mapping[str, Layer]) -> str:
    """Return the arrows as a page of Markdown."""
    lines = [
        "# Packages and their arrows",
        "",
        "Drawn from the imports by `docs/design/package_map.py`; write it anew with `make map`.",
        "",
        f"![The map of packages: {len(arrows)} arrows, all of them down]({PICTURE.name})",
        "",
        "From the top down. A number is that of pairs of modules; imports for type checking count.",
        "`sim` itself and `sim.__main__` only hand on what the packages offer and are left out.",
        "",
        "| package | what for | imports | is imported by |",
        "|---|---|---|---|",
    ]
    order = list(layers)
    for package in order:
        imported = _listed(package, order, arrows, 0)
        importers = _listed(package, order, arrows, 1)
        lines.append(f"| `{package}` | {PURPOSES[package]} | {imported} | {importers} |")
    return "\n".join(lines) + "\n"


def _listed(package: str, order: list[str], arrows: Arrows, end: int) -> str:
    """Return the other ends of the arrows that have *package* at one *end*, with their counts."""
    others = {ends[1 - end]: count for ends, count in arrows.items() if ends[end] == package}
    return ", ".join(f"`{other}` {others[other]}" for other in order if other in others)


def main() -> None:
    """Write the picture and the table."""
    arrows, layers = arrows_of_imports(), layers_of_contracts()
    PICTURE.write_text(picture(arrows, layers))
    TABLE.write_text(table(arrows, layers))


if __name__ == "__main__":
    main()
