"""A server with two communes, in each the same of everything; what is elsewhere is known by its name."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.actions import public_links, submissions
from collector.actions.accounts import NewPhone, create_app_user, create_user, sign_in
from collector.actions.figures import Figures
from collector.actions.public_links import NewLink
from collector.actions.villages import follow_places
from collector.clock import moment
from storage.database import db, transaction
from storage.models import (
    Assignment,
    Batch,
    Blob,
    Campaign,
    CampaignForm,
    Entity,
    EntityList,
    EntityStamp,
    EntityVersion,
    Extract,
    ExtractFile,
    Finding,
    Form,
    Release,
    SentBack,
    Submission,
)
from storage.queries import actors
from storage.queries.forms import get_form
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.walk.routes import (
    BATCH,
    CAMPAIGN,
    ENTITY,
    FINDING,
    LINK,
    PHONE,
    PLACE,
    RECORD,
    RELEASE,
    SENT_BACK,
    TRASH,
)
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, GivenPhone, Office
from tests.tree import FOREIGN, HERE, HERE_VILLAGE, THERE, THERE_VILLAGE

OWN = "Giàng Nhà Mình"
"""The head of the household here."""

CLEANING = ("records", "round_trip", "merge")
"""Batches that change records of a form."""

_MADE = (
    "volunteers",
    "village_codes",
    "sample",
    "entities",
    "submissions",
    "roll_forward",
    "withdrawal",
)
"""Batches that make or move other things."""

SHEET = """
| survey |
| | type | name | label | unit |
| | select_one_from_file villages.csv | village | Thôn | |
| | calculate | village_code | | place |
| | select_one_from_file households.csv | household | Hộ | |
| | text | head | Chủ hộ | |
| | image | photo | Ảnh | |
| | geopoint | spot | Chỗ | |
| | begin_repeat | member | Người | |
| | text | member_name | Tên | |
| | end_repeat | | | |
| settings |
| | form_id | version | instance_name |
| | hh | 1 | ${head} |
| indicators |
| | code | label | numerator | unit | disaggregate |
| | households | Số hộ | true() | hộ | |
""".replace("calculate | village_code | | place |", "text | village_code | Mã thôn | place |")


@dataclass
class World:
    """The server, and the ids of what is in it: `here` the officer's, `there` none of his business."""

    office: Office
    form: Form
    phone_here: GivenPhone
    makers: dict[str, int] = field(default_factory=dict)
    here: dict[str, str] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Somebody with a browser and a program."""

    browser: FlaskClient
    secret: str
    token: str

    def ask(self, method: str, path: str, fields: Mapping[str, str] | bytes | None = None) -> TestResponse:
        """Any address: pages as a browser asks, the rest as a program does."""
        if isinstance(fields, bytes):
            headers = {"Authorization": f"Bearer {self.token}"}
            return self.browser.open(path, method=method, headers=headers, data=fields, buffered=True)
        if path.startswith(("/v1/", "/api/")):
            headers = {"Authorization": f"Bearer {self.token}", "X-OpenRosa-Version": "1.0"}
            return self.browser.open(path, method=method, headers=headers, json=fields, buffered=True)
        data = {"csrf_token": self.secret, **(fields or {})} if method == "POST" else None
        return self.browser.open(path, method=method, data=data, buffered=True)


def texts(response: TestResponse) -> Iterator[bytes]:
    """Everything an answer says, whatever it is packed in."""
    yield from _unpacked(response.data)
    yield str(response.headers).encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from _unpacked(packed.read(name))
    elif data[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress(data))
    else:
        yield data


def build(office: Office) -> World:
    """Fill a server."""
    with office.app.app_context(), transaction() as session:
        tree.plant(session)
    form = office.publish(SHEET)
    world = World(office, form, _phone(office, "Máy nhà", HERE))
    phone_there = _phone(office, f"Máy {FOREIGN}", THERE)
    _phone(office, f"Máy {FOREIGN} tự do")
    world.makers |= {"here": world.phone_here.actor_id, "there": phone_there.actor_id}
    for key, phone, village, head in (
        ("here", world.phone_here, HERE_VILLAGE, OWN),
        ("there", phone_there, THERE_VILLAGE, f"{FOREIGN} Páo"),
        ("gone", phone_there, THERE_VILLAGE, f"{FOREIGN} Đã Xóa"),
        ("nowhere", office.phone(f"{FOREIGN} không nơi"), "", f"{FOREIGN} Vô"),
    ):
        _send(Volunteer(office, phone, form=form), f"uuid:{key}", village, head)
    office.draft(SHEET.replace("| hh | 1 |", "| hh | 2 |"))
    _send_drafts(world)
    with office.app.app_context(), transaction() as session:
        _things(world, session)
    world.there |= {RECORD: "uuid:there", PHONE: str(phone_there.actor_id), PLACE: THERE}
    world.here |= {RECORD: "uuid:here", PHONE: str(world.phone_here.actor_id), PLACE: HERE}
    with office.app.app_context():
        follow_places(now=NOW)
        Figures(lambda: NOW).everything()
    return world


def _things(world: World, session: Session) -> None:
    """What the office keeps beside the records."""
    submissions.delete(session, get_form(session, 1, "hh"), "uuid:gone", now=NOW)
    there = session.scalars(
        select(Submission).where(Submission.instance_id == "uuid:there", Submission.draft.is_(False))
    ).one()
    later = moment() + timedelta(days=1)
    sent_back = SentBack(submission_id=there.id, reason=f"{FOREIGN}: sai", created_at=later)
    session.add(sent_back)
    days = {name: NOW.date() for name in ("period_from", "period_to", "opens_on", "due_on")}
    form = get_form(session, 1, "hh")
    for key, code, name in (("here", HERE, "Đường dẫn nhà"), ("there", THERE, f"Đường dẫn {FOREIGN}")):
        link = public_links.make(
            session, form, NewLink(name, place_codes=(code,)), world.office.parts.vault, now=NOW
        )
        getattr(world, key)[LINK] = str(link.actor_id)
    for key, code, name in (("here", HERE, "Đợt nhà"), ("there", THERE, f"Đợt {FOREIGN}")):
        campaign = Campaign(project_id=1, key=key, name=name, place_code=code, created_at=NOW, **days)
        session.add(campaign)
        session.flush()
        session.add(CampaignForm(campaign_id=campaign.id, xml_form_id="hh", unit="village"))
        getattr(world, key)[CAMPAIGN] = str(campaign.id)
    lists = EntityList(project_id=1, name="households", created_at=NOW)
    session.add(lists)
    session.flush()
    for key, code, name in (("here", HERE_VILLAGE, OWN), ("there", THERE_VILLAGE, f"Hộ {FOREIGN}")):
        _entity(world, lists.id, key, code, name)
    trash = EntityList(project_id=1, name="~9", deleted_name="homes", created_at=NOW, deleted_at=NOW)
    session.add(trash)
    session.flush()
    world.there[TRASH] = str(trash.id)
    for key, code, name in (("here", HERE_VILLAGE, OWN), ("there", THERE_VILLAGE, f"Hộ {FOREIGN}")):
        _entity(world, trash.id, key, code, name)
    for kind in (*_MADE, *CLEANING):
        world.there[f"{BATCH} {kind}"] = _batch(session, world.office.admin_id, kind, lists.id)
    for number, what in enumerate(("desk", "desk declined", "api", "api declined", "extract"), 1):
        _release(world, session, number, what)
    world.there[SENT_BACK] = str(sent_back.id)
    world.there[f"{BATCH} findings"] = _batch(session, world.office.admin_id, "findings", lists.id)
    world.there[FINDING] = _finding(session, there)
    _finding(session, session.scalars(select(Submission).where(Submission.instance_id == "uuid:gone")).one())


def _release(world: World, session: Session, number: int, what: str) -> None:
    """A release of the other commune that waits for approval, with a file nobody is in."""
    release = Release(
        project_id=1,
        number=number,
        name=f"Bản {FOREIGN} {what}",
        spec={"forms": [], "figures": True, "protection": "deidentified", "approve": True},
        places=[THERE],
        state="waiting",
        made_by=world.office.admin_id,
        made_at=NOW,
        digest="0" * 64,
    )
    session.add(release)
    session.flush()
    extract = Extract(
        project_id=1,
        release_id=release.id,
        kind="figures",
        asked_by=world.office.admin_id,
        asked_at=NOW,
        spec={"formats": ["csv"]},
        places=[THERE],
        state="made",
        done=1,
        total=1,
        made_at=NOW,
        digest="0" * 64,
    )
    session.add(extract)
    session.flush()
    world.there[f"{RELEASE} {what}"] = str(extract.id if what == "extract" else number)
    file = _file_of(world, session, extract, what)
    if what == "extract":
        world.there[f"{RELEASE} file"] = str(file.id)


def _file_of(world: World, session: Session, extract: Extract, what: str) -> ExtractFile:
    """A small file of it."""
    blobs, data = world.office.parts.blobs, f"INDICATOR\n{FOREIGN} {what}\n".encode()
    staged = blobs.stage()
    staged.write(data)
    blobs.keep([staged])
    session.add(Blob(sha256=staged.sha256, size=len(data), created_at=NOW))
    session.flush()
    file = ExtractFile(
        extract_id=extract.id,
        format="csv",
        name="chi-tieu.csv",
        content_type="text/csv",
        size=len(data),
        blob_sha256=staged.sha256,
    )
    session.add(file)
    session.flush()
    return file


def _finding(session: Session, record: Submission) -> str:
    found = Finding(
        project_id=1,
        form_id=record.form_id,
        submission_id=record.id,
        check="value_unreadable",
        path="/head",
        key=record.instance_id,
        value=FOREIGN,
        place_code=record.place_code,
        fingerprint=str(record.id),
        created_at=NOW,
    )
    session.add(found)
    session.flush()
    return str(found.id)


def _batch(session: Session, actor_id: int, kind: str, list_id: int) -> str:
    # What the pages that show them and take them back ask for.
    summary = {
        **dict.fromkeys(("people", "phones", "households", "surveyed", "made"), 1),
        **dict.fromkeys(("changed", "rows", "new", "added"), 1),
        "state": "accepted",
        "reason": FOREIGN,
        "number": 1,
        "year": 2026,
        "begins": "2026-09-01",
        "list_id": list_id,
        "form_id": 1,
        "act": "approved",
    }
    batch = Batch(
        kind=kind,
        project_id=1,
        file_name=f"{FOREIGN}.xlsx",
        actor_id=actor_id,
        summary=summary,
        created_at=NOW,
    )
    session.add(batch)
    session.flush()
    return str(batch.id)


def _entity(world: World, list_id: int, key: str, code: str, name: str) -> None:
    session = db.session()
    uuid = f"5f3a1c58-2222-4aaa-8aaa-00000000000{1 if key == 'here' else 2}"
    entity = Entity(
        list_id=list_id,
        uuid=uuid,
        label=name,
        data={"head": name},
        place_code=code,
        conflict="soft",
        creator_id=world.makers[key],
        created_at=NOW,
    )
    session.add(entity)
    session.flush()
    session.add(
        EntityVersion(entity_id=entity.id, version=1, label=name, data={"head": name}, created_at=NOW)
    )
    session.add(EntityStamp(list_id=list_id, commune_code=code.partition("-")[0], stamp=1))
    getattr(world, key)[ENTITY] = uuid


def _phone(office: Office, name: str, *codes: str) -> GivenPhone:
    with office.app.app_context(), transaction() as session:
        made, token = create_app_user(
            session, NewPhone(1, name, place_codes=codes), office.parts.vault, now=NOW
        )
        return GivenPhone(made.actor_id, token, f"/v1/key/{token}/projects/1")


def _answers(village: str, head: str) -> str:
    return (
        f"<village_code>{village}</village_code><head>{head}</head><photo>photo.jpg</photo>"
        f"<spot>22.1 104.1 0 0</spot><member><member_name>{head} con</member_name></member>"
    )


def _send(volunteer: Volunteer, instance: str, village: str, head: str) -> None:
    xml = answered("hh", "1", _answers(village, head), instance_id=instance)
    assert volunteer.post(xml, {"photo.jpg": JPEG + head.encode()}).status_code == 201


def _send_drafts(world: World) -> None:
    office = world.office
    volunteer = Volunteer(office, world.phone_here, form=world.form)
    volunteer.path = f"/v1/test/{office.draft_token(world.form)}/projects/1/forms/hh/draft/submission"
    for key, village, head in (("here", HERE_VILLAGE, OWN), ("there", THERE_VILLAGE, f"{FOREIGN} Nháp")):
        xml = answered("hh", "2", _answers(village, head), instance_id=f"uuid:{key}")
        assert volunteer.post(xml, {"photo.jpg": JPEG}).status_code == 201


ROLES = {"officer": REVIEWER, "head": MANAGER, "leader": VIEWER}
"""Who walks, by user name."""


def person(world: World, name: str, code: str | None = HERE) -> Person:
    """An account with that role in that commune; `admin` is there already, and sees everything."""
    office = world.office
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, name)
        if user is None:
            user = create_user(session, name, ADMIN_PASSWORD, now=NOW)
            role = ROLES.get(name, MANAGER)
            session.add(Assignment(actor_id=user.actor_id, role=role, project_id=1, place_code=code))
        signed = sign_in(session, user, now=moment())
    browser = office.client()
    browser.set_cookie(COOKIE, signed.token)
    browser.set_cookie("collector_language", "en")
    page = browser.get("/account").text
    secret = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return Person(browser, secret, signed.token)


__all__ = ["ADMIN", "OWN", "ROLES", "Person", "World", "build", "person", "texts"]
