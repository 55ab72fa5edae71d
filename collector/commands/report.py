"""`collector report`: an official report as a Word file or PDF, without a browser."""

from __future__ import annotations

from pathlib import Path

import click

ENDINGS = (".docx", ".pdf")


@click.command()
@click.option("--project", "project_id", type=int, required=True)
@click.option(
    "--report", "report_id", required=True, help="An id of the page of reports, such as commune_annual."
)
@click.option("--place", required=True, help="Code of the place whose report it is.")
@click.option("--period", default="", help="2026, 2026-H1 or 2025-2026; without it the one due next.")
@click.option("--release", type=int, help="Number of a release; without it the figures of today, marked.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def report(  # noqa: PLR0917 - an option each
    project_id: int, report_id: str, place: str, period: str, release: int | None, output: Path
) -> None:
    """Write a report of a place and period into FILE.docx or FILE.pdf."""
    from collector.actions.reports import Asked, make
    from collector.cli import running, served_at
    from collector.clock import moment
    from storage.queries.projects import get_project
    from storage.replica import LONG
    from storage.snapshot import report_snapshot

    if output.suffix.lower() not in ENDINGS:
        raise click.BadParameter(f"it has to end in {' or '.join(ENDINGS)}.", param_hint="--output")
    with running() as parts, report_snapshot(LONG) as session:
        get_project(session, project_id)
        address = served_at(parts.settings).rstrip("/")
        asked = Asked(report_id, place, period, release, address)
        made = make(session, parts.blobs, project_id, asked, moment())
    if output.suffix.lower() == ".pdf":
        from forms.reports.pdf import pdf as written
    else:
        from forms.reports.docx import docx as written
    output.write_bytes(written(made.report))
    click.echo(f"{made.report.letterhead.subject} ({made.setting.place}) written to {output}.")
