"""Figures that stand worked out, for programs: with targets, over time, as files, and the rows behind."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from collector.accounts.permissions import REVIEWER, VIEWER
from collector.actions import approvals
from collector.actions.accounts import create_user
from collector.actions.approvals import Signed
from forms.exports.figures import COLUMNS, SDMX_COLUMNS
from storage.cells.marks import mark_places
from storage.database import transaction
from storage.models import Assignment, PlaceSpan, Project
from tests.collector.v1.program import Program, person
from tests.figured import Survey, Visit
from tests.office import ADMIN_PASSWORD, NOW, Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, PROVINCE, THERE, THERE_VILLAGE


def worked_out(office: Office) -> Survey:
    """Three visits, HERE at the border and its figures confirmed; worked out, with one more to come."""
    made = Survey(office)
    with office.app.app_context(), transaction() as session:
        at = update(PlaceSpan).where(PlaceSpan.code == HERE, PlaceSpan.valid_to.is_(None))
        session.execute(at.values(attributes={"border": "1"}))
        mark_places(session)
    made.send(Visit(HERE_VILLAGE, "2026-02-01", "a", 3.5, [("2", 70, "x"), ("1", 30, "y")]))
    made.send(Visit(OTHER_VILLAGE, "2026-02-02", "b", 1, [("2", 20, "z")]))
    made.send(Visit(THERE_VILLAGE, "2025-05-01", "c", 2, [("1", 20, "v")]))
    made.refresh()
    made.send(Visit(THERE_VILLAGE, "2026-03-01", "d", 2, [("1", 10, "w")]))
    with office.app.app_context(), transaction() as session:
        approvals.confirm(session, Signed(1, HERE, "2026", office.admin_id, NOW))
    return made


@pytest.fixture(scope="module")
def survey(kept_office: Office) -> Survey:
    """The same for all who only read."""
    return worked_out(kept_office)


def read(office: Office, address: str) -> Any:
    response = Program(office).ask("GET", f"/api/{address}")
    assert response.status_code == 200, response.text
    return response.json


def test_a_figure_of_a_kept_period_comes_from_its_cell(survey: Survey) -> None:
    found = read(survey.office, f"indicators/people?period=2026&area={PROVINCE}&level=commune")
    assert (found["basis"], found["pending"]) == ("cells", 1)
    assert found["as_of"].startswith("2026-08-03")
    total = {key: found["total"][key] for key in ("value", "target", "status", "to_reach", "deadline")}
    assert total == {
        "value": 3, "target": 10, "status": "on_way", "to_reach": 7, "deadline": "2026-12-31",
    }  # fmt: skip
    assert (found["total"]["expected"], found["total"]["received"]) == (3, 2)
    assert found["total"]["completeness"] == pytest.approx(200 / 3)
    assert [(row["place"], row["value"], row["state"]) for row in found["rows"]] == [(HERE, 3, "confirmed")]
    right_in_it = read(survey.office, f"indicators/people?period=2026&area={HERE}")["rows"]
    assert [row["place"] for row in right_in_it] == [HERE_VILLAGE, OTHER_VILLAGE]
    split = read(survey.office, "indicators/people?period=2026&by=age&level=country")["rows"]
    assert [(row["split"], row["by"], row["value"]) for row in split] == [
        ({"age": "15..25"}, "age=15..25", 1),
        ({"age": "26.."}, "age=26..", 2),
    ]
    parts = read(survey.office, f"indicators/women_share?period=2026&area={PROVINCE}")["parts"]
    assert [(one["value"], one["target"], one["status"]) for one in parts] == [
        (pytest.approx(200 / 3), 60, "met")
    ]


def test_other_questions_are_counted_from_the_records(survey: Survey) -> None:
    office = survey.office
    for question in ("period=2026&on=2026-08-01", "period=2026-01-01..2026-03-30", "period=2026-01"):
        found = read(office, f"indicators/people?{question}&area={PROVINCE}")
        assert (found["basis"], found["total"]["counted"]) == ("records", found["total"]["value"])
    assert Program(office).refused("GET", "/api/indicators/illiterate?period=2026-Q1") == (409, 409.1)
    assert Program(office).refused("GET", "/api/indicators/people?period=2026&by=shoe") == (400, 400.8)
    assert Program(office).refused("GET", "/api/indicators/people?period=campaign:7") == (404, 404.1)


def test_a_series_has_targets_and_what_changed(survey: Survey) -> None:
    found = read(survey.office, f"indicators/people/series?periods=2026,2025&area={PROVINCE}")
    assert [(one["period"]["last"], one["total"]["value"]) for one in found["points"]] == [
        ("2025-12-31", 1),
        ("2026-12-31", 3),
    ]
    assert [one["value"] for one in found["targets"]] == [10]
    assert found["line"] == []
    assert [row["place"] for row in found["points"][1]["rows"]] == [HERE]


def test_every_indicator_of_a_place_is_told_at_once(survey: Survey) -> None:
    found = read(survey.office, f"figures?period=2026&area={HERE}")
    assert found["place"]["name"].startswith("Xã")
    by_code = {one["code"]: one["value"] for one in found["figures"]}
    assert by_code == pytest.approx(
        {
            "people": 3, "women_share": 200 / 3, "money": 4.5, "households": 2, "illiterate": 100 / 3,
            "persons": 3, "growth": None, "per_centre": None, "communes": 1, "border_communes": 1,
            "men": 1, "women": 2,
        }
    )  # fmt: skip
    listed = {one["code"]: one for one in read(survey.office, "indicators")}
    assert listed["women_share"]["targets"][0]["where"] == "${border} = '1'"
    assert listed["people"]["splits"][1] == {"name": "age", "bands": [[None, 14], [15, 25], [26, None]]}


def test_the_rows_behind_a_figure_come_page_by_page(survey: Survey) -> None:
    first = read(survey.office, f"indicators/women/records?period=2026&place={PROVINCE}&limit=1")
    assert [(row["place"], row["adds"], row["reason"]) for row in first["rows"]] == [(HERE_VILLAGE, 1, None)]
    assert first["rows"][0]["name"].startswith("Thôn")
    assert first["figure"]["value"] == 2
    assert first["table"] == "f01_hh_survey/member"
    address = f"indicators/women/records?period=2026&place={PROVINCE}&limit=1&after={first['next']}"
    assert [row["place"] for row in read(survey.office, address)["rows"]] == [OTHER_VILLAGE]
    left = read(survey.office, f"indicators/women/records?period=2026&place={HERE}&side=excluded")["rows"]
    assert [row["reason"] for row in left] == ["condition"]
    assert read(survey.office, "indicators/men/records?period=2026")["rests_on"] == ["people", "women"]
    wrong = Program(survey.office)
    assert wrong.refused("GET", "/api/indicators/women/records?period=2026&side=top") == (400, 400.8)
    assert wrong.refused("GET", "/api/indicators/women/records?period=soon") == (400, 400.8)
    viewer = person(survey.office, VIEWER)
    assert viewer.refused("GET", "/api/indicators/women/records?period=2026") == (403, 403.1)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_figures_are_handed_out_as_a_long_table(survey: Survey) -> None:
    answer = Program(survey.office).ask("GET", f"/api/figures.csv?area={HERE}&period=2026&by=all&code=people")
    found = lines(answer.text)
    assert answer.text.split("\r\n")[0] == ",".join(COLUMNS)
    assert {(row["place"], row["split"], row["split_value"], row["value"]) for row in found} == {
        (HERE, "", "", "3"), (HERE, "sex", "1", "1"), (HERE, "sex", "2", "2"),
        (HERE, "age", "15..25", "1"), (HERE, "age", "26..", "2"), (HERE, "@border", "1", "3"),
        (HERE_VILLAGE, "", "", "2"), (HERE_VILLAGE, "sex", "1", "1"), (HERE_VILLAGE, "sex", "2", "1"),
        (HERE_VILLAGE, "age", "26..", "2"),
        (OTHER_VILLAGE, "", "", "1"), (OTHER_VILLAGE, "sex", "2", "1"), (OTHER_VILLAGE, "age", "15..25", "1"),
    }  # fmt: skip
    assert {row["parent_name"] for row in found if row["place"] == HERE} == {"Tuyên Quang"}
    whole = lines(Program(survey.office).ask("GET", "/api/figures.csv?level=country&period=2026").text)
    target = next(row for row in whole if row["indicator"] == "per_centre")
    assert (target["numerator"], target["denominator"], target["value"]) == ("2", "0", "")
    for wrong in ("code=nothing", "area=0", "level=moon", "period=soon"):
        assert Program(survey.office).ask("GET", f"/api/figures.csv?{wrong}").status_code in {400, 404}


def test_figures_are_handed_out_as_sdmx(survey: Survey) -> None:
    answer = Program(survey.office).ask(
        "GET", f"/api/figures.sdmx.csv?code=illiterate&area={HERE}&level=commune"
    )
    found = lines(answer.text)
    assert tuple(found[0]) == SDMX_COLUMNS
    said = [(row["FREQ"], row["TIME_PERIOD"], row["REF_AREA"], row["BREAKDOWN"]) for row in found]
    assert said == [("A2", "2025-09-01/P1Y", HERE, "_T"), ("A", "2026", HERE, "_T")]
    row = found[1]
    assert (row["STRUCTURE"], row["ACTION"], row["NUMERATOR"], row["OBS_STATUS"], row["APPROVAL"]) == (
        "dataflow", "I", "1", "A", "confirmed",
    )  # fmt: skip


def test_figures_are_handed_out_as_a_workbook(survey: Survey) -> None:
    answer = Program(survey.office).ask("GET", "/api/figures.xlsx?code=people&level=village&period=2026")
    book = load_workbook(BytesIO(answer.data))
    sheet, notes = book.worksheets
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:AA3")
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert tuple(head) == COLUMNS
    first = dict(zip(COLUMNS, rows[0], strict=True))
    assert (first["place"], first["value"]) == (HERE_VILLAGE, 2)
    assert isinstance(first["value"], int | float)
    told = {row[0]: row[1:] for row in notes.iter_rows(values_only=True) if row[0]}
    assert told["changes not in it yet"][0] == 1
    assert told["people"][0] == "people"


def test_somebody_of_one_commune_is_handed_his_own_figures(office: Office) -> None:
    worked_out(office)
    with office.app.app_context(), transaction() as session:
        officer = create_user(session, "officer", ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=officer.actor_id, role=REVIEWER, place_code=THERE))
        session.add(Project(name="Khác", created_at=NOW))
    one = Program(office, "officer")
    assert {row["place"] for row in lines(one.ask("GET", "/api/figures.csv?code=people").text)} == {
        THERE,
        THERE_VILLAGE,
    }
    assert one.get("/api/indicators/people?period=2025")["total"]["value"] == 1
    assert one.get(f"/api/figures?period=2025&area={PROVINCE}")["figures"][0]["value"] is None
    assert one.refused("GET", f"/api/figures?period=2025&area={HERE}") == (404, 404.1)
    stranger = person(office, VIEWER, project_id=2)
    for address in ("figures?period=2026", "figures.csv", "figures.sdmx.csv", "figures.xlsx", "findings"):
        assert stranger.refused("GET", f"/api/{address}") == (403, 403.1)
