"""Who reads many people's answers at once stands in the log: once a request, without anybody's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from collector.accounts.permissions import REVIEWER
from collector.actions import bulk_reading
from collector.actions.bulk_reading import PAGES
from collector.reading_log import READ
from storage.database import transaction
from storage.models import Audit
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program, filled, simple
from tests.kept import looking
from tests.office import Office

FORM = "/v1/projects/1/forms/simple"
LIST = "/v1/projects/1/datasets/people"


@pytest.fixture
def office(office: Office) -> Office:
    """Three records and two members of a list."""
    PAGES.clear()
    volunteer = Volunteer(office, form=office.publish(simple(), filename="form.xml"))
    for number, name in enumerate(("Mai", "Páo", "Lềnh")):
        volunteer.send(filled(f"uuid:{number}", name, 30 + number))
    program = Program(office)
    program.ask("POST", "projects/1/datasets", json={"name": "people"})
    for name in ("Mai", "Páo"):
        program.ask("POST", "projects/1/datasets/people/entities", json={"label": name, "data": {}})
    return office


def noted(office: Office) -> list[tuple[str, Mapping[str, Any]]]:
    """What stands in the log of reading, the first first."""
    with looking(office) as session:
        query = select(Audit).where(Audit.action.startswith("reading.")).order_by(Audit.id)
        return [(one.action, one.details or {}) for one in session.scalars(query)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{FORM}/submissions", ("records", "list", 3, "")),
        (f"{FORM}/submissions?limit=2&offset=1", ("records", "list", 2, "limit=2 offset")),
        (f"{FORM}.svc/Submissions", ("records", "odata", 3, "")),
        (f"{FORM}.svc/Submissions?$top=1", ("records", "odata", 1, "$top=1")),
        (
            f"{FORM}.svc/Submissions?$filter=name eq 'Mai' or name eq 'O''Mai'",
            ("records", "odata", 1, "$filter=name eq '…' or name eq '…'"),
        ),
        (f"{FORM}/submissions.geojson", ("records", "map", 0, "")),
        (f"{LIST}/entities", ("entities", "list", 2, "")),
        (f"{LIST}/entities.csv", ("entities", "csv", 2, "")),
        (f"{LIST}.svc/Entities", ("entities", "odata", 2, "")),
        (f"{LIST}/entities.geojson", ("entities", "map", 0, "")),
    ],
)
def test_a_program_that_reads_many_is_noted_once_with_how_many(
    office: Office, path: str, said: tuple[str, str, int, str]
) -> None:
    noun, way, rows, narrowed = said
    action = f"reading.{noun}"
    assert Program(office).ask("GET", path).status_code == 200
    assert noted(office) == [(action, {"way": way, "filter": narrowed, "rows": rows})]
    with looking(office) as session:
        [one] = session.scalars(select(Audit).where(Audit.action == action))
        assert (one.actor_id, one.project_id) == (office.admin_id, 1)
        assert (one.form_id is not None) == (action == "reading.records")
        assert one.actee_id is not None


def test_a_list_on_the_desk_is_noted_once_a_day_for_each_narrowing(office: Office) -> None:
    mai = Reader(office, "mai", REVIEWER)
    for path in ("/surveys/simple/submissions", "/surveys/simple/submissions", "/lists/people"):
        mai.page(path)
    mai.page("/surveys/simple/submissions?q=Páo&sort=name")
    assert b"Mai" in mai.get("/lists/people/table.csv").data
    said = [(action, one["way"], one["filter"]) for action, one in noted(office)]
    assert said == [
        ("reading.records", "page", ""),
        ("reading.entities", "page", ""),
        ("reading.records", "page", "q sort=name"),
        ("reading.entities", "csv", ""),
    ]
    assert [one["rows"] for _action, one in noted(office)][:2] == [3, 2]
    log = Reader(office).page("/log?action=reading").main
    assert "Reading of many: records of a survey, as a list or feed" in log
    assert "Páo" not in log


def test_nothing_is_noted_where_nothing_was_handed_out(office: Office) -> None:
    program = Program(office)
    tag = program.ask("GET", f"{FORM}.svc/Submissions").headers["ETag"]
    before = noted(office)
    known = program.ask("GET", f"{FORM}.svc/Submissions", headers={"If-None-Match": tag})
    assert known.status_code == 304
    assert program.ask("GET", "/v1/projects/1/forms/none/submissions").status_code == 404
    assert program.ask("GET", f"{FORM}.svc/Submissions?$filter=nothing eq 1").status_code == 501
    assert program.ask("HEAD", f"{FORM}/submissions").status_code == 200
    assert noted(office) == before


def test_a_log_that_cannot_be_written_keeps_nobody_from_reading(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or PostgreSQL's follower for reading."""

    def full(**_named: object) -> Any:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(bulk_reading, "transaction", full)
    assert len(Program(office).get("projects/1/forms/simple/submissions")) == 3
    assert Reader(office).page("/surveys/simple/submissions").status == 200
    monkeypatch.setattr(bulk_reading, "transaction", transaction)
    assert noted(office) == []


def test_every_way_stands_for_a_route(office: Office) -> None:
    assert set(READ) <= set(office.app.view_functions)
