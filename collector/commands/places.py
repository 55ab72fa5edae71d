"""`collector places`: the administrative map at the machine itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.clock import moment

if TYPE_CHECKING:
    from collector.actions.place_changes import Operation

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
    from collector.actions.places import load_earlier, load_places
    from collector.actions.start import shipped_places
    from collector.cli import progress, running
    from storage.database import db, transaction
    from storage.queries.places import how_many

    before = earlier or shipped_places("units_before_2025-07-01.csv")
    with running():
        with transaction() as session:
            load_places(session, province, villages, now=moment())
        if before.exists():
            load_earlier(before.read_bytes(), now=moment(), progress=progress("Earlier units"))
        click.echo(f"{how_many(db.session())} places known.")


def _operation(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options every operation has."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing."),
        click.option("--basis", default="", help="The legal act, as it is cited."),
        click.option(
            "--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day it holds."
        ),
    ):
        command = option(command)
    return command


def _carry_out(operation: Operation, *, dry_run: bool) -> None:
    from collector.actions import place_changes
    from collector.cli import running
    from storage.database import db

    with running():
        seen = place_changes.preview(db.session(), operation, now=moment())
        db.session.rollback()
        for line in seen.lines:
            before = f"{line.before.name} in {line.before.parent}" if line.before else "–"
            ended = line.after.valid_to is not None
            after = "–" if ended else f"{line.after.name} in {line.after.parent}"
            click.echo(f"{line.code}: {before} → {after}")
        click.echo(f"{seen.submissions} submissions follow.")
        if not dry_run:
            number = place_changes.carry_out(operation, actor_id=None, now=moment())
            click.echo(f"Operation {number} done; undo it with: collector places undo {number}")


def _asked(kind: str, codes: tuple[str, ...], day: datetime, basis: str, **more: Any) -> Operation:
    from collector.actions.place_changes import Operation

    return Operation(kind, codes, date(day.year, day.month, day.day), basis, **more)


@places.command("merge")
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", required=True, help="The code they become: one of them, another one, or a new one.")
@click.option("--name", default="", help="The name from then on; needed with a new code.")
@_operation
def places_merge(
    codes: tuple[str, ...], into: str, name: str, day: datetime, basis: str, *, dry_run: bool
) -> None:
    """Several units become one; the villages in them move along."""
    _carry_out(_asked("merge", codes, day, basis, target=into, name=name), dry_run=dry_run)


@places.command("split")
@click.argument("code")
@click.option(
    "--part",
    "parts",
    multiple=True,
    required=True,
    help="CODE=NAME or CODE=NAME:VILLAGE,VILLAGE… for each part; what no part names stays with CODE.",
)
@_operation
def places_split(code: str, parts: tuple[str, ...], day: datetime, basis: str, *, dry_run: bool) -> None:
    """A unit becomes several."""
    from forms.place_changes import Part

    read = []
    for part in parts:
        head, _, inside = part.partition(":")
        own, _, name = head.partition("=")
        read.append(Part(own.strip(), name.strip(), tuple(filter(None, inside.replace(" ", "").split(",")))))
    _carry_out(_asked("split", (code,), day, basis, parts=tuple(read)), dry_run=dry_run)


@places.command("rename")
@click.argument("code")
@click.argument("name")
@_operation
def places_rename(code: str, name: str, day: datetime, basis: str, *, dry_run: bool) -> None:
    """A unit gets another name."""
    _carry_out(_asked("rename", (code,), day, basis, name=name), dry_run=dry_run)


@places.command("move")
@click.argument("code")
@click.argument("parent")
@_operation
def places_move(code: str, parent: str, day: datetime, basis: str, *, dry_run: bool) -> None:
    """A unit comes to lie in another one, PARENT."""
    _carry_out(_asked("move", (code,), day, basis, target=parent), dry_run=dry_run)


@places.command("open")
@click.argument("code")
@click.argument("name")
@click.option("--level", type=click.Choice(["province", "district", "commune", "village"]), required=True)
@click.option("--in", "parent", default="", help="The code of what it lies in.")
@_operation
def places_open(
    code: str, name: str, *, level: str, parent: str, day: datetime, basis: str, dry_run: bool
) -> None:
    """A unit that was not there."""
    _carry_out(_asked("open", (code,), day, basis, target=parent, name=name, level=level), dry_run=dry_run)


@places.command("close")
@click.argument("code")
@_operation
def places_close(code: str, day: datetime, basis: str, *, dry_run: bool) -> None:
    """A unit ends and nothing takes its place."""
    _carry_out(_asked("close", (code,), day, basis), dry_run=dry_run)


@places.command("undo")
@click.argument("number", type=int)
@click.option("--import", "of_import", is_flag=True, help="NUMBER is that of an import of villages.")
@click.option("--attributes", "of_facts", is_flag=True, help="NUMBER is that of a list of attributes.")
def places_undo(number: int, *, of_import: bool, of_facts: bool) -> None:
    """Take an operation, an import or a list of attributes back."""
    from collector.actions import place_changes, place_facts, village_import
    from collector.cli import running

    if of_facts:
        undo, what = place_facts.undo, "List"
    elif of_import:
        undo, what = village_import.undo, "Import"
    else:
        undo, what = place_changes.undo, "Operation"
    with running():
        undo(number, actor_id=None, now=moment())
    click.echo(f"{what} {number} undone.")


@places.command("attributes")
@click.argument("file", type=_FILE)
@click.option("--look", is_flag=True, help="Say what is wrong, and enter nothing.")
def places_attributes(file: Path, *, look: bool) -> None:
    """Enter what communes are since a day (area, border, …) from a spreadsheet (.xlsx, .xls, CSV)."""
    from collector.actions import place_facts
    from collector.cli import running
    from storage.database import db

    sent = place_facts.Sent(file.read_bytes(), file.name)
    with running():
        found = place_facts.preview(db.session(), sent, now=moment())
        db.session.rollback()
        for fault in found.faults:
            click.echo(str(fault), err=True)
        if found.faults or look:
            click.echo(f"{len(found.rows)} rows read, {len(found.faults)} cells wrong; nothing entered.")
            raise SystemExit(1 if found.faults else 0)
        number = place_facts.bring_in(sent, actor_id=None, now=moment())
    click.echo(_entered(f"{len(found.rows)} rows", "attributes", number))


def _entered(what: str, option: str, number: int) -> str:
    if not number:
        return "Everything on the list is known already; nothing was changed."
    return f"{what} entered; undo them with: collector places undo --{option} {number}"


@places.command("import")
@click.argument("file", type=_FILE)
@click.option("--as-typed", is_flag=True, help="Leave text of TCVN3 and VNI fonts as it is.")
@click.option("--dry-run", is_flag=True, help="Say what is wrong, and enter nothing.")
def places_import(file: Path, *, as_typed: bool, dry_run: bool) -> None:
    """Enter the villages of a spreadsheet (.xlsx, .xls, CSV), all of them or none."""
    from collector.actions import village_import
    from collector.cli import progress, running
    from storage.database import db

    sent = village_import.Sent(file.read_bytes(), file.name, convert=not as_typed)
    with running():
        found = village_import.preview(db.session(), sent)
        db.session.rollback()
        if found.written_in:
            click.echo(f"The text is in {found.written_in}{'' if as_typed else '; it is converted'}.")
        for fault in found.faults:
            click.echo(str(fault), err=True)
        if found.faults or dry_run:
            click.echo(f"{len(found.rows)} villages read, {len(found.faults)} cells wrong; nothing entered.")
            raise SystemExit(1 if found.faults else 0)
        number = village_import.bring_in(sent, actor_id=None, now=moment(), progress=progress("Villages"))
    click.echo(_entered(f"{len(found.rows)} villages", "import", number))


@places.command("search")
@click.argument("text")
@click.option("--under", multiple=True, help="Only in this place; may be given several times.")
@click.option("--level", type=click.Choice(["province", "district", "commune", "village"]), default=None)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def places_search(text: str, under: tuple[str, ...], level: str | None, limit: int) -> None:
    """Find places by the start of a word of their name, without accents, or of their code."""
    from collector.cli import running
    from storage.database import db
    from storage.queries.places import find

    with running():
        for place in find(db.session(), text, level=level, within=under, limit=limit):
            click.echo(f"{place.code}  {place.name}  ({place.level}, in {place.parent_code or '–'})")
