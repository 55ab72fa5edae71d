"""Reports on the desk: due, read, taken away with links to their cells; an office's own files kept."""

from __future__ import annotations

import io

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.actions.form_files import keep_bytes
from collector.parts import parts
from storage.database import db, transaction
from storage.models import Audit, Extract, ExtractFile, Release, ReportTemplate
from storage.queries import attachments
from tests.collector.desk.reader import Field, Page, Reader
from tests.collector.desk.test_indicators import worked_out
from tests.collector.desk.test_outlines import only_in
from tests.figured import Survey
from tests.office import NOW, Office
from tests.tree import FOREIGN, HERE, PROVINCE, THERE

OURS = f"area={PROVINCE}&period=2026"
YEAR = f"/reports/doet_annual?{OURS}"


@pytest.fixture(scope="module")
def survey(kept_office: Office) -> Survey:
    """Two households of different communes, worked out."""
    return worked_out(kept_office)


def word(*lines: str) -> bytes:
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def sent(data: bytes, name: str, report: str = "doet_annual") -> dict[str, Field]:
    return {"report": report, "file": (io.BytesIO(data), name)}


def numbers(office: Office) -> dict[str, int]:
    with office.app.app_context():
        return {one.name: one.id for one in db.session.scalars(select(ReportTemplate))}


def test_the_reports_due_are_listed_by_day_with_those_of_the_communes(survey: Survey) -> None:
    page = Reader(survey.office).page(f"/reports?area={PROVINCE}")
    mine, below = (
        page.texts(f"//section[@aria-labelledby='{one}']//tbody/tr/td[1]") for one in ("mine", "below")
    )
    assert "UBND tỉnh báo cáo Bộ GDĐT" in mine
    assert "Xã báo cáo 6 tháng đầu năm (lịch đề xuất)" in below
    assert below[-1] == "Huyện tổng hợp xã hội học tập (đến 30/6/2025)"
    assert f"/reports/doet_annual/word?area={PROVINCE}&period=" in " ".join(page.links())


def test_a_report_is_read_with_every_figure_a_link_to_its_cell(survey: Survey) -> None:
    reader = Reader(survey.office)
    page = reader.page(YEAR)
    assert "SỐ LIỆU TẠM THỜI" in page.main
    cells = [one for one in page.links("//article//a") if "/indicators/people/figure" in one]
    assert f"/indicators/people/figure?area={PROVINCE}&period=2026" in cells
    assert "people" in reader.page(cells[0]).main


def test_word_and_pdf_say_the_same_and_lead_to_this_server(survey: Survey) -> None:
    reader = Reader(survey.office)
    answer = reader.get(f"/reports/doet_annual/word?{OURS}")
    assert "doet_annual_" in answer.headers["Content-Disposition"]
    made = Document(io.BytesIO(answer.data))
    links = [one.target_ref for one in made.part.rels.values() if one.is_external]
    assert f"http://localhost/indicators/people/figure?area={PROVINCE}&period=2026" in links
    row = next(row for table in made.tables for row in table.rows if row.cells[1].text == "people")
    assert "4" in [cell.text for cell in row.cells]
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(reader.get(f"/reports/doet_annual/pdf?{OURS}").data)).pages
    )
    assert "SỐ LIỆU TẠM THỜI" in text
    assert "people" in text


def test_a_commune_sees_its_own_report_and_no_other(survey: Survey) -> None:
    reader = only_in(survey.office, "xa.bao", REVIEWER, HERE)
    page = reader.page(f"/reports/commune_annual?area={HERE}&period=2026")
    assert FOREIGN not in page.source
    for way in ("", "/word", "/pdf", "/own", "/placeholders"):
        asked = f"/reports/commune_annual{way}?area={THERE}&period=2026"
        answer = reader.get(asked)
        assert answer.status_code == 404, asked
        assert FOREIGN not in answer.text


def test_what_fits_no_report_is_refused_with_a_sentence(survey: Survey) -> None:
    reader = Reader(survey.office)
    assert reader.get(f"/reports/none?{OURS}").status_code == 404
    assert reader.get(f"/reports/doet_annual/pdf?area={HERE}&period=2026").status_code == 400
    assert reader.get(f"/reports/doet_annual/pdf?area={PROVINCE}&period=2026-H1").status_code == 400
    assert reader.get(f"/reports/doet_annual/pdf?{OURS}&release=7").status_code == 404
    page = reader.page(f"/reports/doet_annual?area={HERE}&period=2026")
    assert "This is no report of" in page.main
    assert "Of which commune?" in reader.page(f"/reports/commune_annual?{OURS}").main


FROZEN = """INDICATOR,REF_AREA,REF_AREA_NAME,PARENT,TIME_PERIOD,BREAKDOWN,OBS_VALUE,UNIT_MEASURE
people,08,Tuyên Quang,,2026,_T,77,người
people,00715,Xã Lũng Cú,08,2026,_T,7,người
"""


def release(office: Office, number: int, state: str, places: list[str]) -> None:
    """A release whose figures are said above."""
    with office.app.app_context():
        kept = keep_bytes(parts().blobs, [FROZEN.encode()])
        with transaction() as session:
            attachments.enter_blob(session, kept.sha256, kept.size, None, NOW)
            frozen = Release(
                project_id=1, number=number, name="Chốt năm", spec={}, places=places, state="waiting",
                made_at=NOW, issued_at=NOW, digest="ab" * 32,
            )  # fmt: skip
            session.add(frozen)
            session.flush()
            extract = Extract(
                project_id=1, release_id=frozen.id, kind="figures", asked_at=NOW, spec={}, places=places,
                state="made",
            )  # fmt: skip
            session.add(extract)
            session.flush()
            file = ExtractFile(
                extract_id=extract.id, format="csv", name="f.csv", content_type="text/csv",
                size=kept.size, blob_sha256=kept.sha256,
            )  # fmt: skip
            session.add(file)
            session.flush()
            # What is issued takes no more files.
            frozen.state = "issued"
        if state != "issued":
            with transaction() as session:
                session.get_one(Release, frozen.id).state = state


def test_a_release_gives_its_figures_is_cited_and_takes_the_mark_away(survey: Survey) -> None:
    release(survey.office, 3, "issued", [""])
    release(survey.office, 4, "withdrawn", [""])
    release(survey.office, 5, "issued", [THERE])
    reader = Reader(survey.office)
    page = reader.page(f"{YEAR}&release=3")
    assert page.texts("//select[@id='release']/option")[1:] == ["release 3: Chốt năm, 03/08/2026"]
    assert "TẠM THỜI" not in page.main
    assert f"bản số liệu số 3 “Chốt năm”, chốt ngày 03/08/2026, mã kiểm tra SHA-256: {'ab' * 32}" in page.main
    assert "77" in page.texts("//article//td/a")
    assert reader.get(f"{YEAR}&release=4").status_code == 404
    # A commune's own figures out of the province's release, which it may not look at as a whole.
    head = only_in(survey.office, "xa.chot", REVIEWER, HERE)
    own = head.page(f"/reports/commune_annual?area={HERE}&period=2026&release=3")
    assert "7" in own.texts("//article//td/a")
    assert "77" not in own.texts("//article//td/a")


def test_a_chosen_release_goes_along_from_the_list_of_reports(survey: Survey) -> None:
    release(survey.office, 6, "issued", [PROVINCE])
    release(survey.office, 7, "issued", [THERE])
    reader = Reader(survey.office)
    page = reader.page("/releases/6")
    [there] = page.links("//main//a[contains(., 'Make a report')]")
    assert there == f"/reports?release=6&area={PROVINCE}"
    page = reader.page(there)
    assert "The figures are those of release 6: Chốt năm, 03/08/2026." in page.main
    [opened] = [one for one in page.links("//section[@aria-labelledby='mine']//a") if "/doet_annual?" in one]
    assert "bản số liệu số 6" in reader.page(opened).main
    assert all("release=6" in one for one in page.links("//section[@aria-labelledby='mine']//a"))
    page = reader.page(f"/reports?release=7&area={PROVINCE}")
    assert "Release 7 has no figures of this place" in page.main
    assert "release=" not in " ".join(page.links("//section[@aria-labelledby='mine']//a"))


def test_every_placeholder_is_listed_with_its_value(survey: Survey) -> None:
    page = Reader(survey.office).page(f"/reports/doet_annual/placeholders?{OURS}")
    rows = {row[0]: row[2] for row in (page_row(one) for one in page.find("//tbody/tr"))}
    assert rows["{{ people }}"] == "4"
    assert rows["{{ year }}"] == "2026"


def page_row(row: object) -> list[str]:
    return [" ".join(cell.text_content().split()) for cell in row.xpath("td")]  # type: ignore[attr-defined]


def test_an_own_file_is_kept_filled_replaced_taken_away_and_put_back(survey: Survey) -> None:
    reader, office = Reader(survey.office), survey.office
    page = reader.send("/report-templates", sent(word("Có {{ people }} người ở {{ place }}"), "mẫu.docx"))
    assert "mẫu.docx is kept" in page.main
    number = numbers(office)["mẫu.docx"]
    filled = reader.get(f"/reports/doet_annual/own?{OURS}&file={number}")
    assert Document(io.BytesIO(filled.data)).paragraphs[0].text.startswith("Có 4 người ở ")
    assert f"/reports/doet_annual/own?file={number}" in " ".join(reader.page(YEAR).links())
    page = reader.send("/report-templates", sent(word("Khác {{ people }}"), "mẫu.docx"))
    assert numbers(office) == {"mẫu.docx": number}
    undo(reader, page)
    filled = reader.get(f"/reports/doet_annual/own?{OURS}&file={number}")
    assert Document(io.BytesIO(filled.data)).paragraphs[0].text.startswith("Có 4")
    page = reader.send(f"/report-templates/{number}/remove")
    assert numbers(office) == {}
    undo(reader, page)
    [number] = numbers(office).values()
    assert reader.get(f"/report-templates/{number}/file").status_code == 200
    reader.send(f"/report-templates/{number}/remove")
    with office.app.app_context():
        noted = set(
            db.session.scalars(select(Audit.action).where(Audit.action.startswith("report_template.")))
        )
    assert noted == {f"report_template.{one}" for one in ("create", "update", "delete", "undo")}


def undo(reader: Reader, page: Page) -> None:
    [ticket] = page.find("//input[@name='ticket']")
    assert "as before" in reader.send("/report-templates/undo", {"ticket": str(ticket.get("value"))}).main


def test_a_workbook_is_filled_too(survey: Survey) -> None:
    made = Workbook()
    assert made.active is not None
    made.active["A1"], made.active["A2"], made.active["B2"] = (
        "{{ people }}",
        "{{ place.name }}",
        "{{ place.people }}",
    )
    out = io.BytesIO()
    made.save(out)
    reader = Reader(survey.office)
    reader.send("/report-templates", sent(out.getvalue(), "bang.xlsx"))
    number = numbers(survey.office)["bang.xlsx"]
    found = load_workbook(
        io.BytesIO(reader.get(f"/reports/doet_annual/own?{OURS}&file={number}").data)
    ).active
    reader.send(f"/report-templates/{number}/remove")
    assert found is not None
    assert found["A1"].value == 4
    assert [found["B2"].value, found["B3"].value] == [3, 1]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"x", "neither a Word file"),
        ("a.docx", b"x", "cannot be read as Word"),
        ("a.docx", word("{{ nope }}"), "“nope”, which is nothing a report knows"),
        ("a.docx", word("{{ range(9) }}"), "no placeholder may do"),
    ],
)
def test_a_file_that_cannot_be_filled_is_refused_and_not_kept(
    survey: Survey, name: str, data: bytes, sentence: str
) -> None:
    page = Reader(survey.office).refused("/report-templates", sent(data, name))
    assert sentence in page.main
    assert numbers(survey.office) == {}


@pytest.mark.parametrize("role", [VIEWER, REVIEWER])
def test_who_keeps_no_programme_sends_no_file(survey: Survey, role: int) -> None:
    reader = Reader(survey.office, f"role{role}", role)
    assert reader.post("/report-templates", sent(word("x"), "x.docx")).status_code == 403
    assert not reader.page("/report-templates").find("//input[@type='file']")
    assert Reader(survey.office, f"so{role}", MANAGER).page("/report-templates").find("//input[@type='file']")
