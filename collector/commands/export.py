"""`collector export`: all answers to a form in one archive, without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--project", "project_id", type=int, required=True)
@click.option("--form", "form_id", required=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--attachments/--no-attachments", default=True, help="Media and audit logs too.")
@click.option("--split-select-multiples", is_flag=True, help="A column 0/1 for each code in use.")
@click.option("--group-paths/--no-group-paths", default=True, help="Names of groups in the header.")
@click.option("--deleted-fields", is_flag=True, help="Questions of earlier versions too.")
@click.option("--filter", "only", default="", help="Only these records: an OData $filter.")
@click.option(
    "--labels", type=click.Choice(("true", "both")), help="Labels instead of codes, or beside them."
)
@click.option("--lang", "language", default="", help="Language of the labels, such as vi.")
@click.option("--layout", type=click.Choice(("wide",)), help="One line for each record, repeats beside it.")
@click.option("--bom", is_flag=True, help="So that Excel reads the letters right.")
@click.option("--tz", "zone", default="", help="Time zone of moments, such as Asia/Ho_Chi_Minh.")
def export(project_id: int, form_id: str, output: Path, **chosen: Any) -> None:
    """Write all answers to a form into an archive, the same as submissions.csv.zip."""
    from collector.actions import export as exporting
    from collector.cli import progress, running
    from collector.clock import moment
    from collector.zones import zone_named
    from storage.queries.forms import get_form
    from storage.replica import LONG
    from storage.snapshot import report_snapshot

    wide, labels = chosen.pop("layout") == "wide", chosen.pop("labels") or ""
    with running() as parts:
        options = exporting.ExportOptions(
            wide=wide, labels=labels, zone=zone_named(chosen.pop("zone")), **chosen
        )
        with report_snapshot(LONG) as session:
            form = get_form(session, project_id, form_id)
            prepared = exporting.prepare(session, form, options, now=moment())
        pieces = exporting.archive(prepared, parts.blobs, parts.settings.home, progress(form_id))
        try:
            exporting.write(pieces, output)
        except OSError as error:
            raise click.FileError(str(output), error.strerror) from error
    click.echo(f"{prepared.selection.count} submissions of {form_id} written to {output}.")
