"""Answers corrected on the desk: a new version with a reason, sent bytes untouched, nobody overwritten."""

from __future__ import annotations

from tests.collector.desk.cleaning import LIST, edited, form, household, officer, volunteer
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.walk.world import build, person
from tests.office import Office

__all__ = ["form", "officer", "volunteer"]
ROOMS, POOR, HEAD = "answer:|/rooms", "answer:|/poor", "answer:|/head"
AGE = "answer:/member[2]|/member/age"
TYPING = {"reason": "typing", "words": ""}


def base(page: Page) -> str:
    return str(page.find("//input[@name='base']")[0].get("value"))


def held(page: Page, name: str) -> str:
    [field] = page.find(f"//*[@name='{name}']")
    if field.tag == "select":
        return "".join(str(one.get("value")) for one in field.findall("option") if "selected" in one.attrib)
    return str(field.get("value", field.text))


def test_an_officer_corrects_answers_and_says_why(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    page = officer.page(f"{LIST}/uuid:1/correct")
    assert (held(page, ROOMS), held(page, POOR), held(page, AGE)) == ("3", "1", "14")
    assert "|/people" not in page.source
    fields = {"base": base(page), ROOMS: "4", POOR: "2", AGE: "41", "reason": "asked", "words": "điện thoại"}
    shown = officer.send(f"{LIST}/uuid:1/correct", fields)
    assert "3 answers are corrected" in shown.text
    assert shown.texts("//*[@class='history']/li[1]/strong") == ["Asked the household again: điện thoại"]
    changed = [
        tuple(" ".join(cell.text_content().split()) for cell in row)
        for row in shown.find("//*[@class='history']/li[1]//tbody/tr")
    ]
    assert changed == [
        ("Số phòng", "3", "4"),
        ("Hộ nghèo", "Có", "Không"),
        ("oldest worked out", "40", "41"),
        ("Người 2: Tuổi", "14", "41"),
    ]
    assert "corrected" in shown.texts("//p[@class='facts']/span")


def test_what_was_sent_stays_as_it_came(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    fields = {"base": "uuid:1", ROOMS: "4", **TYPING}
    [earlier] = officer.send(f"{LIST}/uuid:1/correct", fields).links("//a[text()='show']")
    assert "earlier version" in officer.page(earlier).main
    program = officer.get("/v1/projects/1/forms/ho/submissions/uuid:1/versions/uuid:1.xml")
    assert program.data == household(1)
    assert b"<rooms>4</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data


def test_what_the_form_would_not_take_is_said_in_its_words_and_kept(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    fields = {"base": "uuid:1", ROOMS: "100", AGE: "nhiều", **TYPING, "words": "gõ nhầm"}
    refused = officer.refused(f"{LIST}/uuid:1/correct", fields)
    assert refused.texts("//p[@class='wrong']") == [
        "Từ 1 đến 99 phòng",
        "“nhiều” is not a whole number. Write digits only, such as 12.",
    ]
    assert (held(refused, ROOMS), held(refused, AGE), held(refused, "words")) == ("100", "nhiều", "gõ nhầm")
    assert len(officer.page(f"{LIST}/uuid:1").find("//*[@class='history']/li")) == 1


def test_without_a_reason_or_a_difference_nothing_is_corrected(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    silent = officer.refused(f"{LIST}/uuid:1/correct", {"base": "uuid:1", ROOMS: "4"})
    assert "Say why" in silent.main
    assert held(silent, ROOMS) == "4"
    same = officer.refused(f"{LIST}/uuid:1/correct", {"base": "uuid:1", ROOMS: "3", **TYPING})
    assert "No answer is different" in same.main


def test_of_two_officers_the_second_is_told(volunteer: Volunteer, officer: Reader, office: Office) -> None:
    volunteer.send(household(1))
    other = Reader(office, "hoa", role=5)
    first, second = officer.page(f"{LIST}/uuid:1/correct"), other.page(f"{LIST}/uuid:1/correct")
    officer.send(f"{LIST}/uuid:1/correct", {"base": base(first), ROOMS: "4", **TYPING})
    told = other.refused(f"{LIST}/uuid:1/correct", {"base": base(second), ROOMS: "5", **TYPING}, status=409)
    assert "Somebody else changed this record" in told.text
    assert held(told, ROOMS) == "4"
    other.send(f"{LIST}/uuid:1/correct", {"base": base(told), ROOMS: "5", **TYPING})
    assert b"<rooms>5</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data


def test_a_phone_s_own_edit_is_not_overwritten(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    page = officer.page(f"{LIST}/uuid:1/correct")
    volunteer.send(edited(2, "uuid:1", "Lò Thị Pỉnh"))
    officer.refused(f"{LIST}/uuid:1/correct", {"base": base(page), ROOMS: "4", **TYPING}, status=409)
    assert "Lò Thị Pỉnh".encode() in officer.get(f"{LIST}/uuid:1/xml").data


def test_an_office_s_correction_is_kept_from_a_phone_that_comes_late(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    officer.send(f"{LIST}/uuid:1/correct", {"base": "uuid:1", ROOMS: "4", **TYPING})
    late = volunteer.post(edited(2, "uuid:1", "Lò Thị Pỉnh"))
    assert late.status_code == 409
    assert b"<rooms>4</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data


def test_what_only_a_phone_works_out_is_marked(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    fields = {"base": "uuid:1", HEAD: "Lò Thị Pỉnh", **TYPING}
    shown = officer.send(f"{LIST}/uuid:1/correct", fields)
    assert shown.texts("//h1") == ["Lò Thị Pỉnh"]
    assert "only a phone can work it out anew" in shown.main


def test_a_closed_survey_can_still_be_cleaned(office: Office, volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    office.set_state(volunteer.form, "closed")
    shown = officer.send(f"{LIST}/uuid:1/correct", {"base": "uuid:1", ROOMS: "4", **TYPING})
    assert "1 answer is corrected" in shown.text


def test_comments_stand_beside_the_record(volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    shown = officer.send(f"{LIST}/uuid:1/comment", {"body": " Đã gọi điện <b> "})
    assert "Đã gọi điện <b>admin" in " ".join(shown.texts("//section[@aria-labelledby='comments']/p"))
    assert "The comment is empty" in officer.send(f"{LIST}/uuid:1/comment", {"body": " "}).text


def test_a_commune_s_officer_cleans_in_his_places(office: Office) -> None:
    """What belongs to others is hidden from him everywhere (tests/collector/walk)."""
    officer = person(build(office), "officer")
    here = "/surveys/hh/submissions"
    fields = {"base": "uuid:here", "answer:|/head": "Giàng Nhà Ta", "reason": "typing"}
    assert officer.ask("POST", f"{here}/uuid:here/correct", fields).status_code == 303
    shown = officer.ask("GET", f"{here}/uuid:here").text
    assert "Giàng Nhà Ta" in shown
    assert officer.ask("POST", f"{here}/uuid:here/comment", {"body": "Đã xem"}).status_code == 303
    looked = officer.ask("POST", "/surveys/hh/many", {"act": "approved", "scope": "all"})
    assert "1 record would change" in Page(looked).main
    moved = {**fields, "base": "uuid:there", "reason": "typing"}
    assert officer.ask("POST", f"{here}/uuid:there/correct", moved).status_code == 404
