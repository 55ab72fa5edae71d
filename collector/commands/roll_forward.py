"""`collector roll-forward`: the lists of a project into a new year."""

from __future__ import annotations

from datetime import datetime

import click


@click.command("roll-forward")
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--year", type=click.IntRange(2020, 2100), required=True)
@click.option(
    "--begins", type=click.DateTime(["%Y-%m-%d"]), default=None, help="First day; 1 January unless given."
)
@click.option("--look", is_flag=True, help="Only say what would change.")
@click.option("--undo", "number", type=int, default=None, help="Take back the roll-forward of that number.")
def roll_forward(
    project_id: int, year: int, begins: datetime | None, *, look: bool, number: int | None
) -> None:
    """Close last year's classes, free their learners, count ages and visits anew."""
    from collector.actions import roll_forward as actions
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import db
    from storage.queries.projects import get_project

    with running():
        get_project(db.session(), project_id)
        if number is not None:
            click.echo(f"{actions.undo(project_id, number, None, now=moment())} entities brought back.")
            return
        to = actions.new_year(year, begins.date() if begins else None)
        if look:
            for what, count in actions.look(db.session(), project_id, to).counts.items():
                click.echo(f"{what.replace('_', ' ')}: {count}")
            return
        batch = actions.run(project_id, to, None, now=moment(), progress=progress("Roll-forward"))
        summary = batch.summary
        click.echo(
            f"Roll-forward {batch.id}: {summary['classes_over']} classes closed, "
            f"{summary['learners_free']} learners free."
        )
