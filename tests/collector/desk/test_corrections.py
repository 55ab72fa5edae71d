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


def rows(page: Page) -> list[tuple[str, str]]:
    """The people of a record as its page names them, each with what tells him from the others."""
    heads = [text.split(" · ") for text in page.texts("//details[@class='instance']/summary")]
    return [(head[0], ", ".join(head[1:])) for head in heads]


def test_a_row_comes_and_another_goes_and_the_correction_is_taken_back(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    page = officer.page(f"{LIST}/uuid:1/correct")
    [button] = page.find("//button[@name='grow']")
    asked = {"base": "uuid:1", "grow": str(button.get("value")), AGE: "15"}
    started = officer.refused(f"{LIST}/uuid:1/correct", asked, status=200)
    assert (held(started, AGE), held(started, "added")) == ("15", "/member[3]")
    [first] = started.find("//*[@autofocus]")
    new = "answer:/member[3]|/member/"
    assert first.get("name") == f"{new}name"
    fields = {"base": "uuid:1", "added": "/member[3]", f"{new}name": "Dợ", f"{new}age": "80", AGE: "15"}
    shown = officer.send(f"{LIST}/uuid:1/correct", {**fields, "removed": "/member[1]", **TYPING})
    assert "2 rows came or went." in shown.text
    assert rows(shown) == [("1. Sử", ""), ("2. Dợ", "")]
    told = shown.texts("//*[@class='history']/li[1]//tbody/tr/td[1]")
    assert told == [
        "oldest worked out",
        "Người 1: Tên row taken out",
        "Người 1: Tuổi row taken out",
        "Người 1: Tuổi",
        "Người 2: Tên row added",
        "Người 2: Tuổi row added",
    ]
    [back] = shown.find("//form[contains(@action, '/take-back')]")
    base = {"base": str(back.find(".//input[@name='base']").get("value"))}  # type: ignore[union-attr]
    stale = officer.send(str(back.get("action")), {"base": "uuid:1"})
    assert "nothing was taken back" in stale.text
    before = officer.send(str(back.get("action")), base)
    assert rows(before) == [("1. Mỷ", ""), ("2. Sử", "")]
    assert before.texts("//*[@class='history']/li[1]/strong") == ["An earlier change was undone"]
    assert before.find("//form[contains(@action, '/take-back')]") == []
    kept = officer.get("/v1/projects/1/forms/ho/submissions/uuid:1/versions/uuid:1.xml")
    assert kept.data == household(1)


def test_what_a_phone_sent_is_not_taken_back_and_rows_must_be_there(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    assert officer.post(f"{LIST}/uuid:1/take-back", {"base": "uuid:1"}).status_code == 409
    fields = {"base": "uuid:1", "removed": "/member[7]", **TYPING}
    assert officer.post(f"{LIST}/uuid:1/correct", fields).status_code == 409


def test_a_record_is_judged_with_a_reason_that_is_read_in_its_history(
    volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    silent = officer.send(f"{LIST}/uuid:1/judge", {"state": "rejected"})
    assert "Say why" in silent.text
    judged = officer.send(f"{LIST}/uuid:1/judge", {"state": "hasIssues", "reason": "Thiếu ngày sinh"})
    assert "has issues" in judged.texts("//p[@class='facts']/span")
    assert judged.texts("//ul[@class='history']/li")[0].endswith("Marked: has issues — Thiếu ngày sinh")
    assert "Nobody has noted anything yet." in judged.main
    approved = officer.send(f"{LIST}/uuid:1/judge", {"state": "approved", "next": "/surveys"})
    assert approved.texts("//h1") == ["Surveys"]


def test_the_next_record_is_that_of_the_list_one_came_from(volunteer: Volunteer, officer: Reader) -> None:
    for number in range(1, 5):
        volunteer.send(household(number))
        if number != 2:
            officer.send(f"{LIST}/uuid:{number}/judge", {"state": "approved"})
    query = "list=state%3Dapproved"
    page = officer.page(f"{LIST}/uuid:3?{query}")
    ways = {link.get("data-key"): str(link.get("href")) for link in page.find("//a[@data-key]")}
    assert (ways["p"], ways["n"]) == (f"{LIST}/uuid%3A4?{query}", f"{LIST}/uuid%3A1?{query}")
    assert page.links("//a[@class='back']") == [f"{LIST}?state=approved"]
    alone = officer.page(f"{LIST}/uuid:2")
    assert [link.get("data-key") for link in alone.find("//nav[@class='choice no-print']/a")] == ["p", "n"]
