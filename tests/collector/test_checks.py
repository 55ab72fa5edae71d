"""A night of checks: what is odd is found, an edit closes it, what was accepted stays away."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from collector.actions.checks import SET_CHECKS, check
from collector.actions.enumerators import enumerator_lines
from storage.database import db, transaction
from storage.models import Finding
from tests.collector.openrosa.sheets import SERVER
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.tree import HERE_VILLAGE, THERE_VILLAGE, plant

FORM = """
| survey |
| | type | name | label | unit |
| | start | start | | |
| | end | end | | |
| | today | today | | date |
| | text | village | Thôn | place |
| | text | hh | Hộ | household |
| | text | head | Chủ hộ | |
| | integer | n | Nhân khẩu | |
| | begin_repeat | member | Người | |
| | text | m_name | Họ tên | |
| | text | m_sex | Giới tính | |
| | integer | m_birth | Năm sinh | |
| | end_repeat | | | |
| settings |
| | form_id | version | form_title |
| | ho | {version} | Hộ |
| roles |
| | role | value |
| | id | hh |
| | head | head |
| | person_name | m_name |
| | sex | m_sex |
| | birth | m_birth |
| | declared | n=member |
| thresholds |
| | code | name | value |
| | late_upload | on | 0 |
{more}
"""

People = Sequence[tuple[str, str, int]]


def opened(office: Office, more: str = "") -> Phone:
    """A survey of households, published; a phone that works everywhere."""
    with office.app.app_context(), transaction() as session:
        plant(session)
    office.publish(FORM.format(version="1", more=more))
    return Phone(SERVER + office.phone().path, session=in_process(office.app))


def sent(phone: Phone, household: str, people: People, **more: str) -> str:
    """A form about a household, filled in in the morning; returns its instance id."""
    number = f"uuid:{uuid.uuid4()}"
    began = datetime.fromisoformat(more.get("start", "2026-08-03T07:00:00+07:00"))
    ended = began + timedelta(minutes=float(more.get("minutes", "20")))
    rows = "".join(
        f"<member><m_name>{name}</m_name><m_sex>{sex}</m_sex><m_birth>{birth}</m_birth></member>"
        for name, sex, birth in people
    )
    before = more.get("edits")
    deprecated = f"<deprecatedID>{before}</deprecatedID>" if before else ""
    phone.send(
        (
            f'<data id="ho" version="1"><start>{began.isoformat()}</start><end>{ended.isoformat()}</end>'
            f"<today>{began.date()}</today><village>{more.get('village', HERE_VILLAGE)}</village>"
            f"<hh>{household}</hh><head>{people[0][0]}</head><n>{more.get('n', len(people))}</n>{rows}"
            f"<meta><instanceID>{number}</instanceID>{deprecated}</meta></data>"
        ).encode()
    )
    return number


def night(office: Office, *codes: str, now: datetime = NOW) -> int:
    """The checks of one night; returns how many findings changed."""
    with office.app.app_context():
        return check(1, now, codes).reported.changed


def found(office: Office, state: str = "open") -> list[str]:
    """The codes of the set checks' findings in a state."""
    with office.app.app_context():
        rows = db.session.execute(
            select(Finding.check).where(Finding.state == state, Finding.check.in_(SET_CHECKS))
        )
        return sorted(rows.scalars())


AN = ("Lò Văn An", "1", 1980)
MAI = ("Lò Thị Mai", "2", 1985)


def test_what_is_odd_is_found_at_night_and_an_edit_closes_it(office: Office) -> None:
    phone = opened(office)
    sent(phone, "h1", [AN, MAI])
    doubled = sent(phone, "h2", [AN, ("lo thi Mại", "2", 1985)], n="3")
    assert night(office) > 0
    # Same head, same people; three declared, two listed; on one phone at once.
    assert found(office) == ["interviews_overlap", "roster_count", "similar_person"]
    assert night(office) == 0
    edited = [("Vàng A Sử", "1", 1961), ("Sùng Thị Dơ", "2", 1966)]
    sent(phone, "h2", edited, edits=doubled, start="2026-08-03T08:00:00+07:00")
    assert night(office) > 0
    assert found(office) == []
    assert found(office, "fixed") == ["interviews_overlap", "roster_count", "similar_person"]


def test_what_was_accepted_never_comes_back(office: Office) -> None:
    phone = opened(office)
    sent(phone, "h1", [AN], start="2026-08-02T23:00:00+07:00")
    night(office)
    assert found(office) == ["odd_hours"]
    with office.app.app_context(), transaction() as session:
        session.execute(update(Finding).values(state="accepted", reason="hộ đi nương cả ngày"))
    assert night(office) == 0
    assert found(office) == []
    assert found(office, "accepted") == ["odd_hours"]


def test_only_the_checks_asked_for_are_made_and_the_others_are_left_alone(office: Office) -> None:
    phone = opened(office)
    sent(phone, "h1", [AN], start="2026-08-02T23:00:00+07:00", n="4")
    night(office, "odd_hours")
    assert found(office) == ["odd_hours"]
    night(office, "roster_count")
    assert found(office) == ["odd_hours", "roster_count"]


def test_a_household_in_two_communes_is_one_finding(office: Office) -> None:
    phone = opened(office)
    first = [AN, MAI, ("Lò Văn Bình", "1", 2010)]
    sent(phone, "h1", first)
    sent(phone, "h2", first, village=THERE_VILLAGE, start="2026-08-03T09:00:00+07:00")
    night(office, "same_person_elsewhere")
    assert found(office) == ["same_person_elsewhere"]


def test_a_workbook_sets_the_numbers_of_its_own_checks(office: Office) -> None:
    more = "| | odd_hours | to | 23.5 |\n| | roster_count | on | 0 |"
    phone = opened(office, more)
    sent(phone, "h1", [AN], start="2026-08-02T23:00:00+07:00", n="4")
    night(office)
    assert found(office) == []


def test_the_line_of_an_enumerator(office: Office) -> None:
    phone = opened(office)
    sent(phone, "h1", [AN, MAI], minutes="20")
    sent(phone, "h2", [("Vàng A Sử", "1", 1961)], start="2026-08-04T07:00:00+07:00", minutes="30", n="2")
    night(office, "roster_count")
    with office.app.app_context():
        (line,) = enumerator_lines(db.session(), 1, "ho", NOW)
    assert line.name == "Điện thoại 1"
    assert (line.sums.submissions, line.sums.per_day, line.sums.median_minutes) == (2, 1, 25)
    assert (line.flags, line.accepted, line.sums.missing, line.back_check) == (50, 0, 0, None)
