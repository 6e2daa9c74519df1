"""``corridor scenarios``: what ships with the package."""

from __future__ import annotations

from typing import Any

import click

from sim.cli.output import say


@click.command()
def scenarios() -> None:
    """List the scenarios that ship with the package: name, title and question."""
    from sim.spec.library import shipped

    # The corridor first, then the small ones that prove and explain rules.
    for name in sorted(shipped(), key=lambda name: ("/" in name, name)):
        texts = _title_and_question(name)
        say(f"{name}: {texts.get('title', '(no title)')}")
        if texts.get("question"):
            say(f"    {' '.join(str(texts['question']).split())}")


def _title_and_question(name: str) -> dict[str, Any]:
    """Return both as the scenario or the nearest of its parents has them."""
    from sim.spec.chain import read_chain
    from sim.spec.library import find

    texts: dict[str, Any] = {}
    for tree in read_chain(find(name)):
        for key in ("title", "question"):
            if key in tree.values:
                texts[key] = tree.values[key]
    return texts
