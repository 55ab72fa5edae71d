"""The nightly batch: villages learn what their households said, learners which phase they finished."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from collector.actions.nightly import Nightly
from collector.actions.refresh import refresh
from collector.actions.villages import follow_places
from storage.database import db, transaction
from storage.entities.following import VILLAGES
from storage.models import Entity, Submission
from tests.collector.openrosa.lists import Register, map_planted, register
from tests.collector.openrosa.sheets import SERVER
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.tree import HERE, HERE_UUID, THERE_UUID

HOUSEHOLD = """
| survey |
| | type | name | label | calculation |
| | today | today | | |
| | select_one_from_file villages.csv | village | Thôn | |
| | text | hh_id | Hộ | |
| | text | consent | Đồng ý | |
| | integer | n_illit1 | Mù chữ | |
| | calculate | n_illit2 | | ${n_illit1} + 1 |
| | calculate | n_relapse | | 0 |
| | begin_repeat | member | Người | |
| | text | learner_id | Mã | |
| | text | m_xmc_done | Giai đoạn | |
| | end_repeat | | | |
| settings |
| | form_id | version | form_title |
| | f01_hh_survey | 1 | Hộ |
"""


def visited(phone: Phone, village: str, household: str, illiterate: int, **more: str) -> str:
    """A visit to a household, sent; returns its instance id."""
    number = f"uuid:{uuid.uuid4()}"
    day = more.pop("day", "2026-08-03")
    members = "".join(
        f"<member><learner_id>{who}</learner_id><m_xmc_done>{phase}</m_xmc_done></member>"
        for who, phase in more.items()
    )
    phone.send(
        (
            f'<data id="f01_hh_survey" version="1"><today>{day}</today><village>{village}</village>'
            f"<hh_id>{household}</hh_id><consent>1</consent><n_illit1>{illiterate}</n_illit1>"
            f"<n_illit2>{illiterate + 1}</n_illit2><n_relapse>0</n_relapse>{members}"
            f"<meta><instanceID>{number}</instanceID></meta></data>"
        ).encode()
    )
    return number


def prepared(office: Office) -> Phone:
    """The survey published, the villages in their list, a phone in one commune."""
    map_planted(office)
    office.publish(HOUSEHOLD)
    with office.app.app_context():
        follow_places(now=NOW)
    return Phone(SERVER + office.phone(places=(HERE,)).path, session=in_process(office.app))


def done(office: Office) -> int:
    """One night."""
    with office.app.app_context():
        return refresh()


def computed(office: Office, member: str) -> dict[str, str]:
    """What the server worked out of a member."""
    with office.app.app_context():
        return dict(db.session.query(Entity).filter(Entity.uuid == member).one().computed)


def test_a_village_counts_each_household_once_with_its_latest_visit(office: Office) -> None:
    phone = prepared(office)
    visited(phone, HERE_UUID, "h1", 5, day="2026-08-01")
    visited(phone, HERE_UUID, "h1", 2, day="2026-08-09")
    visited(phone, HERE_UUID, "h2", 1)
    gone = visited(phone, HERE_UUID, "h3", 9)
    with office.app.app_context(), transaction() as session:
        session.query(Submission).filter(Submission.instance_id == gone).one().deleted_at = NOW
    assert done(office) == 1
    expected = {"svy_hh": "2", "svy_illit1": "3", "svy_illit2": "5", "svy_relapse": "0"}
    assert computed(office, HERE_UUID) == expected
    assert computed(office, THERE_UUID) == {}
    phone.sync()
    kept = phone.entities.lists[VILLAGES][HERE_UUID]
    assert {name: kept.values[name] for name in expected} == expected


def test_a_night_without_news_makes_nobody_download(office: Office) -> None:
    phone = prepared(office)
    visited(phone, HERE_UUID, "h1", 5)
    assert done(office) == 1
    phone.sync()
    before = dict(phone.entities.hashes)
    assert done(office) == 0
    phone.sync()
    assert phone.entities.hashes == before


def test_a_village_whose_last_household_is_gone_counts_none(office: Office) -> None:
    phone = prepared(office)
    number = visited(phone, HERE_UUID, "h1", 5)
    assert done(office) == 1
    with office.app.app_context(), transaction() as session:
        session.query(Submission).filter(Submission.instance_id == number).one().deleted_at = NOW
    assert done(office) == 1
    assert computed(office, HERE_UUID)["svy_hh"] == "0"


def test_a_count_on_a_phone_is_no_conflict_with_what_was_worked_out_meanwhile(office: Office) -> None:
    phone = prepared(office)
    phone.sync()
    visited(phone, HERE_UUID, "h1", 5)
    assert done(office) == 1
    # The phone wrote on version 1 before it heard of the night's figures.
    Register(office, VILLAGES).change(HERE_UUID, hh_total="40")
    phone.sync()
    kept = phone.entities.lists[VILLAGES][HERE_UUID]
    assert (kept.version, kept.values["hh_total"], kept.values["svy_hh"]) == (3, "40", "1")


def test_a_learner_is_told_the_furthest_phase_somebody_reported(office: Office) -> None:
    learners = register(office, "learners", "commune_code", "xmc_done")
    first = learners.add("Lò Thị A", commune_code=HERE)
    second = learners.add("Lò Thị B", commune_code=HERE, xmc_done="2")
    phone = prepared(office)
    visited(phone, HERE_UUID, "h1", 0, **{first: "1"})
    visited(phone, HERE_UUID, "h2", 0, **{second: "1"})
    done(office)
    assert computed(office, first) == {"xmc_done": "1"}
    assert computed(office, second) == {}
    learners.change(first, xmc_done="2")
    done(office)
    assert computed(office, first) == {}


def test_it_is_done_once_a_night(office: Office) -> None:
    with office.app.app_context():
        nightly = Nightly(lambda: 1)
        # 02:00, 02:10 and noon in Viet Nam, then the next night.
        moments = [(3, 19, 0), (3, 19, 10), (4, 5, 0), (4, 19, 0)]
        found = [
            nightly.look(datetime(2026, 8, day, hour, minute, tzinfo=UTC)) for day, hour, minute in moments
        ]
    assert found == [1, 0, 0, 1]
