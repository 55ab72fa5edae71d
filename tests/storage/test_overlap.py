"""On PostgreSQL transactions overlap: what changes the tables of a form waits for who writes to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from collector.actions import publish as publishing
from storage.database import db, transaction
from storage.models import Form
from storage.projection.rebuild import Rebuild
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.databases import fresh_postgresql
from tests.kept import files, kept, looking, record, rows, versions
from tests.office import NOW, Office, opened
from tests.phone import Phone, in_process

ODD = "<age>?</age>"
"""An answer with a finding, so that writing it can be held up."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server on PostgreSQL."""
    with fresh_postgresql(opened) as url:
        made = Office(tmp_path / "home", url)
        yield made
        made.close()


@contextmanager
def nobody_can_finish(office: Office) -> Iterator[None]:
    """Whoever has a finding to write down cannot; he has his numbers and has written his rows by then."""
    with office.app.app_context(), db.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE findings IN ACCESS EXCLUSIVE MODE"))
        yield


def waiting(office: Office, number: int) -> None:
    """Return when so many wait for somebody else."""
    # Other tests have databases of their own on the same server.
    query = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(3000):
        with looking(office) as session:
            if (session.scalar(query) or 0) >= number:
                return
        threading.Event().wait(0.01)
    pytest.fail("nobody waits")


def while_writing(office: Office, write: Callable[[], object], change: Callable[[], object]) -> None:
    """Begin to write, begin to change while the writer is half way, and let both end."""
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in (write, change)]
    with nobody_can_finish(office):
        for number, thread in enumerate(threads, 1):
            thread.start()
            waiting(office, number)
    for thread in threads:
        thread.join(60)
    assert failures == []


def published(office: Office, version: str = "1", questions: str = "head age:int") -> Form:
    return office.publish(asked("house", version, questions), filename="house.xml")


def test_a_record_half_written_when_a_rebuild_begins_is_in_the_new_tables(office: Office) -> None:
    form = published(office)
    volunteer = Volunteer(office, form=form)

    def rebuild() -> None:
        with office.app.app_context():
            Rebuild(form.id, office.parts.blobs).run()

    slow = answered("house", "1", ODD, instance_id="uuid:slow")
    while_writing(office, lambda: volunteer.send(slow), rebuild)
    assert [row["key"] for row in rows(office, form)] == ["uuid:slow"]


def test_a_record_half_written_when_a_question_becomes_text_is_text_too(office: Office) -> None:
    form = published(office)
    volunteer = Volunteer(office, form=form)
    slow = answered("house", "1", f"<age>007</age>{ODD}", instance_id="uuid:slow")
    while_writing(
        office, lambda: volunteer.send(slow), lambda: published(office, "2", "head age:string boat")
    )
    assert [row["/age"] for row in rows(office, form)] == ["7"]
    with office.app.app_context():
        Rebuild(form.id, office.parts.blobs).run()
    assert [row["/age"] for row in rows(office, form)] == ["007"]


def test_a_record_half_written_when_its_draft_is_published_goes_with_the_draft(office: Office) -> None:
    draft = office.draft(asked("house", "1", "head age:int"), filename="house.xml")
    path = f"/v1/test/{office.draft_token(draft)}/projects/1/forms/house/draft"
    phone = Phone(f"http://survey.example{path}", session=in_process(office.app))
    slow = answered("house", "1", ODD, instance_id="uuid:slow")
    while_writing(office, lambda: phone.send(slow), lambda: published(office))
    left = kept(office)
    assert (left.submissions, left.versions, left.findings) == (0, 0, 0)


def test_a_file_that_comes_while_its_record_is_being_edited_reaches_the_edit_too(office: Office) -> None:
    volunteer = Volunteer(office, form=published(office, questions="photo:binary age:int"))
    first = answered("house", "1", "<photo>a.jpg</photo>", instance_id="uuid:first")
    edit = answered(
        "house", "1", f"<photo>a.jpg</photo>{ODD}", instance_id="uuid:edit", replaces="uuid:first"
    )
    assert volunteer.post(first).status_code == 201
    while_writing(office, lambda: volunteer.post(edit), lambda: volunteer.post(first, {"a.jpg": JPEG}))
    house = record(office, "uuid:first")
    assert [files(office, version.id) for version in versions(office, house.id)] == [{"a.jpg": JPEG}] * 2
    assert (house.edits, house.files_present, house.files_expected) == (1, 1, 1)


def test_publishing_never_takes_back_what_a_rebuild_has_counted_meanwhile(office: Office) -> None:
    form = office.draft(asked("house", "1", "head age:int"), filename="house.xml")
    with office.app.app_context():
        with transaction() as session:
            held = session.get_one(Form, form.id)
            before = held.generation
            with db.engine.begin() as connection:
                connection.execute(text("UPDATE forms SET generation = generation + 2"))
            publishing.publish(session, held, publishing.Author(None, NOW))
        assert db.session().get_one(Form, form.id).generation == before + 3
        db.session.remove()
