"""`collector parquet`: surveys and figures as Parquet in a folder or bucket that many servers share."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--to", "address", required=True, help="A folder, or s3://bucket/folder.")
@click.option("--project", "project_id", type=int, default=1, show_default=True)
@click.option("--form", "forms", multiple=True, help="Only this survey; may be given several times.")
@click.option("--figures/--no-figures", default=True, help="The indicators too.")
@click.option(
    "--protection",
    type=click.Choice(("deidentified", "pseudonyms", "none")),
    default="deidentified",
    show_default=True,
    help="What becomes of the people in it.",
)
@click.option("--purpose", default="", help="What for, where people are in it.")
def parquet(address: str, project_id: int, **chosen: Any) -> None:
    """Write what changed since the last time, by province and year, beside the files of other servers."""
    from collector.actions import lake
    from collector.actions.extracts import Means
    from collector.cli import progress, running
    from collector.clock import moment

    with running() as parts:
        means = Means(parts.blobs, parts.shelf, parts.vault)
        order = lake.Order(project_id, **chosen)
        place = lake.place_of(address, parts.settings.s3_endpoint)
        done = lake.write(place, means, parts.settings.home, order, progress, now=moment())
        name = lake.server_name(parts.vault, project_id)
    click.echo(
        f"{done.written} files written, {done.same} were up to date, {done.gone} taken away; "
        f"this server's are called {name}."
    )
