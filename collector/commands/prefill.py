"""`collector prefill`: the figures a commune's report starts from, worked out at once."""

from __future__ import annotations

import click

from forms.commune_figures import PERIODS


@click.command("prefill")
@click.option("--year", type=int, default=None, help="Of this year instead of the reports now due.")
@click.option("--period", type=click.Choice(PERIODS), default="y", show_default=True)
def prefill(*, year: int | None, period: str) -> None:
    """Add up the forms of each commune for its report; the worker does it every night."""
    from collector.actions.prefill import prefill as prefill_due
    from collector.actions.prefill import prefill_year
    from collector.cli import running
    from collector.clock import moment

    with running():
        changed = prefill_due(now=moment()) if year is None else prefill_year(year, period, now=moment())
    click.echo(f"{changed} reports brought up to date.")
