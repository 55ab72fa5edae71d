"""`collector decrypt`: the answers to an encrypted form, for whoever holds its private key."""

from __future__ import annotations

from pathlib import Path

import click

_DECRYPTED = {"decrypted": True}
_FEW = 20
"""Ids that are named; more would push the sentence off the screen."""


@click.command()
@click.option("--project", "project_id", type=int, required=True)
@click.option("--form", "form_id", required=True)
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="The private key (PEM) that belongs to the form's public_key; it is only read.",
)  # fmt: skip
@click.option("--key-password", is_flag=True, help="Ask for the password of the key.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def decrypt(project_id: int, form_id: str, key: Path, *, key_password: bool, output: Path) -> None:
    """Write the answers to an encrypted form into an archive, decrypted: the same as an export's."""
    from collector.actions.decrypting import Decryption, Places
    from collector.actions.export import write
    from collector.cli import progress, running
    from collector.clock import moment
    from forms.decrypting import private_key
    from storage import audits
    from storage.database import transaction
    from storage.queries.forms import get_form
    from storage.snapshot import snapshot

    password = click.prompt("Password of the key", hide_input=True).encode() if key_password else None
    private = private_key(key.read_bytes(), password)
    with running() as parts:
        with snapshot() as session:
            form = get_form(session, project_id, form_id)
            work = Decryption(form, private, Places(parts.blobs, parts.shelf, parts.settings.home))
        with transaction() as session:
            actee = audits.of_form(get_form(session, project_id, form_id))
            audits.note(session, "form.submission.export", actee=actee, details=_DECRYPTED, now=moment())
        write(work.pieces(progress(form_id)), output)
    click.echo(f"{work.told.read} submissions of {form_id} written to {output}.")
    for why, ids in work.told.unread.items():
        named = ", ".join(ids[:_FEW])
        click.echo(
            f"{len(ids)} could not be read ({why}): {named}{' …' if len(ids) > _FEW else ''}", err=True
        )
    if work.told.unread:
        raise SystemExit(1)
