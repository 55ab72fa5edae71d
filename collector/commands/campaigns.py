"""`collector campaigns`: the calendar of the programme as campaigns, and how they stand."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def campaigns() -> None:
    """Campaigns: rounds with a deadline, and who has reported."""


@campaigns.command()
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--year", type=click.IntRange(2020, 2100), required=True)
@click.option("--province", default=None, help="Two-digit code; the pilot province unless given.")
@click.option(
    "--calendar",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="A calendar of your own instead of the programme's.",
)
def load(project_id: int, year: int, province: str | None, calendar: Path | None) -> None:
    """Make the campaigns the plans ask for in a year; those that are there stay as they are."""
    from collector.actions import campaigns as actions
    from collector.actions.start import surveys_folder
    from collector.cli import running
    from collector.clock import moment
    from storage.database import transaction
    from storage.queries.projects import get_project

    entries = actions.read_calendar(calendar or surveys_folder() / "programme" / "calendar.csv")
    with running() as parts, transaction() as session:
        get_project(session, project_id)
        area = province or parts.settings.pilot_province
        made = actions.load_calendar(session, project_id, entries, year=year, province=area, now=moment())
        lines = [f"{one.due_on:%d/%m/%Y}  {one.name}" for one in made]
    for line in lines:
        click.echo(line)
    click.echo(f"{len(lines)} campaigns made.")


@campaigns.command()
@click.option("--project", "project_id", default=1, show_default=True)
def status(project_id: int) -> None:
    """Received, late, missing of every open campaign."""
    from collector.actions import campaigns as actions
    from collector.cli import running
    from collector.clock import moment
    from storage.database import db
    from storage.queries.campaigns import campaigns_of

    now = moment()
    with running():
        session = db.session()
        for campaign in campaigns_of(session, project_id):
            if campaign.closed_at is not None:
                continue
            click.echo(f"{campaign.id}  {campaign.due_on:%d/%m/%Y}  {campaign.name}")
            for board in actions.boards(session, campaign, now=now):
                late = board.of(actions.State.LATE)
                click.echo(
                    f"    {board.asked.xml_form_id}: {board.arrived} of {board.expected} "
                    f"{board.asked.unit}s, {late} late"
                )
