"""Forms on Central's wire: cases 28, 29, 30 and 31 of the contract, through HTTP alone."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import Workbook

from collector.accounts.permissions import DATA_COLLECTOR, VIEWER
from tests.asked import asked
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import EXTENDED, XLSX, Program, filled, person, simple
from tests.office import Office

XML = {"content_type": "application/xml"}
XLS = "application/vnd.ms-excel"
ALL = "projects/1/forms"


def form_of(form_id: str, version: str = "1") -> bytes:
    """The simple form under another id."""
    return simple(version).replace(b'id="simple"', f'id="{form_id}"'.encode())


def book(form_id: str, *questions: Sequence[str], version: str = "1") -> bytes:
    """A workbook; a question of type image brings a warning along."""
    made = Workbook()
    survey = made.active
    assert survey is not None
    survey.title = "survey"
    for row in (("type", "name", "label"), *(questions or (("text", "a", "A"),))):
        survey.append(list(row))
    settings = made.create_sheet("settings")
    settings.append(("form_id", "version", "form_title"))
    settings.append((form_id, version, form_id))
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def said(program: Program, method: str, path: str, **more: Any) -> dict[str, Any]:
    """What a refusal says."""
    response = program.ask(method, path, **more)
    assert isinstance(response.json, dict), response.text
    return response.json


# 28 ----------------------------------------------------------------------------------------------------


def test_case_28_what_is_no_form_is_refused_with_its_code(kept_program: Program) -> None:
    refused = kept_program.refused
    whole = form_of("c28")
    assert refused("POST", ALL, data=b"<hello", **XML) == (400, 400.1)
    nameless = said(kept_program, "POST", ALL, data=whole.replace(b' id="c28"', b""), **XML)
    assert (nameless["code"], nameless["details"]["field"]) == (400.2, "formId")
    for ending in (b".xml", b".xls", b".xlsx"):
        named = whole.replace(b'id="c28"', b'id="c28' + ending + b'"')
        assert refused("POST", ALL, data=named, **XML) == (400, 400.8)
    no_meta = whole.replace(b"<meta><instanceID/></meta>", b"")
    assert refused("POST", ALL, data=no_meta, **XML) == (400, 400.27)
    bare_meta = whole.replace(b"<meta><instanceID/></meta>", b"<meta/>")
    assert refused("POST", ALL, data=bare_meta, **XML) == (400, 400.27)
    assert refused("GET", f"{ALL}/c28") == (404, 404.1)


def test_case_28_a_form_id_is_taken_once(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=TRUE", data=form_of("twice"), **XML)
    again = said(kept_program, "POST", ALL, data=form_of("twice", "2"), **XML)
    assert again["code"] == 409.3
    assert again["details"]["fields"] == ["projectId", "xmlFormId"]
    assert again["details"]["values"] == ["1", "twice"]


def test_case_28_a_version_of_a_deleted_form_stays_taken(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of("gone"), **XML)
    assert kept_program.ask("DELETE", f"{ALL}/gone").json == {"success": True}
    warned = said(kept_program, "POST", ALL, data=form_of("gone"), **XML)
    assert warned["code"] == 400.16
    assert warned["details"]["warnings"]["workflowWarnings"] == [
        {"type": "deletedFormExists", "details": {"xmlFormId": "gone"}}
    ]
    path = f"{ALL}?publish=true&ignoreWarnings=true"
    refused = said(kept_program, "POST", path, data=form_of("gone"), **XML)
    assert refused["code"] == 409.6
    assert (refused["details"]["xmlFormId"], refused["details"]["version"]) == ("gone", "1")
    assert kept_program.post(path, data=form_of("gone", "2"), **XML)["version"] == "2"


def test_case_28_entities_of_html_are_read(kept_program: Program) -> None:
    sent = form_of("written").replace(b'version="1"', b'version="&lt;{}&gt;"')
    made = kept_program.post(ALL, data=sent.replace(b">Simple<", b">A &amp; B<"), **XML)
    assert (made["version"], made["name"]) == ("<{}>", "A & B")
    assert (
        made["hash"]
        == hashlib.md5(sent.replace(b">Simple<", b">A &amp; B<"), usedforsecurity=False).hexdigest()
    )
    assert (
        made["sha"]
        == hashlib.sha1(sent.replace(b">Simple<", b">A &amp; B<"), usedforsecurity=False).hexdigest()
    )


@pytest.mark.parametrize("form_id", ["v1.2", "hộ/khẩu", "📋 khảo sát"])
def test_case_28_any_letter_may_stand_in_a_form_id(kept_program: Program, form_id: str) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of(form_id), **XML)
    at = f"/v1/{ALL}/{quote(form_id, safe='')}"
    # The test client decodes an address as WSGI does; a server hands the raw one on beside it.
    raw = {"environ_overrides": {"RAW_URI": at}}
    assert kept_program.get(at, **raw)["xmlFormId"] == form_id
    raw = {"environ_overrides": {"RAW_URI": f"{at}/submissions.csv"}}
    assert kept_program.ask("GET", f"{at}/submissions.csv", **raw).status_code == 200


def test_case_28_a_deleted_form_waits_in_the_trash_with_its_records(
    kept_office: Office, kept_program: Program
) -> None:
    form = kept_office.publish(form_of("bin"), filename="bin.xml")
    volunteer = Volunteer(kept_office, form=form)
    volunteer.send(filled("uuid:bin", "Lan", "thirty").replace(b'"simple"', b'"bin"'))
    assert b"uuid:bin" in kept_program.ask("GET", "/api/findings").data
    assert kept_program.ask("DELETE", f"{ALL}/bin").json == {"success": True}
    assert kept_program.refused("GET", f"{ALL}/bin") == (404, 404.1)
    assert kept_program.refused("GET", f"{ALL}/bin/submissions.csv") == (404, 404.1)
    assert "bin" not in [one["xmlFormId"] for one in kept_program.get(ALL)]
    assert b"uuid:bin" not in kept_program.ask("GET", "/api/findings").data
    [lying] = [one for one in kept_program.get(f"{ALL}?deleted=True") if one["xmlFormId"] == "bin"]
    assert lying["deletedAt"].endswith("Z")
    assert kept_program.refused("POST", f"{ALL}/bin/restore") == (400, 400.11)
    assert kept_program.refused("POST", f"{ALL}/999999/restore") == (404, 404.1)
    assert kept_program.post(f"{ALL}/{lying['id']}/restore") == {"success": True}
    assert kept_program.refused("POST", f"{ALL}/{lying['id']}/restore") == (404, 404.1)
    assert "deletedAt" not in kept_program.get(f"{ALL}/bin")
    assert "uuid:bin" in kept_program.ask("GET", f"{ALL}/bin/submissions.csv").text


def test_case_28_a_form_is_not_restored_onto_another(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of("seat"), **XML)
    kept_program.ask("DELETE", f"{ALL}/seat")
    kept_program.post(f"{ALL}?ignoreWarnings=true", data=form_of("seat", "two"), **XML)
    [lying] = [one for one in kept_program.get(f"{ALL}?deleted=true") if one["xmlFormId"] == "seat"]
    refused = said(kept_program, "POST", f"{ALL}/{lying['id']}/restore")
    assert (refused["code"], refused["details"]["values"]) == (409.3, ["1", "seat"])


WRITES = """
| survey   |           |         |             |
|          | type      | name    | label       | save_to |
|          | text      | a       | A           | a       |
| entities |           |         |             |
|          | list_name | label   |             |
|          | trashed   | ${a}    |             |
| settings |           |         |             |
|          | form_id   | version | form_title  |
|          | writes    | 1       | Writes      |
"""


def test_case_28_a_form_without_its_entity_list_is_not_restored(
    kept_office: Office, kept_program: Program
) -> None:
    kept_office.publish(WRITES)
    assert kept_program.get(f"{ALL}/writes", headers=EXTENDED)["entityRelated"] is True
    at = "projects/1/datasets/trashed"
    assert kept_program.refused("DELETE", at)[0] == 409
    kept_program.ask("DELETE", f"{ALL}/writes")
    assert kept_program.ask("DELETE", at).json == {"success": True}
    [lying] = [one for one in kept_program.get(f"{ALL}?deleted=true") if one["xmlFormId"] == "writes"]
    assert kept_program.refused("POST", f"{ALL}/{lying['id']}/restore") == (409, 409.23)


def test_case_28_who_may_not_change_forms_may_not_delete_them(
    kept_office: Office, kept_program: Program
) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of("kept"), **XML)
    viewer = person(kept_office, VIEWER, project_id=1)
    assert viewer.refused("DELETE", f"{ALL}/kept") == (403, 403.1)
    assert viewer.refused("POST", f"{ALL}/1/restore") == (403, 403.1)
    assert viewer.get(f"{ALL}/kept")["state"] == "open"


# 29 ----------------------------------------------------------------------------------------------------


def test_case_29_a_workbook_is_converted_kept_and_given_back(kept_program: Program) -> None:
    data = book("book")
    made = kept_program.post(f"{ALL}?publish=true", data=data, content_type=XLSX)
    assert (made["xmlFormId"], made["publishedAt"], made["updatedAt"]) == ("book", made["createdAt"], None)
    back = kept_program.ask("GET", f"{ALL}/book.xlsx")
    assert (back.data, back.content_type) == (data, XLSX)
    tag = back.headers["ETag"]
    assert kept_program.ask("GET", f"{ALL}/book.xlsx", headers={"If-None-Match": tag}).status_code == 304
    assert kept_program.refused("GET", f"{ALL}/book.xls") == (404, 404.1)
    assert kept_program.ask("GET", f"{ALL}/book/versions/1.xlsx").data == data
    # A copy brings it along, another definition does not.
    kept_program.post(f"{ALL}/book/draft")
    assert kept_program.ask("GET", f"{ALL}/book/draft.xlsx").data == data
    kept_program.post(f"{ALL}/book/draft/publish?version=new")
    assert kept_program.ask("GET", f"{ALL}/book.xlsx").data == data
    xform = kept_program.ask("GET", f"{ALL}/book.xml").data
    kept_program.post(f"{ALL}/book/draft", data=xform, **XML)
    kept_program.post(f"{ALL}/book/draft/publish?version=newer")
    assert kept_program.refused("GET", f"{ALL}/book.xlsx") == (404, 404.1)
    [newer, new, first] = kept_program.get(f"{ALL}/book/versions", headers=EXTENDED)
    assert [one["excelContentType"] for one in (newer, new, first)] == [None, XLSX, XLSX]
    assert first["publishedBy"]["displayName"] == "admin"


def test_case_29_warnings_stop_a_workbook_until_they_are_ignored(kept_program: Program) -> None:
    data = book("warned", ("text", "a", "A"), ("image", "photo", "Photo"))
    refused = said(kept_program, "POST", ALL, data=data, content_type=XLSX)
    assert refused["code"] == 400.16
    [warning] = refused["details"]["warnings"]["xlsFormWarnings"]
    assert "max-pixels" in warning
    assert "workflowWarnings" not in refused["details"]["warnings"]
    made = kept_program.post(f"{ALL}?ignoreWarnings=True&publish=False", data=data, content_type=XLSX)
    assert (made["xmlFormId"], made["publishedAt"]) == ("warned", None)


def test_case_29_a_workbook_with_a_fault_says_which(kept_program: Program) -> None:
    refused = said(kept_program, "POST", ALL, data=book("faulty", ("txet", "a", "A")), content_type=XLSX)
    assert refused["code"] == 400.15
    assert "txet" in refused["details"]["error"]
    assert refused["details"]["warnings"] == []


def test_case_29_an_id_in_the_header_stands_in_for_one_in_the_workbook(kept_program: Program) -> None:
    header = {"X-XlsForm-FormId-Fallback": quote("sổ hộ.nghèo", safe="")}
    data = book("")
    made = kept_program.post(ALL, data=data, content_type=XLSX, headers=header)
    assert made["xmlFormId"] == "sổ hộ.nghèo"
    extended = kept_program.get(f"{ALL}/{quote('sổ hộ.nghèo')}", headers=EXTENDED)
    assert (extended["excelContentType"], extended["submissions"]) == (XLSX, 0)


# 30 ----------------------------------------------------------------------------------------------------


def test_case_30_a_draft_is_copied_replaced_and_thrown_away(kept_program: Program) -> None:
    at = f"{ALL}/life"
    kept_program.post(ALL, data=form_of("life"), **XML)
    empty = said(kept_program, "POST", f"{at}/draft")
    assert (empty["code"], empty["details"]["field"]) == (400.2, "xml")
    assert kept_program.refused("DELETE", f"{at}/draft") == (409, 409.7)
    first = kept_program.get(f"{at}/draft")["draftToken"]
    kept_program.post(f"{at}/draft", data=form_of("life", "drafty"), **XML)
    replaced = kept_program.get(f"{at}/draft")
    assert (replaced["draftToken"], replaced["version"]) == (first, "drafty")
    assert kept_program.get(at)["version"] == "drafty"
    kept_program.post(f"{at}/draft/publish")
    assert kept_program.refused("GET", f"{at}/draft") == (404, 404.1)
    assert kept_program.refused("POST", f"{at}/draft/publish") == (404, 404.1)
    assert kept_program.refused("DELETE", f"{at}/draft") == (404, 404.1)
    kept_program.post(f"{at}/draft")
    copied = kept_program.get(f"{at}/draft")
    assert copied["version"] == "drafty"
    assert copied["draftToken"] not in {None, first}
    kept_program.ask("DELETE", f"{at}/draft")
    kept_program.post(f"{at}/draft")
    assert kept_program.get(f"{at}/draft")["draftToken"] != copied["draftToken"]


def test_case_30_a_version_is_published_once_and_may_be_named_on_the_way(kept_program: Program) -> None:
    at = f"{ALL}/named"
    kept_program.post(f"{ALL}?publish=true", data=form_of("named"), **XML)
    kept_program.post(f"{at}/draft")
    clash = said(kept_program, "POST", f"{at}/draft/publish")
    assert (clash["code"], clash["details"]["xmlFormId"], clash["details"]["version"]) == (
        409.6, "named", "1",
    )  # fmt: skip
    odd = '2026-08-03T09:10:11.5+07:00 <&">'
    assert kept_program.post(f"{at}/draft/publish", query_string={"version": odd}) == {"success": True}
    live = kept_program.get(at)
    assert live["version"] == odd
    assert live["updatedAt"] is not None
    assert kept_program.get(f"{at}/versions/{quote(odd, safe='')}")["version"] == odd
    assert kept_program.ask("GET", f"{at}/versions/1.xml").data == form_of("named")


def test_case_30_a_publisher_notes_what_he_changed(kept_office: Office, kept_program: Program) -> None:
    at = f"{ALL}/noted"
    kept_program.post(f"{ALL}?publish=true", data=form_of("noted"), **XML)
    kept_program.post(f"{at}/draft")
    note = {"X-Action-Notes": quote("thêm câu hỏi & sửa lỗi")}
    kept_program.post(f"{at}/draft/publish?version=2", headers=note)
    assert kept_program.get(at, headers=EXTENDED)["publishNotes"] == "thêm câu hỏi & sửa lỗi"
    assert "publishNotes" not in kept_program.get(at)
    versions = kept_program.get(f"{at}/versions", headers=EXTENDED)
    assert [one["publishNotes"] for one in versions] == ["thêm câu hỏi & sửa lỗi", None]
    collector = person(kept_office, DATA_COLLECTOR, project_id=1)
    assert "publishNotes" not in collector.get(at, headers=EXTENDED)
    assert "publishNotes" not in collector.get(f"{at}/versions", headers=EXTENDED)[0]


def test_case_30_a_draft_belongs_to_its_form_and_counts_for_itself(
    kept_office: Office, kept_program: Program
) -> None:
    form = kept_office.publish(form_of("counted"), filename="counted.xml")
    answer = filled("uuid:counted", "Lan", 30).replace(b'"simple"', b'"counted"')
    Volunteer(kept_office, form=form).send(answer)
    other = said(kept_program, "POST", f"{ALL}/counted/draft", data=form_of("other"), **XML)
    assert (other["code"], other["details"]["field"], other["details"]["value"]) == (
        400.8, "xmlFormId", "other",
    )  # fmt: skip
    kept_program.post(f"{ALL}/counted/draft")
    draft = kept_program.get(f"{ALL}/counted/draft", headers=EXTENDED)
    live = kept_program.get(f"{ALL}/counted", headers=EXTENDED)
    assert (draft["submissions"], draft["lastSubmission"]) == (0, None)
    assert (live["submissions"], live["reviewStates"]["received"]) == (1, 1)


def test_case_30_state_and_web_forms_are_kept(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of("patched"), **XML)
    at = f"{ALL}/patched"
    changed = kept_program.ask("PATCH", at, json={"state": "closing", "webformsEnabled": True, "name": "x"})
    assert changed.json is not None
    assert (changed.json["state"], changed.json["webformsEnabled"]) == ("closing", True)
    assert changed.json["name"] == "Simple"
    assert kept_program.get(at)["webformsEnabled"] is True


# 31 ----------------------------------------------------------------------------------------------------


def typed(form_id: str, version: str, name: str, age: str) -> bytes:
    """The simple form with other types."""
    return (
        form_of(form_id, version)
        .replace(b'"/data/name" type="string"', f'"/data/name" type="{name}"'.encode())
        .replace(b'"/data/age" type="int"', f'"/data/age" type="{age}"'.encode())
    )


def test_case_31_a_type_may_become_text_and_nothing_else(kept_program: Program) -> None:
    at = f"{ALL}/types/draft"
    kept_program.post(f"{ALL}?publish=true", data=form_of("types"), **XML)
    up = said(kept_program, "POST", at, data=typed("types", "2", "int", "int"), **XML)
    assert (up["code"], up["details"]["path"], up["details"]["type"]) == (400.17, "/name", "string")
    assert kept_program.refused("POST", at, data=typed("types", "2", "string", "date"), **XML)[1] == 400.17
    kept_program.post(at, data=typed("types", "2", "string", "string"), **XML)
    kept_program.post(f"{at}/publish")
    # Text stays text.
    back = said(kept_program, "POST", at, data=form_of("types", "3"), **XML)
    assert (back["code"], back["details"]["path"], back["details"]["type"]) == (400.17, "/age", "string")
    assert kept_program.post(at) == {"success": True}


def test_case_31_a_group_does_not_become_a_question(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=true", data=asked("flat", "1", "g/x:string r*/y:int"), **XML)
    for question, kind in (("g", "structure"), ("r", "repeat")):
        other = {"g": "r*/y:int", "r": "g/x:string"}[question]
        sent = asked("flat", "2", f"{question}:string {other}")
        refused = said(kept_program, "POST", f"{ALL}/flat/draft?ignoreWarnings=true", data=sent, **XML)
        assert (refused["code"], refused["details"]["path"], refused["details"]["type"]) == (
            400.17, f"/{question}", kind,
        )  # fmt: skip


def test_case_31_drafts_that_were_given_up_do_not_count(kept_program: Program) -> None:
    at = f"{ALL}/tried/draft?ignoreWarnings=true"
    kept_program.post(f"{ALL}?publish=true", data=form_of("tried"), **XML)
    renamed = form_of("tried", "2").replace(b"age", b"number")
    kept_program.post(at, data=renamed, **XML)
    kept_program.post(at, data=renamed.replace(b'type="int"', b'type="date"'), **XML)


def test_case_31_a_question_that_goes_is_warned_of(kept_program: Program) -> None:
    kept_program.post(f"{ALL}?publish=true", data=form_of("less"), **XML)
    changed = form_of("less", "2").replace(b"age", b"address")
    refused = said(kept_program, "POST", f"{ALL}/less/draft", data=changed, **XML)
    assert refused["code"] == 400.16
    assert refused["details"]["warnings"] == {
        "workflowWarnings": [{"type": "structureChanged", "details": ["age"]}]
    }
    assert kept_program.post(f"{ALL}/less/draft?ignoreWarnings=TRUE", data=changed, **XML) == {
        "success": True
    }
