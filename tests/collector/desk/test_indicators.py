"""Figures on the desk: what they come to, by place and by answer, in words and numbers."""

from __future__ import annotations

import pytest

from storage.database import transaction
from storage.models import Form, Place
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

FORM = """
| survey |
| | type | name | label | calculation | unit |
| | text | village | Thôn | | place |
| | begin_repeat | member | Thành viên | | |
| | select_one sex | sex | Giới tính | | |
| | select_one yn | reads | Có biết chữ không? | | |
| | calculate | own_sex | | if(1 = 1, ${sex}, ${sex}) | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label |
| | sex | 1 | Nam |
| | sex | 2 | Nữ |
| | yn | 1 | Có |
| | yn | 0 | Không |
| settings |
| | form_id | version |
| | ho_dan | 1 |
| indicators |
| | code | label | table | where | numerator | denominator | unit | factor | disaggregate | source |
| | literate | Tỷ lệ <biết> | member | | ${reads} = '1' | true() | % | 100 | own_sex | Luật |
| | members | Số người | member | | true() | | người | | | |
"""
PLACES = (
    ("08", "province", "Tuyên Quang", None),
    ("001", "commune", "Xã A", "08"),
    ("001-1", "village", "Nà Tông", "001"),
)


def household(number: int, village: str, *members: tuple[int, int]) -> bytes:
    """A filled form: each member by sex and whether he reads."""
    people = "".join(
        f"<member><sex>{sex}</sex><reads>{reads}</reads><own_sex>{sex}</own_sex></member>"
        for sex, reads in members
    )
    meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
    return f'<data id="ho_dan" version="1"><village>{village}</village>{people}{meta}</data>'.encode()


@pytest.fixture
def form(office: Office) -> Form:
    """A survey with figures, three places and three households."""
    with office.app.app_context(), transaction() as session:
        for code, level, name, above in PLACES:
            session.add(Place(code=code, level=level, name=name, parent_code=above))
            session.flush()
    made = office.publish(FORM)
    volunteer = Volunteer(office, form=made)
    volunteer.send(household(1, "001-1", (1, 1), (2, 0)))
    volunteer.send(household(2, "elsewhere", (2, 1)))
    volunteer.send(household(3, "", (2, 0), (2, 0)))
    return made


def rows(page: Page) -> dict[str, list[str]]:
    """The table: place to its cells."""
    lines = page.find("//table//tr[th[@scope='row']]")
    return {
        " ".join(line.xpath("th")[0].text_content().split()): [
            " ".join(cell.text_content().split()) for cell in line.xpath("td")
        ]
        for line in lines
    }


@pytest.mark.usefixtures("form")
def test_a_figure_stands_by_place_and_by_answer(office: Office) -> None:
    page = Reader(office).page("/indicators/literate")
    assert page.texts("//thead//th") == ["Village", "Numerator", "Denominator", "Nam", "Nữ", "Value"]
    assert rows(page) == {
        "Nà Tông Xã A": ["1", "2", "100 %", "0 %", "50 %"],
        "elsewhere": ["1", "1", "–", "100 %", "100 %"],
        "No place given": ["0", "2", "–", "0 %", "0 %"],
        "All together": ["2", "5", "100 %", "25 %", "40 %"],
    }
    assert page.texts("//h1") == ["Tỷ lệ <biết>"]
    assert "Each “Thành viên” of a record is looked at by itself" in page.main
    assert "Có biết chữ không?" in page.main
    assert "Source: Luật" in page.main


@pytest.mark.usefixtures("form")
def test_places_are_added_up_to_the_level_asked_for(office: Office) -> None:
    page = Reader(office, language="vi").page("/indicators/literate?level=province")
    assert list(rows(page)) == ["Tuyên Quang", "elsewhere", "Không ghi địa bàn", "Tất cả"]
    assert page.texts("//nav//a[@aria-current='true']") == ["Tỉnh"]


@pytest.mark.usefixtures("form")
def test_the_list_says_what_each_comes_to(office: Office) -> None:
    cards = Reader(office, language="vi").page("/indicators").texts("//li[contains(@class, 'survey')]")
    assert cards == ["Tỷ lệ <biết> 40 % 2 / 5", "Số người 5 người"]


@pytest.mark.usefixtures("form")
def test_a_deleted_record_counts_no_more(office: Office) -> None:
    reader = Reader(office)
    reader.send("/surveys/ho_dan/submissions/uuid:3/delete")
    assert rows(reader.page("/indicators/members"))["All together"] == ["3"]


def test_without_indicators_the_page_says_where_they_come_from(office: Office) -> None:
    assert "sheet “indicators”" in Reader(office).page("/indicators").main
    assert Reader(office).get("/indicators/none").status_code == 404


@pytest.mark.usefixtures("form")
def test_two_surveys_with_one_code_are_told_apart(office: Office) -> None:
    office.publish(FORM.replace("| ho_dan |", "| ho_khac |").replace("Số người", "Số người khác"))
    reader = Reader(office)
    assert "ho_dan, ho_khac" in reader.page("/indicators/members", status=400).main
    links = [link for link in reader.page("/indicators").links() if "/members" in link]
    assert [reader.page(link).texts("//h1") for link in links] == [["Số người"], ["Số người khác"]]
