"""The page of personal data: somebody is searched for, looked at, erased; the time of keeping is set."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions import record_names
from collector.clock import moment
from storage.database import db, transaction
from storage.erasing.withdrawing import TOLD
from storage.models import Audit, Extract, Retention
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import NOW, Office

FORM = """
| survey |
| | type | name | label | pii |
| | text | head | Chủ hộ | direct |
| | begin_repeat | member | Người | |
| | text | m_name | Tên | direct |
| | end_repeat | | | |
| settings |
| | form_id | form_title | version | instance_name |
| | ho | Hộ gia đình | 1 | ${head} |
"""
ROOT = "/personal-data"
GROUND = "Luật 91/2025/QH15, đơn số 7"


def household(number: int, head: str, wife: str) -> bytes:
    """A household as a phone sends it."""
    people = f"<member><m_name>{head}</m_name></member><member><m_name>{wife}</m_name></member>"
    meta = f"<instanceID>uuid:{number}</instanceID><instanceName>{head}</instanceName>"
    return f'<data id="ho" version="1"><meta>{meta}</meta><head>{head}</head>{people}</data>'.encode()


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    volunteer = Volunteer(kept_office, form=kept_office.publish(FORM))
    volunteer.send(household(1, "Lò Văn Pấng", "Lò Thị Ún"))
    volunteer.send(household(2, "Hạng A Sử", "Mùa Thị Dở"))
    with kept_office.app.app_context():
        record_names.keep_up(moment())
    return kept_office


def found(reader: Reader, said: str) -> dict[str, str]:
    """What belongs to somebody: kind and key by name."""
    page = Page(reader.post(f"{ROOT}/find", {"said": said}))
    return {
        str(row.xpath("string(.//strong)")): str(row.xpath(".//input[@name='thing']")[0].get("value"))
        for row in page.find("//tbody/tr")
    }


def test_an_officer_finds_a_person_sees_what_goes_and_erases_him(office: Office) -> None:
    reader = Reader(office)
    assert "Nobody has asked yet" in reader.page(ROOT).main
    assert found(reader, "mua thi do") == {"Hạng A Sử": "record uuid:2", "Mùa Thị Dở": "row uuid:2/member[2]"}
    chosen = {"thing": "row uuid:2/member[2]", "said": "Mùa Thị Dở"}
    looked = Page(reader.post(f"{ROOT}/look", chosen))
    assert looked.texts("//dl//dt") == ["Persons in records", "Versions that were sent or corrected"]
    [typed] = looked.texts("//*[@class='typed-name']")
    for wrong in ({"typed": typed}, {"typed": "sai", "ground": GROUND}):
        assert Page(reader.post(f"{ROOT}/erase", chosen | wrong)).status == 400
    assert found(reader, "mua thi do") != {}
    done = Page(reader.post(f"{ROOT}/erase", chosen | {"typed": typed, "ground": GROUND}))
    assert "1 thing is erased for good" in done.main
    assert GROUND in done.main
    assert "Mùa" not in done.main
    assert found(reader, "mua thi do") == {}
    assert "Mùa Thị Dở" not in reader.page("/surveys/ho/submissions/uuid:2").main


def test_nobody_but_an_administrator_erases_or_searches(office: Office) -> None:
    for role, name in ((MANAGER, "quan.ly"), (REVIEWER, "can.bo")):
        reader = Reader(office, name, role)
        assert reader.get(ROOT).status_code == 403
        for where in ("find", "look", "erase", "keep", "order"):
            sent = {"thing": "record uuid:1", "said": "Lò Văn", "ground": GROUND, "form": "ho", "typed": "ho"}
            assert reader.post(f"{ROOT}/{where}", sent).status_code == 403


def test_what_is_typed_wrong_is_said_and_nothing_goes(office: Office) -> None:
    reader = Reader(office)
    assert "at least 3 letters" in Page(reader.post(f"{ROOT}/find", {"said": "lò"})).main
    assert "Nothing is known" in Page(reader.post(f"{ROOT}/find", {"said": "không ai cả"})).main
    assert "Tick what" in Page(reader.post(f"{ROOT}/look")).main
    assert Page(reader.post(f"{ROOT}/look", {"thing": "record uuid:none"})).status == 400
    assert Page(reader.post(f"{ROOT}/look", {"thing": "row uuid:1/member[9]"})).status == 400
    assert Page(reader.post(f"{ROOT}/erase", {"thing": "entity x"})).status == 400


def test_how_long_a_survey_keeps_names_is_decided_here(office: Office) -> None:
    reader = Reader(office)
    assert "not decided" in reader.page(ROOT).main
    for months in ("0", "601", "hai"):
        assert (
            Page(reader.post(f"{ROOT}/keep", {"form": "ho", "months": months, "act": "records"})).status
            == 400
        )
    sent = {"form": "ho", "months": "24", "act": "identifiers", "ground": "QĐ 5"}
    assert "It is noted" in Page(reader.post(f"{ROOT}/keep", sent)).main
    with office.app.app_context():
        held = db.session.scalars(select(Retention)).one()
        assert (held.months, held.act, held.ground, held.set_by) == (
            24,
            "identifiers",
            "QĐ 5",
            office.admin_id,
        )
        assert db.session.scalars(select(Audit.details).where(Audit.action == "erasure.retention")).all() == [
            {"months": 24, "act": "identifiers"}
        ]
    assert Page(reader.post(f"{ROOT}/order", {"form": "ho", "typed": "sai"})).status == 400
    assert "It is begun" in Page(reader.post(f"{ROOT}/order", {"form": "ho", "typed": "ho"})).main
    assert "being taken out" in reader.page(ROOT).main
    assert "It is noted" in Page(reader.post(f"{ROOT}/keep", {"form": "ho", "months": ""})).main
    assert "not decided" in reader.page(ROOT).main


def test_why_files_are_gone_is_said_in_the_reader_s_language(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        gone = Extract(
            project_id=1, kind="records", asked_by=office.admin_id, asked_at=NOW, spec={"form": "ho"},
            places=[""], state="failed", problem=TOLD,
        )  # fmt: skip
        session.add(gone)
        session.flush()
        number = gone.id
    assert TOLD in Reader(office).page(f"/downloads/{number}").main
    page = Reader(office, language="vi").page(f"/downloads/{number}")
    assert "đã được xóa thông tin nên các tệp không còn" in page.main
    assert TOLD not in page.main
