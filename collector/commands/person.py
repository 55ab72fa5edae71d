"""`collector person`: everything that is written about somebody, in one file for him."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--record", "records", multiple=True, metavar="ID", help="A whole record, by its instance id.")
@click.option(
    "--row", "rows", multiple=True, metavar="KEY", help="A person in a record, by the KEY of the row."
)
@click.option("--entity", "entities", multiple=True, metavar="UUID", help="A member of a list.")
@click.option("--name", default="", help="Comments and notes that hold this name are told, too.")
@click.option("--purpose", required=True, help="Who asked and when: it stands in the log.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The .zip file."
)
def person(
    project_id: int,
    records: tuple[str, ...],
    rows: tuple[str, ...],
    output: Path,
    **more: str | tuple[str, ...],
) -> None:
    """Write everything about a person into one file, for his right to see it."""
    from collector.actions import person_file
    from collector.actions.erasure_targets import Target
    from collector.actions.export import write
    from collector.cli import running
    from collector.clock import moment
    from collector.commands.erase import erasing_of
    from collector.person_page import page

    several = {"record": records, "row": rows, "entity": more["entities"]}
    targets = [Target(kind, key) for kind, keys in several.items() for key in keys]
    if not targets:
        raise click.UsageError("Name what is asked for: --record, --row or --entity.")
    said, purpose = str(more["name"]), str(more["purpose"])
    with running() as parts:
        wish = person_file.Wish(project_id, targets, said, purpose, None, moment())
        told = person_file.gather(wish, erasing_of(parts), parts.blobs, parts.shelf)
        write(person_file.pieces(told, page, parts.blobs), output)
    click.echo(f"{len(told.document['things'])} things and {len(told.files)} files in {output}.")
