"""What somebody is offered to fill in a browser, and what he fetches for it: cut to what is his."""

from __future__ import annotations

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, REVIEWER, VIEWER
from tests.collector.openrosa.lists import map_planted, reading, register
from tests.collector.openrosa.sheets import sheet, with_files
from tests.collector.webforms.browser import Browser, house, signed_in, told, village, with_link, with_phone
from tests.office import Office
from tests.tree import HERE, HERE_VILLAGE, THERE_VILLAGE

GUIDE = b"a,b\n1,2\n"


def titles(browser: Browser) -> list[str]:
    return [form["title"] for form in browser.shelf()["forms"]]


def test_it_names_whoever_asks_and_how_much_may_be_sent(office: Office) -> None:
    office.publish(house())
    map_planted(office)
    found = with_phone(office, places=(HERE_VILLAGE,)).shelf()
    assert found["who"]["kind"] == "phone"
    assert found["who"]["places"] == [{"code": HERE_VILLAGE, "name": "Thôn Lô Lô Chải"}]
    assert found["project"]["id"] == 1
    assert found["limit"] > 0


def test_a_form_comes_with_its_definition_and_its_files(office: Office) -> None:
    office.publish(with_files("guide", "guide.csv"), filename="guide.xml", media={"guide.csv": GUIDE})
    browser = with_phone(office)
    (form,) = browser.shelf()["forms"]
    (file,) = form["files"]
    assert (file["name"], file["size"]) == ("guide.csv", len(GUIDE))
    assert browser.fetch(file["url"]) == GUIDE
    definition = browser.client.get(form["definition"])
    assert told(definition)["form"].startswith("<form")
    assert "<model>" in told(definition)["model"]
    packed = browser.client.get(form["definition"], headers={"Accept-Encoding": "gzip"})
    assert len(packed.data) == form["size"]
    tag = definition.headers["ETag"]
    assert browser.client.get(form["definition"], headers={"If-None-Match": tag}).status_code == 304


def test_a_form_without_a_version_and_an_older_version_are_reached(office: Office) -> None:
    office.publish(sheet("plain", version=""))
    office.publish(house("1"))
    office.publish(house("2"))
    browser = with_phone(office)
    for form in browser.shelf()["forms"]:
        assert browser.client.get(form["definition"]).status_code == 200
    assert browser.get("forms/house/versions/1/definition").status_code == 200
    assert browser.get("forms/house/versions/3/definition").status_code == 404


def test_who_has_it_already_is_sent_nothing_until_something_changes(office: Office) -> None:
    office.publish(house())
    browser = with_phone(office)
    tag = browser.get("shelf").headers["ETag"]
    assert browser.get("shelf", If_None_Match=tag).status_code == 304
    office.publish(house("2"))
    again = browser.get("shelf", If_None_Match=tag)
    assert again.status_code == 200
    assert again.headers["ETag"] != tag


def test_lists_are_cut_to_the_places_of_whoever_asks_and_named_accordingly(office: Office) -> None:
    map_planted(office)
    households = register(office)
    households.add("Hộ ở đây", village_code=HERE_VILLAGE)
    households.add("Hộ ở kia", village_code=THERE_VILLAGE)
    reading(office, "visit")
    seen = {}
    for place in (HERE_VILLAGE, THERE_VILLAGE):
        browser = with_phone(office, places=(place,))
        (form,) = browser.shelf()["forms"]
        (file,) = form["files"]
        seen[file["hash"]] = browser.fetch(file["url"]).decode()
    here, there = seen.values()
    assert ("Hộ ở đây" in here, "Hộ ở kia" in here) == (True, False)
    assert ("Hộ ở đây" in there, "Hộ ở kia" in there) == (False, True)


def test_closed_and_closing_forms_are_not_offered(office: Office) -> None:
    form = office.publish(house())
    browser = with_phone(office)
    assert titles(browser) == ["Hộ"]
    for state in ("closing", "closed"):
        office.set_state(form, state)
        assert titles(browser) == []


def test_a_phone_or_link_cut_to_one_form_sees_no_other(office: Office) -> None:
    form, _other = office.publish(house()), office.publish(sheet("other"))
    link = with_link(office, form, once=True)
    for browser in (with_phone(office, only=(form,)), link):
        assert titles(browser) == ["Hộ"]
        assert browser.get("forms/other/versions/1/definition").status_code == 403
        assert browser.get("forms/other/versions/1/files/a.csv").status_code == 403
    (offered,) = link.shelf()["forms"]
    assert (offered["once"], offered["edits"]) == (True, False)


@pytest.mark.parametrize(
    ("role", "status"), [(DATA_COLLECTOR, 200), (REVIEWER, 200), (MANAGER, 200), (VIEWER, 403)]
)
def test_of_accounts_those_fill_whose_role_lets_them(office: Office, role: int, status: int) -> None:
    office.publish(house())
    browser = signed_in(office, role=role)
    assert browser.get("shelf").status_code == status
    assert browser.get("forms/house/versions/1/definition").status_code == status


def test_an_account_with_a_place_is_offered_that(office: Office) -> None:
    office.publish(house())
    map_planted(office)
    browser = signed_in(office, place=HERE)
    found = browser.shelf()
    assert found["who"]["kind"] == "account"
    assert [one["code"] for one in found["who"]["places"]] == [HERE]
    assert told(browser.client.get("/w/me"))["projects"] == [{"id": 1, "name": "Khảo sát"}]
    assert Browser(office, "me", project=2).get("shelf").status_code == 401
    browser.project = 2
    assert browser.get("shelf").status_code in {403, 404}


def test_a_village_fills_as_itself(office: Office) -> None:
    office.publish(house())
    map_planted(office)
    browser = Browser(office, f"key/{village(office).token}")
    assert browser.shelf()["who"]["kind"] == "village"


def test_what_the_browser_cannot_do_is_said_with_the_question(office: Office) -> None:
    office.publish(house(answer="| | barcode | card | Thẻ |"))
    (form,) = with_phone(office).shelf()["forms"]
    (lack,) = [one for one in form["lacks"] if one["question"] == "card"]
    assert (lack["hard"], form["hard"]) == (False, False)
    assert "Thẻ" in lack["sentence"]
