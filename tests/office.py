"""A server for a test: its office publishes forms and gives phones; phones come in as Collect does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from collector.accounts.permissions import ADMINISTRATOR
from collector.actions import form_files
from collector.actions import publish as publishing
from collector.actions.accounts import (
    NewPhone,
    create_app_user,
    create_user,
    renew_collect_password,
    revoke,
    sign_in,
)
from collector.app import create_app
from collector.clock import moment
from collector.parts import KEY, Parts
from collector.settings import Settings
from storage.database import db, release_connections, transaction
from storage.migrate import migrate
from storage.models import Assignment, Form, Project
from storage.problems import UserNotFound
from storage.queries import actors, forms
from tests.s3 import bucket_of

NOW = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
ADMIN, ADMIN_PASSWORD = "admin", "mat khau dai 10"


def surroundings(home: Path, database_url: str) -> dict[str, str]:
    """The settings of a server by its data folder and database.

    With SQLite its files lie in the folder, with PostgreSQL in a bucket: everything is tested on both.
    """
    own = {"COLLECTOR_HOME": str(home), "COLLECTOR_DATABASE_URL": database_url}
    return own | bucket_of(home) if database_url.startswith("postgresql") else own


def opened(database_url: str) -> None:
    """Make a database what it is in an office that was just opened: for copies."""
    with TemporaryDirectory() as home:
        Office(Path(home), database_url).close()


@dataclass(frozen=True)
class GivenPhone:
    """An app user: its number, its token, and the path Collect is set up with."""

    actor_id: int
    token: str
    path: str


class Office:
    """An empty server with project 1 and an administrator. Use it inside `with office.app.app_context()`."""

    def __init__(self, home: Path, database_url: str, **settings: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.environment = surroundings(home, database_url) | settings
        self.settings = Settings.from_environment(self.environment)
        self.app: Flask = create_app(self.settings)
        with self.app.app_context():
            migrate(db.engine)
            with transaction() as session:
                user = actors.user_by_name(session, ADMIN)
                if user is None:
                    session.add(Project(name="Khảo sát", created_at=NOW))
                    user = create_user(session, ADMIN, ADMIN_PASSWORD, now=NOW)
                    session.add(Assignment(actor_id=user.actor_id, role=ADMINISTRATOR))
                self.admin_id = user.actor_id

    def close(self) -> None:
        """Let the database go."""
        with self.app.app_context():
            release_connections()

    @property
    def parts(self) -> Parts:
        """The parts of the running application."""
        found: Parts = self.app.extensions[KEY]
        return found

    @property
    def author(self) -> publishing.Author:
        """The administrator, now."""
        return publishing.Author(self.admin_id, NOW)

    def client(self) -> FlaskClient:
        """A client without cookies of anyone."""
        return self.app.test_client()

    def draft(self, form: str | bytes, *, filename: str = "form.md", project_id: int = 1) -> Form:
        """Make a draft of a form: markdown, XForm (`filename` ends in .xml) or workbook bytes."""
        data = form.encode() if isinstance(form, str) else form
        prepared = publishing.prepare(publishing.Definition(data, filename), check=False)
        with self.app.app_context(), transaction() as session:
            made = publishing.save_draft(session, project_id, prepared, self.author, self.parts.blobs)
            session.flush()
            session.refresh(made)
            session.expunge(made)
        return made

    def draft_token(self, form: Form) -> str:
        """The token of a draft's testing address."""
        with self.app.app_context():
            current = forms.get_form(db.session(), form.project_id, form.xml_form_id)
            return forms.draft_version(db.session(), current).draft_token or ""

    def publish(
        self,
        form: str | bytes,
        *,
        filename: str = "form.md",
        media: Mapping[str, bytes] | None = None,
        version: str | None = None,
        project_id: int = 1,
    ) -> Form:
        """Publish a form with those of `media` it asks for."""
        data = form.encode() if isinstance(form, str) else form
        prepared = publishing.prepare(publishing.Definition(data, filename), check=False)
        blobs = self.parts.blobs
        with self.app.app_context(), transaction() as session:
            made = publishing.save_draft(session, project_id, prepared, self.author, blobs)
            form_files.fill_draft(session, made, prepared, media or {}, author=self.author, blobs=blobs)
            publishing.publish(session, made, self.author, version=version)
            session.flush()
            session.refresh(made)
            session.expunge(made)
        return made

    def set_state(self, form: Form, state: str) -> None:
        """open, closing, closed."""
        with self.app.app_context(), transaction() as session:
            publishing.set_state(session, session.get_one(Form, form.id), state, self.author)

    def put_attachment(self, form: Form, name: str, data: bytes, *, draft: bool = False) -> None:
        """Fill or replace a file of the current version, or of the draft."""
        with self.app.app_context(), transaction() as session:
            held = session.get_one(Form, form.id)
            version = (forms.draft_version if draft else forms.current_version)(session, held)
            upload = form_files.Upload(name, data)
            form_files.put_attachment(session, held, version, upload, self.parts.blobs, now=NOW)

    def phone(
        self,
        name: str = "Điện thoại 1",
        *,
        only: tuple[Form, ...] | None = None,
        places: tuple[str, ...] = (),
    ) -> GivenPhone:
        """Give a phone access to project 1: to all forms, or to those of `only`; to all places or some."""
        chosen = None if only is None else tuple(form.id for form in only)
        new = NewPhone(1, name, chosen, places)
        with self.app.app_context(), transaction() as session:
            made, token = create_app_user(session, new, self.parts.vault, now=NOW)
            return GivenPhone(made.actor_id, token, f"/v1/key/{token}/projects/1")

    def revoke(self, phone: GivenPhone) -> None:
        """Take a phone's access away."""
        with self.app.app_context(), transaction() as session:
            held = actors.get_app_user(session, 1, phone.actor_id)
            if held is not None:
                revoke(session, held, now=NOW)

    def collect_password(self, username: str = ADMIN) -> str:
        """A fresh Collect password of an account, for Digest and Basic."""
        with self.app.app_context(), transaction() as session:
            user = actors.user_by_name(session, username)
            if user is None:
                raise UserNotFound(username=username)
            return renew_collect_password(session, user, self.parts.vault)

    def session_token(self, username: str = ADMIN, role: int | None = None) -> str:
        """A Bearer token of an account; with `role` the account is made first, for project 1."""
        with self.app.app_context(), transaction() as session:
            if role is not None:
                made = create_user(session, username, ADMIN_PASSWORD, now=NOW)
                session.add(Assignment(actor_id=made.actor_id, role=role, project_id=1))
            user = actors.user_by_name(session, username)
            if user is None:
                raise UserNotFound(username=username)
            return sign_in(session, user, now=moment()).token
