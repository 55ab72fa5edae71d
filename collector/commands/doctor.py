"""`collector doctor`: whether this server is well, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.doctor import Finding
    from collector.settings import Settings


@click.command()
@click.option("--audit", "only_log", is_flag=True, help="Only the log of what was done.")
@click.option("--end", "noted", help="The end of the log as it was noted down, POSITION:HASH.")
@click.option("--restored", is_flag=True, help="Compare with the backup this server was restored from.")
@click.pass_context
def doctor(ctx: click.Context, noted: str | None, *, only_log: bool, restored: bool) -> None:
    """Examine this server; says what is wrong and what to do, and exits 1 where something is."""
    well = True
    for found in _findings(noted, only_log=only_log, restored=restored):
        click.echo(f"{'  ok ' if found.do is None else '  !! '} {found.about}: {found.told}")
        if found.do is not None:
            click.echo(f"      → {found.do}")
            well = False
    if not well:
        ctx.exit(1)


def _findings(noted: str | None, *, only_log: bool, restored: bool) -> Iterator[Finding]:
    from sqlalchemy.exc import DBAPIError

    from collector.actions.doctor import Finding
    from collector.app import create_app
    from collector.settings import Settings
    from storage.database import db, release_connections
    from storage.migrate import is_current

    settings = Settings.from_environment()
    if not settings.home.is_dir():
        yield Finding(
            "Data folder", f"there is none at {settings.home}.", "Set COLLECTOR_HOME, or start the server."
        )
        return
    with create_app(settings).app_context():
        try:
            if is_current(db.engine):
                if restored:
                    yield from _compared(settings)
                yield from _looked_at(settings, noted, only_log=only_log)
            else:
                yield Finding(
                    "Database", "it has not the shape this version needs.", "Run collector migrate."
                )
        except DBAPIError as error:
            told = (str(error.orig).strip().splitlines() or ["?"])[0].rstrip(".")
            yield Finding(
                "Database",
                f"it does not answer: {told}.",
                "See that it runs and that COLLECTOR_DATABASE_URL is right.",
            )
        finally:
            release_connections()


def _looked_at(settings: Settings, noted: str | None, *, only_log: bool) -> Iterator[Finding]:
    from collector.actions.doctor import Patient, chain, examine, held_to
    from collector.cli import progress
    from collector.clock import moment
    from collector.parts import parts
    from storage.database import db

    session = db.session()
    if noted is not None:
        yield held_to(session, noted)
    if only_log:
        yield chain(session, progress("Log"))
    else:
        is_set = settings.backup_url is not None
        patient = Patient(session, parts().blobs, settings.home, moment(), is_set)
        yield from examine(patient, progress)


def _compared(settings: Settings) -> Iterator[Finding]:
    from collector.actions.backup_standing import compared
    from collector.cli import progress
    from storage.database import db

    yield compared(settings.home, settings.database_url, db.session(), progress("Compare"))
