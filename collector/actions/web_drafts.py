"""Forms begun in a browser, kept on the server to be gone on with on another phone.

Drafts hold what people were told about themselves, and nobody at the office has to see it: answers, titles
and files lie sealed under the server's key and open for the one who saved them, by a code he wrote down.
"""

from __future__ import annotations

import gzip
import hmac
import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy.orm import Session

from collector.accounts.sealing import Sealer, whole
from collector.accounts.secrets import Vault
from collector.actions.attempts import counted
from collector.parcel_problems import SubmissionTooLarge
from forms.erasing import names_him
from storage.audits import Actee, note
from storage.blobs import BlobStore, Staged
from storage.database import db, transaction
from storage.models import Blob, Form, WebDraft, WebDraftFile
from storage.problems import AttachmentNotFound, NotSignedIn
from storage.queries import web_drafts
from storage.webform_problems import WebDraftNotFound, WebDraftsFull

KEPT = timedelta(days=30)
"""How long a draft stays after it was saved last."""
MOST = 50
"""Drafts of one person."""
MOST_OF_LINK = 300
"""Drafts of a link, which many people share."""
MOST_BYTES = 300 * 1024 * 1024
"""Bytes of all drafts of one person."""
LARGEST = 20 * 1024 * 1024
"""Bytes of one draft, with its files."""
XML_LIMIT = 5 * 1024 * 1024
"""Bytes of the answers of one draft."""
MOST_GUESSES = 30
"""Codes that open nothing, of one person from one address, in the time `counted` looks back."""
LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"
"""Signs of a code: none is taken for another."""
_GROUP = 4
_LENGTH = 8
_AT_ONCE = 50
_TAGS = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class Saving:
    """A draft as a browser sends it: `keep` names files the server has already, and that stay."""

    uuid: str
    form: Form
    version: str
    title: str
    xml: bytes
    files: Mapping[str, Staged]
    keep: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft as its owner sees it. `files` are names with bytes; `xml` is None in lists."""

    uuid: str
    form_id: str
    version: str
    title: str
    code: str
    saved_at: datetime
    expires_at: datetime
    files: Mapping[str, int]
    xml: bytes | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose drafts: an actor in a project. `shared`: a link, which many have."""

    actor_id: int
    project_id: int
    shared: bool = False


class WebDrafts:
    """Keeps drafts in a database and a blob store, under the server's key."""

    def __init__(self, vault: Vault, blobs: BlobStore) -> None:
        self._vault = vault
        self._blobs = blobs
        self._sealer = Sealer(vault.derived("web drafts"))
        self._codes = vault.derived("codes of web drafts")

    # Saving -----------------------------------------------------------------------------------------

    def save(self, owner: Owner, saving: Saving, *, now: datetime) -> Opened:
        """Keep a draft, new or again. Call it outside of any transaction.

        Raises WebDraftsFull, SubmissionTooLarge.
        """
        xml = whole(self._sealer.sealed(BytesIO(gzip.compress(saving.xml))))
        sealed = {name: self._sealed(file) for name, file in saving.files.items()}
        try:
            self._blobs.keep(sealed.values())
            files = [_File(name, saving.files[name].size, one) for name, one in sealed.items()]
            with transaction(noticed=False) as session:
                draft, gone = self._enter(session, owner, saving, _Sealed(xml, files, now))
                made = self._shown(session, draft, saving.form.xml_form_id)
        finally:
            for one in sealed.values():
                one.discard()
        self._delete(gone)
        return made

    def _sealed(self, file: Staged) -> Staged:
        into = self._blobs.stage()
        file.seek(0)
        for piece in self._sealer.sealed(file):
            into.write(piece)
        return into

    def _enter(
        self, session: Session, owner: Owner, saving: Saving, sealed: _Sealed
    ) -> tuple[WebDraft, list[str]]:
        draft = web_drafts.by_uuid(session, owner.actor_id, owner.project_id, saving.uuid)
        files, now = sealed.files, sealed.now
        fresh = {file.name for file in files}
        before = web_drafts.files_of(session, draft.id) if draft else ()
        stay = [one for one in before if one.name in saving.keep and one.name not in fresh]
        size = len(saving.xml) + sum(one.size for one in files) + sum(one.size for one in stay)
        _require_room(session, owner, saving.uuid, size)
        if draft is None:
            draft = self._begun(owner, saving.uuid)
            note(session, "web_draft.create", actee=_actee(saving.form), actor_id=owner.actor_id, now=now)
        draft.form_id, draft.version = saving.form.id, saving.version
        draft.title_sealed, draft.xml_sealed = self._vault.seal(saving.title), sealed.xml
        draft.size, draft.saved_at, draft.expires_at = size, now, now + KEPT
        session.add(draft)
        session.flush()
        gone = [one for one in before if one not in stay]
        web_drafts.forget_files(session, gone)
        for file in files:
            digest = file.staged.sha256
            session.add(Blob(sha256=digest, size=file.staged.size, created_at=now))
            session.flush()
            session.add(WebDraftFile(draft_id=draft.id, name=file.name, size=file.size, blob_sha256=digest))
        session.flush()
        return draft, [one.blob_sha256 for one in gone]

    def _begun(self, owner: Owner, uuid: str) -> WebDraft:
        code = "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))
        return WebDraft(
            actor_id=owner.actor_id,
            project_id=owner.project_id,
            uuid=uuid,
            code_hash=self._fingerprint(code),
            code_sealed=self._vault.seal(code),
        )

    def _fingerprint(self, code: str) -> str:
        # Codes are short: without the server's key nobody can try them all against a stolen database.
        return hmac.digest(self._codes, code.encode(), "sha256").hex()

    # Opening ----------------------------------------------------------------------------------------

    def listing(self, session: Session, owner: Owner, *, now: datetime) -> list[Opened]:
        """What the owner has begun, without answers. By a link nothing is listed: others have it too."""
        if owner.shared:
            return []
        several = web_drafts.of_owner(session, owner.actor_id, owner.project_id, now)
        return [self._shown(session, draft, form_id) for draft, form_id in several]

    def opened(self, owner: Owner, code: str, address: str, *, now: datetime) -> Opened:
        """A draft by its code, however that is typed; wrong ones are counted. Outside of any transaction.

        Raises WebDraftNotFound, TooManyAttempts.
        """
        draft, form_id = self._found(owner, code, address, now)
        packed = whole(self._sealer.opened(BytesIO(draft.xml_sealed)))
        return self._shown(db.session(), draft, form_id, gzip.decompress(packed))

    def file(self, owner: Owner, code: str, name: str, address: str, *, now: datetime) -> Iterator[bytes]:
        """A file of a draft, in pieces. Raises WebDraftNotFound, TooManyAttempts, AttachmentNotFound."""
        draft, _form_id = self._found(owner, code, address, now)
        for one in web_drafts.files_of(db.session(), draft.id):
            if one.name == name:
                return self._pieces(one.blob_sha256)
        raise AttachmentNotFound(name=name)

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        with self._blobs.open(sha256) as handle:
            yield from self._sealer.opened(handle)

    def _found(self, owner: Owner, code: str, address: str, now: datetime) -> tuple[WebDraft, str]:
        typed = "".join(letter for letter in code.upper() if letter.isalnum())

        def check() -> tuple[WebDraft, str]:
            one = web_drafts.by_code(
                db.session(), owner.actor_id, owner.project_id, self._fingerprint(typed), now
            )
            if one is None:
                raise NotSignedIn
            return one

        try:
            return counted(f"web draft\0{owner.actor_id}", address, check, now=now, most=MOST_GUESSES)
        except NotSignedIn as error:
            raise WebDraftNotFound(code=code[:20], days=KEPT.days) from error

    def _shown(self, session: Session, draft: WebDraft, form_id: str, xml: bytes | None = None) -> Opened:
        code = self._vault.open(draft.code_sealed)
        return Opened(
            draft.uuid,
            form_id,
            draft.version,
            self._vault.open(draft.title_sealed),
            "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)),
            draft.saved_at,
            draft.expires_at,
            {one.name: one.size for one in web_drafts.files_of(session, draft.id)},
            xml,
        )

    # Letting go -------------------------------------------------------------------------------------

    def delete(self, owner: Owner, uuid: str, *, now: datetime) -> None:
        """Forget a draft; no error where there is none. Call it outside of any transaction."""
        with transaction(noticed=False) as session:
            draft = web_drafts.by_uuid(session, owner.actor_id, owner.project_id, uuid)
            if draft is None:
                return
            form = session.get_one(Form, draft.form_id)
            note(session, "web_draft.delete", actee=_actee(form), actor_id=owner.actor_id, now=now)
            gone = web_drafts.forget(session, [draft.id])
        self._delete(gone)

    def holding(self, form_id: int, ids: Collection[str], traces: Collection[str]) -> list[int]:
        """The numbers of the drafts of a form that name a record by one of its ids, or somebody."""
        found = []
        for draft in web_drafts.of_form(db.session(), form_id):
            xml = gzip.decompress(whole(self._sealer.opened(BytesIO(draft.xml_sealed)))).decode(
                errors="replace"
            )
            said = [self._vault.open(draft.title_sealed), *_TAGS.split(xml)]
            if any(one in xml for one in ids) or any(
                names_him(text, traces) for text in said if text.strip()
            ):
                found.append(draft.id)
        return found

    def forget_holding(self, form_id: int, ids: Collection[str], traces: Collection[str]) -> int:
        """Forget them; returns how many. Call it outside of any transaction."""
        numbers = self.holding(form_id, ids, traces)
        db.session().rollback()
        for number in numbers:
            with transaction(noticed=False) as session:
                form = session.get_one(Form, form_id)
                note(session, "web_draft.delete", actee=_actee(form), notes="")
                gone = web_drafts.forget(session, [number])
            self._delete(gone)
        return len(numbers)

    def _delete(self, names: Sequence[str]) -> None:
        # After the transaction: what a failing disk keeps goes with the sweep, a week later.
        for name in names:
            with suppress(OSError):
                self._blobs.delete(name)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    staged: Staged


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What of a draft goes into the database, sealed, and when."""

    xml: bytes
    files: Sequence[_File]
    now: datetime


def _actee(form: Form) -> Actee:
    return Actee("form", form.id, form.project_id, form.id)


def _require_room(session: Session, owner: Owner, uuid: str, size: int) -> None:
    if size > LARGEST:
        raise SubmissionTooLarge(limit=LARGEST)
    count, others = web_drafts.held(session, owner.actor_id, uuid)
    most = MOST_OF_LINK if owner.shared else MOST
    if count >= most or others + size > MOST_BYTES:
        raise WebDraftsFull(count=most, megabytes=MOST_BYTES // 1024**2)


def sweep(blobs: BlobStore, *, now: datetime) -> int:
    """Forget drafts that nobody has saved for KEPT, some at a time; returns how many."""
    swept = 0
    while True:
        with transaction(noticed=False) as session:
            numbers = web_drafts.expired(session, now, _AT_ONCE)
            gone = web_drafts.forget(session, numbers)
        for name in gone:
            blobs.delete(name)
        swept += len(numbers)
        if len(numbers) < _AT_ONCE:
            return swept
