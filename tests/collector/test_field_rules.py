"""Rules of the household survey that go through its records at night: they are wired to its questions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from collector.actions.checks import check
from storage.database import db, transaction
from storage.models import Finding, Submission
from tests.asked import answered
from tests.collector.openrosa.sheets import SERVER
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.tree import HERE_VILLAGE, plant

FORM = """
| survey |
| | type | name | label | unit | required |
| | start | start | | | |
| | end | end | | | |
| | today | today | | date | |
| | text | village_code | Thôn | place | |
| | text | hh_id | Hộ | household | |
| | text | consent | Đồng ý | | |
| | text | head_name | Chủ hộ | | yes |
| | integer | head_birth_year | Năm sinh | | |
| | integer | members_n | Nhân khẩu | | |
| | begin_repeat | member | Người | | |
| | text | m_name | Họ tên | | |
| | text | m_ethnic | Dân tộc | | |
| | text | test_due | Đến lượt | | |
| | text | t_present | Có mặt | | |
| | text | n_topics | Nhu cầu | | |
| | end_repeat | | | | |
| | geopoint | gps | Vị trí | | |
| settings |
| | form_id | version |
| | f01_hh_survey | 1 |
"""
CODES = ("Q09", "Q11", "Q12", "Q13", "Q14", "Q18", "Q20", "Q31")
MORNING = datetime.fromisoformat("2026-08-03T07:00:00+07:00")
POSITION = "<gps>21.0 104.0 800 5</gps>"


class Village:
    """A phone in a village, with the survey."""

    def __init__(self, office: Office) -> None:
        self._office = office
        with office.app.app_context(), transaction() as session:
            plant(session)
        office.publish(FORM)
        self._phone = Phone(SERVER + office.phone().path, session=in_process(office.app))
        self._number = 0

    def household(
        self, head: str, birth: int, *, minutes: float = 12, people: Sequence[str] = (), tail: str = ""
    ) -> None:
        """A household of two, visited for so many minutes."""
        self._number += 1
        ended = MORNING + timedelta(minutes=minutes)
        inner = (
            f"<start>{MORNING.isoformat()}</start><end>{ended.isoformat()}</end><today>2026-08-03</today>"
            f"<village_code>{HERE_VILLAGE}</village_code><hh_id>h{self._number}</hh_id><consent>1</consent>"
            f"<head_name>{head}</head_name><head_birth_year>{birth}</head_birth_year><members_n>2</members_n>"
            f"{''.join(f'<member>{one}</member>' for one in people)}{tail}"
        )
        self._phone.send(answered("f01_hh_survey", "1", inner, instance_id=f"uuid:{uuid.uuid4()}"))

    def night(self, codes: Sequence[str] = CODES) -> list[str]:
        """What these rules say after a night."""
        with self._office.app.app_context():
            check(1, NOW, codes)
            mine = (Finding.check.in_(codes), Finding.state == "open")
            return sorted(db.session.scalars(select(Finding.check).where(*mine)))


def test_records_that_are_odd_by_themselves(office: Office) -> None:
    village = Village(office)
    village.household("Lò Văn An", 1980, minutes=7, tail=POSITION)
    assert village.night() == []
    village.household("Vàng A Sử", 1960, minutes=6.9)
    village.household("Lò Văn Anh", 1982)
    village.household("", 1990)
    village.household("Sùng Thị Dơ", 1950, people=["<m_name>Lo Van Binh</m_name><m_ethnic>03</m_ethnic>"])
    assert village.night() == ["Q11", "Q13", "Q20", "Q31"]


def test_how_one_enumerator_works(office: Office) -> None:
    village = Village(office)
    absent = "<test_due>1</test_due><t_present>0</t_present><n_topics>a b</n_topics>"
    given = ("Mai", "Hồng", "Cúc", "Đào", "Lan", "Nhung", "Yến")
    heads = [f"{family} Thị {name}" for family in ("Lò", "Vàng", "Sùng") for name in given]
    for at, head in enumerate(heads[:20]):
        village.household(head, 1940 + 3 * at, people=[absent, absent])
    # Twenty households a day are possible; nobody was there, no position was taken, all wish the same.
    assert village.night() == ["Q09", "Q12", "Q18"]
    village.household(heads[20], 2005)
    assert village.night() == ["Q09", "Q12", "Q14", "Q18"]


def test_a_record_that_comes_after_months(office: Office) -> None:
    village = Village(office)
    village.household("Lò Văn An", 1980, tail=POSITION)
    for days, found in ((46, ["Q15"]), (45, [])):
        with office.app.app_context(), transaction() as session:
            for record in session.scalars(select(Submission)):
                record.created_at = MORNING + timedelta(days=days, minutes=12)
        assert village.night(["Q15"]) == found
