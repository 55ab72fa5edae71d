"""An office defines a figure: in a survey's workbook, in the programme's, and by deciding what is open."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from openpyxl import load_workbook

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions.definitions import definitions_of
from collector.actions.figures import Figures
from collector.actions.programme import in_force
from storage.database import db, transaction
from storage.models import FigureMark, Form, Place
from tests.collector.desk.reader import Field, Page, Reader, file
from tests.collector.openrosa.sending import Volunteer
from tests.office import NOW, Office
from tests.xlsforms.surveys import book, schema

F01 = "f01_hh_survey"

HOUSEHOLD = """
| survey |
| | type | name | label |
| | integer | people | Số người |
| | integer | rooms | Số phòng |
| | select_one yn | poor | Hộ nghèo? |
| choices |
| | list_name | name | label |
| | yn | 1 | Có |
| | yn | 0 | Không |
| settings |
| | form_id | version |
| | household | 1 |
| indicators |
| | code | label | numerator |
| | households | Số hộ | true() |
"""
PROGRAMME = """
| indicators |
| | code | label | when | table | numerator | denominator | unit |
| | poor_share | Tỷ lệ hộ nghèo | | household | ${poor} = '1' | true() | % |
| | crowded | Hộ chật | crowd=three | household | ${people} >= 3 * ${rooms} | | hộ |
| | crowded | Hộ chật | crowd=two | household | ${people} >= 2 * ${rooms} | | hộ |
| | per_head | Người trên hộ | | figures | ${poor_share} + ${households} | | |
| targets |
| | indicator | plan | area | deadline | comparison | value | source |
| | poor_share | TH | 38 | 2030-12-31 | at_most | 10 | II.1 |
| decisions |
| | code | label::Tiếng Việt (vi) | label::English (en) | options | option::English (en) | default | consequence::English (en) |
| | crowd | Thế nào là chật | When is a home crowded | three two | three to a room; two to a room | three | Changes the number of crowded homes. |
"""  # noqa: E501


@pytest.fixture
def form(office: Office) -> Form:
    """A survey with one figure, and three households."""
    with office.app.app_context(), transaction() as session:
        session.add(Place(code="38", level="province", name="Thanh Hóa", parent_code=None))
    made = office.publish(HOUSEHOLD)
    volunteer = Volunteer(office, form=made)
    for number, (people, rooms, poor) in enumerate([(6, 2, 1), (5, 2, 0), (1, 1, 0)]):
        meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
        answers = f"<people>{people}</people><rooms>{rooms}</rooms><poor>{poor}</poor>"
        volunteer.send(f'<data id="household" version="1">{answers}{meta}</data>'.encode())
    return made


def send(reader: Reader, text: str | bytes = PROGRAMME, name: str = "programme.md") -> Page:
    return reader.send("/upload", {"workbook": file(name, text)})


def value(reader: Reader, code: str, form_id: str = "") -> str:
    """What a figure comes to once it is worked out, as its page says."""
    with reader.client.application.app_context():
        Figures(lambda: NOW).look(NOW)
    page = reader.page(f"/indicators/{code}?form={form_id}&area=all&period=2026")
    return page.texts("//p[@class='figure big']/strong")[0]


@pytest.mark.usefixtures("form")
def test_a_programme_sent_to_the_desk_is_in_force_at_once(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    page = send(manager)
    assert "The programme is in force." in page.text
    assert "4 indicators" not in page.text
    assert "3 indicators and 1 targets" in page.main
    assert value(manager, "poor_share") == "33.3 %"
    assert value(manager, "households", "household") == "3"
    labels = manager.page("/indicators?area=all&period=2026").texts("//td[@class='name']/a")
    assert labels == ["Số hộ", "Tỷ lệ hộ nghèo", "Hộ chật", "Người trên hộ"]


@pytest.mark.usefixtures("form")
def test_what_was_sent_can_be_fetched_again(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    page = send(manager)
    (link,) = [link for link in page.links() if "workbook" in link]
    assert manager.get(link).text == PROGRAMME


@pytest.mark.usefixtures("form")
def test_a_decision_changes_the_figures_that_wait_for_it(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    page = send(manager)
    assert value(manager, "crowded") == "1"
    (section,) = page.find("//section[@id='crowd']")
    told = " ".join(section.text_content().split())
    assert told.startswith("When is a home crowded Changes the number of crowded homes.")
    assert "three to a room (unless decided otherwise) two to a room" in told
    assert told.endswith("Rests on it: Hộ chật")
    with office.app.app_context(), transaction() as session:
        session.query(FigureMark).delete()
    page = manager.send("/decisions", {"code": "crowd", "option": "two"})
    (chosen,) = page.find("//input[@checked]")
    with office.app.app_context():
        assert [mark.source for mark in db.session().query(FigureMark)] == ["definitions"]
    assert (chosen.get("value"), value(manager, "crowded")) == ("two", "2")


@pytest.mark.usefixtures("form")
def test_a_decision_there_is_not_is_refused(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    send(manager)
    wrong: list[dict[str, Field]] = [
        {"code": "crowd", "option": "four"},
        {"code": "age", "option": "two"},
        {},
    ]
    for fields in wrong:
        assert "Load the page again" in manager.refused("/decisions", fields).text


@pytest.mark.usefixtures("form")
def test_only_who_runs_the_survey_decides(office: Office) -> None:
    reviewer = Reader(office, "soat", REVIEWER)
    for path in ("/decisions", "/programme/workbook"):
        reviewer.page(path, 403)
    reviewer.refused("/decisions", {"code": "crowd", "option": "two"}, status=403)
    assert "/decisions" not in reviewer.page("/indicators").links()


WRONG = (
    ("| household | ${poor}", "| centre | ${poor}", ["indicators", "2", "table"]),
    ("${poor} = '1'", "${pour} = '1'", ["indicators", "2", "numerator"]),
    ("${poor_share} + ${households}", "${per_head} + 1", ["indicators", "5", "numerator"]),
    ("| crowded | Hộ chật | crowd=two", "| households | Hộ chật | crowd=two", ["indicators", "4", "code"]),
    ("| 38 |", "| 39 |", ["targets", "2", "area"]),
    ("crowd=two", "crowd=four", ["indicators", "4", "when"]),
)


@pytest.mark.usefixtures("form")
def test_a_refused_programme_leaves_the_one_before_in_force(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    send(manager)
    for was, now, where in WRONG:
        wrong = PROGRAMME.replace(was, now).replace("Tỷ lệ hộ nghèo", "Tên mới")
        page = manager.refused("/upload", {"workbook": file("new.md", wrong)})
        assert page.texts("//td[contains(@class, 'where')]") == where
    assert value(manager, "poor_share") == "33.3 %"
    with office.app.app_context():
        assert in_force(db.session(), 1).name == "programme.md"


@pytest.mark.usefixtures("form")
def test_a_row_that_no_longer_fits_is_left_out_and_all_others_stay(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    send(manager)
    with office.app.app_context(), transaction() as session:
        # As an earlier release could leave it: a form that is gone.
        session.get_one(Form, 1).deleted_at = NOW
    office.publish(HOUSEHOLD.replace("| household | 1 |", "| other | 1 |"))
    with office.app.app_context():
        settled = definitions_of(db.session(), 1)
    assert [one.indicator.code for one in settled.indicators] == ["households"]
    page = manager.page("/decisions")
    assert "are left out until they are corrected" in page.main


@pytest.mark.usefixtures("form")
def test_a_question_that_is_asked_no_more_still_counts(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    send(manager)
    without = HOUSEHOLD.replace("| | select_one yn | poor | Hộ nghèo? |\n", "")
    office.publish(without.replace("household | 1", "household | 2"))
    assert value(manager, "poor_share") == "33.3 %"


@pytest.mark.usefixtures("form")
def test_a_form_cannot_take_a_code_of_the_programme(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    send(manager)
    taken = HOUSEHOLD.replace("| households |", "| crowded |").replace("household | 1", "household | 2")
    manager.send("/upload", {"workbook": file("household.md", taken)})
    page = manager.refused("/surveys/household/draft/publish", {"version": "2"})
    assert "already that of an indicator of the programme" in page.text
    assert value(manager, "households", "household") == "3"


@pytest.mark.usefixtures("form")
def test_two_forms_cannot_share_a_code(office: Office) -> None:
    manager = Reader(office, "giau", MANAGER)
    manager.send(
        "/upload", {"workbook": file("other.md", HOUSEHOLD.replace("| household | 1", "| other | 1"))}
    )
    page = manager.refused("/surveys/other/draft/publish", {"version": "1"})
    assert "already that of an indicator of the form household" in page.text
    assert value(manager, "households", "household") == "3"


def test_a_target_of_a_form_names_a_place_there_is(office: Office, form: Form) -> None:
    manager = Reader(office, "giau", MANAGER)
    targets = "| targets |\n| | indicator | plan | area | period | comparison | value |\n"
    for area, status in (("99", 400), ("38", 303)):
        row = f"| | households | TH | {area} | 2026 | at_least | 5 |\n"
        text = HOUSEHOLD.replace("household | 1", "household | 2") + targets + row
        manager.send("/upload", {"workbook": file("household.md", text)})
        assert (
            manager.post(f"/surveys/{form.xml_form_id}/draft/publish", {"version": "2"}).status_code == status
        )
    with office.app.app_context():
        (target,) = definitions_of(db.session(), 1).targets
    assert (target.indicator, target.area, target.value) == ("households", "38", 5.0)


def with_row(data: bytes, **cells: str) -> bytes:
    """A workbook with one more indicator and a later version, as an officer edits it in Excel."""
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook["indicators"]
    header = [cell.value for cell in sheet[1]]
    sheet.append([cells.get(str(name), "") for name in header])
    settings = workbook["settings"]
    version = next(cell for cell in settings[1] if cell.value == "version")
    settings.cell(2, version.column).value = "2026112299"
    sent = io.BytesIO()
    workbook.save(sent)
    return sent.getvalue()


def household(number: int, *people: tuple[str, int, int]) -> bytes:
    """A visit of the household survey: each person by sex, age, and whether illiterate."""
    asked = {node.name: node.path.split("/")[1:] for node in schema(F01).questions}

    def nested(answers: Mapping[str, object], below: int = 0) -> str:
        text = ""
        for name, answer in answers.items():
            steps = asked[name][below:-1]
            opened, closed = (
                "".join(f"<{one}>" for one in steps),
                "".join(f"</{one}>" for one in reversed(steps)),
            )
            text += f"{opened}<{name}>{answer}</{name}>{closed}"
        return text

    root = schema(F01)
    repeat = next(one for one in root.repeats if one.path.endswith("/member")).path.split("/")[1:]
    depth = len(repeat)
    members = "".join(
        f"<member>{nested({'m_sex': sex, 'm_age': age, 'is_illit1': illiterate}, depth)}</member>"
        for sex, age, illiterate in people
    )
    around = "".join(f"<{one}>" for one in repeat[:-1]), "".join(f"</{one}>" for one in reversed(repeat[:-1]))
    answers = nested({"visit_result": "1", "consent": "1"}) + around[0] + members + around[1]
    meta = f"<meta><instanceID>uuid:visit-{number}</instanceID></meta>"
    return f'<data id="{F01}" version="{root.version}">{answers}{meta}</data>'.encode()


def test_an_officer_defines_a_figure_in_a_copy_of_the_household_workbook(office: Office) -> None:
    shipped = book(F01).read_bytes()
    survey = office.publish(shipped, filename=f"{F01}.xlsx")
    volunteer = Volunteer(office, form=survey)
    volunteer.send(household(1, ("2", 40, 1), ("1", 42, 1), ("2", 17, 1)))
    volunteer.send(household(2, ("2", 30, 0), ("2", 60, 1)))
    manager = Reader(office, "giau", MANAGER)
    copy = with_row(
        shipped,
        **{
            "code": "women_18_illiterate",
            "label::Tiếng Việt (vi)": "Phụ nữ từ 18 tuổi mù chữ",
            "label::English (en)": "Illiterate women of 18 and more",
            "table": "member",
            "where": "${consent} = '1' and ${m_sex} = '2' and ${m_age} >= 18",
            "numerator": "${is_illit1} = 1",
            "denominator": "true()",
            "unit": "%",
        },
    )
    page = manager.send("/upload", {"workbook": file("my copy.xlsx", copy), "form": F01})
    assert "2026112299" in page.text
    manager.send(f"/surveys/{F01}/draft/publish", {"version": "2026112299"})
    # Two of the three women of 18 and more.
    assert value(manager, "women_18_illiterate") == "66.7 %"
    assert value(manager, "households_surveyed") == "2"
    page = manager.page("/indicators/women_18_illiterate?area=all&period=2026")
    assert page.texts("//dl[@class='figures small']//dd")[:2] == ["2", "3"]
