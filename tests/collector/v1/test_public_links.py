"""Links by which anybody fills one form, and drafts tried by theirs: what they open, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, VIEWER
from collector.actions.villages import follow_places
from storage.database import transaction
from storage.models import Form
from tests import tree
from tests.asked import answered
from tests.collector.v1.program import EXTENDED, Program, filled, simple
from tests.collector.v1.shared import PASSWORD, account, bearer, code, program
from tests.office import NOW, Office
from tests.phone_upload import Upload
from tests.tree import HERE, HERE_VILLAGE, THERE

SHEET = """
| survey |
| | type | name | label | unit |
| | select_one_from_file villages.csv | village | Thôn | |
| | text | village_code | Mã thôn | place |
| settings |
| | form_id | version |
| | hh | 1 |
"""
LINKS = "projects/1/forms/simple/public-links"
OPENROSA = {"X-OpenRosa-Version": "1.0"}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
    kept_office.publish(simple(), filename="simple.xml")
    kept_office.publish(SHEET)
    with kept_office.app.app_context():
        follow_places(now=NOW)
    return kept_office


@pytest.fixture(scope="module")
def admin(office: Office) -> Program:
    return Program(office)


def link(admin: Program, path: str = LINKS, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = admin.post(path, json={"displayName": "Đường dẫn", **more})
    return made


def send(office: Office, address: str, xml: bytes) -> int:
    """What becomes of a record sent to that address as Collect sends it."""
    upload = Upload(xml, {}, xml_name="simple.xml")
    posted = office.client().post(
        address, data=upload.read(), content_type=upload.content_type, headers=OPENROSA
    )
    return posted.status_code


def test_a_link_has_the_shape_central_gives_it(office: Office, admin: Program) -> None:
    made = link(admin, once=True)
    assert set(made) == {
        "id", "type", "displayName", "createdAt", "updatedAt", "deletedAt", "token", "once", "places"
    }  # fmt: skip
    assert (made["type"], made["once"], len(made["token"])) == ("public_link", True, 64)
    assert admin.get(f"{LINKS}/{made['id']}") == made
    [listed] = [one for one in admin.get(LINKS, headers=EXTENDED) if one["id"] == made["id"]]
    assert listed["createdBy"]["id"] == office.admin_id
    changed = admin.ask("PATCH", f"{LINKS}/{made['id']}", json={"displayName": "Khác", "once": False}).json
    assert changed is not None
    assert (changed["displayName"], changed["once"], changed["token"]) == ("Khác", False, made["token"])
    assert admin.get("projects/1/forms/simple", headers=EXTENDED)["publicLinks"] >= 1
    assert admin.get("projects/1/forms/hh/public-links") == []
    assert admin.refused("GET", f"projects/1/forms/hh/public-links/{made['id']}") == (404, 404.1)
    assert admin.refused("POST", LINKS, json={}) == (400, 400.3)


def test_only_who_runs_the_project_gives_links_out(office: Office, admin: Program) -> None:
    made = link(admin)
    for role in (VIEWER, DATA_COLLECTOR):
        one = program(office, f"khong.cho.link.{role}", role)
        for method, path in (
            ("GET", LINKS),
            ("POST", LINKS),
            ("GET", f"{LINKS}/{made['id']}"),
            ("PATCH", f"{LINKS}/{made['id']}"),
            ("DELETE", f"{LINKS}/{made['id']}"),
        ):
            assert one.refused(method, path, json={"displayName": "x"}) == (403, 403.1)


def test_a_link_opens_its_form_and_takes_records(office: Office, admin: Program) -> None:
    made = link(admin)
    token, client = made["token"], office.client()
    for path in ("forms/simple", "forms/simple.xml", "forms/simple/fields", "forms/simple/attachments"):
        assert client.get(f"/v1/projects/1/{path}?st={token}").status_code == 200, path
    manifest = client.get(f"/v1/projects/1/forms/simple/manifest?st={token}", headers=OPENROSA)
    assert manifest.status_code == 200
    for address in (f"/v1/projects/1/submission?st={token}", f"/v1/key/{token}/projects/1/submission"):
        name = "st" if "st=" in address else "key"
        assert send(office, address, filled(f"uuid:by-{name}", "Lan", 30)) == 201
        [record] = [
            one
            for one in admin.get("projects/1/forms/simple/submissions")
            if one["instanceId"] == f"uuid:by-{name}"
        ]
        assert record["submitterId"] == made["id"]
    # Many have the link: none of them changes what another one sent.
    edit = filled("uuid:edit", "Khác", 31, replaces="uuid:by-key")
    assert send(office, f"/v1/key/{token}/projects/1/submission", edit) == 404
    offered = client.get(f"/v1/key/{token}/projects/1/formList")
    assert b"<formID>simple<" in offered.data
    assert b"<formID>hh<" not in offered.data


def test_a_link_opens_nothing_else(office: Office, admin: Program) -> None:
    token, client = link(admin)["token"], office.client()
    for method, path in (
        ("GET", "forms"),
        ("GET", "forms/hh"),
        ("GET", "forms/hh.xml"),
        ("GET", "forms/simple/submissions"),
        ("GET", "forms/simple/submissions/uuid:by-st"),
        ("GET", "forms/simple/submissions.csv.zip"),
        ("GET", "forms/simple/public-links"),
        ("GET", "forms/simple/draft"),
        ("PATCH", "forms/simple"),
        ("GET", "app-users"),
        ("GET", ""),
    ):
        answer = client.open(f"/v1/projects/1/{path}?st={token}".replace("/?", "?"), method=method)
        assert (answer.status_code, code(answer)) == (403, 403.1), path
    other = answered("hh", "1", "<village_code/>", instance_id="uuid:wrong-form")
    assert send(office, f"/v1/projects/1/submission?st={token}", other) in {403, 404}
    assert client.get("/v1/users/current", query_string={"st": token}).status_code == 404
    assert client.delete(f"/v1/sessions/{token}", query_string={"st": token}).status_code == 403
    assert client.get("/", query_string={"st": token}).status_code == 303


def test_a_link_goes_before_every_other_proof(office: Office, admin: Program) -> None:
    token, client = link(admin)["token"], office.client()
    session = bearer(office.session_token())
    assert client.get(f"/v1/projects/1/app-users?st={token}", headers=session).status_code == 403
    for wrong, said in (("x" * 64, (403, 403.1)), ("short", (401, 401.2)), ("", (401, 401.2))):
        answer = client.get(f"/v1/projects/1/forms/simple?st={wrong}", headers=session)
        assert (answer.status_code, code(answer)) == said
    refused = client.get(f"/v1/projects/1/formList?st={'x' * 64}", headers=OPENROSA)
    assert (refused.status_code, refused.mimetype) == (403, "text/xml")
    # A token of an account is none of a link.
    assert client.get(f"/v1/projects/1/forms/simple?st={office.session_token()}").status_code == 403


def test_a_link_ends(office: Office, admin: Program) -> None:
    ended, removed = link(admin), link(admin)
    manager = program(office, "quan.ly.link", MANAGER)
    assert manager.ask("DELETE", f"sessions/{ended['token']}").json == {"success": True}
    assert admin.ask("DELETE", f"{LINKS}/{removed['id']}").json == {"success": True}
    for one in (ended, removed):
        answer = office.client().get(f"/v1/projects/1/forms/simple?st={one['token']}")
        assert (answer.status_code, code(answer)) == (403, 403.1)
        address = f"/v1/key/{one['token']}/projects/1/submission"
        assert send(office, address, filled("uuid:late", "Lan", 1)) == 403
    listed = admin.get(LINKS)
    assert removed["id"] not in {one["id"] for one in listed}
    assert (listed[-1]["id"], listed[-1]["token"]) == (ended["id"], None)


def test_a_link_to_a_closed_form_opens_nothing(office: Office, admin: Program) -> None:
    form = office.publish(simple().replace(b'id="simple"', b'id="shut"'), filename="shut.xml")
    token = link(admin, "projects/1/forms/shut/public-links")["token"]
    client = office.client()
    assert client.get(f"/v1/projects/1/forms/shut?st={token}").status_code == 200
    office.set_state(form, "closed")
    for path in ("forms/shut", "forms/shut.xml", "forms/shut/manifest"):
        assert client.get(f"/v1/projects/1/{path}?st={token}", headers=OPENROSA).status_code == 403, path
    xml = filled("uuid:closed", "Lan", 1).replace(b'id="simple"', b'id="shut"')
    assert send(office, f"/v1/projects/1/submission?st={token}", xml) in {403, 409}


def test_a_link_is_cut_to_places(office: Office, admin: Program) -> None:
    path = "projects/1/forms/hh/public-links"
    made = link(admin, path, places=[HERE])
    assert made["places"] == [HERE]
    client = office.client()
    address = f"/v1/projects/1/forms/hh/attachments/villages.csv?st={made['token']}"
    villages = client.get(address, buffered=True)
    assert villages.status_code == 200
    assert HERE_VILLAGE in villages.text
    assert THERE not in villages.text
    assert admin.refused("POST", path, json={"displayName": "x", "places": ["nowhere"]}) == (404, 404.1)
    account(office, "xa.link", MANAGER, place=HERE)
    account(office, "xa.ben", MANAGER, place=THERE)
    head, neighbour = (Program(office, name, PASSWORD) for name in ("xa.link", "xa.ben"))
    assert head.refused("POST", path, json={"displayName": "x"}) == (403, 403.1)
    assert head.refused("POST", path, json={"displayName": "x", "places": [THERE]}) == (404, 404.1)
    own = link(head, path, places=[HERE_VILLAGE])
    assert {one["id"] for one in head.get(path)} == {made["id"], own["id"]}
    assert neighbour.get(path) == []
    assert neighbour.refused("DELETE", f"{path}/{own['id']}") == (404, 404.1)
    assert neighbour.refused("DELETE", f"sessions/{own['token']}") == (403, 403.1)


@pytest.fixture
def draft(office: Office) -> Form:
    return office.draft(simple("2").replace(b'id="simple"', b'id="tried"'), filename="tried.xml")


def test_case_34_a_draft_is_tried_by_its_token_as_long_as_it_is_one(office: Office, draft: Form) -> None:
    token = office.draft_token(draft)
    base, client = "projects/1/forms/tried/draft", office.client()

    def asked(token: str, way: str = "formList") -> int:
        return client.get(f"/v1/test/{token}/{base}/{way}").status_code

    xml = filled("uuid:tried", "Lan", 30, version="2").replace(b'id="simple"', b'id="tried"')
    assert [asked(token, way) for way in ("formList", "manifest")] == [200, 200]
    assert client.get(f"/v1/test/{token}/{base}.xml").status_code == 200
    assert send(office, f"/v1/test/{token}/{base}/submission", xml) == 201
    for wrong in ("x" * 64, "short"):
        answer = client.get(f"/v1/test/{wrong}/{base}/formList")
        assert answer.status_code == 404
        assert "bản nháp" in answer.text.lower()
    assert client.get(f"/v1/test/{token}/projects/1/forms/simple/draft/formList").status_code == 404
    admin = Program(office)
    admin.post(f"{base}/publish")
    assert asked(token) == 404
    assert send(office, f"/v1/test/{token}/{base}/submission", xml) == 404
    assert admin.get("projects/1/forms/tried/submissions") == []
    admin.post(base)
    again = admin.get(base)["draftToken"]
    assert again != token
    assert asked(again) == 200
    assert admin.ask("DELETE", base).status_code == 200
    assert asked(again) == 404
