"""All under one survey, on the pages: what a draft changes, the form to read and to print, its files."""

from __future__ import annotations

import pytest

from tests.collector.desk.reader import Field, Page, Reader, file
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

FORM = """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | relevant|constraint|image::Tiếng Việt (vi) |
| | begin_group | who | A. Hộ | A. Household | | | |
| | text | head | Tên chủ hộ | Name of the head | | | nha.png |
| | select_one yn | poor | Hộ nghèo? | {poor} | | | |
| | end_group | | | | | | |
| | begin_repeat | member | Người trong hộ | People | ${{poor}} = '1' | | |
| | text | name | Họ tên | Name | | | |
| | {age} | age | Tuổi | Age | | . < 120 | |
| | end_repeat | | | | | | |
| | select_one_from_file schools.csv | school | Trường | School | | | |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | yn | 1 | Có | Yes |
| | yn | 0 | {no} | No |
| settings |
| | form_title | form_id | version |
| | Phiếu hộ | ho | {version} |
| indicators |
| | code | label | numerator | denominator |
| | poor_rate | Tỷ lệ hộ nghèo | ${{poor}} = '{counted}' | true() |
"""
FIRST = {"poor": "Poor?", "age": "integer", "no": "Không", "version": "1", "counted": "1"}
SCHOOLS = "name,label\ns1,Trường Nà Tông\ns2,Trường Pá Mỳ\n"


def form(**changed: str) -> str:
    """A form about households; of its parts some other ones."""
    return FORM.format(**(FIRST | changed))


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator, with the survey published once."""
    office.publish(form(), media={"schools.csv": SCHOOLS.encode()})
    return Reader(office)


def part(page: Page, name: str) -> list[str]:
    """The changes of one part of a comparison."""
    return page.texts(f"//section[@aria-labelledby='{name}']//ul[@class='changes']/li")


def test_what_a_draft_changes_is_told_before_it_is_published(office: Office, reader: Reader) -> None:
    changed = form(version="2", age="text", no="Không phải", counted="0").replace(
        "| | text | head |", "| | text | host |"
    )
    office.draft(changed)
    page = reader.page("/surveys/ho/draft/publish")
    assert "1 test record" not in page.main
    assert "0 phones have access and fetch this version" in page.main
    assert "On the phones now: 1." in page.main
    assert [one.split(" Before")[0] for one in part(page, "elsewhere")] == ["1. Name of the head head → host"]
    [age] = part(page, "changed")
    assert age.startswith("4. Age age kind of answer Answers already given become text and stay")
    assert "whole number" in age
    assert ["0 · Không0 · Không phải" in one for one in part(page, "lists")] == [True]
    [figure] = part(page, "indicators")
    assert figure.startswith("Tỷ lệ hộ nghèo poor_rate changed")
    published = reader.send("/surveys/ho/draft/publish", {"version": "2"})
    assert published.texts("//section[@aria-labelledby='versions']//td[1]") == ["2 on the phones", "1"]


def test_two_published_versions_are_compared(office: Office, reader: Reader) -> None:
    assert "There is only one version here" in reader.page("/surveys/ho/changes").main
    office.publish(form(version="2", no="Không phải"))
    page = reader.page("/surveys/ho")
    [link] = page.links("//a[text()='What changed']")
    assert "Không phải" in reader.page(link).main
    assert "Nothing differs" not in reader.page(link).main
    assert reader.get("/surveys/ho/changes?from=1&to=999").status_code == 404


def test_a_version_tells_how_many_records_came_with_it(office: Office) -> None:
    first = office.publish(form(), media={"schools.csv": SCHOOLS.encode()})
    volunteer = Volunteer(office, form=first)
    for number in range(3):
        meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
        volunteer.send(f'<data id="ho" version="{1 + number // 2}"><school>s1</school>{meta}</data>'.encode())
        if number == 1:
            office.publish(form(version="2"))
    page = Reader(office).page("/surveys/ho")
    assert page.texts("//section[@aria-labelledby='versions']//tbody/tr/td[3]") == ["1", "2"]


def test_a_form_is_read_in_each_of_its_languages(office: Office, reader: Reader) -> None:
    office.draft(form(version="2", poor=""))
    page = reader.page("/surveys/ho/draft/preview?language=English+(en)")
    assert "4/5 questions" in page.main
    assert "1 text missing" in page.main
    assert "Hộ nghèo? not translated: questions" in page.main
    assert "Asked when: question 2 is “Yes”" in page.main
    vietnamese = reader.page("/surveys/ho/draft/preview?language=Tiếng+Việt+(vi)")
    assert "Asked when: question 2 (Hộ nghèo?) is “Có”" in vietnamese.main
    assert "Taken when: the answer is less than 120" in vietnamese.main
    assert "nha.png" in vietnamese.main
    assert reader.page("/surveys/ho/preview?language=xx").status == 200


def test_the_blank_form_is_a_sheet_of_its_own(reader: Reader) -> None:
    page = reader.page("/surveys/ho/paper?language=Tiếng+Việt+(vi)")
    assert page.find("//nav") == []
    assert page.texts("//h1") == ["Phiếu hộ"]
    assert page.texts("//ul[contains(@class, 'boxes')]/li") == ["Có", "Không"]
    assert page.texts("//table[@class='rows']/thead//th")[0:2] == ["TT", "3. Họ tên"]
    assert len(page.find("//table[@class='rows']/tbody/tr")) == 8
    assert "Người ghi phiếu" in page.main
    english = reader.page("/surveys/ho/paper?language=English+(en)")
    assert "Who filled in the form" in english.main


def test_an_older_version_can_be_read_and_a_foreign_one_not(office: Office, reader: Reader) -> None:
    [number] = [line.rpartition("=")[2] for line in reader.page("/surveys/ho").links("//a[text()='Preview']")]
    office.publish(form(version="2", no="Không phải"))
    assert "Không phải" not in reader.page(f"/surveys/ho/preview?version={number}").main
    office.publish(form().replace("| ho |", "| ho_khac |").replace("poor_rate", "other_rate"))
    assert reader.get(f"/surveys/ho_khac/preview?version={number}").status_code == 404
    assert reader.get("/surveys/ho/preview?version=99999999999").status_code == 404


def test_a_file_is_taken_away_and_put_back(reader: Reader) -> None:
    assert "2 rows, 2 columns" in reader.page("/surveys/ho").main
    shown = reader.page("/surveys/ho/files/schools.csv/look")
    assert shown.texts("//tbody/tr/td") == ["s1", "Trường Nà Tông", "s2", "Trường Pá Mỳ"]
    gone = reader.send("/surveys/ho/files/schools.csv/remove")
    assert "schools.csv is taken away" in gone.main
    assert reader.get("/surveys/ho/files/schools.csv").status_code == 404
    [ticket] = [str(one.get("value")) for one in gone.find("//input[@name='ticket']")]
    assert "Put back: schools.csv" in reader.send("/surveys/ho/files/undo", {"ticket": ticket}).main
    assert reader.get("/surveys/ho/files/schools.csv").text == SCHOOLS
    assert reader.post("/surveys/ho/files/undo", {"ticket": "x"}).status_code == 400


def test_a_replaced_file_reaches_phones_and_can_be_put_back(office: Office, reader: Reader) -> None:
    changed = reader.send("/surveys/ho/files", {"file": file("schools.csv", "name,label\n")})
    assert "Phones fetch the new files when they next look for forms" in changed.main
    [ticket] = [str(one.get("value")) for one in changed.find("//input[@name='ticket']")]
    assert reader.get("/surveys/ho/files/schools.csv").text == "name,label\n"
    reader.send("/surveys/ho/files/undo", {"ticket": ticket})
    assert reader.get("/surveys/ho/files/schools.csv").text == SCHOOLS
    office.publish(form(version="2"))
    stale = reader.post("/surveys/ho/files/undo", {"ticket": ticket})
    assert stale.status_code == 400


def test_what_a_script_sends_is_told_where_to_go_on(reader: Reader) -> None:
    sent: dict[str, Field] = {"workbook": file("ho.md", form(version="2")), "form": "ho"}
    response = reader.post("/upload", sent, headers={"X-Progress": "1"})
    assert (response.status_code, response.headers["Location"]) == (204, "/surveys/ho/draft")


def test_faults_come_first_and_can_be_copied(reader: Reader) -> None:
    wrong = form(version="2").replace("| | text | head |", "| | txt | head |")
    page = reader.refused("/upload", {"workbook": file("ho.md", wrong)})
    assert page.texts("//section[@aria-labelledby='remarks']//h3")[0] == "Has to be corrected 1"
    [text] = page.texts("//textarea")
    assert "survey 3 type The question type “txt” does not exist." in text
    odd = reader.refused("/upload", {"workbook": file("thu.pdf", "%PDF-1.7")})
    assert odd.find("//details[@open]/summary[contains(., 'What the workbook has to look like')]") != []
