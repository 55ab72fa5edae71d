"""Power BI, Excel, ruODK and pyodk read answers as OData tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from collector.actions.incoming import Address as To
from collector.actions.incoming import Delivery, Sender
from collector.v1.odata_asking import token
from storage.models import Form
from storage.queries.odata_filter import SYSTEM
from tests.asked import answered, asked
from tests.collector.v1.program import Program
from tests.office import NOW, Office

QUESTIONS = (
    "head age:int share:decimal born:date seen:dateTime here:geopoint line:geotrace area:geoshape "
    "poor:boolean skills:select photo:binary x.1st/q1.8-test kids/kid*/name kids/kid*/age:int "
    "kids/kid*/toys/toy*/what pet*/kind"
)
FULL = (
    "<head>Lò Thị A</head><age>41</age><share>0.50</share><born>1985-02-28</born>"
    "<seen>2026-08-03T09:00:00.000+07:00</seen><here>21.5 105.1 3 4</here><line>21 105;22 106 0 0</line>"
    "<area>21 105;22 105;22 106;21 105</area><poor>true</poor><skills>read write</skills>"
    "<photo>a.jpg</photo>"
    "<kids><kid><name>Mai</name><age>9</age><toys><toy><what>ball</what></toy><toy><what>kite</what></toy>"
    "</toys></kid><kid><name>Nam</name><age>4</age></kid></kids><pet><kind>dog</kind></pet>"
)
BARE: dict[str, Any] = dict.fromkeys(("head", "share", "born", "seen", "here", "line", "area", "poor"))
NOTED = {
    "updatedAt": None,
    "deletedAt": None,
    "submitterName": None,
    "submitterId": None,
    "attachmentsPresent": 0,
    "status": None,
    "reviewState": None,
    "deviceId": None,
    "edits": 0,
    "formVersion": "1",
}


@dataclass
class Service:
    """A form of its own with records, and a program that reads it."""

    office: Office
    form: Form
    program: Program
    at: str
    minutes: int = 0

    def send(self, name: str, answers: str = "", *, replaces: str | None = None) -> None:
        self.minutes += 1
        xml = answered(self.form.xml_form_id, "1", answers, instance_id=name, replaces=replaces)
        with self.office.app.app_context():
            now = NOW + timedelta(minutes=self.minutes)
            self.office.parts.intake.receive(Delivery(xml, {}, Sender(), now), To((1,)))

    def get(self, path: str = "", **options: str) -> Any:
        """The JSON at an address of the service; an option is named without its $."""
        return self.program.get(self.at + path, query_string=query(options))

    def ids(self, path: str = "/Submissions", **options: str) -> list[str]:
        return [row["__id"] for row in self.get(path, **options)["value"]]

    def refused(self, path: str = "/Submissions", **options: str) -> tuple[int, float]:
        return self.program.refused("GET", self.at + path, query_string=query(options))

    def following(self, answer: Any) -> Any:
        """What the link of an answer leads to."""
        return self.program.get(answer["@odata.nextLink"].removeprefix("http://localhost"))


def query(options: dict[str, str]) -> dict[str, str]:
    return {f"${name}": value for name, value in options.items()}


def opened_form(office: Office, program: Program, name: str, questions: str = QUESTIONS) -> Service:
    choices = {"/skills": ["read", "write"]}
    form = office.publish(asked(name, "1", questions, choices=choices), filename=f"{name}.xml")
    return Service(office, form, program, f"projects/1/forms/{quote(name)}.svc")


@pytest.fixture(scope="module")
def plain(kept_office: Office, kept_program: Program) -> Service:
    """A form with three records, the second one full; nothing in it changes."""
    service = opened_form(kept_office, kept_program, "plain")
    service.send("uuid:a", "<head/><age>1</age>")
    service.send("uuid:b", FULL)
    service.send("uuid:c", "<age>7</age><kids><kid><name>Lan</name><age>7</age></kid></kids>")
    return service


POWER_QUERY = (
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7"
)
KID_TABLE = "Submissions.kids.kid"
TOYS = "Submissions.kids.kid.toys.toy"


def test_case_19_the_service_document_lists_a_table_for_each_repeat(plain: Service) -> None:
    names = ["Submissions", KID_TABLE, TOYS, "Submissions.pet"]
    response = plain.program.ask("GET", plain.at)
    assert response.headers["OData-Version"] == "4.0"
    assert response.headers["Content-Type"].startswith("application/json; odata.metadata=minimal")
    assert response.json == {
        "@odata.context": f"http://localhost/v1/{plain.at}/$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names],
    }


def test_case_19_the_schema_document_is_xml_and_so_are_its_refusals(plain: Service) -> None:
    response = plain.program.ask("GET", f"{plain.at}/$metadata")
    assert response.content_type == "application/xml; charset=utf-8"
    assert response.headers["OData-Version"] == "4.0"
    assert etree.fromstring(response.data).tag.endswith("}Edmx")
    for path, status, code in (
        (f"{plain.at}/$metadata?$apply=x", 501, "501.1"),
        (f"{plain.at}/$metadata?$format=json", 406, "406.1"),
        ("projects/1/forms/nope.svc/$metadata", 404, "404.1"),
    ):
        refused = plain.program.ask("GET", path)
        assert (refused.status_code, refused.content_type) == (status, "text/xml; charset=utf-8")
        assert etree.fromstring(refused.data).get("code") == code


@pytest.mark.parametrize(
    ("accept", "data", "schema"),
    [
        (None, 200, 200),
        ("*/*", 200, 200),
        ("application/json", 200, 406),
        ("application/xml", 406, 200),
        ("application/atom+xml,application/xml;q=0.8", 406, 200),
        (POWER_QUERY, 200, 200),
        ("application/json;odata.metadata=minimal", 200, 406),
        ("application/json;q=0,application/xml", 406, 200),
        ("text/csv", 200, 200),
    ],
)
def test_case_19_whoever_takes_one_fitting_format_is_answered(
    plain: Service, accept: str | None, data: int, schema: int
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for path, status in (("", data), ("/Submissions", data), ("/$metadata", schema)):
        assert plain.program.ask("GET", plain.at + path, headers=headers).status_code == status, path


def test_case_19_the_format_asked_for_in_the_address_counts_more(plain: Service) -> None:
    xml = {"Accept": "application/xml"}
    assert plain.program.ask("GET", f"{plain.at}?$format=json", headers=xml).status_code == 200
    assert plain.program.refused("GET", f"{plain.at}?$format=atom") == (406, 406.1)
    older = {"OData-MaxVersion": "3.0"}
    assert plain.program.refused("GET", plain.at, headers=older) == (404, 404.1)
    assert plain.program.ask("GET", plain.at, headers={"OData-MaxVersion": "4.01"}).status_code == 200


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"apply": "x"}, 501.1),
        ({"search": "x"}, 501.1),
        ({"expand": "kids"}, 501.6),
        ({"expand": "*", "select": "age"}, 501.11),
        ({"top": "x"}, 400.11),
        ({"skip": "-1"}, 400.11),
        ({"skiptoken": "02e30="}, 400.35),
        ({"skiptoken": "01x"}, 400.35),
        ({"skiptoken": "01e30="}, 400.35),
    ],
)
def test_case_19_what_cannot_be_done_is_refused(plain: Service, options: dict[str, str], code: float) -> None:
    assert plain.refused(**options) == (int(code), code)


def test_case_20_rows_have_every_question_in_its_place(plain: Service) -> None:
    [bare] = plain.get("/Submissions", filter="__id eq 'uuid:a'")["value"]
    assert bare.pop("__system").items() >= NOTED.items()
    assert bare == BARE | {
        "__id": "uuid:a",
        "age": 1,
        "skills": None,
        "photo": None,
        "x_1st": {"q1_8_test": None},
        "kids": {},
        "meta": {"audit": None, "instanceID": "uuid:a", "instanceName": None},
    }
    [full] = plain.get("/Submissions('uuid:b')")["value"]
    assert full["__system"]["submissionDate"] == "2026-08-03T02:02:00.000Z"
    assert full["__system"]["attachmentsExpected"] == 1
    assert full["__system"].keys() == SYSTEM.keys() - {"__id"}
    wanted = {
        "head": "Lò Thị A",
        "age": 41,
        "share": 0.5,
        "born": "1985-02-28",
        "seen": "2026-08-03T09:00:00.000+07:00",
        "here": {"type": "Point", "coordinates": [105.1, 21.5, 3], "properties": {"accuracy": 4}},
        "line": {"type": "LineString", "coordinates": [[105, 21], [106, 22, 0]]},
        "area": {"type": "Polygon", "coordinates": [[[105, 21], [105, 22], [106, 22], [105, 21]]]},
        "poor": True,
        "skills": "read write",
        "photo": "a.jpg",
        "kids": {"kid@odata.navigationLink": "Submissions('uuid%3Ab')/kids/kid"},
        "pet@odata.navigationLink": "Submissions('uuid%3Ab')/pet",
    }
    assert {name: full[name] for name in wanted} == wanted
    assert "pet" not in full


def test_case_20_places_come_as_well_known_text_if_asked(plain: Service) -> None:
    [row] = plain.get("/Submissions('uuid:b')", wkt="TRUE")["value"]
    assert [row[name] for name in ("here", "line", "area")] == [
        "POINT (105.1 21.5 3)",
        "LINESTRING (105 21,106 22 0)",
        "POLYGON ((105 21,105 22,106 22,105 21))",
    ]


def test_case_20_a_repeat_is_a_table_that_leads_to_the_row_around(plain: Service) -> None:
    mai = "uuid:b/kids/kid[1]"
    link = f"Submissions('uuid%3Ab')/kids/kid('{quote(mai, safe='')}')/toys/toy"
    rows = [
        {"__id": mai, "__Submissions-id": "uuid:b", "name": "Mai", "age": 9}
        | {"toys": {"toy@odata.navigationLink": link}},
        {"__id": "uuid:b/kids/kid[2]", "__Submissions-id": "uuid:b", "name": "Nam", "age": 4, "toys": {}},
    ]
    answer = plain.get("/Submissions('uuid%3Ab')/kids/kid")
    assert answer == {
        "value": rows,
        "@odata.context": f"http://localhost/v1/{plain.at}/$metadata#{KID_TABLE}",
    }
    assert plain.get(f"/{KID_TABLE}")["value"][1:] == rows
    toys = plain.get(f"/{link}")
    assert [(toy["__Submissions-kids-kid-id"], toy["what"]) for toy in toys["value"]] == [
        (mai, "ball"),
        (mai, "kite"),
    ]
    assert plain.get(f"/{TOYS}")["value"] == toys["value"]
    assert plain.ids(f"/Submissions('uuid:b')/kids/kid('{quote(mai, safe='')}')") == [mai]
    for path in ("/Submissions('uuid:x')", "/Submissions('uuid:x')/kids/kid", "/Submissions.kids", "/Nope"):
        assert plain.refused(path) == (404, 404.1), path


def test_case_20_everything_inside_comes_along_if_expanded(plain: Service) -> None:
    *_, full, _bare = plain.get("/Submissions", expand="*")["value"]
    [mai, nam] = full["kids"]["kid"]
    assert mai["toys"]["toy"] == [
        {"__id": "uuid:b/kids/kid[1]/toys/toy[1]", "what": "ball"},
        {"__id": "uuid:b/kids/kid[1]/toys/toy[2]", "what": "kite"},
    ]
    assert nam["toys"] == {}
    assert "__Submissions-id" not in mai
    assert [pet["kind"] for pet in full["pet"]] == ["dog"]
    first = plain.get(f"/{KID_TABLE}", expand="*")["value"][1]
    assert first == mai | {"__Submissions-id": "uuid:b"}


def test_case_21_pages_are_cut_and_counted(plain: Service) -> None:
    answer = plain.get("/Submissions", top="1", skip="1", count="True")
    assert [row["__id"] for row in answer["value"]] == ["uuid:b"]
    assert answer["@odata.count"] == 3
    assert [*answer] == ["value", "@odata.context", "@odata.nextLink", "@odata.count"]
    assert plain.get("/Submissions", skip="1").keys() == {"value", "@odata.context"}
    assert "@odata.nextLink" not in plain.get("/Submissions", top="3")
    for path, rows in (("/Submissions", 3), (f"/{KID_TABLE}", 3), ("/Submissions('uuid:b')/kids/kid", 2)):
        counted = plain.get(path, top="0", count="true")
        assert (counted["value"], counted["@odata.count"]) == ([], rows)
        assert counted.keys() == {"value", "@odata.context", "@odata.count"}
    kids = plain.get(f"/{KID_TABLE}", top="1", skip="1", count="true")
    assert ([row["name"] for row in kids["value"]], kids["@odata.count"]) == (["Mai"], 3)
    filtered = plain.get("/Submissions", top="1", filter="age gt 1", count="true")
    assert ([row["age"] for row in filtered["value"]], filtered["@odata.count"]) == ([7], 2)


def test_case_22_links_lead_through_everything_whatever_comes_and_goes(
    kept_office: Office, kept_program: Program
) -> None:
    service = opened_form(kept_office, kept_program, "moving", "head kid*/name")
    for name in "abcd":
        service.send(f"uuid:{name}", f"<kid><name>{name}1</name></kid><kid><name>{name}2</name></kid>")
    first = service.get("/Submissions", top="2", skip="1")
    assert [row["__id"] for row in first["value"]] == ["uuid:c", "uuid:b"]
    assert f"%24skiptoken={quote(token('instanceId', 'uuid:b'))}" in first["@odata.nextLink"]
    kids = service.get("/Submissions.kid", top="3", filter="name ne 'c2'")
    assert [row["name"] for row in kids["value"]] == ["d1", "d2", "c1"]
    service.send("uuid:e")
    assert kept_program.ask("DELETE", "projects/1/forms/moving/submissions/uuid:b").status_code == 200
    last = service.following(first)
    assert [row["__id"] for row in last["value"]] == ["uuid:a"]
    assert "@odata.nextLink" not in last
    rest = service.following(kids)
    assert [row["name"] for row in rest["value"]] == ["a1", "a2"]
    # A row of a record that was deleted meanwhile still says where to go on.
    assert service.ids("/Submissions.kid", skiptoken=token("repeatId", "uuid:b/kid[1]"))[0] == "uuid:a/kid[1]"


def test_case_22_a_token_of_nothing_gives_nothing(plain: Service) -> None:
    assert plain.ids(skiptoken=token("instanceId", "uuid:none"), skip="1") == []
    assert plain.ids(skiptoken=token("instanceId", "uuid:c"), skip="2") == ["uuid:b", "uuid:a"]
    assert plain.refused(f"/{KID_TABLE}", skiptoken=token("repeatId", "uuid:b/kids/kid[9]")) == (400, 400.34)
    assert plain.refused(skiptoken=token("instanceId", "uuid:c"), orderby="age") == (501, 501.1)


@pytest.mark.parametrize(
    ("path", "text", "ids"),
    [
        ("/Submissions", "kids eq 1", 501.5),
        ("/Submissions", "age gt 5 and __system/submissionDate gt 2026-08-03T02:02:30Z", "c"),
        ("/Submissions", "skills eq 'read write' or head eq null", "cba"),
        ("/Submissions", "x_1st/q1_8_test ne null", ""),
        (f"/{KID_TABLE}", "age gt 5", "cb"),
        (f"/{KID_TABLE}", "$root/Submissions/age gt 10 and age lt 5", "b"),
        (f"/{KID_TABLE}", "$root/Submissions/__system/reviewState eq null", "cbb"),
        (f"/{KID_TABLE}", "__Submissions-id eq 'uuid:c'", "c"),
        (f"/{TOYS}", "__Submissions-kids-kid-id eq 'uuid:b/kids/kid[1]' and what eq 'ball'", "b"),
        (f"/{KID_TABLE}", "__system/reviewState eq null", 501.5),
        ("/Submissions", "age gt", 400.18),
        ("/Submissions", "toupper(head) eq 'X'", 501.4),
        ("/Submissions('uuid:b')/kids/kid", "age eq 4", "b"),
    ],
)
def test_case_23_any_field_of_any_table_can_be_filtered(
    plain: Service, path: str, text: str, ids: str | float
) -> None:
    if isinstance(ids, float):
        assert plain.refused(path, filter=text) == (int(ids), ids)
    else:
        assert "".join(row.partition("/")[0][-1] for row in plain.ids(path, filter=text)) == ids


def test_case_23_deleted_records_are_there_for_who_asks_for_them(
    kept_office: Office, kept_program: Program
) -> None:
    service = opened_form(kept_office, kept_program, "trash", "head kid*/name")
    service.send("uuid:a", "<kid><name>x</name></kid>")
    service.send("uuid:b")
    assert kept_program.ask("DELETE", "projects/1/forms/trash/submissions/uuid:a").status_code == 200
    assert service.ids() == ["uuid:b"]
    assert service.ids("/Submissions.kid") == []
    assert service.refused("/Submissions('uuid:a')") == (404, 404.1)
    assert service.ids(filter="__system/deletedAt ne null") == ["uuid:a"]
    found = service.get("/Submissions.kid", filter="$root/Submissions/__system/deletedAt ne null")
    assert [row["name"] for row in found["value"]] == ["x"]


@pytest.mark.parametrize(
    ("path", "order", "ids"),
    [
        ("/Submissions", "age", "acb"),
        ("/Submissions", "head desc,age desc", "bca"),
        ("/Submissions", "head asc", "acb"),
        ("/Submissions", "__system/reviewState desc", "cba"),
        ("/Submissions", "born desc", "bca"),
        (f"/{KID_TABLE}", "age desc", "bcb"),
        (f"/{KID_TABLE}", "$root/Submissions/age, name desc", "cbb"),
    ],
)
def test_case_24_any_field_of_any_table_can_be_sorted_by(
    plain: Service, path: str, order: str, ids: str
) -> None:
    """What is missing stands below everything, and equal ones are told apart by when they came."""
    found = plain.ids(path, orderby=order)
    assert "".join(row.partition("/")[0][-1] for row in found) == ids
    first = plain.get(path, orderby=order, top="2")
    rest = plain.following(first)
    assert [row["__id"] for row in first["value"] + rest["value"]] == found
    assert "@odata.nextLink" not in rest
    assert plain.refused(path, orderby="nothing") == (501, 501.5)


def test_case_25_only_what_is_selected_comes(plain: Service) -> None:
    first = {"top": "1", "skip": "1"}
    assert plain.get("/Submissions", select="__id,age", **first)["value"] == [{"__id": "uuid:b", "age": 41}]
    noted = plain.get("/Submissions", select="__system/edits,meta/instanceID", **first)["value"]
    assert noted == [{"__system": {"edits": 0}, "meta": {"instanceID": "uuid:b"}}]
    [whole] = plain.get("/Submissions", select="__system", **first)["value"]
    assert [*whole] == ["__system"]
    assert whole["__system"].keys() == SYSTEM.keys() - {"__id"}
    [group] = plain.get("/Submissions", select="kids", **first)["value"]
    assert group == {"kids": {"kid@odata.navigationLink": "Submissions('uuid%3Ab')/kids/kid"}}
    everything = plain.get("/Submissions", **first)["value"]
    assert plain.get("/Submissions", select="*", **first)["value"] == everything
    kids = plain.get(f"/{KID_TABLE}", select="__Submissions-id,name", top="1")["value"]
    assert kids == [{"__Submissions-id": "uuid:c", "name": "Lan"}]
    assert plain.get(f"/{KID_TABLE}", select="age", top="1")["value"] == [{"age": 7}]
    assert plain.refused(select="kids/kid/name") == (400, 400.24)
    for wrong in ("nothing", "__Submissions-id", "__system/nothing", "age,"):
        assert plain.refused(select=wrong) == (400, 400.23)


def test_case_26_one_spelling_of_odd_names_everywhere(kept_office: Office, kept_program: Program) -> None:
    service = opened_form(
        kept_office, kept_program, "đặt.tên-x", "q1.8-test*/one.1:int nd-g/a-b nd-g/a.b tên"
    )
    service.send("uuid:a", "<q1.8-test><one.1>5</one.1></q1.8-test><tên>Mỷ</tên>")
    names = [one["name"] for one in service.get()["value"]]
    assert names == ["Submissions", "Submissions.q1_8_test"]
    edmx = kept_program.ask("GET", f"{service.at}/$metadata").text
    [row] = service.get("/Submissions")["value"]
    for name in (names[1], "nd_g", "a_b", "a_b_", "t_n", "one_1"):
        assert f'Name="{name}"' in edmx
    assert row["nd_g"] == {"a_b": None, "a_b_": None}
    assert row["t_n"] == "Mỷ"
    link = row["q1_8_test@odata.navigationLink"]
    assert [one["one_1"] for one in service.get(f"/{link}")["value"]] == [5]
    assert service.ids(f"/{names[1]}", filter="one_1 eq 5") == ["uuid:a/q1.8-test[1]"]
    context = service.get("/Submissions")["@odata.context"]
    assert context == f"http://localhost/v1/{service.at}/$metadata#Submissions"


def test_case_27_who_has_the_rows_already_is_sent_none(kept_office: Office, kept_program: Program) -> None:
    service = opened_form(kept_office, kept_program, "tagged", "head kid*/name")
    service.send("uuid:a", "<head>x</head>")
    for path in ("/Submissions?$top=1", "/Submissions.kid"):
        first = kept_program.ask("GET", service.at + path)
        known = {"If-None-Match": first.headers["ETag"]}
        again = kept_program.ask("GET", service.at + path, headers=known)
        assert (again.status_code, again.data, again.headers["OData-Version"]) == (304, b"", "4.0")
        service.send("uuid:a2" + path[-1], "<head>y</head>")
        assert kept_program.ask("GET", service.at + path, headers=known).status_code == 200


def test_drafts_have_tables_of_their_own(kept_office: Office, kept_program: Program) -> None:
    service = opened_form(kept_office, kept_program, "drafted", "head")
    service.send("uuid:live", "<head>live</head>")
    assert kept_program.refused("GET", "projects/1/forms/drafted/draft.svc") == (404, 404.1)
    kept_office.draft(asked("drafted", "2", "head extra kid*/name"), filename="drafted.xml")
    draft = "projects/1/forms/drafted/draft.svc"
    assert len(kept_program.get(draft)["value"]) == 2
    assert "extra" in kept_program.ask("GET", f"{draft}/$metadata").text
    assert kept_program.get(f"{draft}/Submissions")["value"] == []
    assert service.ids() == ["uuid:live"]
    never = kept_office.draft(asked("never", "1", "head"), filename="never.xml")
    assert kept_program.refused("GET", f"projects/1/forms/{never.xml_form_id}.svc") == (404, 404.1)


def test_long_tables_come_whole_in_short_pages(plain: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {path: plain.get(path) for path in ("/Submissions", f"/{KID_TABLE}")}
    monkeypatch.setattr("storage.queries.odata._FIRST_PAGE", 1)
    monkeypatch.setattr("storage.queries.odata._LONGEST_PAGE", 1)
    for path, wanted in whole.items():
        assert plain.get(path) == wanted
        assert sorted(plain.ids(path, orderby="__id")) == plain.ids(path, orderby="__id")
        assert len(plain.ids(path, orderby="__id")) == len(wanted["value"])
        cut = plain.get(path, top="2")
        assert cut["value"] == wanted["value"][:2]
        assert plain.following(cut)["value"] == wanted["value"][2:]
