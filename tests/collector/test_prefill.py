"""The figures of a commune's report: worked out of what its villages and classes sent, read by its phones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.actions.prefill import prefill, prefill_year
from forms.commune_figures import LIST
from storage.database import db, transaction
from storage.entities import reading
from storage.entities.lists import list_by_name, properties
from storage.models import EntityStamp, Form, Submission
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.office import Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, THERE, THERE_VILLAGE, plant

NOVEMBER, DECEMBER = datetime(2026, 11, 10, 19, 30, tzinfo=UTC), datetime(2026, 12, 1, 19, tzinfo=UTC)
AUGUST = datetime(2026, 8, 10, 19, tzinfo=UTC)

COUNT = """
| survey |
| | type | name | label |
| | integer | count_year | Năm |
| | select_one kind | count_kind | Loại |
| | begin_group | g_lit | Mù chữ |
| | integer | il1_t | Mù chữ mức độ 1 |
| | integer | il1_f | Nữ |
| | end_group | | |
| choices |
| | list_name | name | label |
| | kind | 1 | Chính thức |
| settings |
| | form_id | version |
| | f02_village_count | 1 |
"""
CLASS = """
| survey |
| | type | name | label |
| | select_one mode | class_mode | Việc |
| | select_one mode | phase | Giai đoạn |
| | date | start_date | Khai giảng |
| | begin_repeat | learner | Học viên |
| | text | l_id | Mã |
| | integer | l_1560 | 15–60 |
| | text | l_sex | Giới |
| | end_repeat | | |
| choices |
| | list_name | name | label |
| | mode | new | Mở |
| settings |
| | form_id | version |
| | f04_class_open | 1 |
"""
REPORT = """
| survey |
| | type | name | label | calculation |
| | csv-external | commune_figures | | |
| | text | commune | Xã | |
| | calculate | fig | | instance('commune_figures')/root/item[commune_code=${commune}]/name |
| settings |
| | form_id | version |
| | f09_commune_annual | 1 |
"""


@pytest.fixture
def commune(office: Office) -> Office:
    """An office with a map, and the forms of villages, classes and communes."""
    for form in (COUNT, CLASS, REPORT):
        office.publish(form)
    with office.app.app_context(), transaction() as session:
        plant(session)
    return office


def send(office: Office, form_id: str, place: str, body: str) -> None:
    """A record that counts for a place."""
    instance = new_id()
    form = db.session().query(Form).filter_by(xml_form_id=form_id).one()
    assert (
        Volunteer(office, form=form).post(answered(form_id, "1", body, instance_id=instance)).status_code
        == 201
    )
    with transaction() as session:
        session.query(Submission).filter_by(instance_id=instance).one().place_code = place


def count(office: Office, village: str, illiterate: int, women: int, year: int = 2026) -> None:
    """The count of a village."""
    body = (
        f"<count_year>{year}</count_year><count_kind>1</count_kind>"
        f"<g_lit><il1_t>{illiterate}</il1_t><il1_f>{women}</il1_f></g_lit>"
    )
    send(office, "f02_village_count", village, body)


def figures(period: str = "y") -> dict[str, dict[str, str]]:
    """What phones read, by commune."""
    session = db.session()
    session.expire_all()
    found = reading.rows(session, list_by_name(session, 1, LIST).id)
    return {one.data["commune_code"]: dict(one.computed) for one in found if one.data["period"] == period}


def stamp() -> int:
    session = db.session()
    session.expire_all()
    return session.get_one(EntityStamp, (list_by_name(session, 1, LIST).id, HERE)).stamp


def test_the_list_is_there_as_soon_as_a_form_reads_it(commune: Office) -> None:
    with commune.app.app_context():
        session = db.session()
        columns = properties(session, list_by_name(session, 1, LIST).id)
        assert [one.name for one in columns[:5]] == [
            "commune_code",
            "report_year",
            "period",
            "as_of",
            "vil_n",
        ]
        assert {one.name for one in columns if not one.computed} == {"commune_code", "report_year", "period"}
        assert prefill(now=NOVEMBER) == 0


def test_villages_and_classes_are_added_up_for_their_commune(commune: Office) -> None:
    with commune.app.app_context():
        count(commune, HERE_VILLAGE, 40, 25)
        count(commune, OTHER_VILLAGE, 20, 10)
        count(commune, THERE_VILLAGE, 7, 3)
        learners = "".join(
            f"<learner><l_id>{name}</l_id><l_1560>1</l_1560><l_sex>{sex}</l_sex></learner>"
            for name, sex in (("a", 2), ("b", 1), ("a", 2))
        )
        began = "<class_mode>new</class_mode><phase>1</phase><start_date>2026-08-03</start_date>"
        send(commune, "f04_class_open", HERE_VILLAGE, began + learners)
        assert prefill(now=NOVEMBER) == 4
        found = figures()
        assert found[HERE] == {
            "as_of": "2026-11-11", "vil_n": "2", "vil_f02": "2", "il1_t": "60", "il1_f": "35", "il2_t": "0",
            "il2_f": "0", "relapse_t": "0", "relapse_f": "0", "il1_dtts": "0", "tlg_n": "0", "oos_back": "0",
            "mob1_t": "2", "mob1_f": "1", "mob2_t": "0", "mob2_f": "0", "cls_open": "1",
        }  # fmt: skip
        assert found[THERE]["il1_t"] == "7"
        assert figures("h2")[HERE]["mob1_t"] == "2"


def test_only_what_changed_is_written_and_only_its_commune_downloads_again(commune: Office) -> None:
    with commune.app.app_context():
        count(commune, HERE_VILLAGE, 40, 25)
        prefill(now=NOVEMBER)
        before = stamp()
        assert prefill(now=DECEMBER) == 0
        assert (stamp(), figures()[HERE]["as_of"]) == (before, "2026-11-11")
        count(commune, THERE_VILLAGE, 7, 3)
        assert prefill(now=DECEMBER) == 2
        assert stamp() == before


def test_what_was_withdrawn_is_blank_again(commune: Office) -> None:
    with commune.app.app_context():
        count(commune, HERE_VILLAGE, 40, 25)
        prefill(now=NOVEMBER)
        with transaction() as session:
            session.query(Submission).one().review_state = "rejected"
        assert prefill(now=DECEMBER) == 2
        assert figures() == {HERE: {"as_of": "2026-12-02"}}


def test_a_month_without_reports_prepares_none_unless_asked(commune: Office) -> None:
    with commune.app.app_context():
        count(commune, HERE_VILLAGE, 40, 25, year=2025)
        assert prefill(now=AUGUST) == 0
        assert prefill_year(2025, "y", now=AUGUST) == 1
        assert figures()[HERE]["il1_t"] == "40"
