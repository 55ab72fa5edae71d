"""Programs download all answers at once, under Central's addresses, names and switches."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.openrosa.sheets import SERVER
from tests.collector.v1.program import Program, filled, simple
from tests.office import Office
from tests.phone import Phone, in_process

ANSWERS = "<g><many>b a</many><photo>p.jpg</photo></g><r><x>1</x></r>"


@pytest.fixture
def program(office: Office) -> Program:
    """A program, and a form with an answer of every kind that switches change."""
    form = asked(
        "khảo sát 1", "1", "g/many:select g/photo:binary r*/x:int", choices={"/g/many": ["a", "b", "c"]}
    )
    volunteer = Volunteer(office, form=office.publish(form, filename="form.xml"))
    volunteer.send(answered("khảo sát 1", "1", ANSWERS, instance_id="uuid:1"), {"p.jpg": JPEG})
    return Program(office)


FORM = f"projects/1/forms/{quote('khảo sát 1')}"


def test_the_archive_bears_the_name_of_the_form(program: Program) -> None:
    response = program.ask("GET", f"{FORM}/submissions.csv.zip")
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"kh_o s_t 1.zip\"; filename*=UTF-8''kh%E1%BA%A3o%20s%C3%A1t%201.zip"
    )
    assert response.headers["Cache-Control"] == "private, no-cache"
    response = program.ask("GET", f"{FORM}/submissions.csv.zip?attachments=FALSE")
    assert "kh_o s_t 1.csv.zip" in response.headers["Content-Disposition"]
    response = program.ask("GET", f"{FORM}/submissions.csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert "kh_o s_t 1.csv" in response.headers["Content-Disposition"]


def test_the_archive_holds_root_repeats_and_media(program: Program) -> None:
    assert list(program.archive(f"{FORM}/submissions.csv.zip")) == [
        "khảo sát 1.csv",
        "khảo sát 1-r.csv",
        "media/p.jpg",
    ]
    plain = program.archive(f"{FORM}/submissions.csv.zip?attachments=false")
    assert list(plain) == ["khảo sát 1.csv", "khảo sát 1-r.csv"]
    assert program.ask("GET", f"{FORM}/submissions.csv").text == plain["khảo sát 1.csv"]
    # ruODK posts, with passphrases where there are keys.
    posted = program.ask("POST", f"{FORM}/submissions.csv", json={})
    assert posted.text == plain["khảo sát 1.csv"]


@pytest.mark.parametrize(
    ("switches", "header"),
    [
        ("", "g-many,g-photo,meta-audit"),
        ("?groupPaths=false", "many,photo,audit"),
        ("?splitSelectMultiples=TRUE", "g-many,g-many/a,g-many/b,g-photo,meta-audit"),
        ("?splitSelectMultiples=true&groupPaths=False", "many,many/a,many/b,photo,audit"),
        ("?groupPaths=perhaps&unknown=1", "g-many,g-photo,meta-audit"),
    ],
)
def test_switches_change_the_header(program: Program, switches: str, header: str) -> None:
    said = program.ask("GET", f"{FORM}/submissions.csv{switches}").text.splitlines()[0]
    assert said.startswith(f"SubmissionDate,{header},")


def test_the_draft_has_an_export_of_its_own(office: Office) -> None:
    live = office.publish(simple(), filename="simple.xml")
    Volunteer(office, form=live).send(filled("uuid:live", "Lan", 30))
    draft = office.draft(simple("2"), filename="simple.xml")
    path = f"/v1/test/{office.draft_token(draft)}/projects/1/forms/simple/draft"
    Phone(f"{SERVER}{path}", session=in_process(office.app)).send(filled("uuid:try", "Mai", 1, version="2"))
    program = Program(office)
    tried = program.ask("GET", "projects/1/forms/simple/draft/submissions.csv").text
    assert "uuid:try" in tried
    assert "uuid:live" not in tried
    assert "uuid:try" not in program.ask("GET", "projects/1/forms/simple/submissions.csv").text
    assert list(program.archive("projects/1/forms/simple/draft/submissions.csv.zip")) == ["simple.csv"]


def test_what_is_not_there_has_no_export(office: Office) -> None:
    office.draft(simple(), filename="simple.xml")
    program = Program(office)
    assert program.refused("GET", "projects/1/forms/simple/submissions.csv") == (404, 404.1)
    assert program.refused("GET", "projects/1/forms/none/submissions.csv.zip") == (404, 404.1)
    office.publish(simple(), filename="simple.xml")
    assert program.refused("GET", "projects/1/forms/simple/draft/submissions.csv") == (404, 404.1)
