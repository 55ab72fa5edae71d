"""`collector refresh`: what the server works out for entity lists and figures, now instead of later."""

from __future__ import annotations

import click


@click.command()
@click.option("--all", "everything", is_flag=True, help="Work out every figure again, not only what changed.")
def refresh(*, everything: bool) -> None:
    """Work out what phones are shown of villages and learners, and the figures, from what was reported."""
    from collector.actions.figures import Figures
    from collector.actions.refresh import refresh as do
    from collector.actions.villages import follow_places
    from collector.cli import progress, running
    from collector.clock import moment

    with running():
        followed = follow_places(now=moment())
        written = do()
        figures = Figures()
        cells = figures.everything(progress("Places")) if everything else figures.look(moment())
    click.echo(f"{followed} villages brought in step with the places, {written} members of lists written.")
    click.echo(f"{cells} cells of figures written.")
