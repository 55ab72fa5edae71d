"""Which version phones get, and what becomes of the others: OR-14 … OR-17."""

from __future__ import annotations

import pytest

from storage.database import transaction
from storage.problems import VersionExists
from storage.queries import forms
from tests.collector.openrosa.sheets import answer, collect, sheet, with_files, written
from tests.office import Office
from tests.phone import SendFailed


def test_or_14_a_closing_form_is_not_offered_but_its_answers_are_taken(office: Office) -> None:
    form = office.publish(sheet())
    phone = collect(office, office.phone())
    assert [*phone.sync()] == ["f01"]
    office.set_state(form, "closing")
    assert phone.sync() == {}
    assert phone.send(answer()).status == 201


def test_or_14_a_closed_form_refuses_new_answers_and_says_so(office: Office) -> None:
    form = office.publish(sheet())
    phone = collect(office, office.phone())
    assert phone.send(answer()).status == 201
    office.set_state(form, "closed")
    assert phone.sync() == {}
    with pytest.raises(SendFailed, match="f01") as refused:
        phone.send(answer(number=2))
    assert refused.value.status == 409
    office.set_state(form, "open")
    assert [*phone.sync()] == ["f01"]
    assert phone.send(answer(number=2)).status == 201


def test_or_14_a_form_that_is_only_a_draft_is_neither_offered_nor_found(office: Office) -> None:
    office.draft(sheet())
    given = office.phone()
    phone = collect(office, given)
    assert phone.sync() == {}
    assert office.client().get(f"{given.path}/formList?listAllVersions=true").data.count(b"<xform>") == 0
    assert office.client().get(f"{given.path}/forms/f01.xml").status_code == 404
    with pytest.raises(SendFailed) as refused:
        phone.send(answer())
    assert refused.value.status == 404


def test_or_14_a_draft_of_a_published_form_changes_nothing_for_phones(office: Office) -> None:
    office.publish(written("f01", "1", title="Cũ"), filename="f01.xml")
    phone = collect(office, office.phone())
    before = phone.sync()
    office.draft(written("f01", "2", title="Mới"), filename="f01.xml")
    assert phone.sync() == before


def test_or_15_the_same_version_with_other_contents_is_refused(office: Office) -> None:
    office.publish(written("f01", "1", title="Một"), filename="f01.xml")
    phone = collect(office, office.phone())
    before = phone.sync()
    with pytest.raises(VersionExists):
        office.publish(written("f01", "1", title="Hai"), filename="f01.xml")
    assert phone.sync() == before
    office.publish(written("f01", "1", title="Hai"), filename="f01.xml", version="2")
    assert phone.sync()["f01"].title == "Hai"


def test_or_15_the_same_contents_again_are_no_change(office: Office) -> None:
    office.publish(written("f01", "1"), filename="f01.xml")
    phone = collect(office, office.phone())
    before = phone.sync()
    office.publish(written("f01", "1"), filename="f01.xml")
    assert phone.sync() == before


def test_or_16_only_the_newest_version_is_offered_and_older_ones_stay_reachable(office: Office) -> None:
    old, new = with_files("f01", "xa.csv", version="1"), with_files("f01", "xa.csv", version="2")
    office.publish(old, filename="f01.xml", media={"xa.csv": b"name\ncu\n"})
    given = office.phone()
    phone = collect(office, given)
    phone.sync()
    office.publish(new, filename="f01.xml", media={"xa.csv": b"name\nmoi\n"})
    assert [(form.form_id, form.version) for form in phone.form_list()] == [("f01", "2")]
    assert phone.sync()["f01"].media == {"xa.csv": b"name\nmoi\n"}
    client = office.client()
    at = f"{given.path}/forms/f01/versions"
    assert client.get(f"{at}/1.xml").data == old
    assert b"<filename>xa.csv</filename>" in client.get(f"{at}/1/manifest").data
    assert client.get(f"{at}/1/attachments/xa.csv", buffered=True).data == b"name\ncu\n"
    assert client.get(f"{at}/3.xml").status_code == 404
    # A phone that was offline answers the old version still.
    assert phone.send(answer(version="1")).status == 201
    with pytest.raises(SendFailed, match="3") as refused:
        phone.send(answer(version="3", number=2))
    assert refused.value.status == 404


def test_or_17_an_older_version_published_again_is_the_one_offered_as_it_was(office: Office) -> None:
    old, new = with_files("f01", "xa.csv", version="1"), with_files("f01", "xa.csv", "xb.csv", version="2")
    office.publish(old, filename="f01.xml", media={"xa.csv": b"name\ncu\n"})
    phone = collect(office, office.phone())
    first = phone.sync()["f01"]
    office.publish(new, filename="f01.xml", media={"xa.csv": b"name\nmoi\n", "xb.csv": b"b\n"})
    assert phone.sync()["f01"].item.version == "2"
    form = office.publish(old, filename="f01.xml", media={"xa.csv": b"name\ncu\n"})
    assert phone.sync()["f01"] == first
    assert phone.send(answer(version="1")).status == 201
    assert phone.send(answer(version="2", number=2)).status == 201
    # And forward again: the third turn is like the first.
    office.publish(new, filename="f01.xml")
    assert phone.sync()["f01"].item.version == "2"
    with office.app.app_context(), transaction() as session:
        versions = forms.published_versions(session, form.id)
        assert [version.version for version in versions] == ["1", "2"]


def test_or_17_turning_back_keeps_the_files_the_older_version_had(office: Office) -> None:
    old, new = with_files("f01", "xa.csv", version="1"), with_files("f01", "xa.csv", version="2")
    office.publish(old, filename="f01.xml", media={"xa.csv": b"name\ncu\n"})
    phone = collect(office, office.phone())
    first = phone.sync()["f01"]
    office.publish(new, filename="f01.xml", media={"xa.csv": b"name\nmoi\n"})
    office.publish(old, filename="f01.xml")
    assert phone.sync()["f01"] == first
