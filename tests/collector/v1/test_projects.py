"""Projects as programs list them."""

from __future__ import annotations

from collector.accounts.permissions import VIEWER
from storage.database import transaction
from storage.models import Project
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import EXTENDED, Program, filled, person, simple
from tests.office import NOW, Office

PLAIN = {
    "id": 1,
    "name": "Khảo sát",
    "description": None,
    "archived": False,
    "keyId": None,
    "createdAt": "2026-08-03T02:00:00.000Z",
    "updatedAt": None,
    "deletedAt": None,
}


def test_a_project_has_the_shape_central_gives_it(office: Office) -> None:
    program = Program(office)
    assert program.get("projects") == [PLAIN]
    assert program.get("projects/1") == PLAIN


def test_the_longer_shape_says_how_much_there_is(office: Office) -> None:
    form = office.publish(simple(), filename="simple.xml")
    Volunteer(office, form=form).send(filled("uuid:1", "Lan", 30))
    project = Program(office).get("projects/1", headers=EXTENDED)
    assert {**project, "verbs": [], "lastSubmission": "then"} == PLAIN | {
        "forms": 1,
        "appUsers": 1,
        "datasets": 0,
        "lastSubmission": "then",
        "lastEntity": None,
        "verbs": [],
    }
    assert project["lastSubmission"].endswith("Z")
    assert "submission.read" in project["verbs"]


def test_who_holds_a_role_in_one_project_sees_only_that(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Khác", created_at=NOW))
    viewer = person(office, VIEWER, project_id=2)
    assert [project["id"] for project in viewer.get("projects")] == [2]
    assert viewer.refused("GET", "projects/1") == (403, 403.1)
    assert viewer.get("projects/2")["name"] == "Khác"


def test_a_project_that_is_not_there(office: Office) -> None:
    program = Program(office)
    assert program.refused("GET", "projects/77") == (404, 404.1)
    assert program.refused("GET", "projects/99999999999999999999") == (404, 404.1)
    assert program.refused("GET", "projects/77/forms") == (404, 404.1)
