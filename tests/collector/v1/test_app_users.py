"""Programs give phones access, cut them to forms, and take them off."""

from __future__ import annotations

from tests.collector.openrosa.sheets import collect
from tests.collector.v1.program import EXTENDED, Program, simple
from tests.office import GivenPhone, Office


def test_a_phone_has_the_shape_central_gives_it_and_works(office: Office) -> None:
    office.publish(simple(), filename="simple.xml")
    program = Program(office)
    made = program.post("projects/1/app-users", json={"displayName": "Điện thoại của Lan"})
    assert made == {
        "projectId": 1,
        "id": made["id"],
        "type": "field_key",
        "displayName": "Điện thoại của Lan",
        "createdAt": made["createdAt"],
        "updatedAt": None,
        "deletedAt": None,
        "token": made["token"],
    }
    assert len(made["token"]) == 64
    assert offered(office, made) == ["simple"]
    assert program.get("projects/1/app-users") == [made]
    assert program.get(f"projects/1/app-users/{made['id']}") == made
    [extended] = program.get("projects/1/app-users", headers=EXTENDED)
    assert extended["createdBy"]["id"] == office.admin_id
    assert extended["lastUsed"].endswith("Z")


def offered(office: Office, phone: dict[str, object]) -> list[str]:
    """The forms a phone made here is offered."""
    given = GivenPhone(int(str(phone["id"])), str(phone["token"]), f"/v1/key/{phone['token']}/projects/1")
    return [form.form_id for form in collect(office, given).form_list()]


def test_a_phone_that_is_assigned_sees_only_that(office: Office) -> None:
    for form_id in ("one", "two", "three"):
        office.publish(simple().replace(b'id="simple"', f'id="{form_id}"'.encode()), filename="form.xml")
    program = Program(office)
    phone = program.post("projects/1/app-users", json={"displayName": "Lan"})
    for form_id in ("one", "two", "two"):
        done = program.post(f"projects/1/forms/{form_id}/assignments/2/{phone['id']}")
        assert done == {"success": True}
    assert offered(office, phone) == ["one", "two"]
    assert (
        program.ask("DELETE", f"projects/1/forms/one/assignments/app-user/{phone['id']}").status_code == 200
    )
    assert offered(office, phone) == ["two"]
    gone = program.refused("DELETE", f"projects/1/forms/one/assignments/2/{phone['id']}")
    assert gone == (404, 404.1)
    other = program.refused("POST", f"projects/1/forms/one/assignments/5/{phone['id']}")
    assert other == (400, 400.8)


def test_a_phone_that_is_taken_off_is_gone(office: Office) -> None:
    program = Program(office)
    phone = program.post("projects/1/app-users", json={"displayName": "Lan"})
    assert program.ask("DELETE", f"projects/1/app-users/{phone['id']}").json == {"success": True}
    assert program.get("projects/1/app-users") == []
    assert program.refused("GET", f"projects/1/app-users/{phone['id']}") == (404, 404.1)
    assert program.refused("DELETE", f"projects/1/app-users/{phone['id']}") == (404, 404.1)
    response = office.client().get(f"/v1/key/{phone['token']}/projects/1/formList")
    assert response.status_code == 403


def test_a_phone_whose_access_was_withdrawn_stays_listed_without_its_token(office: Office) -> None:
    first, second = office.phone("Cũ"), office.phone("Mới")
    office.revoke(second)
    listed = Program(office).get("projects/1/app-users")
    assert [(one["displayName"], one["token"] is None) for one in listed] == [("Cũ", False), ("Mới", True)]
    assert listed[0]["token"] == first.token


def test_a_phone_needs_a_name(office: Office) -> None:
    program = Program(office)
    assert program.refused("POST", "projects/1/app-users", json={}) == (400, 400.3)
    assert program.refused("POST", "projects/1/app-users", json={"displayName": "x" * 256}) == (400, 400.11)
    assert program.refused("POST", "projects/77/app-users", json={"displayName": "x"}) == (404, 404.1)
