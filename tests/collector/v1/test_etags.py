"""A program that asks again is told that nothing is new, until something is."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.ctx import RequestContext
from sqlalchemy import insert

from collector.accounts.permissions import REVIEWER
from collector.actions import submissions as actions
from collector.actions.figures import Figures
from collector.v1 import etag
from storage.cells import writing
from storage.cells.marks import form_source, mark_form
from storage.cells.refresh import read_marks
from storage.cells.stamps import records_stamp, stamp
from storage.database import db, transaction
from storage.models import FigureMark, Form
from tests.asked import asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import EXTENDED, Program
from tests.collector.v1.shared import program
from tests.collector.v1.surveyed import XML, Survey
from tests.office import NOW, Office

ADDRESSES = ("/submissions", "/submissions.csv", "/submissions.csv.zip", ".svc/Submissions")


class Watched:
    """The addresses of a form's records, as a program asks them again and again."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._tags: dict[str, str] = {}

    def changed(self) -> set[bool]:
        """Whether they answer anew, since they were asked last: all the same."""
        return {self._asked(f"projects/1/forms/{self._survey.form_id}{tail}") for tail in ADDRESSES}

    def _asked(self, address: str) -> bool:
        response = self._survey.program.ask(
            "GET", address, headers={"If-None-Match": self._tags.get(address, '"none"')}
        )
        assert response.status_code in {200, 304}, response.text
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert {"accept-encoding", "origin"} <= {one.lower() for one in response.vary}
        before, self._tags[address] = self._tags.get(address), response.headers["ETag"]
        if response.status_code == 304:
            assert response.data == b""
            assert "Content-Type" not in response.headers
            assert self._tags[address] == before
        assert self._tags[address].startswith('W/"')
        return response.status_code == 200


def test_case_27_a_tag_moves_with_the_records_of_that_form_only(
    kept_office: Office, kept_program: Program
) -> None:
    survey = Survey(kept_office, kept_program, "name:string photo:binary")
    other = Survey(kept_office, kept_program)
    watched, record = Watched(survey), f"{survey.records}/one"
    survey.send("one", photo="p.jpg")
    assert watched.changed() == {True}
    assert watched.changed() == {False}

    # What is no change of these records.
    other.send("one")
    kept_program.post(f"{record}/comments", json={"body": "đã xem"})
    kept_office.draft(asked(survey.form_id, "2", survey.questions), filename="f.xml")
    kept_program.post(
        f"projects/1/forms/{survey.form_id}/draft/submissions", data=survey.xml("test", photo="p"), **XML
    )
    assert watched.changed() == {False}

    for change in (
        lambda: survey.send("two", photo="p.jpg"),
        lambda: survey.put("one", "three", "Mai", photo="p.jpg"),
        lambda: kept_program.post(f"{record}/attachments/p.jpg", data=JPEG),
        lambda: kept_program.ask("PATCH", record, json={"reviewState": "approved"}),
        lambda: kept_program.ask("DELETE", f"{record}/attachments/p.jpg"),
        lambda: kept_program.ask("DELETE", record),
        lambda: kept_program.post(f"{record}/restore"),
    ):
        change()
        assert watched.changed() == {True}
        assert watched.changed() == {False}
        with kept_office.app.app_context():
            _settle(survey.form)
        assert watched.changed() == {False}


def test_case_27_a_phone_that_sends_the_rest_of_a_record_moves_the_tag(
    kept_office: Office, kept_program: Program
) -> None:
    survey = Survey(kept_office, kept_program, "name:string photo:binary")
    watched, phone = Watched(survey), Volunteer(kept_office, form=survey.form)
    xml = survey.xml("one", photo="p.jpg")
    for files, moved in (({}, True), ({}, False), ({"p.jpg": JPEG}, True), ({"p.jpg": JPEG}, False)):
        assert phone.post(xml, files).status_code == 201
        changed = watched.changed()
        assert changed == {moved}


def test_case_27_each_shape_and_each_reader_has_a_tag_of_his_own(
    kept_office: Office, kept_program: Program
) -> None:
    survey = Survey(kept_office, kept_program)
    survey.send("one")
    tag = kept_program.ask("GET", survey.records).headers["ETag"]
    longer = kept_program.ask("GET", survey.records, headers={**EXTENDED, "If-None-Match": tag})
    assert longer.status_code == 200
    other = program(kept_office, f"reader-{survey.form_id}", REVIEWER)
    assert other.ask("GET", survey.records, headers={"If-None-Match": tag}).status_code == 200
    xml = kept_program.ask("GET", f"{survey.records}/one.xml")
    strong = xml.headers["ETag"]
    assert not strong.startswith("W/")
    again = kept_program.ask("GET", f"{survey.records}/one.xml", headers={"If-None-Match": f"W/{strong}"})
    assert (again.status_code, again.data) == (304, b"")
    made = kept_program.ask("POST", survey.records, data=survey.xml("two"), **XML)
    assert made.headers["Cache-Control"] == "no-store"


def test_marks_that_are_settled_are_not_forgotten(kept_office: Office, kept_program: Program) -> None:
    """The worker removes marks; a stamp that fell with them would come back to an old value."""
    survey = Survey(kept_office, kept_program)
    form, phone = survey.form, Volunteer(kept_office, form=survey.form)
    with kept_office.app.app_context():
        seen = [_stamp(form)]
        for number in range(3):
            phone.send(survey.xml(f"uuid:{number}"))
            seen.append(_stamp(form))
            _settle(form)
            assert _stamp(form) == seen[-1]
        with transaction() as session:
            actions.delete(session, session.get_one(Form, form.id), "uuid:1", now=NOW)
        seen.append(_stamp(form))
        _settle(form)
        assert seen == sorted(set(seen))
        assert _stamp(form) == seen[-1]
        assert not read_marks(db.session(), form.project_id)


def test_the_worker_settles_marks_of_files_like_all_others(
    kept_office: Office, kept_program: Program
) -> None:
    survey, figures = Survey(kept_office, kept_program, "name:string photo:binary"), Figures(lambda: NOW)
    survey.send("one", photo="p.jpg")
    with kept_office.app.app_context():
        # The first look of a day works everything out.
        figures.look(NOW)
    kept_program.post(f"{survey.records}/one/attachments/p.jpg", data=JPEG)
    with kept_office.app.app_context():
        seen = _stamp(survey.form)
        assert [one.source for one in read_marks(db.session(), 1)] == [f"files:{survey.form.id}"]
        figures.look(NOW)
        assert _stamp(survey.form) == seen
        assert not read_marks(db.session(), 1)


def test_a_mark_removed_twice_is_settled_once(kept_office: Office, kept_program: Program) -> None:
    form = Survey(kept_office, kept_program).form
    with kept_office.app.app_context():
        with transaction() as session:
            mark_form(session, form.id)
            numbers = [one.number for one in read_marks(session, form.project_id)]
        for _again in range(2):
            with transaction() as session:
                writing.remove_marks(session, form.project_id, numbers)
        assert stamp(db.session(), form.project_id, [form_source(form.id)]) == 1


def test_case_27_of_two_who_write_at_once_neither_is_missed(
    kept_office: Office, kept_program: Program
) -> None:
    """The first to begin is the last to be done: whatever looked at the newest of all would not see it."""
    form = Survey(kept_office, kept_program).form
    mark = {"project_id": form.project_id, "source": form_source(form.id)}
    with kept_office.app.app_context():
        seen = [_stamp(form)]
        with db.engine.connect() as slow:
            if db.engine.dialect.name == "postgresql":
                slow.execute(insert(FigureMark), mark)
            # On SQLite the second would wait for the first.
            with transaction() as session:
                session.execute(insert(FigureMark), mark)
            seen.append(_stamp(form))
            if db.engine.dialect.name == "sqlite":
                slow.execute(insert(FigureMark), mark)
            slow.commit()
        seen.append(_stamp(form))
    assert seen == [seen[0], seen[0] + 1, seen[0] + 2]


def _stamp(form: Form) -> int:
    session = db.session()
    session.rollback()
    return records_stamp(session, form.project_id, form.id, placed=False)


def _settle(form: Form) -> None:
    with transaction() as session:
        numbers = [one.number for one in read_marks(session, form.project_id)]
        writing.remove_marks(session, form.project_id, numbers)


@pytest.mark.parametrize("said", ['"abc"', 'W/"abc"', '"x", W/"abc"', "*"])
def test_both_sorts_of_tag_are_known(said: str) -> None:
    """Without a database: what is known is not even made."""
    for answer in (etag.weak, etag.strong):
        with _asked(said):
            response = answer("abc", _never)
        assert response.status_code == 304
        assert response.get_data() == b""


def _never() -> Response:
    raise AssertionError


def _asked(said: str) -> RequestContext:
    return Flask("x").test_request_context("/", headers={"If-None-Match": said})
