"""What `collector backup verify` says of backups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.actions.backing_up import Tell
    from collector.actions.backup_checking import Looked
    from collector.settings import Settings
    from storage.backups.places import Place

_SHOWN = 20


def look(
    place: Place, settings: Settings, tell: Tell, *, every: bool, mend: bool, at: datetime | None
) -> bool:
    """Read pieces and compare each with its name; says what is wrong, and whether all is well."""
    from collector.actions import backup_checking
    from forms.backups.keeping import newest_until
    from storage.backups.problems import NoBackups
    from storage.backups.repository import Repository

    repository = Repository(place)
    heads = repository.heads()
    newest = newest_until({name: one.made_at for name, one in heads.items()}, at)
    if newest is None:
        raise NoBackups(where=place.where, when="yet" if at is None else "so early")
    wanted = list(heads.values()) if every else [heads[newest]]
    found = backup_checking.look(repository, wanted, tell)
    click.echo(f"{found.pieces} pieces of {len(wanted)} backups read; {len(found.broken)} broken.")
    for one in found.broken[:_SHOWN]:
        click.echo(f"  {one}", err=True)
    if found.broken and mend:
        click.echo(f"{_mended(place, settings, found)} taken out; the next backup writes them anew.")
    return not found.broken


def _mended(place: Place, settings: Settings, found: Looked) -> int:
    from collector.accounts.secrets import Vault, server_secret
    from collector.actions import backup_checking, backup_keys
    from collector.clock import moment
    from forms.backups.sealing import Sealer
    from storage.backups.repository import Writing

    namer = backup_keys.namer(Vault(server_secret(settings.home, settings.secret_key)))
    with Writing(place, Sealer(None), namer.of_server("verify"), moment) as writing:
        return backup_checking.set_aside(writing, found)


def prove(
    place: Place,
    settings: Settings,
    keys: tuple[Path | None, Path | None],
    tell: Tell,
    at: datetime | None,
) -> bool:
    """Restore for a try, and say what it came to."""
    from collector.actions import backup_checking, restoring
    from collector.actions.backup_keys import identities
    from forms.backups.sealing import Opener
    from storage.backups.repository import Repository

    repository = Repository(place)
    chosen = restoring.choose(repository, at, Opener(identities(repository, *keys)))
    settings.home.mkdir(parents=True, exist_ok=True)
    near = settings.database_url if settings.database_url.startswith("postgresql") else None
    proved = backup_checking.prove(chosen, near, settings.home, tell)
    click.echo(
        f"{chosen.head.name} was restored for a try: {proved.rows} rows in {proved.tables} tables, "
        f"{proved.files} files, {proved.figures} figures; "
        + ("all equal." if not proved.wrong else f"{len(proved.wrong)} files are not whole.")
    )
    for one in proved.wrong[:_SHOWN]:
        click.echo(f"  {one}", err=True)
    return not proved.wrong
