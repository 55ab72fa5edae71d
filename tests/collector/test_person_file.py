"""A person asks what is written about him: one file holds all of it, and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions import person_file
from collector.actions.erasing import Erasing
from collector.actions.erasure_targets import Target
from collector.actions.looks import KNOWN, note_look
from collector.actions.person_file import Wish
from collector.actions.web_drafts import WebDrafts
from collector.clock import moment
from collector.person_page import page
from storage.database import transaction
from storage.erasing.problems import NothingToErase, RequestMissing
from storage.models import Audit, Finding, Submission, SubmissionComment
from tests.collector.desk.reader import Page, Reader
from tests.collector.test_cli import Command, _as_before, collector, said
from tests.erased import LENH, MAI, PAO, PHOTO, Household
from tests.kept import looking
from tests.office import NOW, Office

__all__ = ["_as_before", "collector"]

PURPOSE = "Đơn số 12 ngày 03/02/2026"
OTHER_PHOTO = PHOTO[:-1] + b"!"
NAMED = f"Giao thẻ cho {MAI} nhé"


@pytest.fixture
def house(office: Office) -> Household:
    """Two persons, corrected once by the phone, with what the office wrote and found."""
    KNOWN.clear()
    made = Household(office, office.phone(), "hh")
    made.send(made.xml("uuid:1", MAI, LENH, said=NAMED), **{"1_0": PHOTO, "1_1": OTHER_PHOTO})
    made.send(made.xml("uuid:1b", f"{MAI} ", LENH, said=NAMED, replaces="uuid:1"), **{"1b_0": PHOTO})
    made.send(made.xml("uuid:2", "Hạng A Sử"))
    with office.app.app_context():
        with transaction() as session:
            number = session.scalars(select(Submission.id).where(Submission.instance_id == "uuid:1")).one()
            for text in (f"Đã gọi điện cho {MAI}.", f"{LENH} đi vắng."):
                session.add(
                    SubmissionComment(
                        submission_id=number, body=text, actor_id=office.admin_id, created_at=NOW
                    )
                )
            for path, key, value in (("/tel", "uuid:1", "0912345678"), ("/member/m_age", ROW, "31")):
                session.add(
                    Finding(
                        project_id=1,
                        form_id=made.form.id,
                        submission_id=number,
                        check="outlier",
                        path=path,
                        key=key,
                        value=value,
                        created_at=NOW,
                    )
                )
        note_look(number, office.admin_id, now=moment())
    return made


ROW = "uuid:1/member[1]"
RECORD = Target("record", "uuid:1")


def told(house: Household, *targets: Target, name: str = "", purpose: str = PURPOSE) -> dict[str, Any]:
    """What is in the file: bytes by name, `data.json` read."""
    office, parts = house.office, house.office.parts
    with office.app.test_request_context():
        erasing = Erasing(parts.blobs, parts.shelf, WebDrafts(parts.vault, parts.blobs))
        wish = Wish(1, targets, name, purpose, office.admin_id, moment())
        found = person_file.gather(wish, erasing, parts.blobs, parts.shelf)
        return unpacked(b"".join(person_file.pieces(found, page, parts.blobs)))


def unpacked(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        inside: dict[str, Any] = {name: packed.read(name) for name in packed.namelist()}
    return inside | {"data.json": json.loads(inside["data.json"])}


def test_a_household_is_told_everything_an_erasure_would_take(house: Household) -> None:
    inside = told(house, RECORD, name=MAI)
    record, member = inside["data.json"]["things"]
    assert (record["kind"], record["key"], member["kind"]) == ("record", "uuid:1", "entity")
    assert [one["id"] for one in record["versions"]] == ["uuid:1", "uuid:1b"]
    first = {one["path"]: one["answer"] for one in record["versions"][0]["answers"]}
    assert (first["/head"], first["/tel"]) == (PAO, "0912345678")
    assert inside["1-hh/1/submission.xml"] == house.xml("uuid:1", MAI, LENH, said=NAMED)
    assert (inside["1-hh/1/1_0.jpg"], inside["1-hh/1/1_1.jpg"]) == (PHOTO, OTHER_PHOTO)
    assert [one["text"] for one in record["words"]] == [f"Đã gọi điện cho {MAI}.", f"{LENH} đi vắng."]
    assert {one["value"] for one in record["findings"]} >= {"0912345678", "31"}
    assert [one["by"] for one in record["opened"]] == ["admin"]
    assert [one["text"] for one in inside["data.json"]["words"]] == [f"Đã gọi điện cho {MAI}."]
    with house.office.app.app_context():
        parts = house.office.parts
        preview = Erasing(parts.blobs, parts.shelf).preview(1, [RECORD])
    assert len(record["versions"]) == preview.versions
    assert len(record["words"]) == preview.comments
    assert len(record["findings"]) == preview.findings
    assert len([name for name in inside if name.endswith(".jpg")]) == preview.files
    shown = inside["index.html"].decode()
    assert all(one in shown for one in (PAO, MAI, LENH, "0912345678", "đi vắng", PURPOSE))
    lines = list(csv.reader(io.StringIO(inside["answers.csv"].decode("utf-8-sig"))))
    assert lines[0] == ["what", "id", "version", "received", "path", "question", "answer"]
    assert ["/head", "Chủ hộ", PAO] in [line[4:] for line in lines]
    assert "Hạng A Sử" not in shown + json.dumps(inside["data.json"], ensure_ascii=False)


def test_a_person_of_a_household_is_told_what_is_his_and_of_nobody_else(house: Household) -> None:
    inside = told(house, Target("row", ROW), name=MAI)
    [thing] = inside["data.json"]["things"]
    assert [one["id"] for one in thing["versions"]] == ["uuid:1", "uuid:1b"]
    answers = {one["path"]: one["answer"] for one in thing["versions"][0]["answers"]}
    assert answers == {
        "/member/m_name": MAI,
        "/member/m_age": "30",
        "/member/m_photo": "1_0.jpg",
        "/remarks": NAMED,
    }
    photos = {name: data for name, data in inside.items() if name.endswith(".jpg")}
    assert photos == {"1-hh/1/1_0.jpg": PHOTO, "1-hh/2/1b_0.jpg": PHOTO}
    assert [one["text"] for one in thing["words"]] == [f"Đã gọi điện cho {MAI}."]
    assert [one["value"] for one in thing["findings"]] == ["31"]
    everything = b"".join(one for one in inside.values() if isinstance(one, bytes)).decode(errors="replace")
    everything += json.dumps(inside["data.json"], ensure_ascii=False)
    assert MAI in everything
    for other in (LENH, PAO, "0912345678", "Hạng A Sử"):
        assert other not in everything


def test_that_somebody_was_told_stands_in_the_log_of_each_thing_with_the_purpose(house: Household) -> None:
    with pytest.raises(RequestMissing):
        told(house, RECORD, purpose="  đơn  ")
    with pytest.raises(NothingToErase):
        told(house, Target("record", "uuid:nobody"))
    with looking(house.office) as session:
        assert session.scalars(select(Audit).where(Audit.action == "person.export")).all() == []
    told(house, RECORD)
    with looking(house.office) as session:
        [record, member] = session.scalars(
            select(Audit).where(Audit.action == "person.export").order_by(Audit.id)
        )
        assert (record.instance_id, record.form_id, record.notes) == ("uuid:1", house.form.id, PURPOSE)
        assert record.details == {"kind": "record", "key": "uuid:1"}
        assert (record.actor_id, member.entity_uuid is not None) == (house.office.admin_id, True)
    house.erase(RECORD)
    with pytest.raises(NothingToErase):
        told(house, Target("row", ROW))


def test_an_officer_makes_the_file_on_the_page_where_he_would_erase(house: Household) -> None:
    reader = Reader(house.office)
    shown = Page(reader.post("/personal-data/find", {"said": MAI}))
    chosen = {"said": MAI, "thing": f"row {ROW}"}
    assert f"row {ROW}" in [one.get("value") for one in shown.find("//input[@name='thing']")]
    path = "/personal-data/everything"
    assert [one.get("formaction") for one in shown.find("//button[@formaction]")] == [path]
    assert "Say who asked and when" in reader.refused(path, chosen).main
    assert "Tick what belongs" in reader.refused(path, {"said": MAI, "purpose": PURPOSE}).main
    made = reader.post(path, chosen | {"purpose": PURPOSE})
    assert (made.status_code, made.content_type) == (200, "application/zip")
    assert made.headers["Cache-Control"] == "no-store"
    assert MAI in unpacked(made.data)["index.html"].decode()
    assert "All about one person: taken away as a file" in reader.page("/log?action=person").main
    for role, name in ((MANAGER, "quan.ly"), (REVIEWER, "can.bo")):
        other = Reader(house.office, name, role)
        assert other.post(path, chosen | {"purpose": PURPOSE}).status_code == 403


@pytest.mark.usefixtures("house")
def test_the_command_writes_the_same_file(collector: Command, tmp_path: Path) -> None:
    output = tmp_path / "mai.zip"
    printed = said(
        collector("person", "--row", ROW, "--name", MAI, "--purpose", PURPOSE, "--output", str(output))
    )
    assert printed == f"1 things and 4 files in {output}."
    assert unpacked(output.read_bytes())["data.json"]["things"][0]["key"] == ROW
    assert collector("person", "--purpose", PURPOSE, "--output", str(output)).exit_code == 2
