"""A household, or one person of it, asks to be erased: everything of theirs goes, and does not come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from collector.actions import auditing
from collector.actions.doctor import chain
from collector.actions.erasing import Erasing
from collector.actions.erasure_targets import Target
from collector.actions.web_drafts import WebDrafts
from collector.clock import moment
from storage.cells.marks import form_source
from storage.database import db, transaction
from storage.erasing.problems import ErasureGroundMissing, NothingToErase
from storage.models import (
    Audit,
    Blob,
    Entity,
    Erasure,
    FigureMark,
    Finding,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.projection.rebuild import Rebuild
from storage.queries import belongings
from tests.erased import GROUND, LENH, MAI, PAO, PHOTO, Household, stored_bytes, xml_of
from tests.office import NOW, GivenPhone, Office


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


def beside(office: Office, instance_id: str, other: str) -> int:
    """Words about a household, and a finding of another's that names it; its number."""
    with office.app.app_context(), transaction() as session:
        number = session.scalars(select(Submission.id).where(Submission.instance_id == instance_id)).one()
        session.add(SubmissionComment(submission_id=number, body=f"gặp {PAO}", created_at=NOW))
        said = {"key": other, "path": "", "value": "", "others": [number], "details": {"name": PAO}}
        session.add(Finding(project_id=1, check="alike", created_at=NOW, **said))
        return number


SPELLED = (PAO.encode(), b"Giang A Pao", b"giang a pao", json.dumps(PAO)[1:-1].encode())
"""A name as it may stand in the files of a database."""


def test_a_household_asks_to_be_erased_and_nothing_of_it_is_left(
    kept_office: Office, house: Household, looking: Any
) -> None:
    one, other = f"uuid:{house.name}1", f"uuid:{house.name}2"
    assert house.send(house.xml(one, PAO, MAI), **{f"{house.name}1_0": PHOTO}) == 201
    assert house.send(house.xml(other, LENH, head=LENH), **{f"{house.name}2_0": PHOTO + b"2"}) == 201
    assert house.send(house.xml(f"{one}b", PAO, MAI, replaces=one)) == 201
    number = beside(kept_office, one, other)
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
    comments = select(SubmissionComment.id).where(SubmissionComment.submission_id == number)
    assert looking.scalars(comments).all() == []
    assert looking.scalars(select(Finding.id).where(Finding.check == "alike")).all() == []
    marks = looking.scalars(select(FigureMark.source).where(FigureMark.source == form_source(house.form.id)))
    assert marks.first() is not None
    looking.rollback()
    assert done.wiped
    left = stored_bytes(kept_office)
    assert [one for one in (*SPELLED, *packed) if one in left] == []
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
        xml = xml_of(house, version)
        assert MAI not in xml
        assert PAO in xml
    assert belongings.find(looking, 1, MAI) == []


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
