"""From a workbook to the phones, on the pages."""

from __future__ import annotations

import openpyxl
import pytest

from tests.collector.desk.reader import Field, Reader, file
from tests.collector.openrosa.sheets import collect
from tests.office import Office

FORM = """
| survey |
| | type | name | label |
| | text | name | Tên |
| | select_one_from_file schools.csv | school | Trường |
| settings |
| | form_title | form_id | version |
| | Lớp học | lop_hoc | {version} |
"""
SCHOOLS = "name,label\ns1,Trường Nà Tông\n"


def workbook(version: str = "1") -> str:
    """A form that asks for a file."""
    return FORM.format(version=version)


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at the desk."""
    return Reader(office)


def test_a_form_goes_from_file_to_phone(office: Office, reader: Reader) -> None:
    draft = reader.send("/upload", {"workbook": file("lop_hoc.md", workbook())})
    assert (draft.texts("//h1"), "Files are missing: schools.csv" in draft.main) == (["Lớp học"], True)
    assert "has a draft" not in reader.page("/surveys").main
    assert "not published yet" in reader.page("/surveys").main
    filled = reader.send("/surveys/lop_hoc/draft/files", {"file": file("schools.csv", SCHOOLS)})
    assert "Received: schools.csv" in filled.main
    assert "Files are missing" not in filled.main
    published = reader.send("/surveys/lop_hoc/draft/publish", {"version": "1"})
    assert published.texts("//h1") == ["Lớp học"]
    installed = collect(office, office.phone()).sync()["lop_hoc"]
    assert installed.media == {"schools.csv": SCHOOLS.encode()}


def test_files_may_come_with_the_form(reader: Reader) -> None:
    sent: dict[str, Field] = {
        "workbook": file("lop_hoc.md", workbook()),
        "media": [file("schools.csv", SCHOOLS)],
    }
    assert "Files are missing" not in reader.send("/upload", sent).main


def test_what_is_wrong_is_said_row_by_row(reader: Reader) -> None:
    wrong = workbook().replace("| | text | name", "| | txt | name")
    refused = reader.refused("/upload", {"workbook": file("lop_hoc.md", wrong)})
    assert "“lop_hoc.md” cannot be used yet" in refused.main
    [row] = [found.xpath("td") for found in refused.find("//tbody/tr")]
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert cells[:4] == ["survey", "2", "type", "error The question type “txt” does not exist."]
    assert cells[4].startswith("Use a type of the XLSForm list")
    reader.client.set_cookie("collector_language", "vi")
    told = reader.refused("/upload", {"workbook": file("lop_hoc.md", wrong)})
    assert "Không có kiểu câu hỏi “txt”." in told.main


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("", "", "Choose a file first"),
        ("x.xlsx", "not a workbook", "cannot be used yet"),
        ("x.xml", "<html", "not a readable XForm"),
        ("<b>.txt", "x", "“<b>.txt” cannot be used yet"),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_a_sentence(
    reader: Reader, name: str, data: str, said: str
) -> None:
    assert said in reader.refused("/upload", {"workbook": file(name, data)}).main


def test_a_new_version_must_be_of_the_same_survey(office: Office, reader: Reader) -> None:
    office.publish(workbook())
    other = workbook("2").replace("lop_hoc |", "lop_khac |")
    refused = reader.refused("/upload", {"workbook": file("x.md", other), "form": "lop_hoc"})
    assert "is the form “lop_khac”, not “lop_hoc”" in refused.main
    draft = reader.send("/upload", {"workbook": file("x.md", workbook("2")), "form": "lop_hoc"})
    assert "version 2" in draft.main
    assert "A draft waits" in reader.page("/surveys/lop_hoc").main


def test_a_version_is_published_once(office: Office, reader: Reader) -> None:
    office.publish(workbook())
    changed = workbook().replace("Tên", "Họ và tên")
    reader.send("/upload", {"workbook": file("x.md", changed)})
    refused = reader.refused("/surveys/lop_hoc/draft/publish", {"version": "1"}, status=409)
    assert "already published with other contents" in refused.main
    published = reader.send("/surveys/lop_hoc/draft/publish", {"version": "2"})
    assert published.texts("//section[@aria-labelledby='versions']//td[1]") == ["2 on the phones", "1"]


def test_what_the_check_found_stays_on_the_draft_in_the_readers_language(office: Office) -> None:
    photo = workbook().replace("| | text | name | Tên |", "| | image | name | Tên |")
    office.draft(photo)
    first = "(//section[@aria-labelledby='remarks']//tbody/tr)[1]"
    [cause, remedy] = Reader(office).page("/surveys/lop_hoc/draft").texts(f"{first}/td[position()>3]")
    assert (cause, remedy.startswith("Write max-pixels")) == ("warning Pictures are sent in full size.", True)
    told = Reader(office, language="vi").page("/surveys/lop_hoc/draft").texts(f"{first}/td[4]")
    assert told == ["cảnh báo Ảnh đang gửi ở kích thước gốc."]


def test_lists_of_places_come_from_the_server_unless_somebody_sent_one(reader: Reader) -> None:
    asks = workbook().replace("schools.csv", "provinces.csv")
    reader.send("/upload", {"workbook": file("x.md", asks)})
    assert reader.get("/surveys/lop_hoc/files/provinces.csv?draft=1").text.startswith("name,label")
    reader.send("/surveys/lop_hoc/draft/files", {"file": file("provinces.csv", "name,label\nx,Own\n")})
    reader.send("/upload", {"workbook": file("x.md", asks.replace("Tên", "Họ tên"))})
    assert "Own" in reader.get("/surveys/lop_hoc/files/provinces.csv?draft=1").text


def test_a_file_nobody_asked_for_is_named(office: Office, reader: Reader) -> None:
    office.publish(workbook(), media={"schools.csv": SCHOOLS.encode()})
    several = [file("schools.csv", "name,label\n"), file("<i>.csv", "x")]
    shown = reader.send("/surveys/lop_hoc/files", {"file": several})
    assert "asks for no file named “<i>.csv”" in shown.main
    assert "Received: schools.csv" in shown.main
    assert reader.get("/surveys/lop_hoc/files/schools.csv").data == b"name,label\n"


def test_a_draft_is_tested_and_removed(office: Office, reader: Reader) -> None:
    office.draft(workbook())
    code = reader.get("/surveys/lop_hoc/draft/qr.svg")
    assert (code.content_type, b"<svg" in code.data) == ("image/svg+xml", True)
    assert "Phones cannot reach this address" in reader.page("/surveys/lop_hoc/draft").main
    gone = reader.send("/surveys/lop_hoc/draft/abandon")
    assert "The draft is removed" in gone.main
    assert reader.get("/surveys/lop_hoc").status_code == 404


def test_a_closed_survey_takes_nothing(office: Office, reader: Reader) -> None:
    office.publish(workbook())
    assert "closed" in reader.send("/surveys/lop_hoc/state", {"state": "closed"}).texts("//*[@class='pill']")
    assert collect(office, office.phone()).sync() == {}
    assert reader.post("/surveys/lop_hoc/state", {"state": "ajar"}).status_code == 400


def test_workbook_and_xform_are_downloads(office: Office, reader: Reader) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for row in (["type", "name", "label"], ["text", "name", "Tên"]):
        sheet.append(row)
    path = office.settings.home / "x.xlsx"
    book.create_sheet("settings").append(["form_id"])
    book["settings"].append(["lop_hoc"])
    book.save(path)
    office.publish(path.read_bytes(), filename="Lớp học.xlsx")
    _preview, excel, xform = reader.page("/surveys/lop_hoc").links(
        "//section[@aria-labelledby='versions']//td//a"
    )
    assert reader.get(excel).data == path.read_bytes()
    answer = reader.get(xform)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"<h:html" in answer.data
