"""Accounts on the desk: who may keep whose, and what nobody may do."""

from __future__ import annotations

import re

import pytest

from collector.accounts.permissions import ADMINISTRATOR, MANAGER, REVIEWER, VIEWER
from collector.actions import users
from collector.actions.attempts import Stand
from collector.actions.entering import begin, prove
from storage.access_problems import LastAdministrator
from storage.database import db, transaction
from storage.models import Assignment, Audit, User
from storage.problems import NotSignedIn
from storage.queries import actors, people
from tests.collector.desk.reader import Page, Reader
from tests.collector.peopled import settle
from tests.collector.v1.shared import PASSWORD, account, bearer
from tests.office import ADMIN_PASSWORD, NOW, Office

HERE, THERE = "08926", "08953"
NEW = {"name": "Cán bộ mới", "role": str(REVIEWER), "first": "password"}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    """Two communes; a manager of one of them, and people in both."""
    settle(kept_office)
    account(kept_office, "quanly.lai", MANAGER, place=HERE)
    account(kept_office, "canbo.lai", REVIEWER, place=HERE)
    account(kept_office, "canbo.linh", REVIEWER, place=THERE)
    account(kept_office, "tinh", MANAGER)
    return kept_office


def number(office: Office, name: str) -> int:
    with office.app.app_context():
        user = actors.user_by_name(db.session(), name)
        assert user is not None
        return user.actor_id


def held(office: Office, name: str) -> set[tuple[int, int | None, str | None]]:
    with office.app.app_context():
        several = people.assignments(db.session(), [number(office, name)])
        return {(one.role, one.project_id, one.place_code) for each in several.values() for one in each}


def gets_in(office: Office, name: str, password: str) -> bool:
    with office.app.app_context():
        try:
            begin(prove(name, password, Stand("test"), now=NOW), Stand("test"), now=NOW)
        except NotSignedIn:
            return False
        return True


def secret(page: Page) -> str:
    [said] = page.texts("//dd[@class='secret']")
    return said


def test_an_account_is_opened_with_a_password_that_is_shown_once(office: Office) -> None:
    admin = Reader(office)
    made = Page(admin.post("/accounts", {**NEW, "username": "xa.moi", "places": "Mường Lai"}))
    assert "Xã Mường Lai" in made.main
    assert gets_in(office, "xa.moi", secret(made))
    assert held(office, "xa.moi") == {(REVIEWER, None, HERE)}
    again = admin.page(f"/accounts/{number(office, 'xa.moi')}")
    assert again.find("//dd[@class='secret']") == []
    with_link = Page(admin.post("/accounts", {**NEW, "username": "xa.lien", "places": HERE, "first": "link"}))
    assert re.search(r"/reset/[A-Za-z0-9!$]{64}", with_link.main)
    assert with_link.find("//dd[@class='secret']") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "canbo.lai", "places": HERE}, "canbo.lai"),
        ({"username": "xã.mới", "places": HERE}, "letters"),
        ({"username": "xa.khac", "places": "Nơi không có"}, "Nơi không có"),
        ({"username": "xa.khac", "places": HERE, "name": " "}, "name of the person"),
    ],
)
def test_what_cannot_be_opened_is_told_and_kept_on_the_page(
    office: Office, fields: dict[str, str], said: str
) -> None:
    page = Reader(office).post("/accounts", {**NEW, **fields})
    assert page.status_code in {400, 409}
    shown = Page(page)
    assert said in shown.main
    assert shown.find("//input[@name='username']")[0].get("value") == fields["username"]


def test_a_manager_of_a_commune_sees_and_keeps_its_accounts_only(office: Office) -> None:
    manager = Reader(office, "quanly.lai")
    shown = manager.page("/accounts").main
    assert "canbo.lai" in shown
    for name in ("canbo.linh", "tinh", "admin"):
        assert name not in shown
        path = f"/accounts/{number(office, name)}"
        assert manager.get(path).status_code == 404
        for act in ("role", "disable", "enable", "signout", "reset"):
            assert manager.post(f"{path}/{act}", {"role": str(REVIEWER)}).status_code == 404
    assert gets_in(office, "canbo.linh", PASSWORD)


def test_he_gives_no_more_than_he_has_and_no_wider(office: Office) -> None:
    manager = Reader(office, "quanly.lai")
    offered = {one.get("value") for one in manager.page("/accounts/new").find("//input[@name='role']")}
    assert str(ADMINISTRATOR) not in offered
    assert str(REVIEWER) in offered
    for more in (
        {"places": THERE},
        {"places": ""},
        {"places": HERE, "role": str(ADMINISTRATOR)},
        {"places": "", "role": str(ADMINISTRATOR)},
    ):
        answer = manager.post("/accounts", {**NEW, "username": "qua.quyen", **more})
        assert answer.status_code in {400, 403, 404}, more
    with office.app.app_context():
        assert actors.user_by_name(db.session(), "qua.quyen") is None
    made = Page(manager.post("/accounts", {**NEW, "username": "thon.lai", "places": "08926-001"}))
    assert gets_in(office, "thon.lai", secret(made))
    assert {place for _role, _project, place in held(office, "thon.lai")} == {"08926-001"}
    number_of = number(office, "thon.lai")
    answer = manager.post(f"/accounts/{number_of}/role", {"role": str(REVIEWER), "places": THERE})
    assert answer.status_code in {400, 403}
    assert {place for _role, _project, place in held(office, "thon.lai")} == {"08926-001"}


def test_another_role_takes_the_place_of_all_that_was_held(office: Office) -> None:
    account(office, "doi.viec", REVIEWER, place=HERE)
    admin, path = Reader(office), f"/accounts/{number(office, 'doi.viec')}"
    admin.send(f"{path}/role", {"role": str(VIEWER), "places": f"{HERE}; {THERE}"})
    assert held(office, "doi.viec") == {(VIEWER, 1, HERE), (VIEWER, 1, THERE)}


def test_the_last_administrator_cannot_be_lost(office: Office) -> None:
    account(office, "pho.quantri", ADMINISTRATOR, project_id=None)
    account(office, "tro.ly", ADMINISTRATOR, project_id=None, place=HERE)
    admin, second = Reader(office), Reader(office, "pho.quantri")
    first, own = f"/accounts/{number(office, 'admin')}", f"/accounts/{number(office, 'pho.quantri')}"
    # Nobody shuts himself out or takes his own role, whoever else there is.
    assert second.post(f"{own}/disable").status_code == 403
    second.refused(f"{own}/role", {"role": str(VIEWER)}, status=403)
    admin.send(f"{own}/disable")
    # Neither the disabled one nor who is cut to a place would be left to keep the server.
    with office.app.app_context(), transaction() as session:
        user = session.get_one(User, number(office, "admin"))
        with pytest.raises(LastAdministrator):
            users.disable(session, user, now=NOW)
    admin.send(f"{own}/enable")
    second = Reader(office, "pho.quantri")
    second.send(f"{first}/disable")
    assert not gets_in(office, "admin", ADMIN_PASSWORD)
    second.send(f"{first}/enable")
    assert gets_in(office, "admin", ADMIN_PASSWORD)


def test_the_only_administrator_keeps_his_role(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        for one in session.query(Assignment).filter_by(role=ADMINISTRATOR):
            if one.actor_id != office.admin_id:
                session.delete(one)
    account(office, "gia.quantri", ADMINISTRATOR, project_id=None)
    path = f"/accounts/{office.admin_id}"
    other = Reader(office, "gia.quantri")
    other.send(f"{path}/role", {"role": str(VIEWER), "places": ""})
    assert held(office, "admin") == {(VIEWER, None, None)}
    # Now the other one is the last.
    with office.app.app_context(), transaction() as session:
        last = session.get_one(User, number(office, "gia.quantri"))
        with pytest.raises(LastAdministrator):
            users.disable(session, last, now=NOW)
        session.add(Assignment(actor_id=office.admin_id, role=ADMINISTRATOR))


def test_a_disabled_account_lets_nobody_in_by_any_way(office: Office) -> None:
    account(office, "nghi.viec", REVIEWER, place=HERE)
    path = f"/accounts/{number(office, 'nghi.viec')}"
    inside = Reader(office, "nghi.viec")
    token = office.session_token("nghi.viec")
    inside.page("/account")
    admin = Reader(office)
    link = re.findall(r"/reset/[A-Za-z0-9!$]{64}", Page(admin.post(f"{path}/reset")).main)[0]
    assert "disabled" in admin.send(f"{path}/disable").main
    assert inside.get("/account").status_code == 303
    assert office.client().get("/v1/users/current", headers=bearer(token)).status_code == 401
    assert not gets_in(office, "nghi.viec", PASSWORD)
    assert office.client().get(link).status_code == 403
    assert admin.post(f"{path}/reset").status_code == 400
    admin.send(f"{path}/enable")
    assert gets_in(office, "nghi.viec", PASSWORD)
    assert held(office, "nghi.viec") == {(REVIEWER, 1, HERE)}


def test_all_sessions_end_and_a_new_password_is_made(office: Office) -> None:
    account(office, "quen.may", REVIEWER, place=HERE)
    path, inside = f"/accounts/{number(office, 'quen.may')}", Reader(office, "quen.may")
    admin = Reader(office)
    assert "1 session was ended" in admin.send(f"{path}/signout").main
    assert inside.get("/account").status_code == 303
    fresh = secret(Page(admin.post(f"{path}/reset", {"kind": "password"})))
    assert gets_in(office, "quen.may", fresh)
    assert not gets_in(office, "quen.may", PASSWORD)
    with office.app.app_context():
        noted = {one.action for one in db.session.query(Audit) if one.actee_id == number(office, "quen.may")}
    assert {"user.session.end", "user.update"} <= noted


def test_accounts_are_found_without_accents_by_role_place_and_state(office: Office) -> None:
    admin = Reader(office)
    for query, there, away in (
        ("q=muong lai", "canbo.lai", "canbo.linh"),
        (f"role={MANAGER}", "quanly.lai", "canbo.lai"),
        (f"place={THERE}", "canbo.linh", "canbo.lai"),
        ("state=never", ">tinh<", "canbo.linh"),
    ):
        shown = admin.page(f"/accounts?{query}").source
        assert there in shown, query
        assert away not in shown, query
    assert "Nobody was found" in admin.page("/accounts?q=khong co ai").main


def test_who_gives_no_roles_sees_no_accounts(office: Office) -> None:
    for name in ("canbo.lai", "canbo.linh"):
        reader = Reader(office, name)
        assert reader.get("/accounts").status_code == 403
        assert "/accounts" not in reader.page("/account").links("//main//a")
