"""`collector places`: the administrative map at the machine itself."""

from __future__ import annotations

from pathlib import Path

import click

from collector.clock import moment

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def places() -> None:
    """The administrative map."""


@places.command("load")
@click.option("--province", default=None, help="Two-digit code: only villages of this province are taken.")
@click.option("--villages", type=_FILE, default=None, help="A CSV of villages, as phones get them.")
@click.option("--earlier", type=_FILE, default=None, help="A CSV of units of before a reform.")
def places_load(province: str | None, villages: Path | None, earlier: Path | None) -> None:
    """Enter the provinces and communes of today, what came before them, and villages."""
    from collector.actions.places import load_places
    from collector.actions.start import shipped_places
    from collector.cli import running
    from storage.database import transaction

    before = (earlier or shipped_places("units_before_2025-07-01.csv")).read_bytes()
    with running(), transaction() as session:
        number = load_places(session, province, villages, before, now=moment())
    click.echo(f"{number} places entered.")
