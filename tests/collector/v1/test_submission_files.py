"""The files of records: awaited, put there by whoever may, carried over, taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import select

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER
from storage.database import db
from storage.models import Audit
from tests.collector.openrosa.sending import JPEG
from tests.collector.v1.program import Program
from tests.collector.v1.shared import bearer, program
from tests.collector.v1.surveyed import XML, Survey
from tests.live import serving
from tests.office import Office


@pytest.fixture
def pictured(kept_office: Office, kept_program: Program) -> Survey:
    """A form that asks for files."""
    return Survey(kept_office, kept_program, "name:string photo:binary list:binary")


def test_case_05_files_are_put_and_taken_away(pictured: Survey) -> None:
    pictured.send("one", photo="ảnh 1.jpg", list="l.csv.gz")
    files, ask = f"{pictured.records}/one/attachments", pictured.program
    packed = b"\x1f\x8b\x08 not really"
    assert ask.post(f"{files}/{quote('ảnh 1.jpg')}", data=JPEG) == {"success": True}
    ask.post(f"{files}/{quote('ảnh 1.jpg')}", data=JPEG)
    # Packed bytes are kept packed: whoever names an encoding only describes them.
    ask.post(f"{files}/l.csv.gz", data=packed, headers={"Content-Encoding": "gzip"})
    assert ask.ask("GET", f"{files}/l.csv.gz").data == packed
    assert [one["exists"] for one in ask.get(files)] == [True, True]
    for name in ("other.jpg", "..%2Fx"):
        assert ask.refused("POST", f"{files}/{name}", data=JPEG) == (404, 404.1)
        assert ask.refused("DELETE", f"{files}/{name}") == (404, 404.1)
    assert ask.refused("POST", f"{files}/{quote('ảnh 1.jpg')}", data=b"MZ\x90") == (400, 400.8)
    before = ask.get(pictured.records)[0]
    assert ask.ask("DELETE", f"{files}/l.csv.gz").json == {"success": True}
    assert ask.refused("DELETE", f"{files}/l.csv.gz") == (404, 404.1)
    assert ask.refused("GET", f"{files}/l.csv.gz") == (404, 404.1)
    assert ask.get(pictured.records)[0]["updatedAt"] >= before["updatedAt"]
    old = f"{pictured.records}/one/versions/one/attachments"
    assert ask.ask("DELETE", f"{old}/{quote('ảnh 1.jpg')}").status_code == 200
    assert [one["exists"] for one in ask.get(old)] == [False, False]


def test_case_06_a_picture_is_shown_and_other_files_are_saved(pictured: Survey) -> None:
    pictured.send("one", photo="p.jpg", list="danh sách.csv")
    files, ask = f"{pictured.records}/one/attachments", pictured.program
    ask.post(f"{files}/p.jpg", data=JPEG)
    ask.post(f"{files}/{quote('danh sách.csv')}", data=b"a,b\n")
    shown = ask.ask("GET", f"{files}/p.jpg")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["ETag"] == f'"{hashlib.sha256(JPEG).hexdigest()}"'
    known = ask.ask("GET", f"{files}/p.jpg", headers={"If-None-Match": shown.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    saved = ask.ask("GET", f"{files}/{quote('danh sách.csv')}").headers["Content-Disposition"]
    assert saved.startswith("attachment")
    assert f"filename*=UTF-8''{quote('danh sách.csv')}" in saved


def test_case_13_a_collector_adds_what_is_missing_to_his_own_record(pictured: Survey) -> None:
    office, form_id = pictured.office, pictured.form_id
    mine = program(office, f"mine-{form_id}", DATA_COLLECTOR)
    other = program(office, f"other-{form_id}", DATA_COLLECTOR)
    mine.post(pictured.records, data=pictured.xml("one", photo="p.jpg", list="l.csv"), **XML)
    files = f"{pictured.records}/one/attachments"
    assert other.refused("POST", f"{files}/p.jpg", data=JPEG) == (403, 403.1)
    assert mine.post(f"{files}/p.jpg", data=JPEG) == {"success": True}
    assert mine.refused("POST", f"{files}/p.jpg", data=JPEG) == (403, 403.1)
    assert mine.refused("DELETE", f"{files}/p.jpg") == (403, 403.1)
    pictured.put("one", "two", "Mai", photo="p.jpg", list="l.csv")
    assert mine.refused("POST", f"{files}/l.csv", data=b"x") == (403, 403.1)
    assert program(office, f"manager-{form_id}", MANAGER).post(f"{files}/l.csv", data=b"x")
    with office.app.app_context():
        noted = db.session.scalars(
            select(Audit).where(
                Audit.action == "submission.attachment.update", Audit.form_id == pictured.form.id
            )
        ).all()
        assert [(one.details or {})["name"] for one in noted] == ["p.jpg", "l.csv"]


def test_case_13_an_editor_who_lost_the_right_adds_nothing_any_more(pictured: Survey) -> None:
    editor = program(pictured.office, f"editor-{pictured.form_id}", DATA_COLLECTOR)
    pictured.send("one", photo="p.jpg", list="l.csv")
    xml = pictured.xml("two", "Mai", replaces="one", photo="p.jpg", list="l.csv")
    assert editor.ask("PUT", f"{pictured.records}/one", data=xml, **XML).status_code == 200
    assert editor.refused("POST", f"{pictured.records}/one/attachments/p.jpg", data=JPEG) == (403, 403.1)


def test_case_07_the_files_of_a_record_are_carried_over(kept_office: Office, kept_program: Program) -> None:
    survey = Survey(kept_office, kept_program, "name:string photo:binary sound:binary")
    files = f"{survey.records}/one/attachments"
    survey.send("one", photo="p.jpg", sound="s.m4a")
    kept_program.post(f"{files}/p.jpg", data=JPEG)
    survey.put("one", "two", "Mai", photo="p.jpg", sound="new.m4a")
    assert kept_program.get(files) == [
        {"name": "p.jpg", "exists": True},
        {"name": "new.m4a", "exists": False},
    ]
    assert kept_program.ask("GET", f"{files}/p.jpg").data == JPEG
    before = f"{survey.records}/one/versions/one/attachments"
    assert kept_program.get(before) == [{"name": "p.jpg", "exists": True}, {"name": "s.m4a", "exists": False}]


def test_case_13_a_phone_and_a_link_add_files_to_their_own_records(pictured: Survey) -> None:
    office = pictured.office
    phone, other = office.phone("An"), office.phone("Bi")
    client = office.client()
    sent_to = f"{phone.path}/forms/{pictured.form_id}/submissions"
    xml = pictured.xml("one", photo="p.jpg", list="l.csv")
    sent = client.post(sent_to, data=xml, headers={"Authorization": "Bearer of nobody"}, **XML)
    assert sent.status_code == 200, sent.text
    assert sent.json is not None
    assert sent.json["submitterId"] == phone.actor_id
    files = f"{pictured.form_id}/submissions/one/attachments"
    foreign = client.post(f"{other.path}/forms/{files}/p.jpg", data=JPEG)
    assert foreign.status_code == 403
    assert client.post(f"{phone.path}/forms/{files}/p.jpg", data=JPEG).status_code == 200
    beside = f"/v1/projects/1/forms/{files}/l.csv?st={quote(phone.token)}"
    assert client.post(beside, data=b"x").status_code == 200
    assert client.post(beside, data=b"y").status_code == 403
    assert client.get(sent_to).status_code == 403
    assert client.get(f"/v1/key/{'x' * 64}/projects/1/forms/a/submissions").status_code == 403


def test_case_13_files_are_streamed_in_pieces_by_a_real_server(pictured: Survey) -> None:
    """As pyodk sends them: chunked, with an encoding the server must not take off."""
    office = pictured.office
    pictured.send("one", photo="p.jpg", list="l.csv.gz")
    packed = b"\x1f\x8b\x08" + bytes(range(256)) * 2_000

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(packed), 60_000):
            yield packed[start : start + 60_000]

    headers = bearer(office.session_token()) | {"Content-Encoding": "gzip"}
    with serving(office) as live, requests.Session() as session:
        address = f"{live.address}/v1/{pictured.records}/one/attachments/l.csv.gz"
        sent = session.post(address, data=pieces(), headers=headers, timeout=60)
        assert sent.json() == {"success": True}
        assert sent.request.headers["Transfer-Encoding"] == "chunked"
        held = session.get(address, headers=headers | {"Accept-Encoding": "identity"}, timeout=60)
        assert held.content == packed
        xml = iter([pictured.xml("two")])
        made = session.post(f"{live.address}/v1/{pictured.records}", data=xml, headers=headers, timeout=60)
        assert made.json()["instanceId"] == "two"
