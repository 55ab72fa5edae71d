"""CSV and archives on Central's wire: cases 14 to 18 of the contract, and our own switches beside them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from storage.database import transaction
from storage.models import Form, Submission
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.collector.v1.program import Program
from tests.office import Office

TAIL = (
    "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,"
    "Status,ReviewState,DeviceID,Edits,FormVersion"
)
META = "meta-audit,meta-instanceID,meta-instanceName"
MADE = "2026-08-03T02:00:00.000Z"


def at(form_id: str, ending: str = "csv.zip") -> str:
    """The address of an export."""
    return f"projects/1/forms/{form_id}/submissions.{ending}"


def received(office: Office, form: Form, **values: object) -> None:
    """Let every record of a form have come at the same moment, or be otherwise like this."""
    values = {"created_at": datetime(2026, 8, 3, 2, tzinfo=UTC)} | values
    with office.app.app_context(), transaction() as session:
        session.execute(update(Submission).where(Submission.form_id == form.id).values(**values))


def sender(office: Office, name: str, form: Form) -> Volunteer:
    """A volunteer with a phone of his own."""
    return Volunteer(office, office.phone(name), form=form)


def head(program: Program, path: str) -> list[str]:
    """The header of a root file without what it begins and ends with."""
    line = program.ask("GET", path).text.splitlines()[0]
    return line.removeprefix("SubmissionDate,").removesuffix(f",{TAIL}").removesuffix(f",{META}").split(",")


# 14 ----------------------------------------------------------------------------------------------------


def test_case_14_root_and_repeats_have_their_headers_and_keys(
    kept_office: Office, kept_program: Program
) -> None:
    form = kept_office.publish(
        asked("e14", "1", "name:string g/child*/age:int g/child*/toy*/kind:string"), filename="f.xml"
    )
    assert kept_program.archive(at("e14")) == {
        "e14.csv": f"SubmissionDate,name,{META},{TAIL}\n",
        "e14-child.csv": "age,PARENT_KEY,KEY\n",
        "e14-toy.csv": "kind,PARENT_KEY,KEY\n",
    }
    volunteer = Volunteer(kept_office, form=form)
    children = "".join(f"<child><age>{age}</age></child>" for age in range(20))
    volunteer.send(answered("e14", "1", f"<name>A</name><g>{children}</g>", instance_id="uuid:1"))
    toys = "<toy><kind>car</kind></toy><toy><kind>ball</kind></toy>"
    volunteer.send(
        answered("e14", "1", f"<name>B</name><g><child><age>3</age>{toys}</child></g>", instance_id="uuid:2")
    )
    volunteer.send(answered("e14", "1", "<name>C</name>", instance_id="uuid:3"))
    received(kept_office, form)
    files = kept_program.archive(at("e14"))
    rows = [line.split(",") for line in files["e14.csv"].splitlines()[1:]]
    assert [(row[0], row[1], row[5]) for row in rows] == [
        (MADE, "C", "uuid:3"), (MADE, "B", "uuid:2"), (MADE, "A", "uuid:1"),
    ]  # fmt: skip
    child = files["e14-child.csv"].splitlines()
    assert len(child) == 1 + 21
    assert child[1:3] == ["3,uuid:2,uuid:2/g/child[1]", "0,uuid:1,uuid:1/g/child[1]"]
    assert child[-1] == "19,uuid:1,uuid:1/g/child[20]"
    assert files["e14-toy.csv"] == (
        "kind,PARENT_KEY,KEY\n"
        "car,uuid:2/g/child[1],uuid:2/g/child[1]/toy[1]\n"
        "ball,uuid:2/g/child[1],uuid:2/g/child[1]/toy[2]\n"
    )
    assert kept_program.ask("GET", at("e14", "csv")).text == files["e14.csv"]


# 15 ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def switched(kept_office: Office) -> Form:
    """A form whose first version asked more, with answers of every kind that switches change."""
    choices = {"/g/many": ["a", "b", "c"]}
    first = asked("e15", "1", "old:string g/many:select g/photo:binary r*/x:int", choices=choices)
    form = kept_office.publish(first, filename="f.xml")
    answers = "<old>was</old><g><many>b z a</many><photo>p.jpg</photo></g><r><x>1</x></r>"
    volunteer = Volunteer(kept_office, form=form)
    volunteer.send(answered("e15", "1", answers, instance_id="uuid:15"), {"p.jpg": JPEG})
    second = asked("e15", "2", "g/many:select g/photo:binary r*/x:int", choices=choices)
    return kept_office.publish(second, filename="f.xml")


@pytest.mark.parametrize(
    ("query", "header"),
    [
        ("", "g-many,g-photo"),
        ("groupPaths=false", "many,photo"),
        ("groupPaths=FALSE&splitSelectMultiples=TRUE", "many,many/a,many/b,many/z,photo"),
        ("splitSelectMultiples=true", "g-many,g-many/a,g-many/b,g-many/z,g-photo"),
        ("deletedFields=true", "g-many,g-photo,meta-audit,meta-instanceID,meta-instanceName,old"),
        ("deletedFields=TRUE&groupPaths=false", "many,photo,audit,instanceID,instanceName,old"),
    ],
)
@pytest.mark.usefixtures("switched")
def test_case_15_switches_go_together(kept_program: Program, query: str, header: str) -> None:
    said = head(kept_program, f"{at('e15', 'csv')}?{query}")
    assert ",".join(said).removesuffix(",audit,instanceID,instanceName") == header


@pytest.mark.usefixtures("switched")
def test_case_15_codes_nobody_offered_have_a_column_when_they_were_chosen(kept_program: Program) -> None:
    text = kept_program.ask("GET", f"{at('e15', 'csv')}?splitSelectMultiples=true").text
    assert text.splitlines()[1].split(",")[1:5] == ["b z a", "1", "1", "1"]
    # Of what no record holds there is none: c is not asked for.
    assert "g-many/c" not in text
    narrowed = f"{at('e15', 'csv')}?splitSelectMultiples=true&$filter=__system/reviewState eq 'approved'"
    assert head(kept_program, narrowed) == ["g-many", "g-photo"]


@pytest.mark.usefixtures("switched")
def test_case_15_without_files_the_archive_has_another_name(kept_program: Program) -> None:
    whole = kept_program.ask("GET", at("e15"))
    assert 'filename="e15.zip"' in whole.headers["Content-Disposition"]
    bare = kept_program.ask("GET", f"{at('e15')}?attachments=false")
    assert 'filename="e15.csv.zip"' in bare.headers["Content-Disposition"]
    assert list(kept_program.archive(at("e15"))) == ["e15.csv", "e15-r.csv", "media/p.jpg"]
    assert list(kept_program.archive(f"{at('e15')}?attachments=False")) == ["e15.csv", "e15-r.csv"]
    assert list(kept_program.archive(f"{at('e15')}?attachments=no")) == [
        "e15.csv",
        "e15-r.csv",
        "media/p.jpg",
    ]


@pytest.mark.usefixtures("switched")
def test_case_15_a_post_says_the_same_whatever_its_body(kept_program: Program) -> None:
    whole = kept_program.ask("GET", at("e15", "csv")).text
    for body in ({}, {"json": {"1": "pass"}}, {"data": {"1": "pass"}}, {"data": b""}):
        answer = kept_program.ask("POST", at("e15", "csv"), **body)
        assert (answer.status_code, answer.text) == (200, whole)


@pytest.mark.usefixtures("switched")
def test_case_27_an_export_is_named_by_its_state(kept_office: Office, kept_program: Program) -> None:
    tag = kept_program.ask("GET", at("e15", "csv")).headers["ETag"]
    again = kept_program.ask("GET", at("e15", "csv"), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = asked("e27", "1", "name:string")
    kept_office.publish(other, filename="f.xml")
    assert kept_program.ask("GET", at("e15", "csv"), headers={"If-None-Match": tag}).status_code == 304


# 16 and 17 ---------------------------------------------------------------------------------------------


LOG = b"event,node,start,end,latitude,longitude,accuracy,old-value,new-value\n"


@pytest.fixture(scope="module")
def logged(kept_office: Office) -> Form:
    """Two records of two phones, each with a picture and a log, the second one edited."""
    form = kept_office.publish(asked("e16", "1", "name:string photo:binary"), filename="f.xml")

    def sent(name: str, **more: str) -> bytes:
        return answered(
            "e16",
            "1",
            f"<name>{name}</name><photo>{name}.jpg</photo>",
            meta="<audit>audit.csv</audit>",
            **more,
        )

    one = sender(kept_office, "Máy một", form)
    one.send(
        sent("one", instance_id="uuid:one"),
        {"one.jpg": JPEG, "audit.csv": LOG + b'a,/data/a,1,2,21.5,104.5,9,,"x,y"\nb,/data/b,3\n,,\n'},
    )
    two = sender(kept_office, "Máy hai", form)
    two.send(sent("two", instance_id="uuid:two"), {"two.jpg": JPEG, "audit.csv": LOG + b"old,/data/a,1,2\n"})
    rich = 'user,event,start,node,more,change-reason\nLan,f,4,/data/f,?,"sai ""tên"""\n,g,5,/data/g,g"g,\n'
    two.send(
        sent("two", instance_id="uuid:two-b", replaces="uuid:two"),
        {"two.jpg": JPEG, "audit.csv": rich.encode()},
    )
    return form


AUDIT = (
    "instance ID,event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason\n"
)
OF_ONE = 'uuid:one,a,/data/a,1,2,21.5,104.5,9,,"x,y",,\nuuid:one,b,/data/b,3,,,,,,,,\n'
OF_TWO = 'uuid:two,f,/data/f,4,,,,,,,Lan,"sai ""tên"""\nuuid:two,g,/data/g,5,,,,,,,,\n'


@pytest.mark.usefixtures("logged")
def test_case_17_logs_are_one_file_of_the_latest_versions(kept_program: Program) -> None:
    files = kept_program.archive(at("e16"))
    assert list(files) == ["e16.csv", "media/two.jpg", "media/one.jpg", "e16 - audit.csv"]
    assert files["e16 - audit.csv"] == AUDIT + OF_ONE + OF_TWO


def test_case_16_a_filter_cuts_records_files_and_logs(
    kept_office: Office, kept_program: Program, logged: Form
) -> None:
    ids = {
        line.split(",")[6]: line.split(",")[7]
        for line in kept_program.ask("GET", at("e16", "csv")).text.splitlines()[1:]
    }
    files = kept_program.archive(f"{at('e16')}?$filter=__system/submitterId eq {ids['uuid:one']}")
    assert list(files) == ["e16.csv", "media/one.jpg", "e16 - audit.csv"]
    assert files["e16 - audit.csv"] == AUDIT + OF_ONE
    assert len(files["e16.csv"].splitlines()) == 2
    edited = kept_program.archive(f"{at('e16')}?$filter=__system/reviewState eq 'edited'")
    assert edited["e16 - audit.csv"] == AUDIT + OF_TWO
    assert list(edited) == ["e16.csv", "media/two.jpg", "e16 - audit.csv"]
    received(kept_office, logged)
    for asked_for, count in (
        ("__system/submissionDate lt 2026-08-03T02:00:00.000Z", 0),
        ("__system/submissionDate le 2026-08-03T02:00:00.000Z", 2),
        ("year(__system/submissionDate) eq 2026", 2),
        ("__system/updatedAt ne null", 1),
        ("name eq 'one'", 1),
    ):
        text = kept_program.ask("GET", at("e16", "csv"), query_string={"$filter": asked_for}).text
        assert len(text.splitlines()) == 1 + count, asked_for
    assert kept_program.refused("GET", f"{at('e16')}?$filter=nobody eq 1")[0] in {400, 501}
    assert kept_program.refused("GET", f"{at('e16')}?$filter=((")[1] == 400.18


# 18 ----------------------------------------------------------------------------------------------------


def test_case_18_a_record_keeps_the_version_it_first_came_in(
    kept_office: Office, kept_program: Program
) -> None:
    form = kept_office.publish(asked("e18", "1", "name:string"), filename="f.xml")
    volunteer = Volunteer(kept_office, form=form)
    volunteer.send(answered("e18", "1", "<name>a</name>", instance_id="uuid:18"))
    kept_office.publish(asked("e18", "2", "name:string"), filename="f.xml")
    volunteer.send(answered("e18", "2", "<name>b</name>", instance_id="uuid:18-b", replaces="uuid:18"))
    volunteer.send(answered("e18", "2", "<name>c</name>", instance_id="uuid:18-c"))
    lines = kept_program.ask("GET", at("e18", "csv")).text.splitlines()[1:]
    assert [(line.split(",")[1], line.rsplit(",", 1)[1]) for line in lines] == [("c", "2"), ("b", "1")]


# Ours --------------------------------------------------------------------------------------------------

OURS = """
| survey |                     |        |                 |               |
|        | type                | name   | label::vi       | label::en     |
|        | select_one yn       | knows  | Biết chữ?       | Can read?     |
|        | begin repeat        | member | Thành viên      | Member        |
|        | select_multiple yn  | sure   | Chắc chắn?      | Sure?         |
|        | end repeat          |        |                 |               |
| choices|                     |        |                 |               |
|        | list_name           | name   | label::vi       | label::en     |
|        | yn                  | y      | Có              | Yes           |
|        | yn                  | n      | Không           | No            |
| settings |                   |        |                 |               |
|        | form_id             | version | default_language | form_title  |
|        | ours                | 1      | vi              | Ours          |
"""


@pytest.fixture(scope="module")
def ours(kept_office: Office) -> Form:
    """Two households, one with two members."""
    form = kept_office.publish(OURS)
    volunteer = Volunteer(kept_office, form=form)
    members = "<member><sure>y</sure></member><member><sure>n y</sure></member>"
    volunteer.send(answered("ours", "1", f"<knows>y</knows>{members}", instance_id="uuid:o1"))
    volunteer.send(answered("ours", "1", "<knows>n</knows>", instance_id="uuid:o2"))
    received(kept_office, form)
    return form


def first_cells(text: str, count: int) -> list[list[str]]:
    return [line.split(",")[:count] for line in text.splitlines()]


@pytest.mark.usefixtures("ours")
def test_labels_come_in_the_language_asked_for(kept_program: Program) -> None:
    root = at("ours", "csv")
    plain = kept_program.ask("GET", root).text
    assert first_cells(plain, 2)[0] == ["SubmissionDate", "knows"]
    told = kept_program.ask("GET", f"{root}?labels=true").text
    assert [row[1] for row in first_cells(told, 2)] == ["Biết chữ?", "Không", "Có"]
    both = kept_program.ask("GET", f"{root}?labels=BOTH&lang=en").text
    assert [row[1:3] for row in first_cells(both, 3)] == [["knows", "knows-label"], ["n", "No"], ["y", "Yes"]]
    members = kept_program.archive(f"{at('ours')}?labels=true&lang=en")["ours-member.csv"]
    assert members.splitlines()[2].startswith("No; Yes,uuid:o1")


@pytest.mark.usefixtures("ours")
def test_one_line_holds_a_household_with_its_members(kept_program: Program) -> None:
    files = kept_program.archive(f"{at('ours')}?layout=wide&groupPaths=false")
    assert list(files) == ["ours.csv"]
    header, second, first = files["ours.csv"].splitlines()
    spread = header.split(",").index("member_1_sure")
    assert header.split(",")[spread : spread + 3] == ["member_1_sure", "member_2_sure", "KEY"]
    assert first.split(",")[spread : spread + 3] == ["y", "n y", "uuid:o1"]
    assert second.split(",")[spread : spread + 3] == ["", "", "uuid:o2"]
    assert (
        kept_program.ask("GET", f"{at('ours', 'csv')}?layout=wide&groupPaths=false").text == files["ours.csv"]
    )


@pytest.mark.usefixtures("ours")
def test_moments_may_be_those_of_the_office_and_letters_those_of_excel(kept_program: Program) -> None:
    answer = kept_program.ask("GET", f"{at('ours', 'csv')}?tz=Asia/Ho_Chi_Minh&bom=true")
    assert answer.data.startswith(b"\xef\xbb\xbfSubmissionDate,")
    assert answer.text.splitlines()[1].startswith("2026-08-03T09:00:00.000+07:00,")


@pytest.mark.parametrize("query", ["tz=Hanoi", "tz=../../etc/passwd", "layout=long", "labels=some"])
@pytest.mark.usefixtures("ours")
def test_switches_of_ours_that_say_nothing_known_are_refused(kept_program: Program, query: str) -> None:
    assert kept_program.refused("GET", f"{at('ours', 'csv')}?{query}") == (400, 400.8)
