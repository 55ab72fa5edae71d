"""The command `collector`: what an operator does at the machine itself."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector import logs
from collector.clock import moment
from collector.commands.backup import backup, restore
from collector.commands.campaigns import campaigns
from collector.commands.check import check
from collector.commands.decrypt import decrypt
from collector.commands.doctor import doctor
from collector.commands.erase import erase, erasures, keep
from collector.commands.export import export
from collector.commands.make_files import make_files
from collector.commands.migrate_to import migrate_to
from collector.commands.parquet import parquet
from collector.commands.people import sample, volunteers
from collector.commands.person import person
from collector.commands.places import places
from collector.commands.prefill import prefill
from collector.commands.refresh import refresh
from collector.commands.registers import register
from collector.commands.release import release
from collector.commands.report import report
from collector.commands.roles import ROLES, assign
from collector.commands.roll_forward import roll_forward
from collector.commands.serve import serve
from collector.commands.signing import reset_link, totp
from collector.commands.submissions import submissions
from collector.commands.upload_file import upload_file
from collector.settings import Settings
from forms.problems import Problem

if TYPE_CHECKING:
    from collector.actions.publish import Definition
    from collector.parts import Parts
    from forms.workbook import Extras

_BAR = 30


class Group(click.Group):
    """Turns a refusal, and what disk and database say, into one sentence on standard error, exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            click.echo(f"collector: {sentence}", err=True)
            ctx.exit(1)


def _sentence(error: Exception) -> str | None:
    """What to say of it; None for what click says itself, and for our own mistakes."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    if isinstance(error, Problem):
        return str(error)
    if isinstance(error, InterfaceError | OperationalError):
        told = str(error.orig).strip().splitlines() or [type(error).__name__]
        return f"The database does not answer: {told[0].rstrip('.')}."
    if isinstance(error, OSError) and error.errno != errno.EPIPE:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}."
    return None


@contextmanager
def running() -> Iterator[Parts]:
    """The parts of this server, its database ready."""
    from collector.actions.start import prepare_home
    from collector.core import make_core
    from collector.parts import parts
    from storage.audits import acting
    from storage.database import db, release_connections
    from storage.migrate import migrate
    from storage.relocating.resting import at_work

    settings = Settings.from_environment()
    prepare_home(settings)
    with (
        at_work(settings.home, settings.database_url, settings.blobs_url),
        make_core(settings).app_context(),
        acting(None, moment()),
    ):
        try:
            migrate(db.engine)
            yield parts()
        finally:
            release_connections()


@click.group(cls=Group)
@click.version_option(package_name="collector")
def main() -> None:
    """A survey server for ODK Collect. Settings come from the environment; see docs/operate.md."""
    settings = Settings.from_environment()
    logs.begin(form=settings.log_format)
    # Database, files and exports hold people's answers: for this account and its group only.
    os.umask(0o027)


def progress(label: str) -> Callable[[int, int], None]:
    """A progress bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None

    def show(done: int, total: int) -> None:
        bar = "█" * (_BAR * done // max(total, 1))
        click.echo(f"\r{label} {bar:░<{_BAR}} {done} / {total}", nl=done >= total, err=True)

    return show


@main.command()
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    from collector.actions.settling import settle_records

    with running():
        settle_records(progress("Records"))
        click.echo("The database is up to date.")


@main.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--project", "project_id", default=1, show_default=True)
@click.option("--version", default=None, help="Publish under this version instead of the one in the form.")
def publish(paths: tuple[Path, ...], project_id: int, version: str | None) -> None:
    """Publish workbooks or XForms, and the programme's workbook; files in a media folder go along."""
    from collector.actions.programme import read_programme
    from collector.actions.publish import Definition
    from collector.actions.villages import follow_places

    with running() as parts:
        for path in paths:
            definition = Definition(path.read_bytes(), path.name)
            with _naming(path, Problem):
                extras = read_programme(definition)
            if extras is not None:
                _publish_programme(project_id, definition, extras, parts)
            else:
                _publish_form(project_id, path, version, parts)
        follow_places(now=moment())


@contextmanager
def _naming(path: Path, what: type[Problem]) -> Iterator[None]:
    """Say which of several files is refused, before saying why."""
    try:
        yield
    except what:
        click.echo(f"{path.name} was not published.", err=True)
        raise


def _publish_programme(project_id: int, definition: Definition, extras: Extras, parts: Parts) -> None:
    from collector.actions.programme import publish_programme
    from collector.actions.publish import Author
    from forms.problems import FormRefused
    from storage.database import transaction

    with _naming(Path(definition.filename), FormRefused), transaction() as session:
        author = Author(None, moment())
        publish_programme(session, project_id, definition, extras, author=author, blobs=parts.blobs)
    click.echo(f"{definition.filename}: the programme is in force.")


def _publish_form(project_id: int, path: Path, version: str | None, parts: Parts) -> None:
    from collector.actions import form_files
    from collector.actions import publish as publishing
    from collector.actions.start import survey_media
    from storage.database import transaction

    with _naming(path, Problem):
        prepared = publishing.prepare(publishing.Definition(path.read_bytes(), path.name))
    with transaction() as session:
        author = publishing.Author(None, moment())
        form = publishing.save_draft(session, project_id, prepared, author, parts.blobs)
        media = survey_media(path)
        form_files.fill_draft(session, form, prepared, media, author=author, blobs=parts.blobs)
        widened = publishing.publish(session, form, author, version=version)
        form_id, name = form.id, form.xml_form_id
    for remark in prepared.remarks:
        click.echo(f"{path.name}: {remark}", err=True)
    if widened:
        _rebuild(form_id, name, parts)
    click.echo(f"{path.name}: published as {name}.")


def _rebuild(form_id: int, name: str, parts: Parts) -> None:
    from storage.projection.rebuild import Rebuild

    done = Rebuild(form_id, parts.blobs).run(progress(name))
    click.echo(f"{name}: {done} submissions laid into tables.")


@main.command()
@click.argument("form_id")
@click.option("--project", "project_id", default=1, show_default=True)
def rebuild(form_id: str, project_id: int) -> None:
    """Make the tables of a form again from the stored submissions."""
    from storage.database import db
    from storage.queries.forms import get_form

    with running() as parts:
        _rebuild(get_form(db.session(), project_id, form_id).id, form_id, parts)


@main.group()
def user() -> None:
    """Accounts of people."""


@user.command("create")
@click.argument("username")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option(
    "--role",
    type=click.Choice(ROLES),
    required=True,
)
@click.option("--project", "project_id", type=int, default=None, help="Only in this project.")
@click.option("--place", "codes", multiple=True, help="Only in this place; may be given several times.")
def user_create(
    username: str, password: str, role: str, project_id: int | None, codes: tuple[str, ...]
) -> None:
    """Make an account."""
    from collector.actions import roles
    from collector.actions.accounts import create_user
    from storage.database import transaction
    from storage.queries.projects import get_project

    with running(), transaction() as session:
        if project_id is not None:
            get_project(session, project_id)
        made = create_user(session, username, password, now=moment())
        roles.assign(session, made.actor_id, roles.NAMES[role], project_id=project_id, codes=codes)
    click.echo(f"Account {username} made.")


@user.command("password")
@click.argument("username")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def user_password(username: str, password: str) -> None:
    """Give an account a new password; its sessions end."""
    from collector.actions.accounts import set_password
    from storage.database import transaction

    with running(), transaction() as session:
        set_password(session, username, password, now=moment())
    click.echo(f"Password of {username} changed.")


@user.command("collect-password")
@click.argument("username")
def user_collect_password(username: str) -> None:
    """Print a fresh password for a Collect that is set up by hand."""
    from collector.actions.accounts import renew_collect_password
    from storage.database import transaction
    from storage.problems import UserNotFound
    from storage.queries.actors import user_by_name

    with running() as parts, transaction() as session:
        found = user_by_name(session, username)
        if found is None:
            raise UserNotFound(username=username)
        click.echo(renew_collect_password(session, found, parts.vault))


@main.group("app-user")
def app_user() -> None:
    """Phones."""


@app_user.command("create")
@click.option("--project", "project_id", type=int, required=True)
@click.option("--name", required=True, help="Whose phone it is, or which.")
@click.option("--form", "form_ids", multiple=True, help="Only this form; may be given several times.")
@click.option(
    "--place", "codes", multiple=True, help="A place the phone works in; all of them if none is named."
)
def app_user_create(project_id: int, name: str, form_ids: tuple[str, ...], codes: tuple[str, ...]) -> None:
    """Give a phone access and print its Collect URL."""
    from collector.actions.accounts import NewPhone, create_app_user
    from collector.welcome import collect_url
    from storage.database import transaction
    from storage.models import Place
    from storage.problems import PlaceUnknown
    from storage.queries.forms import get_form
    from storage.queries.projects import get_project

    with running() as parts:
        with transaction() as session:
            get_project(session, project_id)
            for code in codes:
                if session.get(Place, code) is None:
                    raise PlaceUnknown(code=code)
            forms = tuple(get_form(session, project_id, one).id for one in form_ids) or None
            _made, token = create_app_user(
                session, NewPhone(project_id, name, forms, codes), parts.vault, now=moment()
            )
        click.echo(collect_url(served_at(parts.settings), project_id, token))


def served_at(settings: Settings) -> str:
    """Where phones reach the server: as set, else where it served last."""
    from collector.welcome import public_address

    served = settings.home / "address"
    if settings.public_url or not served.exists():
        return public_address(settings)
    return served.read_text()


@main.command()
@click.option("--with-parent", is_flag=True, hidden=True)
def worker(*, with_parent: bool) -> None:
    """Do what goes on beside the web processes, until stopped."""
    from flask import current_app

    from collector.actions.apart import Apart
    from collector.actions.backup_turns import BackupTurns
    from collector.actions.backup_turns import chores as backup_chores
    from collector.actions.webhooks import Courier, Couriers
    from collector.actions.work import Beside, chores, work

    with running() as parts:
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - threads need the application itself
        couriers = Couriers(app.app_context, Courier(parts.vault, parts.settings.webhook_private, moment))
        apart = Apart()
        meters = parts.meters
        beside = Beside(couriers, timedelta(days=parts.settings.purge_days), apart, meters)
        turns = BackupTurns(parts.settings.backup_at, is_set=parts.settings.backup_url is not None)
        several = (*chores(parts.blobs, parts.shelf, beside), *backup_chores(turns))
        try:
            work(
                several,
                app.app_context,
                with_parent=with_parent,
                failed=lambda: meters.count("collector_failed_chores"),
            )
        finally:
            turns.stop()
            apart.stop()
            couriers.stop()


main.add_command(serve)
main.add_command(campaigns)
main.add_command(submissions)
main.add_command(roll_forward)
main.add_command(register)
main.add_command(places)
main.add_command(refresh)
main.add_command(prefill)
main.add_command(volunteers)
main.add_command(sample)
user.add_command(assign)
user.add_command(reset_link)
user.add_command(totp)
main.add_command(check)
main.add_command(export)
main.add_command(decrypt)
main.add_command(release)
main.add_command(make_files)
main.add_command(report)
main.add_command(upload_file)
main.add_command(doctor)
main.add_command(backup)
main.add_command(restore)
main.add_command(migrate_to)
main.add_command(parquet)
main.add_command(erase)
main.add_command(person)
main.add_command(erasures)
main.add_command(keep)
