"""What can be asked of OData tables: pages, filters, orders, selections; and odd names."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from collector.v1.odata_asking import token
from storage.queries.odata_filter import SYSTEM
from tests.collector.v1.program import Program
from tests.collector.v1.tabled import KID_TABLE, TOYS, Service, opened_form, plain_form
from tests.office import Office


@pytest.fixture(scope="module")
def plain(kept_office: Office, kept_program: Program) -> Service:
    """A form with three records, the second one full; nothing in it changes."""
    return plain_form(kept_office, kept_program)


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
