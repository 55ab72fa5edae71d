"""A first start: everything a fresh server needs, made once; a later start changes nothing."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from collector.accounts.permissions import ADMINISTRATOR
from collector.accounts.secrets import Vault, new_password
from collector.actions import form_files
from collector.actions import publish as publishing
from collector.actions.accounts import NewPhone, create_app_user, create_user
from collector.actions.places import adopt, load_earlier, load_places
from collector.actions.programme import bring_programme
from collector.actions.settling import settle_records
from collector.actions.villages import follow_places
from collector.settings import Settings
from forms.places import provinces
from forms.problems import FormRefused
from storage.blobs import BlobStore
from storage.bucket_problems import BucketSilent
from storage.database import db, transaction
from storage.migrate import migrate
from storage.models import Assignment, Form, FormVersion, Place, PlaceChange, PlaceSpan, Project, User
from storage.portable_turns import in_turn
from storage.problems import NetworkFileSystem, StoreFailed

log = logging.getLogger(__name__)

FIRST_PROJECT = "Điều tra nhu cầu học tập và xóa mù chữ"
FIRST_PHONE = "Điện thoại thử nghiệm"
PROGRAMME = "programme"
"""The workbook beside the surveys that asks nobody anything: it holds the figures that cross forms."""

_SHARED_FOLDERS = frozenset({
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
})


@dataclass(frozen=True)
class Started:
    """What a first start made and the operator has to be told once; None where it was there already."""

    admin_password: str | None = None
    phone_token: str | None = None
    project_id: int = 1


def surveys_folder() -> Path:
    """Where the shipped surveys lie: beside the packages, or where a wheel put them."""
    beside = Path(__file__).resolve().parents[2] / "xlsforms"
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "collector" / "xlsforms"


def shipped_places(name: str) -> Path:
    """A list of places that comes with the server; it need not be there."""
    return surveys_folder() / "places" / name


def learn_earlier_places(now: datetime) -> int:
    """Enter what was before the reform of 2025, where it is not known yet; returns how many codes it was.

    Beside the web processes: a first start need not wait for it.
    """
    path = shipped_places("units_before_2025-07-01.csv")
    known = db.session().scalar(select(PlaceChange.id).where(PlaceChange.kind == "load").offset(33).limit(1))
    whole = known is None and path.exists() and _has_the_country(db.session())
    db.session().rollback()
    return load_earlier(path.read_bytes(), now=now) if whole else 0


def _has_the_country(session: Session) -> bool:
    """Whether all provinces of today are there: what was before becomes them, and nothing else."""
    wanted = {one.code for one in provinces()}
    return session.scalar(select(func.count()).where(Place.code.in_(wanted))) == len(wanted)


def _bring_places(now: datetime) -> None:
    """Give the places of an earlier release their history."""
    known = db.session().scalar(select(PlaceSpan.id).limit(1))
    db.session().rollback()
    if known is None:
        with transaction() as session:
            load_places(session, now=now)
            adopt(session)


def prepare_home(settings: Settings) -> None:
    """Make the data folder. Raises NetworkFileSystem when SQLite would lie on a shared folder."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o750)
    if settings.database_url.startswith("sqlite"):
        kind = _filesystem(settings.home)
        if kind in _SHARED_FOLDERS:
            raise NetworkFileSystem(path=str(settings.home), kind=kind)


def _filesystem(path: Path) -> str:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    best = ("", "")
    for line in mounts.read_text().splitlines():
        _device, place, kind, *_rest = line.split(" ")
        if (f"{path}/".startswith(f"{place.rstrip('/')}/")) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def start(settings: Settings, vault: Vault, blobs: BlobStore, *, now: datetime) -> Started:
    """Migrate, load places, make the first project, account and phone, publish the shipped surveys.

    Of several machines that start at once one does it, the others find it done.
    """
    with in_turn(db.engine, "start"):
        return _start(settings, vault, blobs, now)


def _start(settings: Settings, vault: Vault, blobs: BlobStore, now: datetime) -> Started:
    migrate(db.engine)
    begun = db.session().scalar(select(Project.id).limit(1)) is not None
    db.session().rollback()
    _prove_files(blobs, begun=begun)
    if begun:
        _bring_places(now)
        _bring_surveys(blobs, now)
        bring_programme(blobs, surveys_folder(), now)
        follow_places(now=now)
        settle_records()
        return Started()
    with transaction() as session:
        load_places(session, villages=shipped_places("villages_demo.csv"), now=now)
        project = Project(name=FIRST_PROJECT, created_at=now)
        session.add(project)
        session.flush()
        password = _first_account(session, settings, now)
        _app_user, token = create_app_user(session, NewPhone(project.id, FIRST_PHONE), vault, now=now)
        project_id = project.id
    _bring_surveys(blobs, now)
    bring_programme(blobs, surveys_folder(), now)
    follow_places(now=now)
    return Started(password, token, project_id)


def _prove_files(blobs: BlobStore, *, begun: bool) -> None:
    """See that files can be kept. Raises a Problem when they are not set up right.

    A server that is begun starts without a store that is only away: forms without files come in meanwhile.
    """
    try:
        blobs.prove()
    except (BucketSilent, StoreFailed) as problem:
        if not begun:
            raise
        log.warning("%s", problem)


def _first_account(session: Session, settings: Settings, now: datetime) -> str | None:
    password = settings.admin_password or new_password()
    user: User = create_user(session, "admin", password, now=now)
    session.add(Assignment(actor_id=user.actor_id, role=ADMINISTRATOR))
    return None if settings.admin_password else password


@dataclass(frozen=True, slots=True)
class Shipped:
    """A survey that comes with the server: its workbook, and the form id that is also its file name."""

    path: Path
    form_id: str
    data: bytes

    @property
    def sha256(self) -> str:
        """What its stored copy is known by."""
        return hashlib.sha256(self.data).hexdigest()


def shipped_surveys() -> Iterator[Shipped]:
    """Every survey that comes with the server."""
    for path in sorted(surveys_folder().glob("*/*.xlsx")):
        if path.stem == path.parent.name and path.stem != PROGRAMME:
            yield Shipped(path, path.stem, path.read_bytes())


def _bring_surveys(blobs: BlobStore, now: datetime) -> None:
    """Publish the shipped surveys that are absent; a changed one waits as a draft for an officer.

    Never over an officer's own draft, and never twice: what was stored once is known by its digest.
    """
    session = db.session()
    project_id = session.scalar(select(Project.id).order_by(Project.id).limit(1)) or 1
    known = set(session.scalars(select(Form.xml_form_id)))
    here = select(Form.xml_form_id, Form.draft_id).where(Form.deleted_at.is_(None))
    drafts = dict(session.execute(here).all())
    stored = set(session.scalars(select(FormVersion.workbook_sha256)))
    session.rollback()
    for survey in shipped_surveys():
        absent = survey.form_id not in known
        # What somebody put into the trash stays there.
        waits = survey.form_id in drafts and drafts[survey.form_id] is None
        if absent or (waits and survey.sha256 not in stored):
            _bring(blobs, survey, project_id, publishing.Author(None, now), absent=absent)


def _bring(
    blobs: BlobStore,
    survey: Shipped,
    project_id: int,
    author: publishing.Author,
    *,
    absent: bool,
) -> None:
    prepared = publishing.prepare(publishing.Definition(survey.data, survey.path.name), check=False)
    try:
        with transaction() as session:
            form = publishing.save_draft(session, project_id, prepared, author, blobs)
            media = survey_media(survey.path)
            form_files.fill_draft(session, form, prepared, media, author=author, blobs=blobs)
            if absent:
                publishing.publish(session, form, author)
    except FormRefused as problem:
        # An office's own programme may use its codes; the server starts all the same.
        log.warning("%s was not published: %s", survey.form_id, problem)
        return
    log.info("%s %s", "published" if absent else "a newer version waits as a draft:", survey.form_id)


def survey_media(path: Path) -> dict[str, bytes]:
    """The files of a survey that lie beside it in `media/`; its lists are made for each phone."""
    folder = path.parent / "media"
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*")) if file.is_file()}
