"""`collector backup …` and `collector restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.actions.backing_up import Job, Outcome, Tell
    from collector.actions.restoring import Chosen, Goal, Restored
    from collector.parts import Parts
    from collector.settings import Settings
    from storage.backups.places import Place

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WHERE = click.option("--from", "where", default=None, help="Where they are, if not in COLLECTOR_BACKUP_URL.")
_IDENTITY = click.option("--identity", type=_FILE, default=None, help="The file with the key from the paper.")
_PASSPHRASE = click.option("--passphrase-file", "passphrase", type=_FILE, default=None)
_AT = click.option(
    "--at", "at", default=None, metavar="TIME", help="The newest until then, 2026-11-30T12:00."
)
_NICE = 10


@click.group(invoke_without_command=True)
@click.option("--to", "where", default=None, help="A folder or s3://…, if not COLLECTOR_BACKUP_URL.")
@click.option("--plain", is_flag=True, help="Not encrypted.")
@click.option("--by-worker", is_flag=True, hidden=True)
@click.pass_context
def backup(ctx: click.Context, where: str | None, *, plain: bool, by_worker: bool) -> None:
    """Back up database and files while the server runs; only what is new is copied."""
    if ctx.invoked_subcommand is None:
        _make(where, plain=plain, by_worker=by_worker)


def _make(where: str | None, *, plain: bool, by_worker: bool) -> None:
    import os
    import signal
    import sys

    from collector.actions.backing_up import back_up
    from collector.actions.backup_turns import Journal
    from collector.cli import running
    from collector.clock import moment

    # What was written down as running is written down as ended before it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if by_worker:
        os.nice(_NICE)
    with running() as parts:
        job = _job(parts, where, plain=plain)
        journal = Journal(moment)
        journal.begin("time" if by_worker else "command", job.place.where)
        bars = _bars()

        def tell(stage: str, done: int, total: int) -> None:
            bars(stage, done, total)
            journal.tell(stage, done, total)

        try:
            done = back_up(job, tell)
        except BaseException as error:
            journal.failed(error)
            raise
        journal.done(done)
        _say(done, job)


def _job(parts: Parts, where: str | None, *, plain: bool) -> Job:
    from collector.actions import backup_keys
    from collector.actions.backing_up import Job
    from collector.actions.vitals import server_version
    from collector.clock import moment
    from forms.backups.keeping import Keep
    from storage.cuts import within
    from storage.database import db
    from storage.queries import backups
    from storage.scope import WHOLE

    settings = parts.settings
    keys = backup_keys.keys_of(settings.home, settings.backup_recipient)
    plain, place = plain or keys.plain, _place(settings, where)
    with within(WHOLE):
        last = backups.last_done(db.session())
    expected = where is None and last is not None and last.place == place.where
    db.session().rollback()
    return Job(
        home=settings.home,
        database_url=settings.database_url,
        blobs=parts.blobs,
        secret_key=parts.vault.secret,
        version=server_version(),
        place=place,
        sealer=backup_keys.sealer(keys, plain=plain),
        namer=backup_keys.namer(parts.vault),
        keep=Keep(*settings.backup_keep),
        clock=moment,
        locked=None if plain else keys.locked,
        expected=expected,
    )


def _place(settings: Settings, where: str | None) -> Place:
    from collector.actions.backing_up import place_of
    from collector.backup_problems import BackupPlaceMissing

    address = where or settings.backup_url
    if not address:
        raise BackupPlaceMissing
    return place_of(address, settings.backup_endpoint or settings.s3_endpoint, settings.home)


def _bars() -> Tell:
    """A bar for each stage."""
    from collector.cli import progress

    labels = {"rows": "Rows", "files": "Files", "end": "End", "compare": "Compare", "pieces": "Pieces"}
    made: dict[str, Callable[[int, int], None]] = {}

    def tell(stage: str, done: int, total: int) -> None:
        if stage not in made:
            made[stage] = progress(labels[stage])
        made[stage](done, total)

    return tell


def _say(done: Outcome, job: Job) -> None:
    head = done.head
    sealed = "encrypted" if head.sealed else "NOT encrypted"
    click.echo(
        f"Backup {head.name} in {job.place.where}, {sealed}: {head.rows} rows, {head.files} files, "
        f"{_size(head.size)}; new {_size(head.new_size)}. Verified: read back and compared."
    )
    if done.gone:
        click.echo(f"{done.gone} backups whose time was over went, {_size(done.freed)} with them.")
    if done.missing:
        named = ", ".join(done.missing[:5])
        click.echo(
            f"{len(done.missing)} files that the database names are not there: {named}. "
            "Look with “collector doctor”.",
            err=True,
        )


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004 - the step between units
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


@backup.command("key")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write it to a file too."
)
@click.option(
    "--passphrase-file", "passphrase", type=_FILE, default=None, help="Keep it under this passphrase."
)
@click.option("--again", is_flag=True, help="Make another one, though there is one.")
def backup_key(save: Path | None, passphrase: Path | None, *, again: bool) -> None:
    """Make the key of the backups: the public half stays here, the other one goes onto paper."""
    from collector.actions.backup_keys import make_keys, write_secret
    from collector.actions.start import prepare_home
    from collector.settings import Settings

    settings = Settings.from_environment()
    prepare_home(settings)
    said = None if passphrase is None else passphrase.read_text("utf-8").strip()
    identity, recipient = make_keys(settings.home, said, again=again)
    if save is not None:
        write_secret(save, f"# Collector, key of the backups; public key {recipient}\n{identity}\n".encode())
    click.echo(f"{identity}\n")
    click.echo(
        "This line opens the backups. Write it on paper now and lock it up away from the server: it is shown "
        "this once, and without it no backup can be restored."
    )
    if said is not None:
        click.echo("It also lies with the backups, under your passphrase; the paper may stay in the safe.")


@backup.command("list")
@_WHERE
def backup_list(where: str | None) -> None:
    """The backups there are, newest first."""
    from collector.settings import Settings
    from forms.values import HOME
    from storage.backups.repository import Repository

    place = _place(Settings.from_environment(), where)
    heads = sorted(Repository(place).heads().values(), key=lambda one: one.made_at, reverse=True)
    for one in heads:
        sealed = "" if one.sealed else "  not encrypted"
        click.echo(
            f"{one.name}  {one.made_at.astimezone(HOME):%Y-%m-%d %H:%M}  {one.kind}  {one.rows} rows  "
            f"{one.files} files  {_size(one.size)}  new {_size(one.new_size)}{sealed}"
        )
    if not heads:
        click.echo(f"There is none in {place.where} yet.")


@backup.command("verify")
@_WHERE
@click.option("--all", "every", is_flag=True, help="Every backup, not only the newest.")
@click.option("--deep", is_flag=True, help="Restore it into a temporary place and compare.")
@click.option(
    "--mend", is_flag=True, help="Take damaged pieces out, so that the next backup writes them anew."
)
@_IDENTITY
@_PASSPHRASE
@_AT
@click.pass_context
def backup_verify(
    ctx: click.Context,
    where: str | None,
    identity: Path | None,
    passphrase: Path | None,
    at: str | None,
    *,
    every: bool,
    deep: bool,
    mend: bool,
) -> None:
    """Read a backup again and compare; --deep restores it for a try (needs the key)."""
    from collector.commands.backup_looks import look, prove
    from collector.settings import Settings

    settings = Settings.from_environment()
    place = _place(settings, where)
    well = look(place, settings, _bars(), every=every, mend=mend, at=moment_of(at))
    if deep:
        well = prove(place, settings, (identity, passphrase), _bars(), moment_of(at)) and well
    if not well:
        ctx.exit(1)


def moment_of(said: str | None) -> datetime | None:
    """A moment as it is typed: that of Viet Nam unless it says another; a day is its end."""
    from forms.backups.keeping import STAMP
    from forms.values import HOME

    if said is None:
        return None
    try:
        if said.endswith("Z") and "-" not in said:
            return datetime.strptime(said, STAMP).replace(tzinfo=UTC)
        found = datetime.fromisoformat(said)
    except ValueError as error:
        raise click.BadParameter(f"“{said}” is no time like 2026-11-30T12:00", param_hint="--at") from error
    if len(said) == len("2026-11-30"):
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo else found.replace(tzinfo=HOME)


@click.command()
@click.argument("where", metavar="FROM")
@_IDENTITY
@_PASSPHRASE
@_AT
@click.option("--replace", is_flag=True, help="Move aside what is here.")
@click.option("--erasures", type=_FILE, default=None, help="Erasures that no backup knows yet.")
def restore(
    where: str,
    identity: Path | None,
    passphrase: Path | None,
    at: str | None,
    erasures: Path | None,
    *,
    replace: bool,
) -> None:
    """Put a server back from its backups, as COLLECTOR_HOME and COLLECTOR_DATABASE_URL say."""
    from collector.actions import restoring
    from collector.actions.backup_keys import identities
    from collector.actions.start import prepare_home
    from collector.clock import moment
    from collector.settings import Settings
    from forms.backups.sealing import Opener
    from storage.backups.repository import Repository

    settings = Settings.from_environment()
    repository = Repository(_place(settings, where))
    chosen = restoring.choose(repository, moment_of(at), Opener(identities(repository, identity, passphrase)))
    prepare_home(settings)
    goal = restoring.Goal(settings.home, settings.database_url, settings.blobs_url, moment(), replace=replace)
    aside = restoring.make_room(chosen, goal)
    if aside:
        click.echo(f"What was here lies in {', '.join(aside)} now.")
    restoring.put_key(chosen, settings.home)
    done = _restored(chosen, goal, settings)
    _tell_restored(done, settings)
    more = erasures.read_text("utf-8").splitlines() if erasures else []
    _afterwards(chosen, [*chosen.erasures, *more])


def _restored(chosen: Chosen, goal: Goal, settings: Settings) -> Restored:
    from collector.actions import restoring
    from collector.app import create_app
    from collector.parts import parts
    from storage.database import release_connections

    with create_app(settings).app_context():
        try:
            return restoring.restore(chosen, goal, parts().blobs, _bars())
        finally:
            release_connections()


def _tell_restored(done: Restored, settings: Settings) -> None:
    manifest = done.manifest
    cells = manifest.table("indicator_cells")
    click.echo(
        f"Restored {done.head.name}: {manifest.rows} rows in {len(manifest.tables)} tables, {done.files} "
        f"files, {cells.rows if cells else 0} figures; counts, digests and figures equal those of the backup."
    )
    if settings.secret_key and settings.secret_key != manifest.secret_key:
        click.echo(
            "COLLECTOR_SECRET_KEY is another one than the backup's: take it away, or no phone is let in.",
            err=True,
        )
    if manifest.missing:
        click.echo(f"{len(manifest.missing)} files were missing already when it was made.", err=True)
    for one in done.lost:
        click.echo(f"Not restored: {one}", err=True)


def _afterwards(chosen: Chosen, lines: list[str]) -> None:
    """Bring it to the shape of this version, do again what was erased since, note that it was restored."""
    from collector.actions.erasure_replay import Replay
    from collector.actions.keeping import Keeping
    from collector.cli import running
    from collector.clock import moment
    from collector.commands.erase import erasing_of
    from storage.audits import Actee, note
    from storage.database import transaction
    from storage.queries import backups

    with running() as parts:
        again = Replay(erasing_of(parts), Keeping(parts.blobs, parts.shelf)).run(lines, moment())
        with transaction() as session:
            backups.restored(session, chosen.head.name, chosen.head.made_at)
            note(session, "backup.restore", actee=Actee(), details={"name": chosen.head.name})
    if again:
        click.echo(f"{again} erasures done again that were made after it.")
