"""`collector volunteers …` and `collector sample`: people in bulk, and households for a second visit."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import click


@click.group()
def volunteers() -> None:
    """Volunteers and their phones, many at once."""


@volunteers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", "project_id", type=int, required=True)
@click.option("--check", "only_check", is_flag=True, help="Say what is wrong and enter nobody.")
def volunteers_import(file: Path, project_id: int, *, only_check: bool) -> None:
    """Enter the people of a spreadsheet (.xlsx, .xls, .csv): all of them or none."""
    from collector.actions import volunteers as actions
    from collector.cli import running
    from collector.clock import moment
    from forms.problems import FormRefused, ListRefused
    from storage.database import db, transaction
    from storage.queries.projects import get_project

    with running() as parts:
        get_project(db.session(), project_id)
        try:
            checked = actions.check(db.session(), project_id, file.read_bytes(), file.name)
        except FormRefused as refused:
            raise ListRefused(refused.remarks) from refused
        for remark in checked.remarks:
            if remark not in checked.errors:
                click.echo(f"{file.name}: {remark}", err=True)
        if checked.errors:
            raise ListRefused(checked.errors)
        if only_check:
            click.echo(f"{len(checked.people)} people can be entered.")
            return
        tokens = actions.seal_tokens(checked.people, parts.vault)
        wanted = actions.Import(project_id, None, file.name, now=moment())
        with transaction() as session:
            number = actions.enter(session, checked.people, tokens, wanted).id
    click.echo(f"{len(checked.people)} people entered as batch {number}.")


@volunteers.command("undo")
@click.argument("batch", type=int)
@click.option("--project", "project_id", type=int, required=True)
def volunteers_undo(batch: int, project_id: int) -> None:
    """Take back those people of a batch who have sent nothing."""
    from collector.actions import volunteers as actions
    from collector.cli import running
    from collector.clock import moment
    from storage.database import transaction
    from storage.queries.batches import open_batch

    with running(), transaction() as session:
        found = open_batch(session, project_id, actions.KIND, batch)
        done = actions.undo(session, found, actor_id=None, now=moment())
    click.echo(f"{done.taken_back} people taken back; {done.kept} have sent something and keep their access.")


@click.command()
@click.option("--project", "project_id", type=int, required=True)
@click.option("--place", required=True, help="A village, or a place with all its villages.")
@click.option("--seed", default=None, help="The same seed draws the same households; by chance unless given.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Households surveyed from that day on; the first of this year unless given.",
)
def sample(project_id: int, place: str, seed: str | None, since: datetime | None) -> None:
    """Draw the households that are visited a second time: 5 % of each village, at least three."""
    from collector.actions import households as actions
    from collector.cli import progress, running
    from collector.clock import moment
    from forms.values import HOME
    from storage.database import db, transaction
    from storage.groups import in_groups
    from storage.models import Batch
    from storage.problems import PlaceUnknown
    from storage.queries.households import villages_in

    now = moment()
    day = since.date() if since else now.astimezone(HOME).date().replace(month=1, day=1)
    draw = actions.Draw(place, datetime.combine(day, time.min, tzinfo=HOME), seed or actions.new_seed())
    with running():
        villages = [one.code for one in villages_in(db.session(), place)]
        if not villages:
            raise PlaceUnknown(code=place)
        with transaction() as session:
            number = actions.begin_draw(session, actions.Task(project_id, None, now), draw).id
        summary: dict[str, object] = {}
        tell = progress("Villages")
        done = 0
        for some in in_groups(villages, actions.VILLAGES_AT_ONCE):
            with transaction() as session:
                batch = session.get_one(Batch, number)
                actions.draw_villages(session, batch, draw, some)
                summary = batch.summary
            done += len(some)
            tell(done, len(villages))
    click.echo(
        f"{summary['households']} of {summary['surveyed']} surveyed households drawn with seed {draw.seed}."
    )
