"""Many records changed at once on the desk: looked at first, done with a reason, undone as a whole."""

from __future__ import annotations

from tests.collector.desk.cleaning import LIST, edited, form, household, officer, volunteer
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer

__all__ = ["form", "officer", "volunteer"]
MANY = "/surveys/ho/many"


def look(officer: Reader, act: str, *numbers: int, **more: str) -> Page:
    """What would be done to these records; to all where none is named."""
    several = [f"uuid:{number}" for number in numbers]
    fields = {"act": act, "scope": "ticked" if several else "all", "record": several, **more}
    response = officer.post(MANY, fields)
    assert response.status_code == 200, response.text
    return Page(response)


def do(officer: Reader, looked: Page) -> Page:
    """Do what was looked at."""
    [ticket] = looked.find("//input[@name='ticket']")
    return officer.send(f"{MANY}/do", {"ticket": str(ticket.get("value")), "reason": "checked"})


def undo(officer: Reader, done: Page) -> Page:
    [action] = done.find("//form[contains(@action, '/undo')]/@action")
    return officer.send(str(action))


def states(officer: Reader) -> dict[str, str]:
    """What stands behind each record of the list."""
    page = officer.page(LIST)
    return dict(zip(page.texts("//tbody/tr/td[1]//a"), page.texts("//tbody/tr/td[4]"), strict=True))


def sent(volunteer: Volunteer, count: int) -> None:
    for number in range(1, count + 1):
        volunteer.send(household(number, f"Hộ {number}"))


def test_records_are_approved_together_and_it_is_taken_back(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 3)
    looked = look(officer, "approved", 1, 2)
    assert "2 records would change" in looked.main
    assert states(officer) == {"Hộ 3": "", "Hộ 2": "", "Hộ 1": ""}
    done = do(officer, looked)
    assert "2 records were changed" in done.main
    assert states(officer) == {"Hộ 3": "", "Hộ 2": "approved", "Hộ 1": "approved"}
    assert "2 records are as before" in undo(officer, done).main
    assert states(officer) == {"Hộ 3": "", "Hộ 2": "", "Hộ 1": ""}


def test_all_that_match_are_deleted_and_put_back(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 3)
    do(officer, look(officer, "rejected", 2))
    looked = look(officer, "delete", state="received")
    assert "2 records would change" in looked.main
    do(officer, looked)
    assert states(officer) == {"Hộ 2": "rejected"}
    do(officer, look(officer, "restore", deleted="1"))
    assert set(states(officer)) == {"Hộ 1", "Hộ 2", "Hộ 3"}


def test_what_a_phone_changed_since_the_look_is_left_alone(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 2)
    looked = look(officer, "approved")
    volunteer.send(edited(9, "uuid:1", "Hộ 1 mới"))
    done = do(officer, looked)
    assert "1 record was changed" in done.main
    assert "1: changed by somebody since" in done.main
    assert states(officer) == {"Hộ 2": "approved", "Hộ 1 mới": "corrected"}


def test_undoing_leaves_alone_what_was_changed_later(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 2)
    done = do(officer, look(officer, "approved"))
    officer.send(f"{LIST}/uuid:1/judge", {"state": "rejected", "reason": "đếm nhầm"})
    undone = undo(officer, done)
    assert "1 record is as before" in undone.main
    assert "1 was changed since and stays" in undone.main
    assert states(officer) == {"Hộ 2": "", "Hộ 1": "rejected"}


def test_one_answer_for_all_is_a_correction_of_each(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1, "Hộ 1", rooms="3"))
    volunteer.send(household(2, "Hộ 2", rooms="5"))
    looked = look(officer, "answer", path="/rooms", text="5")
    assert "1 record would change" in looked.main
    assert "1 is so already" in looked.main
    done = do(officer, looked)
    assert b"<rooms>5</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data
    assert "Checked at the office" in officer.page(f"{LIST}/uuid:1").main
    assert "1 record is as before" in undo(officer, done).main
    assert b"<rooms>3</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data
    assert states(officer)["Hộ 1"] == "corrected"


def test_an_answer_corrected_again_is_not_undone(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 2)
    done = do(officer, look(officer, "answer", path="/rooms", text="9"))
    [base] = officer.page(f"{LIST}/uuid:1/correct").find("//input[@name='base']/@value")
    fields = {"base": str(base), "answer:|/rooms": "10", "reason": "typing"}
    officer.send(f"{LIST}/uuid:1/correct", fields)
    assert "1 was changed since and stays" in undo(officer, done).main
    assert b"<rooms>10</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data
    assert b"<rooms>3</rooms>" in officer.get(f"{LIST}/uuid:2/xml").data


def test_an_answer_the_form_does_not_allow_is_not_offered(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 1)
    looked = look(officer, "answer", path="/rooms", text="200")
    assert "Từ 1 đến 99 phòng" in looked.main
    assert looked.find("//form[contains(@action, '/do')]") == []


def test_the_same_ticket_twice_is_one_batch(volunteer: Volunteer, officer: Reader) -> None:
    sent(volunteer, 1)
    looked = look(officer, "approved")
    assert do(officer, looked).main == do(officer, looked).main
