"""Files as nobody should write them: a scenario and its table, each wrong in a way that chance chose.

Each is read as ``corridor check`` reads it. It loads, or ends with an error of the package whose every line
is short and harmless; no traceback, no file waited for. The counts are fixed, and so are the files.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from sim.errors import CorridorError, ScenarioError
from sim.spec.load import load
from sim.spec.messages import STEERING

OF_EACH_KIND = 25
SCENARIO = """title: one ferry line
question: how many wagons wait
horizon: {start: 2023-01-01, days: 60, warmup_days: 5}
demand: {scale: 1.5, growth_per_year: 0.02}
places: {kuryk: {lat: 43.1, lon: 51.6}, alat: {lat: 39.9, lon: 49.4}}
units: {wagon: {tonnes: 60, teu: 0}}
vessels: {ferry: {capacity: {wagon: 54}, speed_kn: 14}}
flows:
  wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {trace: {file: t.csv}}}
  back:
    unit: wagon
    origin: alat
    destination: kuryk
    arrivals: {poisson: {per_day: 4}}
    consignment_units: {gamma: {mean: 3, cv: 0.5}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h, handling: 6h}
ports: {kuryk: {berths: {q: {berths: 1}}}}
changes: {2023-02-01: {services: {line: {vessels: 5}}}}
"""
TRACE = "time,units\n" + "".join(
    f"2023-{1 + day // 28:02d}-{1 + day % 28:02d},{5 + day % 7}\n" for day in range(56)
)
Files = dict[str, bytes]

STEERINGS = [
    "\x1b[2J",
    "\x07",
    "\r",
    "\u202e",
    "\u2069",
    "\u200f",
    "\u2028",
    "\x9b",
    "\x00",
    "\ufeff",
]
CODE_PAGES = [
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "cp1251",
    "cp866",
    "gb18030",
    "utf-7",
]
TEXTS = [
    "=1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "$x_1^2$",
    "[/red]",
    "{{7*7}}",
    "%s%n",
    "../../x",
]
VALUES = [
    "1e400",
    "-0",
    "0x1F",
    "1_000",
    "nan",
    ".inf",
    "~",
    "[]",
    "{}",
    "*a",
    "!!python/none",
    "2023-02-30",
    "1e9999999",
]


def put(files: Files, chance: Random, piece: bytes) -> None:
    """Put *piece* somewhere into one of *files*."""
    name = chance.choice(sorted(files))
    at = chance.randrange(len(files[name]) + 1)
    files[name] = files[name][:at] + piece + files[name][at:]


def with_steering(files: Files, chance: Random) -> None:
    put(files, chance, chance.choice(STEERINGS).encode())


def with_escape(files: Files, chance: Random) -> None:
    code = f'"\\U{ord(chance.choice(STEERINGS)[0]):08x}"'
    key = chance.choice(["one ferry line", "how many wagons wait", "kuryk", "t.csv"])
    files["line.yaml"] = files["line.yaml"].replace(key.encode(), code.encode())


def with_random_bytes(files: Files, chance: Random) -> None:
    put(files, chance, chance.randbytes(chance.randint(1, 30)))


def in_a_code_page(files: Files, chance: Random) -> None:
    name = chance.choice(sorted(files))
    text = files[name].decode().replace("one", "порт Ақтау é")
    files[name] = text.encode(chance.choice(CODE_PAGES), "replace")


def packed(files: Files, chance: Random) -> None:
    name = chance.choice(sorted(files))
    content = gzip.compress(files[name], mtime=0)
    heads = [b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"\x28\xb5\x2f\xfd", b"BZh9"]
    files[name] = chance.choice([content, chance.choice(heads) + content])


def cut(files: Files, chance: Random) -> None:
    name = chance.choice(sorted(files))
    files[name] = files[name][: chance.randrange(len(files[name]))]


def with_lines_swapped(files: Files, chance: Random) -> None:
    name = chance.choice(sorted(files))
    lines = files[name].splitlines(keepends=True)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    files[name] = b"".join(lines)


def with_line_twice(files: Files, chance: Random) -> None:
    name = chance.choice(sorted(files))
    lines = files[name].splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    files[name] = b"".join(lines)


def with_text_for_others(files: Files, chance: Random) -> None:
    text = f'"{chance.choice(TEXTS)}"'
    key = chance.choice(["one ferry line", "how many wagons wait", "t.csv", "kuryk", "ferry"])
    files["line.yaml"] = files["line.yaml"].replace(key.encode(), text.encode())


def with_another_value(files: Files, chance: Random) -> None:
    words = files["line.yaml"].split(b": ")
    at = chance.randrange(1, len(words))
    rest = words[at].lstrip(b"{ ")
    end = min((rest.find(mark) for mark in (b",", b"}", b"\n") if mark in rest), default=0)
    words[at] = chance.choice(VALUES).encode() + rest[end:]
    files["line.yaml"] = b": ".join(words)


def with_aliases(files: Files, chance: Random) -> None:
    width, depth = chance.randint(2, 12), chance.randint(2, 7)
    rows = ["x0: &x0 [1]"]
    rows += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, depth)]
    files["line.yaml"] += "\n".join(rows).encode()


def nested(files: Files, chance: Random) -> None:
    opening = chance.choice(["[", "{a: ", "- ", "? ", "[{"])
    files["line.yaml"] += b"x: " + opening.encode() * chance.randint(20, 600)


def with_wide_rows(files: Files, chance: Random) -> None:
    cells = ",".join(["9" * chance.randint(1, 400)] * chance.randint(3, 500))
    put(files, chance, cells.encode())


def with_quotes(files: Files, chance: Random) -> None:
    put(files, chance, chance.choice([b'"', b"'", b'""', b"'''", b'"\n"', b"#", b"%YAML 1.1\n"]))


def that_extends_oddly(files: Files, chance: Random) -> None:
    names = [
        "line",
        "./line",
        "../line",
        "/etc/passwd",
        "pipe",
        "folder",
        "",
        "\x1b",
        "a" * 5000,
        "fivefold",
        "t.csv",
    ]
    files["line.yaml"] = f'extends: "{chance.choice(names)}"\n'.encode() + files["line.yaml"]


def that_names_oddly(files: Files, chance: Random) -> None:
    names = [
        "pipe",
        "folder",
        "../t.csv",
        "/dev/zero",
        "line.yaml",
        "x" * 300,
        "t.csv\\0",
        ".",
        "link",
    ]
    files["line.yaml"] = files["line.yaml"].replace(b"t.csv", f'"{chance.choice(names)}"'.encode())


def too_much(files: Files, chance: Random) -> None:
    many = chance.choice(["100000", "999999", "1e6", "30000"])
    days = chance.choice(["40", "36500", "3650"])
    text = files["line.yaml"].replace(b"per_day: 4", f"per_day: {many}".encode())
    files["line.yaml"] = text.replace(b"days: 60", f"days: {days}".encode())


KINDS: tuple[Callable[[Files, Random], None], ...] = (
    with_steering,
    with_escape,
    with_random_bytes,
    in_a_code_page,
    packed,
    cut,
    with_lines_swapped,
    with_line_twice,
    with_text_for_others,
    with_another_value,
    with_aliases,
    nested,
    with_wide_rows,
    with_quotes,
    that_extends_oddly,
    that_names_oddly,
    too_much,
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkfifo("pipe.yaml")
    Path("folder.yaml").mkdir()
    Path("folder").mkdir()
    Path("link").symlink_to("/etc/passwd")
    return tmp_path


def read(files: Files) -> str:
    """Write and read *files*; return ``loaded`` or ``refused``."""
    for name, content in files.items():
        Path(name).write_bytes(content)
    try:
        scenario = load("line.yaml")
    except CorridorError as error:
        said = [str(error)]
        if isinstance(error, ScenarioError):
            said = [str(problem) for problem in error.problems]
        result = "refused"
    else:
        assert 0 <= scenario.size.memory_gb <= 4
        said = [str(warning) for warning in scenario.warnings]
        result = "loaded"
    assert all(len(line) < 1000 and not STEERING.search(line) for line in said), said
    return result


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_wrong_file_is_refused_or_read_and_nothing_else(kind, folder):
    results = []
    for number in range(OF_EACH_KIND):
        files = {"line.yaml": SCENARIO.encode(), "t.csv": TRACE.encode()}
        kind(files, Random(f"{kind.__name__} {number}"))  # noqa: S311 - files, no secrets
        results.append(read(files))
    assert "refused" in results


def test_the_file_itself_is_right_and_there_are_enough_wrong_ones(folder):
    assert read({"line.yaml": SCENARIO.encode(), "t.csv": TRACE.encode()}) == "loaded"
    assert OF_EACH_KIND * len(KINDS) >= 400
