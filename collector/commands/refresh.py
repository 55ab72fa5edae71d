"""`collector refresh`: what the server works out for entity lists, now instead of at night."""

from __future__ import annotations

import click


@click.command()
def refresh() -> None:
    """Work out what phones are shown of villages and learners because others reported it."""
    from collector.actions.refresh import refresh as do
    from collector.actions.villages import follow_places
    from collector.cli import running
    from collector.clock import moment

    with running():
        followed = follow_places(now=moment())
        written = do()
    click.echo(f"{followed} villages brought in step with the places, {written} members of lists written.")
