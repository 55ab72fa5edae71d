"""`collector release`: freeze a project's data under a number, and write its files into a folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from collector.actions.extracts import Making
    from collector.parts import Parts
    from storage.models import Release

_CHUNK = 1 << 20
_EVERY = 1.0
_ALL = 100


@click.command()
@click.option("--project", "project_id", type=int, required=True)
@click.option("--name", required=True, help="What the release is called.")
@click.option("--form", "forms", multiple=True, help="Only this survey; may be given several times.")
@click.option("--figures/--no-figures", default=True, help="The indicators too.")
@click.option("--period", default="", help="Only indicators of this period, such as 2026.")
@click.option("--format", "formats", multiple=True, default=("xlsx", "csv"), show_default=True)
@click.option(
    "--protection",
    type=click.Choice(("deidentified", "pseudonyms", "none")),
    default="deidentified",
    show_default=True,
    help="What becomes of the people in it.",
)
@click.option("--purpose", default="", help="What for, where people are in it.")
@click.option("--place", "places", multiple=True, help="Only this place; may be given several times.")
@click.option("--from", "start", default="", help="Received from this day on, such as 2026-01-31.")
@click.option("--to", "end", default="", help="Received until this day.")
@click.option("--approve", is_flag=True, help="It waits for somebody's approval before it is issued.")
@click.option("--language", default="vi", show_default=True)
@click.option("--note", default="")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Write its files here.")
def release(project_id: int, name: str, output: Path | None, **chosen: Any) -> None:
    """Freeze surveys and figures, wait until their files are made, print number and digest."""
    from collector.actions import releases as actions
    from collector.actions.releases import Maker, Wanted
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import transaction

    with running() as parts:
        with transaction() as session:
            wanted = Wanted(name, **{**chosen, "forms": chosen["forms"] or _all(session, project_id)})
            number = actions.make(session, project_id, wanted, Maker(None, moment())).id
        made = _wait(number, parts, progress(name))
        if output is not None:
            for path in _write(number, parts, output):
                click.echo(str(path))
        click.echo(f"Release {made[0]}: {made[1]}")


def _all(session: Session, project_id: int) -> tuple[str, ...]:
    from storage.queries.campaigns import form_titles

    return tuple(sorted(form_titles(session, project_id)))


def _wait(number: int, parts: Parts, show: Any) -> tuple[int, str]:
    """Until it is made: by the worker of a server that runs, else here; returns number and digest."""
    from collector.actions import release_making
    from collector.actions.releases import FAILED, MAKING
    from collector.clock import moment
    from storage.database import db
    from storage.models import Release

    making = _making(parts)
    while True:
        session = db.session()
        session.rollback()
        found = session.get_one(Release, number, populate_existing=True)
        done, total = _progress(session, found)
        state, said, digest, problem = found.state, found.number, found.digest, found.problem
        session.rollback()
        show(done, total)
        if state == FAILED:
            raise click.ClickException(problem or "The release could not be made; the log says why.")
        if state != MAKING:
            return said, digest or ""
        if not making.make_next(moment()) and not release_making.look(parts.blobs):
            # The server's own worker has it in hand.
            time.sleep(_EVERY)


def _making(parts: Parts) -> Making:
    from collector.actions.extracts import Making, Means
    from collector.cli import served_at
    from collector.clock import moment

    means, address = Means(parts.blobs, parts.shelf, parts.vault), served_at(parts.settings).rstrip("/")
    return Making(means, parts.settings.home, moment, parts.settings.pilot_province, address)


def _progress(session: Session, found: Release) -> tuple[int, int]:
    from storage.queries import releases

    several = releases.extracts_of(session, found)
    parts = [_ALL if one.state == releases.MADE else _ALL * one.done // max(one.total, 1) for one in several]
    return sum(parts) // max(len(parts), 1), _ALL


def _write(number: int, parts: Parts, output: Path) -> Sequence[Path]:
    from storage.database import db
    from storage.models import Release
    from storage.queries import releases

    session = db.session()
    output.mkdir(parents=True, exist_ok=True)
    written = []
    release_row = session.get_one(Release, number)
    for made in releases.with_files(session, releases.extracts_of(session, release_row)):
        for file in made.files:
            path = output / file.name
            half = path.with_name(f"{path.name}.part")
            with parts.blobs.open(file.blob_sha256) as source, half.open("wb") as to:
                while piece := source.read(_CHUNK):
                    to.write(piece)
            half.replace(path)
            written.append(path)
    session.rollback()
    return written
