"""`collector submissions`: records of another ODK server fetched, looked at, brought in, taken out again."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def submissions() -> None:
    """Records that come from another ODK server."""


@submissions.command("fetch")
@click.argument("address")
@click.option("--email", required=True, help="The account at the other server.")
@click.option("--password", prompt=True, hide_input=True)
@click.option("--project", "project_id", type=int, required=True, help="The project at the other server.")
@click.option("--form", "form_id", required=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def fetch(address: str, output: Path, *, email: str, password: str, project_id: int, form_id: str) -> None:
    """Fetch all records of a form of ODK Central (or of another Collector) into an archive."""
    from collector.actions.fetching import Source, fetch_instances
    from collector.cli import progress

    source = Source(address.rstrip("/"), email, password, project_id, form_id)
    number = fetch_instances(source, output, progress(form_id))
    click.echo(f"{number} records of {form_id} written to {output}.")


@submissions.command("import")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--look", is_flag=True, help="Only say what would come in.")
def bring(archive: Path, project_id: int, *, look: bool) -> None:
    """Bring in the records of an archive under the ids they have."""
    from collector.actions import moving
    from collector.actions.instances import Archive
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import db
    from storage.queries.projects import get_project

    with running() as parts:
        get_project(db.session(), project_id)
        with Archive(archive) as opened:
            found = moving.preview(db.session(), project_id, opened, progress("Looking"))
        for form_id, number in sorted(found.by_form.items()):
            click.echo(f"{form_id}: {number} new")
        for verdict, number in found.counts.items():
            click.echo(f"{verdict.value.replace('_', ' ')}: {number}")
        for one in found.refused:
            click.echo(
                f"  {one.instance.path}: {one.verdict.value.replace('_', ' ')} {one.version}", err=True
            )
        if look:
            return
        mover = moving.Mover(project_id, None, archive.name, moment())
        with Archive(archive) as opened:
            batch = moving.move_in(opened, mover, parts.intake, parts.blobs, progress("Importing"))
        click.echo(f"Import {batch.id}: {batch.summary.get('new', 0)} records brought in.")


@submissions.command("undo")
@click.argument("number", type=int)
@click.option("--project", "project_id", default=1, show_default=True)
def undo(number: int, project_id: int) -> None:
    """Take out what an import brought in; records corrected since stay."""
    from collector.actions import moving
    from collector.cli import running
    from collector.clock import moment

    with running():
        click.echo(f"{moving.undo(project_id, number, None, now=moment())} records taken out.")
