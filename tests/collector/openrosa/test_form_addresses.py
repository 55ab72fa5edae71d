"""Forms of any id, version and encoding behind an address: OR-06, OR-09, OR-18."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.collector.openrosa.sheets import answer, collect, with_files, written
from tests.office import Office

BOM = b"\xef\xbb\xbf"
AWKWARD = ["khảo sát hộ", "a/b", "a%2Fb", "100 %", "a?b#c", "a+b&c", "🏠", ".hidden", "v1/key", "x.xml.2"]


def test_or_06_a_form_without_a_version_is_listed_and_its_answers_are_taken(office: Office) -> None:
    office.publish(written("f01", None), filename="f01.xml")
    given = office.phone()
    response = office.client().get(f"{given.path}/formList")
    assert b"<version></version>" in response.data
    phone = collect(office, given)
    assert phone.sync()["f01"].item.version == ""
    assert phone.send(answer(version=None)).status == 201
    assert phone.send(answer(version="", number=2)).status == 201


def test_or_06_an_older_version_without_a_name_keeps_its_address(office: Office) -> None:
    first = with_files("f01", "xa.csv", version="")
    office.publish(first, filename="f01.xml", media={"xa.csv": b"name\n"})
    office.publish(written("f01", "2"), filename="f01.xml")
    given = office.phone()
    listed = office.client().get(f"{given.path}/formList?listAllVersions=true").data.decode()
    assert f"{given.path}/forms/f01/versions/___.xml</downloadUrl>" in listed
    client = office.client()
    assert client.get(f"{given.path}/forms/f01/versions/___.xml").data == first
    manifest = client.get(f"{given.path}/forms/f01/versions/___/manifest").data.decode()
    found = re.search(r"<downloadUrl>http://localhost(.*?)</downloadUrl>", manifest)
    assert found
    assert client.get(found[1], buffered=True).data == b"name\n"


@pytest.mark.parametrize("form_id", AWKWARD)
def test_or_09_a_form_id_may_hold_any_letter(kept_office: Office, form_id: str) -> None:
    media = {"xa.csv": b"name,label\n"}
    form = kept_office.publish(with_files(form_id, "xa.csv"), filename="f.xml", media=media)
    phone = collect(kept_office, kept_office.phone(only=(form,)))
    installed = phone.sync()
    assert [*installed] == [form_id]
    assert re.fullmatch(r"http://survey\.example/[\w/!$%.-]+", installed[form_id].item.download_url)
    assert installed[form_id].media == media
    assert phone.send(answer(form_id)).status == 201


def test_or_09_forms_with_likely_ids_are_told_apart(office: Office) -> None:
    for form_id in AWKWARD:
        office.publish(written(form_id), filename="f.xml")
    assert {*collect(office, office.phone()).sync()} == {*AWKWARD}


def test_or_09_a_version_may_hold_any_letter(office: Office) -> None:
    given = office.phone()
    for version in AWKWARD:
        office.publish(
            with_files("f01", "xa.csv", version=version), filename="f.xml", media={"xa.csv": b"a\n"}
        )
    listed = office.client().get(f"{given.path}/formList?listAllVersions=true").data.decode()
    found = re.findall(
        r"<hash>md5:(.*?)</hash><downloadUrl>http://localhost(.*?)</downloadUrl>"
        r"<manifestUrl>http://localhost(.*?)</manifestUrl>",
        listed,
    )
    assert len(found) == len(AWKWARD)
    for md5, form_path, manifest_path in found:
        data = office.client().get(form_path).data
        assert hashlib.md5(data, usedforsecurity=False).hexdigest() == md5
        assert b"<filename>xa.csv</filename>" in office.client().get(manifest_path).data


def test_or_18_a_byte_order_mark_is_neither_served_nor_hashed(office: Office) -> None:
    plain = written("f01")
    office.publish(BOM + plain, filename="f01.xml")
    phone = collect(office, office.phone())
    assert phone.sync()["f01"].xml == plain
    assert phone.forms["f01"].item.hash == hashlib.md5(plain, usedforsecurity=False).hexdigest()
    # The same form without the mark is the same form.
    office.publish(plain, filename="f01.xml")
    assert phone.sync()["f01"].xml == plain
