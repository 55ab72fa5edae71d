"""`collector check`: the checks over many records at once, now instead of at night."""

from __future__ import annotations

import click


@click.command()
@click.argument("codes", nargs=-1)
@click.option("--project", "project_id", default=1, show_default=True)
def check(codes: tuple[str, ...], project_id: int) -> None:
    """Look through the records of a project for what is odd: all checks, or those of the codes given."""
    from collector.actions.check import check_form, published
    from collector.actions.checks import SET_CHECKS
    from collector.actions.checks import check as check_sets
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import db
    from storage.queries.projects import get_project

    unknown = sorted(set(codes) - SET_CHECKS)
    if unknown:
        known = ", ".join(sorted(SET_CHECKS))
        raise click.BadParameter(f"There is no check {unknown[0]}. Use one of: {known}.", param_hint="CODES")
    with running():
        get_project(db.session(), project_id)
        now = moment()
        for form in () if codes else published(project_id):
            changed = check_form(project_id, form, now, progress(form))
            click.echo(f"{form}: {changed} findings of its own checks changed")
        outcome = check_sets(project_id, now, codes, progress=progress("Records"))
    for code, number in sorted(outcome.found.items()):
        click.echo(f"{code}: {number}")
    done = outcome.reported
    click.echo(
        f"{outcome.records} records looked at: {done.new} new findings, {done.reopened} found again, "
        f"{done.fixed} no longer there."
    )
