"""The map of packages: no arrow runs up, none in a circle, and the picture shows what the code imports."""

from __future__ import annotations

import ast
import importlib.util
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytest.importorskip("grimp", reason="comes with import-linter, in the extra 'lint'")

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "docs" / "design" / "package_map.py"


@pytest.fixture(scope="module")
def package_map():
    spec = importlib.util.spec_from_file_location("package_map", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["package_map"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def arrows(package_map):
    return package_map.arrows_of_imports()


@pytest.fixture(scope="module")
def layers(package_map):
    return package_map.layers_of_contracts()


def test_every_package_has_a_layer_and_a_purpose(package_map, layers):
    places = {
        path.relative_to(ROOT / "sim").with_suffix("") for path in (ROOT / "sim").rglob("*.py")
    }
    modules = {".".join(("sim", *place.parts)).removesuffix(".__init__") for place in places}
    packages = {package_map.package_of(name) for name in modules - package_map.FACES} - {"engine"}
    assert packages == set(layers) == set(package_map.PURPOSES)


def test_no_arrow_runs_up(package_map, arrows, layers):
    assert package_map.upward(arrows, layers) == []


@pytest.mark.parametrize(
    "arrow",
    [
        ("spec", "network"),
        ("plot", "verify"),
        ("metrics", "engine.run"),
        ("engine.kernel", "metrics"),
        ("engine.kernel", "engine.world"),
        ("engine.land", "engine.sea"),
    ],
)
def test_an_arrow_that_runs_up_or_aside_would_be_seen(package_map, layers, arrow):
    assert package_map.upward([arrow], layers) == [arrow]


def test_no_arrows_make_a_circle(arrows):
    imported = {}
    for importer, package in arrows:
        imported.setdefault(importer, set()).add(package)
    assert set(TopologicalSorter(imported).static_order()) == {
        end for ends in arrows for end in ends
    }


def test_arrows_are_those_of_the_import_statements(package_map, arrows):
    """Count with another hand: statements read by `ast`, wherever they stand in a file."""
    seen = set()
    for path in (ROOT / "sim").rglob("*.py"):
        importer = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if importer in package_map.FACES:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for name in _imported(node):
                seen.add((package_map.package_of(importer), package_map.package_of(name)))
    assert {ends for ends in seen if ends[0] != ends[1]} == set(arrows)


def _imported(node: ast.AST) -> list[str]:
    """Return the modules of `sim` that a statement imports."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        # "from sim import plot" is of a package, "from sim.log import names" of a module in it.
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name.startswith("sim.")]


def test_picture_and_table_are_up_to_date(package_map, arrows, layers):
    assert package_map.PICTURE.read_text() == package_map.picture(arrows, layers), "run make map"
    assert package_map.TABLE.read_text() == package_map.table(arrows, layers), "run make map"


def test_the_picture_has_every_arrow_and_every_package(package_map, arrows, layers):
    drawn = package_map.picture(arrows, layers)
    assert drawn.count("<circle") == len(arrows)
    for package in layers:
        assert f">{package.removeprefix('engine.')}</text>" in drawn
    assert package_map.UP_COLOUR not in drawn
