"""Power BI, Excel, ruODK and pyodk read answers as OData tables."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from lxml import etree

from storage.queries.odata_filter import SYSTEM
from tests.asked import asked
from tests.collector.v1.program import Program
from tests.collector.v1.tabled import BARE, KID_TABLE, NOTED, TOYS, Service, opened_form, plain_form
from tests.office import Office


@pytest.fixture(scope="module")
def plain(kept_office: Office, kept_program: Program) -> Service:
    """A form with three records, the second one full; nothing in it changes."""
    return plain_form(kept_office, kept_program)


POWER_QUERY = (
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7"
)


def test_case_19_the_service_document_lists_a_table_for_each_repeat(plain: Service) -> None:
    names = ["Submissions", KID_TABLE, TOYS, "Submissions.pet"]
    response = plain.program.ask("GET", plain.at)
    assert response.headers["OData-Version"] == "4.0"
    assert response.headers["Content-Type"].startswith("application/json; odata.metadata=minimal")
    assert response.json == {
        "@odata.context": f"http://localhost/v1/{plain.at}/$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names],
    }


def test_a_refusal_in_xml_names_an_option_that_no_xml_can_hold(plain: Service) -> None:
    # Found by `make fuzz`.
    answer = plain.program.ask("GET", f"{plain.at}/$metadata?%19G%10%00=1")
    assert (answer.status_code, answer.mimetype) == (501, "text/xml")
    assert "\ufffdG\ufffd" in answer.text


def test_case_19_the_schema_document_is_xml_and_so_are_its_refusals(plain: Service) -> None:
    response = plain.program.ask("GET", f"{plain.at}/$metadata")
    assert response.content_type == "application/xml; charset=utf-8"
    assert response.headers["OData-Version"] == "4.0"
    assert etree.QName(etree.fromstring(response.data)).localname == "Edmx"
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
        ({"skiptoken": "01eyJpbnN0YW5jZUlkIjoiXHUwMDAwIn0="}, 400.35),
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
