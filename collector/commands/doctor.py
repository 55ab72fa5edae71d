"""`collector doctor`: whether this server is well, and what to do where it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.doctor import Finding
    from collector.settings import Settings

_SIGNS = {"ok": "  ok ", "note": "   ? ", "bad": "  !! "}


@click.command()
@click.option("--audit", "only_log", is_flag=True, help="Only the log of what was done.")
@click.option("--end", "noted", help="The end of the log as it was noted down, POSITION:HASH.")
@click.option("--restored", is_flag=True, help="Compare with the backup this server was restored from.")
@click.option("--json", "as_json", is_flag=True, help="For programs: a list of about, state, told and do.")
@click.pass_context
def doctor(ctx: click.Context, noted: str | None, *, only_log: bool, restored: bool, as_json: bool) -> None:
    """Examine this server; says what is wrong and what to do, and exits 1 where something is."""
    several = []
    for found in _findings(noted, only_log=only_log, restored=restored):
        several.append(found)
        if not as_json:
            click.echo(f"{_SIGNS[found.state]} {found.about}: {found.told}")
            if found.do is not None:
                click.echo(f"      → {found.do}")
    if as_json:
        told = [{"about": f.about, "state": f.state, "told": f.told, "do": f.do} for f in several]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    if any(found.state == "bad" for found in several):
        ctx.exit(1)


def _findings(noted: str | None, *, only_log: bool, restored: bool) -> Iterator[Finding]:
    from sqlalchemy.exc import DBAPIError

    from collector.actions.doctor import Finding
    from collector.actions.examined.shape import shape
    from collector.app import create_app
    from collector.settings import Settings
    from forms.phrases import Phrase
    from storage.database import db, release_connections

    settings = Settings.from_environment()
    if not settings.home.is_dir():
        yield Finding(
            Phrase("Data folder"),
            Phrase("there is none at {path}.", path=str(settings.home)),
            Phrase("Set COLLECTOR_HOME, or start the server."),
        )
        return
    with create_app(settings).app_context():
        try:
            found = shape(db.engine)
            if found is not None:
                yield found
                return
            if restored:
                yield _compared(settings)
            yield from _looked_at(settings, noted, only_log=only_log)
        except DBAPIError as error:
            told = (str(error.orig).strip().splitlines() or ["?"])[0].rstrip(".")
            yield Finding(
                Phrase("Database"),
                Phrase("it does not answer: {reason}.", reason=told),
                Phrase("See that it runs and that COLLECTOR_DATABASE_URL is right."),
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
        counted = parts().meters.totals()
        yield from examine(Patient(session, parts().blobs, settings, moment(), counted), progress)


def _compared(settings: Settings) -> Finding:
    from collector.actions.backup_standing import compared
    from collector.cli import progress
    from storage.database import db

    return compared(settings.home, settings.database_url, db.session(), progress("Compare"))
