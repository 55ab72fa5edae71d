"""A household, or one person of it, asks to be erased: everything of theirs goes, and does not come back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import select, update

from collector.actions import auditing, erasure_replay, record_names, releases
from collector.actions.doctor import chain
from collector.actions.erasing import Done, Erasing
from collector.actions.erasure_targets import Target
from collector.actions.keeping import Keeping
from collector.actions.web_drafts import WebDrafts
from collector.clock import moment
from storage.audits import acting, note, of_form
from storage.cells.marks import form_source
from storage.database import db, transaction
from storage.erasing import keeping
from storage.erasing.problems import ErasureGroundMissing, NothingToErase
from storage.erasing.tombstones import Order
from storage.models import (
    Audit,
    Blob,
    Entity,
    Erasure,
    Extract,
    ExtractFile,
    FigureMark,
    Finding,
    Form,
    RecordView,
    Release,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.projection.rebuild import Rebuild
from storage.queries import belongings
from tests.kept import rows
from tests.office import NOW, GivenPhone, Office

FORM = """
| survey |
| | type | name | label | pii | unit | save_to |
| | text | head | Chủ hộ | direct | | head |
| | text | tel | Điện thoại | direct | | |
| | text | remarks | Ghi chú | | | |
| | begin_repeat | member | Người | | | |
| | text | m_name | Tên | direct | | |
| | integer | m_age | Tuổi | indirect | | |
| | image | m_photo | Ảnh | sensitive | | |
| | end_repeat | | | | | |
| settings |
| | form_id | version | instance_name |
| | NAME | 1 | Hộ ${head} |
| entities |
| | list_name | label |
| | l_NAME | ${head} |
"""
PAO, MAI, LENH = "Giàng A Páo", "Vàng Thị Mai", "Thào Seo Lềnh"
GROUND = "Luật 91/2025/QH15, yêu cầu số 12 ngày 03/02/2026"
PHOTO = b"\xff\xd8\xff\xe0 photo of somebody " + bytes(range(200))


class Household:
    """A survey of its own in an office, and what its phone sends."""

    def __init__(self, office: Office, phone: GivenPhone, name: str) -> None:
        self.office, self.phone, self.name = office, phone, name
        self.form = office.publish(FORM.replace("NAME", name))

    def xml(
        self, instance_id: str, *members: str, head: str = PAO, replaces: str = "", said: str = ""
    ) -> bytes:
        """A filled form; each member has a photo called after his place."""
        people = "".join(
            f"<member><m_name>{one}</m_name><m_age>{30 + at}</m_age>"
            f"<m_photo>{instance_id[5:]}_{at}.jpg</m_photo></member>"
            for at, one in enumerate(members)
        )
        before = f"<deprecatedID>{replaces}</deprecatedID>" if replaces else ""
        uuid = f"{abs(hash(instance_id)) % 16**12:012x}"
        entity = (
            f'<entity xmlns="http://www.opendatakit.org/xforms/entities" dataset="l_{self.name}" create="1"'
            f' id="00000000-0000-4000-8000-{uuid}"><label>{head}</label></entity>'
        )
        meta = f"{before}<instanceID>{instance_id}</instanceID><instanceName>Hộ {head}</instanceName>"
        return (
            f'<data id="{self.name}" version="1"><meta>{meta}{"" if replaces else entity}</meta>'
            f"<head>{head}</head><tel>0912345678</tel><remarks>{said}</remarks>{people}</data>"
        ).encode()

    def send(self, xml: bytes, **photos: bytes) -> int:
        """What the phone is answered."""
        parts: dict[str, Any] = {
            f"{name}.jpg": (io.BytesIO(data), f"{name}.jpg") for name, data in photos.items()
        }
        parts["xml_submission_file"] = (io.BytesIO(xml), "s.xml")
        answer = self.office.client().post(
            f"{self.phone.path}/submission", data=parts, headers={"X-OpenRosa-Version": "1.0"}
        )
        with self.office.app.app_context():
            record_names.keep_up(moment())
        return answer.status_code

    def erase(self, *targets: Target, said: str = "", ground: str = GROUND) -> Done:
        """The administrator erases."""
        parts = self.office.parts
        with self.office.app.app_context(), acting(self.office.admin_id, moment()):
            erasing = Erasing(parts.blobs, parts.shelf, WebDrafts(parts.vault, parts.blobs))
            return erasing.erase(1, targets, Order(ground, self.office.admin_id, moment()), said)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The answers, table by table."""
        return {path: rows(self.office, self.form, path) for path in ("", "/member")}


@pytest.fixture(scope="module")
def phone(kept_office: Office) -> GivenPhone:
    """A phone for every form."""
    return kept_office.phone()


@pytest.fixture
def house(kept_office: Office, phone: GivenPhone, request: pytest.FixtureRequest) -> Household:
    """A survey of its own for each test."""
    return Household(kept_office, phone, f"f{abs(hash(request.node.name)) % 10**8}")


@pytest.fixture
def looking(kept_office: Office) -> Iterator[Any]:
    """The database, read."""
    with kept_office.app.app_context():
        yield db.session()
        db.session().rollback()


def stored_bytes(office: Office) -> bytes:
    """All that lies in the database's files (of SQLite) and in the folder of files."""
    with office.app.app_context():
        url = db.engine.url
        found = (
            []
            if url.drivername.startswith("postgresql")
            else sorted(Path(url.database or "").parent.glob("*"))
        )
    found += sorted(Path(office.settings.blobs_url.removeprefix("file://")).rglob("*"))
    return b"".join(one.read_bytes() for one in found if one.is_file())


def test_a_household_asks_to_be_erased_and_nothing_of_it_is_left(
    kept_office: Office, house: Household, looking: Any
) -> None:
    one, other = f"uuid:{house.name}1", f"uuid:{house.name}2"
    assert house.send(house.xml(one, PAO, MAI), **{f"{house.name}1_0": PHOTO}) == 201
    assert house.send(house.xml(other, LENH, head=LENH), **{f"{house.name}2_0": PHOTO + b"2"}) == 201
    assert house.send(house.xml(f"{one}b", PAO, MAI, replaces=one)) == 201
    with kept_office.app.app_context(), transaction() as session:
        [record] = session.scalars(select(Submission).where(Submission.instance_id == one))
        number = record.id
        session.add(SubmissionComment(submission_id=number, body=f"gặp {PAO}", created_at=NOW))
        session.add(
            Finding(
                project_id=1,
                check="alike",
                path="",
                key=other,
                value="",
                others=[number],
                details={"name": PAO},
                created_at=NOW,
            )
        )
    found = belongings.find(looking, 1, "giang a pao")
    assert {(of.kind, of.key) for of in found if of.owner == house.name} == {
        ("record", one),
        ("row", f"{one}/member[1]"),
    }
    assert [of.name for of in found if of.owner == f"l_{house.name}"] == [PAO]
    packed = looking.scalars(
        select(SubmissionVersion.xml).where(SubmissionVersion.submission_id == number)
    ).all()
    looking.rollback()

    done = house.erase(Target("record", one))

    assert [stone.kind for stone in done.stones] == ["entity", "submission"]
    assert belongings.find(looking, 1, PAO) == []
    assert [row["/head"] for row in house.tables()[""]] == [LENH]
    assert PAO not in looking.scalars(select(Entity.label)).all()
    assert (
        looking.scalars(select(SubmissionComment.id).where(SubmissionComment.submission_id == number)).all()
        == []
    )
    assert looking.scalars(select(Finding.id).where(Finding.check == "alike")).all() == []
    marks = looking.scalars(select(FigureMark.source).where(FigureMark.source == form_source(house.form.id)))
    assert marks.first() is not None
    looking.rollback()
    assert done.wiped
    left = stored_bytes(kept_office)
    for trace in (
        PAO.encode(),
        b"Giang A Pao",
        b"giang a pao",
        json.dumps(PAO)[1:-1].encode(),
        *packed,
    ):
        assert trace not in left
    assert PHOTO + b"2" in left
    assert left.count(PHOTO) == 1


def test_what_was_erased_is_taken_in_no_more_and_the_phone_is_told_yes(
    house: Household, looking: Any
) -> None:
    one = f"uuid:{house.name}"
    sent, edited = house.xml(one, PAO), house.xml(f"{one}b", PAO, replaces=one)
    assert house.send(sent) == house.send(edited) == 201
    house.erase(Target("record", one))
    before = looking.scalars(select(Blob.sha256)).all()
    looking.rollback()
    photo = {f"{house.name}_0": PHOTO + b"again"}
    assert house.send(sent, **photo) == house.send(edited) == 201
    assert house.tables() == {"": [], "/member": []}
    assert looking.scalars(select(Blob.sha256)).all() == before
    left = looking.scalars(
        select(SubmissionVersion).where(SubmissionVersion.instance_id.like(f"{one}%"))
    ).all()
    assert [(of.xml, of.instance_name, of.submitter_id, of.xml_size) for of in left] == [
        (None, None, None, 0)
    ] * 2


def test_a_tombstone_and_the_log_name_nobody(house: Household, looking: Any) -> None:
    one = f"uuid:{house.name}"
    house.send(house.xml(one, PAO))
    house.erase(Target("record", one))
    [stone] = looking.scalars(select(Erasure).where(Erasure.instance_id == one))
    assert (stone.kind, stone.ground, stone.details) == ("submission", GROUND, {"versions": [one]})
    assert len(stone.digest) == 64
    auditing.keep_up(moment())
    said = looking.execute(
        select(Audit.action, Audit.details, Audit.notes).where(Audit.instance_id == one)
    ).all()
    assert {row.action for row in said} >= {"submission.create", "submission.purge", "erasure.create"}
    assert PAO not in json.dumps([tuple(row) for row in said], ensure_ascii=False)
    assert chain(looking).do is None


def test_one_person_is_erased_and_her_household_stays(
    kept_office: Office, house: Household, looking: Any
) -> None:
    one, newer = f"uuid:{house.name}", f"uuid:{house.name}b"
    photos = {f"{house.name}_0": PHOTO + b"head", f"{house.name}_1": PHOTO + b"wife"}
    assert house.send(house.xml(one, PAO, MAI, LENH, said=f"chị {MAI} nghỉ học"), **photos) == 201
    # In the newer version somebody stands before her.
    assert house.send(house.xml(newer, LENH, PAO, MAI, said=f"chị {MAI} nghỉ học", replaces=one)) == 201

    done = house.erase(Target("row", f"{one}/member[3]"))

    [stone] = done.stones
    assert stone.details["rows"] == {newer: "/member[3]", one: "/member[2]"}
    assert [row["/member/m_name"] for row in house.tables()["/member"]] == [LENH, PAO]
    assert [(row["/head"], row["/remarks"]) for row in house.tables()[""]] == [(PAO, "")]
    assert looking.scalars(
        select(SubmissionVersion.current).where(SubmissionVersion.instance_id == newer)
    ).one()
    looking.rollback()
    left = stored_bytes(kept_office)
    assert MAI.encode() not in left
    assert PHOTO + b"wife" not in left
    assert PHOTO + b"head" in left
    for version in (one, newer):
        xml = _xml(house, version)
        assert MAI not in xml
        assert PAO in xml
    assert belongings.find(looking, 1, MAI) == []


def _xml(house: Household, instance_id: str) -> str:
    from storage.queries.submissions import stored_xml

    with house.office.app.app_context():
        number = (
            db
            .session()
            .scalars(select(SubmissionVersion.id).where(SubmissionVersion.instance_id == instance_id))
            .one()
        )
        data, _blob = stored_xml(db.session(), number)
        return (data or b"").decode()


def test_rebuilding_makes_the_same_tables_without_who_was_erased(house: Household) -> None:
    one = f"uuid:{house.name}"
    house.send(house.xml(one, PAO, MAI))
    house.send(house.xml(f"{one}x", LENH, head=LENH))
    house.erase(Target("row", f"{one}/member[2]"), Target("record", f"{one}x"))
    before = house.tables()
    assert [row["/member/m_name"] for row in before["/member"]] == [PAO]
    with house.office.app.app_context():
        Rebuild(house.form.id, house.office.parts.blobs).run()
    assert house.tables() == before


def test_a_phone_that_sends_the_household_again_brings_the_person_back_nowhere(
    house: Household, looking: Any
) -> None:
    one = f"uuid:{house.name}"
    sent = house.xml(one, PAO, MAI)
    assert house.send(sent) == 201
    house.erase(Target("row", f"{one}/member[2]"))
    photos = {f"{house.name}_0": PHOTO + b"late", f"{house.name}_1": PHOTO + b"gone"}
    assert house.send(sent, **photos) == 201
    assert [row["/member/m_name"] for row in house.tables()["/member"]] == [PAO]
    # The photo that was still awaited of him who stays came; hers did not.
    assert looking.scalars(select(Submission.files_present).where(Submission.instance_id == one)).one() == 1
    assert PHOTO + b"gone" not in stored_bytes(house.office)


def test_files_and_releases_made_before_are_withdrawn(
    kept_office: Office, house: Household, looking: Any
) -> None:
    one = f"uuid:{house.name}"
    house.send(house.xml(one, PAO))
    blobs = kept_office.parts.blobs
    with kept_office.app.app_context(), transaction() as session:
        staged = blobs.stage()
        staged.write(f"a file with {PAO} in it".encode())
        blobs.keep([staged])
        digest = staged.sha256
        session.add(Blob(sha256=digest, size=1, created_at=NOW))
        wanted = releases.Wanted(name="Chốt", forms=(house.name,))
        release = releases.make(session, 1, wanted, releases.Maker(None, NOW))
        made = session.scalars(select(Extract).where(Extract.form_id == house.form.id)).one()
        made.state = "made"
        session.add(
            ExtractFile(
                extract_id=made.id, format="csv", name="a.zip", content_type="", size=1, blob_sha256=digest
            )
        )
        session.flush()
        release.state = "issued"
        numbers = release.id, made.id
    done = house.erase(Target("record", one))
    assert (done.releases, len(done.anew)) == ([numbers[0]], 1)
    release = looking.get_one(Release, numbers[0])
    assert looking.scalars(select(Release.state).where(Release.replaces_id == release.id)).all() == ["making"]
    assert (release.state, release.reason) == ("withdrawn", GROUND)
    assert looking.get_one(Extract, numbers[1]).state == "failed"
    assert not blobs.exists(digest)


def test_a_restored_backup_replays_erasures(kept_office: Office, house: Household) -> None:
    first, second, never = (f"uuid:{house.name}{at}" for at in "123")
    sent = [house.xml(first, PAO, MAI), house.xml(second, LENH, head=LENH)]
    for xml in sent:
        house.send(xml)
    house.erase(Target("row", f"{first}/member[2]"), Target("record", second))
    with kept_office.app.app_context():
        lines = [line for line in erasure_replay.lines(db.session()) if house.name in line]
        db.session().rollback()
    assert MAI not in "".join(lines)
    # The backup knows nothing of it: it is another survey of the same household, as it was before.
    twin = Household(kept_office, house.phone, f"{house.name}t")
    for xml in sent:
        twin.send(xml.replace(f'id="{house.name}"'.encode(), f'id="{twin.name}"'.encode()))
    old = [json.loads(line) | {"form": twin.name, "digest": f"{at:064x}"} for at, line in enumerate(lines, 1)]
    old = [one for one in old if one["kind"] != "entity"]
    old.append(old[-1] | {"instanceId": never, "versions": [never], "kind": "submission", "digest": "9" * 64})
    told = [json.dumps(one) for one in old]
    own = kept_office.parts
    replay = erasure_replay.Replay(Erasing(own.blobs, own.shelf), Keeping(own.blobs, own.shelf))
    with kept_office.app.app_context(), acting(None, moment()):
        assert replay.run(told, moment()) == 3
        assert replay.run(told, moment()) == 0
    assert [row["/member/m_name"] for row in twin.tables()["/member"]] == [PAO]
    # What the backup never had is not taken in afterwards either.
    assert twin.send(twin.xml(never, LENH)) == 201
    assert [row["/head"] for row in twin.tables()[""]] == [PAO]


def test_words_that_name_somebody_beside_the_answers_go_with_him(house: Household, looking: Any) -> None:
    one, other = f"uuid:{house.name}1", f"uuid:{house.name}2"
    house.send(house.xml(one, PAO))
    house.send(house.xml(other, LENH, head=LENH))
    number = looking.scalars(select(Submission.id).where(Submission.instance_id == other)).one()
    looking.rollback()
    with transaction() as session, acting(house.office.admin_id, NOW):
        for body in (f"cùng nhà với {PAO.upper()}", "để lại"):
            session.add(SubmissionComment(submission_id=number, body=body, created_at=NOW))
        form = session.get_one(Form, house.form.id)
        note(session, "form.update", actee=of_form(form), notes=f"{PAO} gọi điện")
        session.add(
            RecordView(
                form_id=form.id,
                actor_id=house.office.admin_id,
                name="riêng",
                address=f"q={quote_plus(PAO)}",
                created_at=NOW,
            )
        )
    assert belongings.words(looking, 1, PAO).to_go == 3
    looking.rollback()
    house.erase(Target("record", one), said=PAO)
    assert belongings.words(looking, 1, PAO).to_go == 0
    said = looking.scalars(
        select(SubmissionComment.body).where(SubmissionComment.submission_id == number)
    ).all()
    assert said == ["để lại"]


def test_nobody_erases_without_a_ground_or_what_is_not_there(house: Household) -> None:
    one = f"uuid:{house.name}"
    house.send(house.xml(one, PAO))
    with pytest.raises(ErasureGroundMissing):
        house.erase(Target("record", one), ground=" xoá ")
    for target in (Target("record", "uuid:none"), Target("row", f"{one}/member[7]"), Target("entity", one)):
        with pytest.raises(NothingToErase):
            house.erase(target)
    assert [row["/head"] for row in house.tables()[""]] == [PAO]


def test_the_preview_says_exactly_what_would_go(kept_office: Office, house: Household) -> None:
    one = f"uuid:{house.name}"
    house.send(house.xml(one, PAO, MAI), **{f"{house.name}_0": PHOTO})
    house.send(house.xml(f"{one}b", PAO, MAI, replaces=one))
    parts = kept_office.parts
    erasing = Erasing(parts.blobs, parts.shelf, WebDrafts(parts.vault, parts.blobs))
    with kept_office.app.app_context():
        whole = erasing.preview(1, [Target("record", one)], PAO)
        person = erasing.preview(1, [Target("row", f"{one}/member[1]")])
    assert (whole.records, whole.versions, whole.files, whole.entities) == (1, 2, 1, 1)
    assert (person.rows, person.versions, set(person.blanked)) == (1, 2, {"Chủ hộ", "/meta/instanceName"})
    assert house.tables()["/member"] != []


def test_names_that_are_over_their_date_go_and_the_rest_stays(
    kept_office: Office, house: Household, looking: Any
) -> None:
    old, fresh = f"uuid:{house.name}1", f"uuid:{house.name}2"
    house.send(house.xml(old, PAO, MAI, said=f"nhà {PAO}"))
    house.send(house.xml(f"{old}b", PAO, MAI, replaces=old))
    house.send(house.xml(fresh, LENH, head=LENH))
    now = moment()
    with kept_office.app.app_context(), acting(kept_office.admin_id, now):
        with transaction() as session:
            for table in (Submission, SubmissionVersion):
                long_ago = now - timedelta(days=800)
                mine = table.instance_id.in_([old, f"{old}b"])
                session.execute(update(table).where(mine).values(created_at=long_ago))
            form = session.get_one(Form, house.form.id)
            order = Order("Quyết định 5", kept_office.admin_id, now)
            keeping.decide(session, form, 24, keeping.IDENTIFIERS, order)
        [kept] = [one for one in keeping.surveys(db.session(), 1, now) if one.form.id == house.form.id]
        assert (kept.due, kept.until is not None and kept.until < now.date()) == (1, True)
        worker = Keeping(kept_office.parts.blobs, kept_office.parts.shelf)
        assert worker.look(now) == 0
        with transaction() as session:
            keeping.order_now(session, session.get_one(Form, house.form.id), order)
        assert worker.look(now) == 1
        assert worker.look(now) == 0
        [kept] = [one for one in keeping.surveys(db.session(), 1, now) if one.form.id == house.form.id]
        assert kept.due == 0
        db.session().rollback()
    tables = house.tables()
    assert [row["/head"] for row in tables[""]] == ["", LENH]
    assert [(row["/member/m_name"], row["/member/m_age"]) for row in tables["/member"]] == [
        ("", 30),
        ("", 31),
        (LENH, 30),
    ]
    assert PAO not in _xml(house, old) + _xml(house, f"{old}b")
    assert MAI not in _xml(house, old)
    # The phone sends the old one again: it has done its part.
    assert house.send(house.xml(old, PAO, MAI, said=f"nhà {PAO}")) == 201
    assert looking.scalars(select(Erasure.kind).where(Erasure.form_id == house.form.id)).all() == [
        "identifiers"
    ]
