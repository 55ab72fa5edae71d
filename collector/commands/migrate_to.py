"""`collector migrate-to`: the whole server to another database, another place for its files, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.examined.finding import Finding
    from collector.actions.relocating import Moved
    from collector.settings import Settings


@click.command("migrate-to")
@click.option(
    "--database", "database_url", default="", help="postgresql+psycopg://user:password@host/name, empty."
)
@click.option(
    "--blobs", "blobs_url", default="", help="Where the files go: s3://bucket/folder or file:///folder."
)
@click.option(
    "--sample", type=click.IntRange(min=0), default=None, help="Read back only so many files, not all."
)
@click.pass_context
def migrate_to(ctx: click.Context, database_url: str, blobs_url: str, sample: int | None) -> None:
    """Move this server's database, files or both, and compare what arrived with what was sent."""
    from collector.actions import relocating
    from collector.cli import progress
    from collector.clock import moment
    from collector.core import make_core
    from collector.parts import parts
    from collector.settings import Settings
    from storage.database import db, release_connections
    from storage.relocating.problems import NowhereToMove
    from storage.relocating.resting import refuse_left_behind

    here = Settings.from_environment()
    there = here.moved_to(database_url, blobs_url)
    if (there.database_url, there.blobs_url) == (here.database_url, here.blobs_url):
        raise NowhereToMove
    refuse_left_behind(here.home, here.database_url, here.blobs_url)

    old, new = make_core(here), make_core(there)
    with old.app_context():
        source = relocating.Side(here.database_url, here.blobs_url, db.engine, parts().blobs)
    try:
        with new.app_context():
            target = relocating.Side(there.database_url, there.blobs_url, db.engine, parts().blobs)
            try:
                moved = relocating.move(source, target, here.home, sample, progress, now=moment())
                wrong = relocating.examined(db.session(), target, there, progress, now=moment())
            finally:
                release_connections()
    finally:
        source.engine.dispose()
    _tell(here, there, moved, wrong)
    if wrong:
        ctx.exit(1)


def _tell(here: Settings, there: Settings, moved: Moved, wrong: Sequence[Finding]) -> None:
    """What was done, what to look at, and how the server is started from now on."""
    from collector.actions import relocating

    if moved.tables:
        click.echo(f"{moved.rows} rows in {moved.tables} tables: the same on both sides.")
    if here.blobs_url != there.blobs_url:
        click.echo(f"{moved.copied} files copied, {moved.read_back} read back: all as they were.")
    for one in wrong:
        click.echo(f"  !! {one.about}: {one.told}\n      → {one.do}")
    click.echo("Start the server from now on with these settings; the data folder and its secret_key stay:")
    if moved.tables:
        click.echo(f"  COLLECTOR_DATABASE_URL={relocating.said(there.database_url)}")
    if here.blobs_url != there.blobs_url:
        click.echo(f"  COLLECTOR_BLOBS_URL={there.blobs_url}")
    click.echo("What was moved is still where it was, untouched; the server refuses to start on it.")
