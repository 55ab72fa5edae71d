"""An old register on the desk: sent, talked over, entered, taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from collector.accounts.permissions import MANAGER, REVIEWER
from storage.database import db, transaction
from storage.entities.lists import list_by_name
from storage.models import Assignment, Entity
from storage.queries import actors
from tests.collector.desk.reader import Page, Reader, file
from tests.collector.peopled import settle
from tests.collector.test_registers import PERSON
from tests.forms.test_registers import Row, book
from tests.office import Office

AT = "/lists/learners/register"
HEADING = ("STT", "Họ và tên", "Năm sinh", "Nữ", "Dân tộc", "Thôn/bản", "Tổ")
MY = (1, "LÒ THỊ MỶ", 1985, "x", "Thái", "Nà Tông", "3")
PAO = (2, "Giàng A Páo", 1979, "", "Mông", "Bản Pho", "4")


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at the desk, with a survey of people to be taught in two communes."""
    settle(office)
    office.publish(PERSON)
    return Reader(office)


def sent(reader: Reader, *rows: Row, status: int = 200, **fields: str) -> Page:
    """The preview of a register."""
    page = Page(reader.post(AT, {"file": file("so.xlsx", book(HEADING, *rows)), **fields}))
    assert page.status == status, page.main
    return page


def fields(page: Page) -> dict[str, str]:
    """What a browser would send of the form on a preview."""
    found = {
        str(one.get("name")): str(one.get("value"))
        for one in page.find("//main//form//input[@type='hidden']")
    }
    found["commune"] = str(page.find("//input[@id='commune']")[0].get("value"))
    for one in page.find("//main//select"):
        chosen = one.xpath(".//option[@selected]") or one.xpath(".//option")
        found[str(one.get("name"))] = str(chosen[0].get("value"))
    return found


def labels(office: Office) -> dict[str, dict[str, str]]:
    """What the list holds."""
    with office.app.app_context():
        session = db.session()
        of = list_by_name(session, 1, "learners").id
        several = session.scalars(select(Entity).where(Entity.list_id == of, Entity.deleted_at.is_(None)))
        return {one.label: one.data for one in several}


def test_a_register_is_talked_over_and_entered(office: Office, reader: Reader) -> None:
    assert "Send an old register" in reader.page("/lists/learners/files").main
    page = sent(reader, MY, PAO, (3, "Tẩn A Sử", 1990, "", "Dao đỏ", "Nà Tông", ""), status=400)
    assert "2 things are wrong" in page.main
    assert "There are several places “Bản Pho”" in page.main
    said = fields(page)
    assert said["column:to"] == ""
    assert said["column:nam sinh"] == "birth_year"
    said |= {"commune": "Mường Lai", "word:ethnic:daodo": "09", "column:to": "place:commune"}
    again = Page(reader.post(AT, said))
    assert again.status == 400, "the column is no commune"
    said = fields(again) | {"column:to": ""}
    good = Page(reader.post(AT, said))
    assert good.status == 200, good.main
    assert "3 new members" in good.main
    assert labels(office) == {}
    done = reader.send(f"{AT}/enter", fields(good))
    assert "3 new members" in done.main
    assert labels(office)["Tẩn A Sử (1990)"]["ethnic"] == "09"
    assert labels(office)["Giàng A Páo (1979)"]["village_code"] == "08926-002"
    assert reader.send(f"{AT}/enter", fields(good)).main == done.main, "an impatient finger"
    assert len(labels(office)) == 3
    following = sent(reader, (1, "Lý A Ga", 1991, "", "dao đỏ", "Nà Tông", ""))
    assert "Thôn Nà Tông, Xã Mường Lai" in following.main
    assert "Dao" in following.texts("//td[@data-name='Dân tộc']")
    undo = str(done.find("//form[contains(@action, '/undo')]")[0].get("action"))
    reader.send(undo)
    assert labels(office) == {}


def test_what_was_not_looked_at_is_not_entered(office: Office, reader: Reader) -> None:
    page = sent(reader, MY)
    changed = fields(page) | {"column:dan toc": ""}
    shown = Page(reader.post(f"{AT}/enter", changed))
    assert shown.status == 200
    assert labels(office) == {}
    reader.send(f"{AT}/enter", fields(shown))
    assert "ethnic" not in labels(office)["Lò Thị Mỷ (1985)"]


def test_who_is_there_already_is_shown(office: Office, reader: Reader) -> None:
    reader.send(f"{AT}/enter", fields(sent(reader, MY)))
    page = sent(reader, MY, (2, *PAO[1:5], "Nà Tông", ""))
    assert "1 new member" in page.main
    assert "is in the list already" in page.main
    both = Page(reader.post(AT, fields(page) | {"again": "1"}))
    assert "2 new members" in both.main
    reader.send(f"{AT}/enter", fields(both) | {"again": "1"})
    assert len(labels(office)) == 2


def test_what_cannot_be_read_and_who_may_not(office: Office, reader: Reader) -> None:
    assert "Choose a file first" in reader.refused(AT).main
    odd = Page(reader.post(AT, {"file": file("so.xlsx", book(["a"], ["b"]))}))
    assert odd.status == 400
    assert "headings of the register are not found" in odd.main
    assert reader.post(AT, {"ticket": "x"}).status_code == 400
    assert reader.post(f"{AT}/enter", {"ticket": "x"}).status_code == 400
    assert reader.get("/lists/nolist/register").status_code == 404
    assert Reader(office, "soat", REVIEWER).get(AT).status_code == 403
    vietnamese = Reader(office, language="vi").page(AT).main
    assert "register" not in vietnamese


def test_an_officer_of_a_commune_enters_nobody_elsewhere(office: Office, reader: Reader) -> None:
    reader.send(f"{AT}/enter", fields(sent(reader, (*MY[:5], "08953-001", ""))))
    officer = Reader(office, "xa", MANAGER)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, "xa")
        assert user is not None
        session.query(Assignment).filter(Assignment.actor_id == user.actor_id).one().place_code = "08926"
    page = sent(officer, MY, (*PAO[:5], "Thôn 1", ""), (*PAO[:5], "08953-001", ""), status=400)
    assert "There is no place “Thôn 1” here" in page.main
    assert "There is no place “08953-001” here" in page.main
    assert "Tân Lĩnh" not in page.main
    assert "There is no place “Tân Lĩnh” here" in sent(officer, MY, status=400, commune="Tân Lĩnh").main
    own = sent(officer, MY, PAO)
    officer.send(f"{AT}/enter", fields(own))
    assert labels(office)["Giàng A Páo (1979)"]["village_code"] == "08926-002"
