"""`collector upload-file`: a file in the columns of another system, to be entered there by hand."""

from __future__ import annotations

from pathlib import Path

import click

ENDINGS = (".csv", ".xlsx")


@click.command("upload-file")
@click.option("--project", "project_id", type=int, required=True)
@click.option(
    "--file", "file_id", required=True, help="An id of xlsforms/programme/uploads.csv, such as centres."
)
@click.option(
    "--place", "places", multiple=True, help="Only of this place and what lies in it; several are allowed."
)
@click.option("--year", type=int, help="Ages are those of this year; this year unless said.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def upload_file(
    project_id: int, file_id: str, places: tuple[str, ...], year: int | None, output: Path
) -> None:
    """Write FILE.csv or FILE.xlsx with the headings and the order another system wants."""
    from collector.actions.upload_files import make, map_of, note_command
    from collector.cli import progress, running
    from collector.clock import moment
    from storage.database import transaction
    from storage.replica import LONG
    from storage.snapshot import report_snapshot

    if output.suffix.lower() not in ENDINGS:
        raise click.BadParameter(f"it has to end in {' or '.join(ENDINGS)}.", param_hint="--output")
    one = map_of(file_id)
    with running() as parts:
        told = (year or moment().year, progress(file_id))
        with report_snapshot(LONG) as session:
            count = make(session, parts.blobs, (project_id, one, places), output, told)
        with transaction() as session:
            note_command(session, project_id, one, places)
    click.echo(f"{count} rows of {file_id} written to {output}.")
