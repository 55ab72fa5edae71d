"""A program that asks again is told that nothing is new, until something is."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.ctx import RequestContext

from collector.actions import submissions as actions
from collector.v1 import etag
from storage.cells import writing
from storage.cells.marks import form_source, mark_form
from storage.cells.refresh import read_marks
from storage.cells.stamps import records_stamp, stamp
from storage.database import db, transaction
from storage.models import Form
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import NOW, Office


@pytest.fixture
def form(office: Office) -> Form:
    """The form everything begins with."""
    return office.publish(simple(), filename="simple.xml")


def test_marks_that_are_settled_are_not_forgotten(office: Office, form: Form) -> None:
    """The worker removes marks; a stamp that fell with them would come back to an old value."""
    phone = Volunteer(office, form=form)
    with office.app.app_context():
        seen = [_stamp(form)]
        for number in range(3):
            phone.send(filled(f"uuid:{number}", "Lan", number))
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


def test_a_mark_removed_twice_is_settled_once(office: Office, form: Form) -> None:
    with office.app.app_context():
        with transaction() as session:
            mark_form(session, form.id)
            numbers = [one.number for one in read_marks(session, form.project_id)]
        for _again in range(2):
            with transaction() as session:
                writing.remove_marks(session, form.project_id, numbers)
        assert stamp(db.session(), form.project_id, [form_source(form.id)]) == 1


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
