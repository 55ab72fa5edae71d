"""`collector erase`, `collector erasures …`, `collector keep`: personal data that has to go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.erasing import Erasing
    from collector.parts import Parts

_PROJECT = click.option("--project", "project_id", default=1, show_default=True)


def erasing_of(parts: Parts) -> Erasing:
    """What erases on this server."""
    from collector.actions.erasing import Erasing
    from collector.actions.web_drafts import WebDrafts

    return Erasing(parts.blobs, parts.shelf, WebDrafts(parts.vault, parts.blobs))


@click.command()
@_PROJECT
@click.option("--record", "records", multiple=True, metavar="ID", help="A whole record, by its instance id.")
@click.option(
    "--row", "rows", multiple=True, metavar="KEY", help="A person in a record, by the KEY of the row."
)
@click.option("--entity", "entities", multiple=True, metavar="UUID", help="A member of a list.")
@click.option("--name", default="", help="Comments, kept lists and notes that hold this name go too.")
@click.option("--ground", required=True, help="The legal ground, without the name of a person.")
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
def erase(
    project_id: int,
    records: tuple[str, ...],
    rows: tuple[str, ...],
    entities: tuple[str, ...],
    ground: str,
    **more: str | bool,
) -> None:
    """Erase what somebody asks to have erased: bytes, answers, files, what was made of them. For good."""
    from collector.actions.erasing import ground_of
    from collector.actions.erasure_targets import Target
    from collector.cli import running
    from collector.clock import moment
    from storage.erasing.tombstones import Order

    several = {"record": records, "row": rows, "entity": entities}
    targets = [Target(kind, key) for kind, keys in several.items() for key in keys]
    if not targets:
        raise click.UsageError("Name what is to go: --record, --row or --entity.")
    name = str(more["name"])
    with running() as parts:
        erasing = erasing_of(parts)
        found = erasing.preview(project_id, targets, name)
        click.echo(
            f"{found.records} records, {found.rows} persons in records, {found.versions} versions, "
            f"{found.files} files, {found.entities} members of lists, {found.releases} releases."
        )
        if not more["sure"]:
            click.confirm("They go for good. Erase them?", abort=True)
        done = erasing.erase(project_id, targets, Order(ground_of(ground), None, moment()), name)
        click.echo(f"{len(done.stones)} erased, {len(done.releases)} releases withdrawn and made anew.")
        if not done.wiped:
            click.echo("The database file is being read; its traces go when the server is started again.")


@click.group()
def erasures() -> None:
    """What was erased, carried to a backup that still knows it."""


@erasures.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def erasures_export(file: Path) -> None:
    """Write every erasure into a file, one a line, without any name."""
    from collector.actions.erasure_replay import lines
    from collector.cli import running
    from storage.database import db

    with running():
        written = list(lines(db.session()))
        file.write_text("".join(f"{one}\n" for one in written), "utf-8")
    click.echo(f"{len(written)} erasures written to {file}.")


@erasures.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def erasures_replay(file: Path) -> None:
    """Do again what such a file says, on a backup that was restored; what is done already is left."""
    from collector.actions.erasure_replay import Replay
    from collector.actions.keeping import Keeping
    from collector.cli import running
    from collector.clock import moment

    with running() as parts:
        again = Replay(erasing_of(parts), Keeping(parts.blobs, parts.shelf))
        done = again.run(file.read_text("utf-8").splitlines(), moment())
    click.echo(f"{done} erasures done again.")


@click.command()
@_PROJECT
@click.option("--form", "form_id", default="", help="Order it for this survey.")
@click.option("--months", type=int, default=None, help="Decide first for how many months names are kept.")
@click.option("--then", "act", type=click.Choice(("identifiers", "records")), default="identifiers")
@click.option("--ground", default="", help="By which paper that is decided.")
@click.option("--now", "begin", is_flag=True, help="Let go now what is over its date.")
def keep(project_id: int, form_id: str, months: int | None, act: str, ground: str, *, begin: bool) -> None:
    """How long surveys keep what names people; with --now what is over its date goes."""
    from collector.actions.keeping import Keeping
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import db, transaction
    from storage.erasing import keeping
    from storage.erasing.tombstones import Order
    from storage.queries.forms import get_form

    with running() as parts:
        if form_id and (months is not None or begin):
            with transaction() as session:
                form = get_form(session, project_id, form_id)
                order = Order(ground, None, moment())
                if months is not None:
                    keeping.decide(session, form, months or None, act, order)
                if begin:
                    keeping.order_now(session, form, order)
                number = form.id
            if begin:
                done = Keeping(parts.blobs, parts.shelf).run(number, moment(), progress(form_id))
                click.echo(f"{done} records of {form_id} changed.")
        for one in keeping.surveys(db.session(), project_id, moment()):
            held = one.retention
            told = (
                "not decided" if held is None else f"{held.months} months, then {held.act}; {one.due} over it"
            )
            click.echo(f"{one.form.xml_form_id}: {told}")
