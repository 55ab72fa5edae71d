"""Corrections of what was sent before: OR-73 … OR-77, and what becomes of files, rows and findings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.queries import intake
from storage.swift import Line
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer, message, new_id
from tests.kept import files, findings, kept, record, rows, versions, xml_as_kept
from tests.office import Office
from tests.phone import SendFailed

FORM = "head age:int photo:binary member*/name member*/photo:binary"
EDITABLE = '<submission odk:client-editable="true"/>'


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has a form that may be corrected."""
    form = office.publish(asked("house", "1", FORM, submission=EDITABLE), filename="house.xml")
    return Volunteer(office, form=form)


def house(instance_id: str, answers: str, *, replaces: str | None = None, version: str = "1") -> bytes:
    return answered("house", version, answers, instance_id=instance_id, replaces=replaces)


def ids(volunteer: Volunteer, first: str) -> list[tuple[str, bool]]:
    """The versions of a record, oldest first, and whether each is the one that counts."""
    found = versions(volunteer.office, record(volunteer.office, first).id)
    return [(version.instance_id, version.current) for version in found]


def test_or_73_an_edit_becomes_version_two_keeps_history_and_carries_files_over(volunteer: Volunteer) -> None:
    office, a, b = volunteer.office, new_id(), new_id()
    original = house(a, "<head>A</head><age>x</age><photo>1.jpg</photo><member><photo>2.jpg</photo></member>")
    volunteer.send(original, {"1.jpg": JPEG, "2.jpg": b"two"})
    edit = house(
        b, "<head>B</head><age>40</age><photo>1.jpg</photo><member><photo>3.jpg</photo></member>", replaces=a
    )
    assert volunteer.send(edit, {"3.jpg": b"three"}).status == 201
    found = record(office, a)
    assert (found.edits, found.review_state) == (1, "edited")
    assert (found.files_expected, found.files_present) == (2, 2)
    old, new = versions(office, found.id)
    assert (old.current, new.current) == (False, True)
    assert (old.deprecated_id, new.deprecated_id) == (None, a)
    assert xml_as_kept(office, old.id) == original
    assert xml_as_kept(office, new.id) == edit
    assert files(office, old.id) == {"1.jpg": JPEG, "2.jpg": b"two"}
    assert files(office, new.id) == {"1.jpg": JPEG, "3.jpg": b"three"}


def test_an_edit_that_comes_twice_at_once_is_taken_twice(
    volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = new_id(), new_id()
    volunteer.send(house(a, "<head>A</head>"))
    edit = house(b, "<head>B</head>", replaces=a)
    volunteer.send(edit)
    look, hidden = intake.known_version, [b]

    def as_before_the_other_was_stored(line: Line, form_id: int, instance_id: str, *, draft: bool) -> object:
        if instance_id in hidden:
            hidden.remove(instance_id)
            return None
        return look(line, form_id, instance_id, draft=draft)

    monkeypatch.setattr(intake, "known_version", as_before_the_other_was_stored)
    assert volunteer.send(edit).status == 201
    assert ids(volunteer, a) == [(a, False), (b, True)]
    assert hidden == []
    with pytest.raises(SendFailed) as refused:
        volunteer.send(house(new_id(), "<head>C</head>", replaces=a))
    assert refused.value.status == 409


def test_the_rows_and_findings_of_an_edit_take_the_place_of_the_old_ones(volunteer: Volunteer) -> None:
    office, a, b = volunteer.office, new_id(), new_id()
    people = "".join(f"<member><name>{name}</name></member>" for name in "xyz")
    volunteer.send(house(a, f"<head>A</head><age>forty</age><odd>!</odd>{people}"))
    number = record(office, a).id
    assert [one[0] for one in findings(office, number)] == ["value_unreadable", "unknown_question"]
    volunteer.send(
        house(b, "<head>B</head><age>4e1</age><member><name>w</name></member><ask>?</ask>", replaces=a)
    )
    [root] = rows(office, volunteer.form)
    assert (root["key"], root["/head"], root["/age"]) == (a, "B", 40)
    [member] = rows(office, volunteer.form, "/member")
    assert (member["key"], member["parent_key"], member["/member/name"]) == (f"{a}/member[1]", a, "w")
    assert findings(office, number) == [("unknown_question", "/ask", a, "?")]


def test_or_74_the_same_edit_again_makes_no_new_version_and_a_chain_makes_three(volunteer: Volunteer) -> None:
    a, b, c = new_id(), new_id(), new_id()
    first = house(a, "<head>A</head>")
    second = house(b, "<head>B</head><photo>b.jpg</photo>", replaces=a)
    third = house(c, "<head>C</head><photo>b.jpg</photo>", replaces=b)
    volunteer.send(first)
    volunteer.send(second)
    volunteer.send(second)
    assert ids(volunteer, a) == [(a, False), (b, True)]
    volunteer.send(third)
    for again in (first, second, third, second):
        assert volunteer.send(again).status == 201
    assert ids(volunteer, a) == [(a, False), (b, False), (c, True)]
    found = record(volunteer.office, a)
    assert found.edits == 2
    assert rows(volunteer.office, volunteer.form)[0]["/head"] == "C"
    # The picture comes last, with the version before: the newest one waits for it too.
    volunteer.send(second, {"b.jpg": JPEG})
    assert files(volunteer.office, versions(volunteer.office, found.id)[-1].id) == {"b.jpg": JPEG}
    assert record(volunteer.office, a).files_present == 1


def test_or_75_an_edit_before_its_original_waits_on_the_phone(volunteer: Volunteer) -> None:
    a, b, c = new_id(), new_id(), new_id()
    edit = house(b, "<head>B</head>", replaces=a)
    response = volunteer.post(edit)
    assert response.status_code == 404
    assert a in message(response)
    assert volunteer.post(house(c, "<head>C</head>", replaces=b)).status_code == 404
    assert kept(volunteer.office).versions == 0
    volunteer.send(house(a, "<head>A</head>"))
    volunteer.send(edit)
    volunteer.send(house(c, "<head>C</head>", replaces=b))
    assert ids(volunteer, a) == [(a, False), (b, False), (c, True)]


def test_or_76_an_edit_of_what_somebody_else_corrected_is_refused(volunteer: Volunteer) -> None:
    a, b, c = new_id(), new_id(), new_id()
    volunteer.send(house(a, "<head>A</head>"))
    volunteer.send(house(b, "<head>B</head>", replaces=a))
    before = kept(volunteer.office)
    late = volunteer.post(house(c, "<head>C</head><photo>c.jpg</photo>", replaces=a), {"c.jpg": JPEG})
    assert late.status_code == 409
    assert a in message(late)
    reused = volunteer.post(house(b, "<head>D</head>", replaces=b))
    assert reused.status_code == 409
    taken = volunteer.post(house(a, "<head>D</head>", replaces=b))
    assert taken.status_code == 409
    assert kept(volunteer.office) == before
    assert rows(volunteer.office, volunteer.form)[0]["/head"] == "B"


def test_or_76_of_two_edits_at_once_one_wins(volunteer: Volunteer) -> None:
    a = new_id()
    volunteer.send(house(a, "<head>A</head><member><name>x</name></member>"))
    edits = [
        house(new_id(), f"<head>{number}</head><member><name>y</name></member>", replaces=a)
        for number in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(volunteer.post, edits))
    assert statuses == [201, *[409] * 7]
    assert len(ids(volunteer, a)) == 2
    assert len(rows(volunteer.office, volunteer.form, "/member")) == 1


def test_or_77_an_edit_names_the_form_version_of_its_original_after_a_newer_one(volunteer: Volunteer) -> None:
    office, a, b, c = volunteer.office, new_id(), new_id(), new_id()
    volunteer.send(house(a, "<head>A</head><age>30</age>"))
    office.publish(asked("house", "2", FORM + " boat"), filename="house.xml")
    volunteer.send(house(b, "<head>B</head><age>31</age>", replaces=a))
    volunteer.send(house(c, "<head>C</head><boat>yes</boat>", replaces=b, version="2"))
    [root] = rows(office, volunteer.form)
    assert (root["/head"], root["/age"], root["/boat"]) == ("C", None, "yes")
    first, second, third = (one.form_version_id for one in versions(office, record(office, a).id))
    assert first == second != third


def test_an_edit_to_a_closed_form_is_refused_and_what_is_known_is_confirmed(volunteer: Volunteer) -> None:
    office, a, b = volunteer.office, new_id(), new_id()
    first, edit = house(a, "<head>A</head>"), house(b, "<head>B</head>", replaces=a)
    volunteer.send(first)
    office.set_state(volunteer.form, "closing")
    volunteer.send(edit)
    office.set_state(volunteer.form, "closed")
    for again in (first, edit):
        assert volunteer.send(again).status == 201
    for new in (house(new_id(), "<head>N</head>"), house(new_id(), "<head>N</head>", replaces=b)):
        with pytest.raises(SendFailed) as failed:
            volunteer.send(new)
        assert failed.value.status == 409


def test_an_edit_stays_within_its_form(volunteer: Volunteer) -> None:
    a, b = new_id(), new_id()
    volunteer.office.publish(asked("boat", "1", "name"), filename="boat.xml")
    volunteer.send(house(a, "<head>A</head>"))
    response = volunteer.post(answered("boat", "1", "<name>x</name>", instance_id=b, replaces=a))
    assert response.status_code == 404
    assert ids(volunteer, a) == [(a, True)]
