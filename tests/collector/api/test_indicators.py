"""Figures for programs: worked out from the answers there are, by place, split and level."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, VIEWER
from collector.actions.place_changes import Operation, carry_out, undo
from collector.actions.publish import Definition, prepare
from forms.problems import FormRefused
from storage.database import transaction
from storage.models import Form, Place, Project, Submission
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program, person
from tests.office import NOW, Office
from tests.tree import (
    DISTRICT,
    HERE,
    HERE_VILLAGE,
    OLD_HERE,
    OTHER_VILLAGE,
    PROVINCE,
    THERE,
    THERE_VILLAGE,
)

SHEET = """
| survey |
| | type | name | label | unit |
| | text | village | Village | place |
| | integer | minutes | Minutes to the centre | |
| | begin_repeat | member | Member | |
| | select_one sex | sex | Sex | |
| | integer | age | Age | |
| | select_one yes | reads | Reads | |
| | end_repeat | | | |
| choices |
| | list_name | name | label |
| | sex | f | Female |
| | sex | m | Male |
| | yes | 1 | Yes |
| | yes | 0 | No |
| settings |
| | form_id | version |
| | hh | 1 |
| indicators |
| | code | label::Tiếng Việt (vi) | label::English (en) | table | where | numerator | denominator | unit | \
disaggregate | definition::English (en) | source |
| | households | Số hộ | Households | | | true() | | hộ | | Forms sent. | Plan 12 |
| | minutes | Số phút | Minutes | | | ${minutes} | ${minutes} >= 0 | phút | | Mean minutes. | |
| | literate | Tỷ lệ biết chữ | Literacy rate | member | ${age} >= 15 | ${reads} = '1' | true() | % | \
sex | Adults who read. | |
"""

PLACES = (
    ("08", "province", "Tuyên Quang", None),
    ("00715", "commune", "Xã Lũng Cú", "08"),
    ("00715-001", "village", "Thôn Lô Lô Chải", "00715"),
    ("00715-002", "village", "Thôn Thèn Pả", "00715"),
    ("00721", "commune", "Xã Đồng Văn", "08"),
    ("00721-001", "village", "Thôn Má Lé", "00721"),
)


@pytest.fixture
def survey(office: Office) -> Form:
    """Households of three villages, one of nowhere, one of a place nobody knows."""
    return surveyed(office)


@pytest.fixture(scope="module")
def reader(kept_office: Office) -> Reader:
    """A program that only reads the figures of such a survey."""
    surveyed(kept_office)
    return Reader(kept_office)


def surveyed(office: Office) -> Form:
    with office.app.app_context(), transaction() as session:
        for code, level, name, parent in PLACES:
            session.add(Place(code=code, level=level, name=name, parent_code=parent))
            session.flush()
    form = office.publish(SHEET)
    volunteer = Volunteer(office, form=form)
    for number, (village, minutes, members) in enumerate((
        ("00715-001", "10", "f20+ m40+ f9-"),
        ("00715-001", "20", "f70-"),
        ("00715-002", "", "m33-"),
        ("00721-001", "40", "f50+ f51+"),
        ("", "5", "m15+"),
        ("99999", "5", "m16-"),
    )):
        people = "".join(
            f"<member><sex>{one[0]}</sex><age>{one[1:-1]}</age><reads>{int(one[-1] == '+')}</reads></member>"
            for one in members.split()
        )
        answers = f"<village>{village}</village><minutes>{minutes}</minutes>{people}"
        xml = answered("hh", "1", answers, instance_id=f"uuid:{number}")
        assert volunteer.post(xml).status_code == 201
    return form


class Reader(Program):
    """A program that reads figures."""

    def figures(self, code: str, query: str = "") -> Any:
        """The answer of an indicator."""
        response = self.ask("GET", f"/api/indicators/{code}{query}")
        assert response.status_code == 200, response.text
        return response.json

    def rows(self, code: str, query: str = "") -> list[tuple[Any, ...]]:
        """Place, split, numerator, denominator and value of each row."""
        return [
            (row["place"], *row["split"].values(), row["numerator"], row["denominator"], row["value"])
            for row in self.figures(code, query)["rows"]
        ]


def test_the_indicators_of_the_published_surveys_are_listed(reader: Reader) -> None:
    listed = reader.ask("GET", "/api/indicators").json
    assert [one["code"] for one in listed or []] == ["households", "minutes", "literate"]
    assert (listed or [])[2] == {
        "code": "literate",
        "label": "Tỷ lệ biết chữ",
        "labels": {"Tiếng Việt (vi)": "Tỷ lệ biết chữ", "English (en)": "Literacy rate"},
        "unit": "%",
        "factor": 100,
        "direction": "",
        "project": 1,
        "form": "hh",
        "version": "1",
        "table": "/member",
        "ratio": True,
        "disaggregate": ["sex"],
        "definition": "Adults who read.",
        "definitions": {"English (en)": "Adults who read."},
        "source": "",
        "periods": ["year"],
        "splits": [{"name": "sex", "bands": []}],
        "targets": [],
    }
    assert reader.figures("households", "?lang=en")["label"] == "Households"


def test_a_figure_comes_by_place_with_its_sums_and_all_together(reader: Reader) -> None:
    answer = reader.figures("literate")
    assert answer["total"] == {
        "numerator": 5,
        "denominator": 8,
        "value": 62.5,
        "counted": 8,
    }
    assert answer["rows"][1] == {
        "place": "00715-001",
        "name": "Thôn Lô Lô Chải",
        "level": "village",
        "parent": "00715",
        "split": {},
        "numerator": 2,
        "denominator": 3,
        "value": pytest.approx(66.67, abs=0.01),
        "counted": 3,
    }
    assert reader.rows("literate") == [
        (None, 1, 1, 100),
        ("00715-001", 2, 3, pytest.approx(66.67, abs=0.01)),
        ("00715-002", 0, 1, 0),
        ("00721-001", 2, 2, 100),
        ("99999", 0, 1, 0),
    ]
    assert answer["as_of"].endswith("Z")


def test_sums_are_added_up_first_and_divided_last(reader: Reader) -> None:
    assert reader.rows("minutes", "?level=commune") == [
        (None, 5, 1, 5),
        ("00715", 30, 2, 15),
        ("00721", 40, 1, 40),
        ("99999", 5, 1, 5),
    ]
    assert reader.rows("minutes", "?level=province")[1] == ("08", 70, 3, pytest.approx(23.33, abs=0.01))
    assert reader.figures("minutes")["total"]["value"] == 16


def test_a_figure_is_cut_to_an_area_and_never_named_after_more_than_that(reader: Reader) -> None:
    assert reader.rows("households", "?area=00715") == [("00715-001", 2, None, 2), ("00715-002", 1, None, 1)]
    assert reader.rows("households", "?area=00715&level=province") == [("00715", 3, None, 3)]
    assert reader.rows("households", "?area=08&level=commune") == [
        ("00715", 3, None, 3),
        ("00721", 1, None, 1),
    ]
    assert reader.figures("households", "?area=00721")["total"]["value"] == 1


def test_a_figure_is_split_by_what_its_author_allows(reader: Reader) -> None:
    assert reader.rows("literate", "?by=sex&level=province&area=08") == [
        ("08", "f", 3, 4, 75),
        ("08", "m", 1, 2, 50),
    ]
    refused = reader.ask("GET", "/api/indicators/literate?by=age").json
    assert refused is not None
    assert refused["message"] == "The indicator “literate” cannot be split by “age”. It can be split by: sex."


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("nothing", 404),
        ("literate?form=other", 404),
        ("literate?level=country", 400),
        ("literate?area=00000", 404),
        ("literate?by=sex,age", 400),
    ],
)
def test_what_cannot_be_answered_is_refused(reader: Reader, address: str, status: int) -> None:
    assert reader.refused("GET", f"/api/indicators/{address}")[0] == status


def test_only_records_that_count_are_counted(office: Office, survey: Form) -> None:
    with office.app.app_context(), transaction() as session:
        records = {one.instance_id: one for one in session.query(Submission).filter_by(form_id=survey.id)}
        records["uuid:0"].review_state = "rejected"
        records["uuid:1"].review_state = "approved"
        records["uuid:2"].deleted_at = NOW
    Volunteer(office, form=survey).post(
        answered("hh", "1", "<village>00721-001</village>", instance_id="uuid:33", replaces="uuid:3")
    )
    reader = Reader(office)
    assert reader.rows("households", "?area=08") == [("00715-001", 1, None, 1), ("00721-001", 1, None, 1)]
    assert reader.rows("literate", "?area=08") == [("00715-001", 0, 1, 0)]


def test_a_survey_may_count_only_what_was_approved(office: Office) -> None:
    form = office.publish(
        SHEET.replace("| | form_id | version |", "| | form_id | version | counts |").replace(
            "| | hh | 1 |", "| | hh | 1 | approved |"
        )
    )
    volunteer = Volunteer(office, form=form)
    for number in (1, 2):
        volunteer.post(answered("hh", "1", "", instance_id=f"uuid:{number}"))
    reader = Reader(office)
    assert reader.figures("households")["total"]["value"] == 0
    with office.app.app_context(), transaction() as session:
        session.query(Submission).filter_by(instance_id="uuid:2").one().review_state = "approved"
    assert reader.figures("households")["total"]["value"] == 1


def test_one_code_in_two_projects_is_told_apart_by_the_form(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Năm sau", created_at=NOW))
    office.publish(SHEET)
    office.publish(SHEET.replace("| | hh | 1 |", "| | other | 1 |"), project_id=2)
    reader = Reader(office)
    assert reader.refused("GET", "/api/indicators/literate") == (400, 400.8)
    assert reader.figures("literate", "?form=other")["form"] == "other"


def test_a_mended_figure_needs_no_new_version_of_the_form(office: Office) -> None:
    form = office.publish(SHEET)
    people = "<member><sex>f</sex><age>14</age><reads>1</reads></member>"
    Volunteer(office, form=form).post(answered("hh", "1", people, instance_id="uuid:1"))
    reader = Reader(office)
    assert reader.figures("literate")["total"]["counted"] == 0
    office.publish(SHEET.replace("${age} >= 15", "${age} >= 10"))
    assert reader.figures("literate")["total"]["counted"] == 1


def test_a_wrong_sheet_is_refused_before_anything_is_published() -> None:
    wrong = SHEET.replace("${reads} = '1'", "${raeds} = '1'")
    with pytest.raises(FormRefused) as told:
        prepare(Definition(wrong.encode(), "hh.md"), check=False)
    [remark] = told.value.remarks
    assert (remark.sheet, remark.row, remark.column) == ("indicators", 4, "numerator")
    assert "raeds" in str(remark)


def test_figures_are_read_by_those_who_may_read(office: Office) -> None:
    office.publish(SHEET)
    assert person(office, VIEWER).ask("GET", "/api/indicators").status_code == 200
    assert person(office, DATA_COLLECTOR).refused("GET", "/api/indicators") == (403, 403.1)
    assert office.client().get("/api/indicators").status_code == 401
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Khác", created_at=NOW))
    elsewhere = person(office, VIEWER, project_id=2)
    assert elsewhere.ask("GET", "/api/indicators").json == []
    assert elsewhere.refused("GET", "/api/indicators/literate") == (404, 404.1)


HISTORY = """
| survey |
| | type | name | label | unit |
| | today | today | | |
| | text | village | Village | place |
| | text | half | Period | period |
| settings |
| | form_id | version |
| | rounds | 1 |
| indicators |
| | code | label | numerator | unit |
| | rounds | Số phiếu | true() | phiếu |
"""


@pytest.fixture
def rounds(office: Office) -> Office:
    """Two villages of two communes of one district, counted before the reform and after it."""
    with office.app.app_context(), transaction() as session:
        tree.plant(session)
    volunteer = Volunteer(office, form=office.publish(HISTORY))
    for number, (village, half) in enumerate((
        (HERE_VILLAGE, "2024"),
        (OTHER_VILLAGE, "2024"),
        (THERE_VILLAGE, "2024-H2"),
        (HERE_VILLAGE, "2026-H1"),
        (OTHER_VILLAGE, "2026-H1"),
    )):
        xml = answered(
            "rounds", "1", f"<village>{village}</village><half>{half}</half>", instance_id=f"uuid:{number}"
        )
        assert volunteer.post(xml).status_code == 201
    return office


def test_a_district_of_2024_and_a_commune_of_2026_come_from_the_same_call(rounds: Office) -> None:
    reader = Reader(rounds)

    def counted(query: str) -> list[tuple[str, str, int]]:
        rows = reader.figures("rounds", query)["rows"]
        return [(row["place"], row["level"], row["value"]) for row in rows]

    assert counted("?period=2024&level=district") == [(DISTRICT, "district", 3)]
    assert counted("?period=2024&level=commune") == [
        (HERE, "commune", 1),
        (OLD_HERE, "commune", 1),
        (THERE, "commune", 1),
    ]
    assert counted("?period=2026&level=commune") == [(HERE, "commune", 2)]
    # There are no districts any more, so what lay in one is added up to the province.
    assert counted("?period=2026&level=district") == [(PROVINCE, "province", 2)]
    # On today's map the records of 2024 count in the units of today.
    assert counted("?level=commune") == [(HERE, "commune", 4), (THERE, "commune", 1)]
    assert counted("?level=commune&on=2025-06-30")[1] == (OLD_HERE, "commune", 2)
    assert reader.figures("rounds", f"?period=2024&area={HERE}&level=village")["total"]["value"] == 2
    for wrong in ("?period=soon", "?on=2024", "?level=moon"):
        assert reader.ask("GET", f"/api/indicators/rounds{wrong}").status_code == 400


def test_a_series_says_where_it_breaks(rounds: Office) -> None:
    answer = Reader(rounds).ask(
        "GET", "/api/indicators/rounds/series?periods=2026,2024,2025-H1&level=district"
    )
    points = (answer.json or {})["points"]
    assert [(one["period"]["last"], one["total"]["value"]) for one in points] == [
        ("2024-12-31", 3),
        ("2025-06-30", 0),
        ("2026-12-31", 2),
    ]
    assert [[told["on"] for told in one["breaks"]] for one in points] == [[], [], ["2025-07-01"]]
    assert points[2]["breaks"][0]["legal_basis"] == "1684/NQ-UBTVQH15"
    assert Reader(rounds).ask("GET", "/api/indicators/rounds/series").status_code == 400


def test_a_merge_and_its_undo_leave_every_total_equal(rounds: Office) -> None:
    reader = Reader(rounds)

    def everything() -> list[Any]:
        asked = ("", "?level=commune", "?level=province", "?period=2024&level=district", "?on=2025-06-30")
        return [(found["total"], found["rows"]) for found in (reader.figures("rounds", one) for one in asked)]

    before = everything()
    merge = Operation("merge", (HERE, THERE), date(2026, 8, 1), "12/NQ", HERE)
    with rounds.app.app_context():
        number = carry_out(merge, actor_id=rounds.admin_id, now=NOW)
    merged = everything()
    assert [total for total, _rows in merged] == [total for total, _rows in before]
    assert [(row["place"], row["value"]) for row in merged[1][1]] == [(HERE, 5)]
    # What was counted on the map of a day before stays as it was.
    assert merged[3:] == before[3:]
    with rounds.app.app_context():
        undo(number, actor_id=rounds.admin_id, now=NOW)
    assert everything() == before
