"""`collector register`: old registers of an office into an entity list, and out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.register_import import Looked


@click.group()
def register() -> None:
    """Old registers in Excel: households, people to be taught, classes, centres."""


@register.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "list_name", required=True, help="The entity list, for example households.")
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--commune", default="", help="Code or name of the commune of the whole file.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=PROPERTY", help="What a column means.")
@click.option("--again", is_flag=True, help="Enter also who is likely in the list already.")
@click.option("--look", is_flag=True, help="Only say what was understood.")
def bring(
    file: Path,
    list_name: str,
    project_id: int,
    commune: str,
    columns: tuple[str, ...],
    *,
    again: bool,
    look: bool,
) -> None:
    """Enter the rows of an old register; nothing is entered while an error stands."""
    from secrets import token_hex

    from collector.actions import register_import as actions
    from collector.actions.list_upload import Import
    from collector.cli import running
    from collector.clock import moment
    from forms.problems import FormRefused
    from forms.register_words import plain
    from storage.database import db
    from storage.entities.lists import list_by_name

    data = file.read_bytes()
    meant = {plain(heading): target for heading, _, target in (one.rpartition("=") for one in columns)}
    with running():
        session = db.session()
        where = list_by_name(session, project_id, list_name)
        try:
            chosen = actions.Chosen(meant, {}, commune, again=again)
            looked = actions.look(session, where, data, file.name, chosen)
        except FormRefused as refused:
            raise click.ClickException("\n".join(map(str, refused.remarks))) from refused
        wanted = Import(where.id, project_id, None, file.name, token_hex(8), moment())
        session.rollback()
        errors = _tell(looked)
        if look:
            return
        if errors:
            raise click.ClickException("Nothing was entered.")
        click.echo(f"Entered as number {actions.enter(looked, wanted)}.")


def _tell(looked: Looked) -> int:
    """Say how a register was understood; returns how many errors it has."""
    for column in looked.register.columns:
        heading = column.heading or f"column {column.number + 1}"
        click.echo(f"{heading} → {looked.targets[column.number] or 'not taken'}")
    for remark in looked.checked.remarks:
        click.echo(f"  {remark}", err=True)
    errors = len(looked.checked.errors)
    click.echo(f"{looked.checked.added} to enter, {looked.left_out} left out, {errors} errors.")
    return errors


@register.command()
@click.argument("number", type=int)
@click.option("--project", "project_id", default=1, show_default=True)
def undo(number: int, project_id: int) -> None:
    """Take a register back; what somebody changed since stays."""
    from collector.actions import list_upload
    from collector.cli import running
    from collector.clock import moment
    from storage.database import db
    from storage.queries.batches import open_batch

    with running():
        batch = open_batch(db.session(), project_id, list_upload.KIND, number)
        found = batch.id
        db.session().rollback()
        taken = list_upload.undo(found, actor_id=None, now=moment())
        click.echo(f"{taken} members are as before.")
