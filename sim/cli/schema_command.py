"""``corridor schema``: the JSON Schema of scenario files."""

from __future__ import annotations

import json

import click

from sim.cli.output import print_document


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check."""
    from sim.spec.schema import json_schema

    print_document(json.dumps(json_schema(), indent=2) + "\n")
