"""What rests on what was erased follows: files, releases, backups, words; and what is over its date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import select, update

from collector.actions import erasure_replay, releases
from collector.actions.erasing import Erasing
from collector.actions.erasure_targets import Target
from collector.actions.keeping import Keeping
from collector.clock import moment
from storage.audits import acting, note, of_form
from storage.database import db, transaction
from storage.erasing import keeping
from storage.erasing.keeping import Kept
from storage.erasing.tombstones import Order
from storage.models import (
    Blob,
    Erasure,
    Extract,
    ExtractFile,
    Form,
    RecordView,
    Release,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.queries import belongings
from tests.erased import GROUND, LENH, MAI, PAO, Household, xml_of
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


def kept(house: Household, now: datetime) -> Kept:
    """How long the survey keeps names, as the desk sees it."""
    [found] = [one for one in keeping.surveys(db.session(), 1, now) if one.form.id == house.form.id]
    db.session().rollback()
    return found


def decided(house: Household, *old: str) -> Order:
    """Records that came long ago, and a survey that keeps names for two years."""
    now = moment()
    order = Order("Quyết định 5", house.office.admin_id, now)
    with transaction() as session:
        for table in (Submission, SubmissionVersion):
            mine = table.instance_id.in_(old)
            session.execute(update(table).where(mine).values(created_at=now - timedelta(days=800)))
        keeping.decide(session, session.get_one(Form, house.form.id), 24, keeping.IDENTIFIERS, order)
    return order


def test_names_that_are_over_their_date_go_and_the_rest_stays(
    kept_office: Office, house: Household, looking: Any
) -> None:
    old, fresh = f"uuid:{house.name}1", f"uuid:{house.name}2"
    house.send(house.xml(old, PAO, MAI, said=f"nhà {PAO}"))
    house.send(house.xml(f"{old}b", PAO, MAI, replaces=old))
    house.send(house.xml(fresh, LENH, head=LENH))
    worker = Keeping(kept_office.parts.blobs, kept_office.parts.shelf)
    with kept_office.app.app_context(), acting(kept_office.admin_id, moment()):
        order = decided(house, old, f"{old}b")
        found = kept(house, order.now)
        assert (found.due, found.until is not None and found.until < order.now.date()) == (1, True)
        assert worker.look(order.now) == 0
        with transaction() as session:
            keeping.order_now(session, session.get_one(Form, house.form.id), order)
        assert [worker.look(order.now), worker.look(order.now)] == [1, 0]
        assert kept(house, order.now).due == 0
    tables = house.tables()
    assert [row["/head"] for row in tables[""]] == ["", LENH]
    assert [(row["/member/m_name"], row["/member/m_age"]) for row in tables["/member"]] == [
        ("", 30),
        ("", 31),
        (LENH, 30),
    ]
    assert PAO not in xml_of(house, old) + xml_of(house, f"{old}b")
    assert MAI not in xml_of(house, old)
    # The phone sends the old one again: it has done its part.
    assert house.send(house.xml(old, PAO, MAI, said=f"nhà {PAO}")) == 201
    assert looking.scalars(select(Erasure.kind).where(Erasure.form_id == house.form.id)).all() == [
        "identifiers"
    ]
