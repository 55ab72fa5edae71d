"""The files beside a form and the list phones are offered: cases 32 and 33 of the contract."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from storage.database import transaction
from storage.entities import lists
from tests.collector.v1.program import Program, simple
from tests.forms.tables import xform
from tests.office import NOW, Office

XML = {"content_type": "application/xml"}
ALL = "projects/1/forms"
OPENROSA = {"X-OpenRosa-Version": "1.0"}
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def asking(form_id: str, version: str, *files: str) -> bytes:
    """A form that wants these files beside it."""
    tables = [file for file in files if file.endswith(".csv")]
    model = "".join(f'<instance id="{file}" src="jr://file-csv/{file}"/>' for file in tables)
    shown = {"png": ("image", "images"), "mp3": ("audio", "audio")}
    for file in sorted({*files} - {*tables}):
        form, folder = shown[file.rpartition(".")[2]]
        value = f'<value form="{form}">jr://{folder}/{file}</value>'
        model += (
            f'<itext><translation lang="vi"><text id="/data/a:label">{value}</text></translation></itext>'
        )
    return xform(
        f'<data id="{form_id}" version="{version}"><a/><meta><instanceID/></meta></data>',
        model=f'{model}<bind nodeset="/data/a" type="string"/>',
        title=form_id.title(),
    )


def there(program: Program, path: str) -> dict[str, tuple[bool, bool, bool]]:
    """By name of each file: whether it exists, as bytes, as a list."""
    return {
        one["name"]: (one["exists"], one["blobExists"], one["datasetExists"]) for one in program.get(path)
    }


NOTHING, BYTES, LISTED = (False, False, False), (True, True, False), (True, False, True)


# 32 ----------------------------------------------------------------------------------------------------


def test_case_32_slots_are_filled_replaced_and_emptied(kept_program: Program) -> None:
    kept_program.post(ALL, data=asking("slots", "1", "one.csv", "two.mp3"), **XML)
    at = f"{ALL}/slots/draft/attachments"
    [first, second] = kept_program.get(at)
    assert first == {
        "name": "one.csv", "type": "file", "hash": None, "exists": False, "blobExists": False,
        "datasetExists": False, "updatedAt": None,
    }  # fmt: skip
    assert (second["name"], second["type"]) == ("two.mp3", "audio")
    for data in (b"test,csv\n1,2", b"<xml/>"):
        made = kept_program.post(f"{at}/one.csv", data=data, **XML)
        assert made["hash"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
        assert (made["size"], made["exists"]) == (len(data), True)
        assert kept_program.ask("GET", f"{at}/one.csv").data == data
    kept_program.post(f"{at}/two.mp3", data=b"<xml/>")
    for path, method in (("three.csv", "POST"), ("three.csv", "DELETE"), ("three.csv", "GET")):
        assert kept_program.refused(method, f"{at}/{path}") == (404, 404.1)
    assert kept_program.ask("DELETE", f"{at}/one.csv").json == {"success": True}
    assert kept_program.refused("DELETE", f"{at}/one.csv") == (404, 404.1)
    assert there(kept_program, at) == {"one.csv": NOTHING, "two.mp3": BYTES}
    assert kept_program.get(at)[0]["updatedAt"] is not None
    live = f"{ALL}/slots/attachments"
    kept_program.post(f"{ALL}/slots/draft/publish")
    assert there(kept_program, live) == {"one.csv": NOTHING, "two.mp3": BYTES}
    assert there(kept_program, f"{ALL}/slots/versions/1/attachments") == {
        "one.csv": NOTHING,
        "two.mp3": BYTES,
    }


def test_case_32_files_are_carried_forward_from_published_and_draft(kept_program: Program) -> None:
    kept_program.post(ALL, data=asking("carried", "1", "one.csv", "two.mp3"), **XML)
    at = f"{ALL}/carried/draft"
    for name in ("one.csv", "two.mp3"):
        kept_program.post(f"{at}/attachments/{name}", data=name.encode())
    # From the draft before.
    kept_program.post(at, data=asking("carried", "1", "one.csv", "great.mp3"), **XML)
    assert there(kept_program, f"{at}/attachments") == {"great.mp3": NOTHING, "one.csv": BYTES}
    kept_program.post(f"{at}/publish")
    # From the published one.
    kept_program.post(at, data=asking("carried", "2", "one.csv", "last.mp3"), **XML)
    assert there(kept_program, f"{at}/attachments") == {"last.mp3": NOTHING, "one.csv": BYTES}
    kept_program.post(f"{at}/publish")
    assert kept_program.ask("GET", f"{ALL}/carried/attachments/one.csv").data == b"one.csv"


def test_case_32_an_entity_list_stands_in_for_the_file_of_its_name(
    kept_office: Office, kept_program: Program
) -> None:
    with kept_office.app.app_context(), transaction() as session:
        lists.create_list(session, 1, "people", now=NOW)
    sent = asking("linked", "1", "people.csv", "other.csv", "people.png")
    kept_program.post(ALL, data=sent, **XML)
    at = f"{ALL}/linked/draft/attachments"
    assert there(kept_program, at) == {
        "other.csv": NOTHING, "people.csv": LISTED, "people.png": NOTHING,
    }  # fmt: skip
    assert kept_program.ask("GET", f"{at}/people.csv").text.startswith("name,label")
    # A file of its own goes first; linked again it goes.
    kept_program.post(f"{at}/people.csv", data=b"own")
    assert there(kept_program, at)["people.csv"] == BYTES
    again = kept_program.ask("PATCH", f"{at}/people.csv", json={"dataset": True})
    assert again.json is not None
    assert (again.json["name"], again.json["datasetExists"], again.json["hash"]) == ("people.csv", True, None)
    off = kept_program.ask("PATCH", f"{at}/people.csv", json={"dataset": False})
    assert off.json is not None
    assert off.json["exists"] is False
    assert kept_program.refused("GET", f"{at}/people.csv") == (404, 404.1)
    kept_program.ask("PATCH", f"{at}/people.csv", json={"dataset": True})
    assert kept_program.ask("DELETE", f"{at}/people.csv").json == {"success": True}
    assert there(kept_program, at)["people.csv"] == NOTHING
    assert kept_program.refused("PATCH", f"{at}/other.csv", json={"dataset": True})[0] == 404
    assert kept_program.refused("PATCH", f"{at}/people.csv", json={}) == (400, 400.3)
    # What was taken off stays off in the next version.
    kept_program.post(f"{ALL}/linked/draft/publish")
    kept_program.post(f"{ALL}/linked/draft")
    assert there(kept_program, at)["people.csv"] == NOTHING


def test_case_32_only_a_data_file_can_be_a_list(kept_office: Office, kept_program: Program) -> None:
    with kept_office.app.app_context(), transaction() as session:
        lists.create_list(session, 1, "pictured", now=NOW)
    sent = asking("media", "1", "pictured.png").replace(b"pictured.png", b"pictured.csv")
    kept_program.post(ALL, data=sent, **XML)
    at = f"{ALL}/media/draft/attachments/pictured.csv"
    assert kept_program.refused("PATCH", at, json={"dataset": True}) == (400, 400.26)


def test_case_32_a_manifest_names_what_has_content(kept_program: Program) -> None:
    kept_program.post(ALL, data=asking("manifest", "1", "one.csv", "two.mp3"), **XML)
    kept_program.post(f"{ALL}/manifest/draft/attachments/one.csv", data=b"test,csv\n1,2")
    kept_program.post(f"{ALL}/manifest/draft/publish")
    for path in ("manifest/manifest", "manifest/versions/1/manifest"):
        [file] = etree.fromstring(kept_program.ask("GET", f"{ALL}/{path}", headers=OPENROSA).data)
        assert file.findtext(f"{MANIFEST}filename") == "one.csv"
        assert file.findtext(f"{MANIFEST}hash") == "md5:2241de57bbec8144c8ad387e69b3a3ba"
        address = str(file.findtext(f"{MANIFEST}downloadUrl")).partition("/v1/")[2]
        assert kept_program.ask("GET", address).data == b"test,csv\n1,2"


# 33 ----------------------------------------------------------------------------------------------------


def form_list(program: Program, path: str = "projects/1/formList", **more: Any) -> dict[str, etree._Element]:
    """The entries of a form list by form id."""
    response = program.ask("GET", path, headers=OPENROSA, **more)
    assert response.status_code == 200, response.text
    assert response.content_type.startswith("text/xml")
    return {str(entry.findtext(f"{LIST}formID")): entry for entry in etree.fromstring(response.data)}


def published(program: Program, form_id: str) -> None:
    """The simple form under another id, on the phones."""
    sent = simple().replace(b'id="simple"', f'id="{form_id}"'.encode())
    program.post(f"{ALL}?publish=true", data=sent, **XML)


def test_case_33_the_list_says_what_phones_need(kept_program: Program) -> None:
    published(kept_program, "li st")
    entry = form_list(kept_program)["li st"]
    assert {etree.QName(child).localname for child in entry} == {
        "formID", "name", "version", "hash", "downloadUrl",
    }  # fmt: skip
    xml = kept_program.ask("GET", f"{ALL}/{quote('li st')}.xml").data
    assert entry.findtext(f"{LIST}hash") == f"md5:{hashlib.md5(xml, usedforsecurity=False).hexdigest()}"
    assert str(entry.findtext(f"{LIST}downloadUrl")).endswith("/v1/projects/1/forms/li%20st.xml")


def test_case_33_only_open_published_forms_are_offered(kept_program: Program) -> None:
    for form_id in ("l-open", "l-closing", "l-closed", "l-deleted"):
        published(kept_program, form_id)
    for state in ("closing", "closed"):
        kept_program.ask("PATCH", f"{ALL}/l-{state}", json={"state": state})
    kept_program.ask("DELETE", f"{ALL}/l-deleted")
    kept_program.post(ALL, data=simple().replace(b'id="simple"', b'id="l-draft"'), **XML)
    assert [one for one in form_list(kept_program) if one.startswith("l-")] == ["l-open"]
    assert list(form_list(kept_program, "projects/1/formList?formID=l-open")) == ["l-open"]
    assert form_list(kept_program, "projects/1/formList?formID=l-closed") == {}


def test_case_33_a_manifest_is_named_only_where_there_are_files(kept_program: Program) -> None:
    published(kept_program, "bare")
    kept_program.post(ALL, data=asking("full", "1", "one.csv"), **XML)
    kept_program.post(f"{ALL}/full/draft/attachments/one.csv", data=b"a,b\n")
    kept_program.post(f"{ALL}/full/draft/publish")
    entries = form_list(kept_program)
    assert entries["bare"].find(f"{LIST}manifestUrl") is None
    assert str(entries["full"].findtext(f"{LIST}manifestUrl")).endswith("/v1/projects/1/forms/full/manifest")


@pytest.mark.parametrize(("only", "offered"), [(False, {"a&b", "key2"}), (True, {"a&b"})])
def test_case_33_a_phone_is_offered_its_forms_under_its_own_address(
    kept_office: Office, kept_program: Program, *, only: bool, offered: set[str]
) -> None:
    if not only:
        kept_program.post(
            f"{ALL}?publish=true",
            data=simple().replace(b'id="simple"', b'id="a&amp;b"').replace(b">Simple<", b">A &lt; B<"),
            **XML,
        )
        published(kept_program, "key2")
    phone = kept_program.post("projects/1/app-users", json={"displayName": f"Máy {only}"})
    if only:
        assigned = kept_program.ask("POST", f"{ALL}/{quote('a&b', safe='')}/assignments/2/{phone['id']}")
        assert assigned.status_code == 200, assigned.text
    at = f"/v1/key/{phone['token']}/projects/1"
    response = kept_office.client().get(f"{at}/formList", headers=OPENROSA)
    entries = {str(entry.findtext(f"{LIST}formID")): entry for entry in etree.fromstring(response.data)}
    assert {"a&b", "key2"} & set(entries) == offered
    assert entries["a&b"].findtext(f"{LIST}name") == "A < B"
    address = str(entries["a&b"].findtext(f"{LIST}downloadUrl"))
    assert address.endswith(f"{at}/forms/a%26b.xml")


def test_case_33_a_program_without_the_openrosa_header_is_refused(kept_program: Program) -> None:
    refused = kept_program.ask("GET", "projects/1/formList")
    assert refused.status_code == 400
    assert "X-OpenRosa-Version" in refused.text
