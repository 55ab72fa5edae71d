"""What a phone is offered: OR-01 … OR-05, OR-07, OR-08, OR-10 … OR-12."""

from __future__ import annotations

import gzip
import hashlib
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tests.collector.openrosa.sheets import SERVER, answer, collect, sheet, with_files, written
from tests.office import GivenPhone, Office
from tests.phone import Phone, in_process
from tests.phone_upload import Upload

NAMESPACE = "{http://openrosa.org/xforms/xformsList}"
MANY = "\n".join(f"| | text | q{number} | Câu hỏi số {number} về hộ gia đình |" for number in range(60))


def listed(office: Office, given: GivenPhone, query: str = "") -> bytes:
    """The form list as bytes."""
    response = office.client().get(f"{given.path}/formList{query}")
    assert response.status_code == 200
    return bytes(response.data)


def ids_and_versions(data: bytes) -> list[tuple[str | None, str | None]]:
    """The (form id, version) of every entry, in order."""
    return [
        (entry.findtext(f"{NAMESPACE}formID"), entry.findtext(f"{NAMESPACE}version"))
        for entry in etree.fromstring(data)
    ]


def test_or_01_the_list_is_openrosa_xml_from_its_first_byte(office: Office) -> None:
    given = office.phone()
    for forms in (0, 1):
        if forms:
            office.publish(sheet())
        response = office.client().get(f"{given.path}/formList")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert response.headers["X-OpenRosa-Version"] == "1.0"
        assert response.headers["X-OpenRosa-Accept-Content-Length"].isdecimal()
        assert response.data.startswith(b"<?xml")
        assert response.data.count(b"<xform>") == forms


def test_or_02_every_entry_has_what_the_phones_parser_wants(office: Office) -> None:
    for form_id in ("f01", "f02", "f03"):
        office.publish(sheet(form_id))
    given = office.phone()
    root = etree.fromstring(listed(office, given))
    assert root.tag == f"{NAMESPACE}xforms"
    assert [entry.tag for entry in root] == [f"{NAMESPACE}xform"] * 3
    for entry in root:
        assert {etree.QName(child).localname for child in entry} == {
            "formID", "name", "version", "hash", "downloadUrl",
        }  # fmt: skip
        assert all((child.text or "").strip() for child in entry)
    assert [form.form_id for form in collect(office, given).form_list()] == ["f01", "f02", "f03"]


def test_or_03_the_hash_is_that_of_the_bytes_behind_the_address_packed_or_not(office: Office) -> None:
    office.publish(sheet())
    office.publish(sheet("f02", rows=MANY))
    office.publish(written("f03", title="Viết tay & gửi"), filename="f03.xml")
    given = office.phone()
    for form in collect(office, given).form_list():
        path = urlsplit(form.download_url).path
        plain = office.client().get(path)
        packed = office.client().get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) < len(plain.data)
        for data in (plain.data, gzip.decompress(packed.data)):
            assert hashlib.md5(data, usedforsecurity=False).hexdigest() == form.hash


def test_or_04_the_hash_is_the_same_each_time_and_for_everybody(office: Office) -> None:
    office.publish(sheet())
    first, second = collect(office, office.phone("A")), collect(office, office.phone("B"))
    by_hand = Phone(
        SERVER, username="admin", password=office.collect_password(), session=in_process(office.app)
    )
    lists = [phone.form_list() for phone in (first, first, second, by_hand)]
    assert len({form.hash for one in lists for form in one}) == 1
    assert [len(one) for one in lists] == [1, 1, 1, 1]


def test_or_05_the_list_and_the_form_say_the_same_id_and_version(office: Office) -> None:
    office.publish(sheet("f01", "2026-08 a"))
    office.publish(sheet("f02", "1"), version="override 2")
    office.publish(written("Biểu 3", "0.9"), filename="b.xml")
    # The phone reads id and version in the form itself and complains of any difference.
    installed = collect(office, office.phone()).sync()
    assert {form_id: form.item.version for form_id, form in installed.items()} == {
        "f01": "2026-08 a",
        "f02": "override 2",
        "Biểu 3": "0.9",
    }


def test_or_07_no_empty_hash_and_a_manifest_only_where_there_are_files(office: Office) -> None:
    office.publish(sheet())
    office.publish(with_files("f02", "xa.csv"), filename="f02.xml")
    office.publish(with_files("f03", "xa.csv"), filename="f03.xml", media={"xa.csv": b"name,label\n"})
    given = office.phone()
    data = listed(office, given)
    assert b"<hash/>" not in data
    assert b"<hash></hash>" not in data
    assert {form.form_id: bool(form.manifest_url) for form in collect(office, given).form_list()} == {
        "f01": False,
        "f02": False,
        "f03": True,
    }


@pytest.mark.parametrize(
    ("title", "on_the_wire"),
    [
        ("Crate & Barrel <thôn> 1 > 0", "Crate &amp; Barrel &lt;thôn&gt; 1 &gt; 0"),
        ("\"Hai\" 'nháy' &amp; thực thể", "\"Hai\" 'nháy' &amp;amp; thực thể"),
        ("Khảo sát hộ 📝 ]]>", "Khảo sát hộ 📝 ]]&gt;"),
    ],
)
def test_or_08_any_title_arrives_as_written_and_is_escaped_once(
    office: Office, title: str, on_the_wire: str
) -> None:
    office.publish(written("f01", title=title), filename="f01.xml")
    given = office.phone()
    assert f"<name>{on_the_wire}</name>".encode() in listed(office, given)
    assert [form.name for form in collect(office, given).form_list()] == [title]


def test_or_10_the_list_can_be_narrowed_to_a_form_or_widened_to_all_versions(office: Office) -> None:
    office.publish(sheet("f01", "1"))
    office.publish(sheet("f01", "2"))
    office.publish(sheet("f02", "1"))
    given = office.phone()
    assert ids_and_versions(listed(office, given)) == [("f01", "2"), ("f02", "1")]
    assert ids_and_versions(listed(office, given, "?formID=f02")) == [("f02", "1")]
    assert ids_and_versions(listed(office, given, "?formID=nope")) == []
    assert ids_and_versions(listed(office, given, "?listAllVersions=true")) == [
        ("f01", "1"), ("f01", "2"), ("f02", "1"),
    ]  # fmt: skip
    assert ids_and_versions(listed(office, given, "?formID=f01&listAllVersions=true")) == [
        ("f01", "1"), ("f01", "2"),
    ]  # fmt: skip
    assert b"<descriptionText>" in listed(office, given, "?verbose=true")
    assert b"<descriptionText>" not in listed(office, given, "?verbose=false")


def test_or_11_unknown_parameters_and_a_missing_device_id_do_no_harm(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    given = office.phone()
    expected = listed(office, given)
    for query in ("?deviceID=collect%3AkT3vB9xQ2mLw7RzA", "?x=1&deviceID=&y", "?%00=%00", "?formid=other"):
        assert listed(office, given, query) == expected
        for path in ("forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv"):
            assert office.client().get(f"{given.path}/{path}{query}", buffered=True).status_code == 200
        assert office.client().head(f"{given.path}/submission{query}").status_code == 204


@pytest.mark.parametrize("date", ["Mon, 03 Aug 2026 02:00:00 GMT", "Mon, 01 Jan 1970", "hôm nay", "", None])
def test_or_12_no_date_a_phone_claims_is_held_against_it(office: Office, date: str | None) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    given = office.phone()
    headers = {} if date is None else {"Date": date.encode().decode("latin-1")}
    client = office.client()
    for path in ("formList", "forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv"):
        assert client.get(f"{given.path}/{path}", headers=headers, buffered=True).status_code == 200
    assert client.head(f"{given.path}/submission", headers=headers).status_code == 204
    upload = Upload(answer(), {}, xml_name="Khảo sát.xml")
    posted = client.post(
        f"{given.path}/submission",
        data=upload.read(),
        headers={**headers, "Content-Type": upload.content_type},
    )
    assert posted.status_code == 201
