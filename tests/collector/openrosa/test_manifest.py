"""The files that belong to a form: OR-22 … OR-27."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from lxml import etree

from storage.database import db
from storage.queries import attachments
from tests.collector.openrosa.sheets import SERVER, collect, sheet, with_files
from tests.collector.openrosa.witness import Witness
from tests.office import GivenPhone, Office
from tests.phone import Phone, in_process

NAMESPACE = "{http://openrosa.org/xforms/xformsManifest}"
AWKWARD = [
    "huyện.csv",
    "danh sách thôn.csv",
    "100%.csv",
    "100%25.csv",
    "#1.png",
    "a?b&c.mp3",
    'it\'s "hai".csv',
    "a;b=c.csv",
    "a+b.csv",
    "📷.jpg",
    "không đuôi",
    "..csv",
]


def manifest(office: Office, given: GivenPhone, form_id: str = "f01") -> dict[str, str]:
    """File name to hash, as the manifest says."""
    response = office.client().get(f"{given.path}/forms/{form_id}/manifest")
    assert response.status_code == 200
    return {
        entry.findtext(f"{NAMESPACE}filename") or "": entry.findtext(f"{NAMESPACE}hash") or ""
        for entry in etree.fromstring(response.data)
    }


def md5(data: bytes) -> str:
    """As phones write it."""
    return "md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_or_22_the_manifest_names_each_file_with_the_hash_of_its_bytes(office: Office) -> None:
    media = {"xa.csv": b"name,label\n08,Xa\n", "anh.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400}
    office.publish(with_files("f01", *media), filename="f01.xml", media=media)
    given = office.phone()
    response = office.client().get(f"{given.path}/forms/f01/manifest")
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    assert response.data.startswith(b"<?xml")
    root = etree.fromstring(response.data)
    assert root.tag == f"{NAMESPACE}manifest"
    assert {etree.QName(child).localname for entry in root for child in entry} == {
        "filename", "hash", "downloadUrl",
    }  # fmt: skip
    hashes = manifest(office, given)
    assert hashes == {name: md5(data) for name, data in media.items()}
    assert all(re.fullmatch("md5:[0-9a-f]{32}", said) for said in hashes.values())
    assert collect(office, given).sync()["f01"].media == media


def test_or_22_a_form_without_files_has_an_empty_manifest(office: Office) -> None:
    office.publish(sheet())
    assert manifest(office, office.phone()) == {}


def test_or_23_a_file_may_have_any_name(office: Office) -> None:
    media = {name: f"bytes of {name}".encode() for name in AWKWARD}
    office.publish(with_files("f01", *AWKWARD), filename="f01.xml", media=media)
    given = office.phone()
    assert collect(office, given).sync()["f01"].media == media
    document = office.client().get(f"{given.path}/forms/f01/manifest").data.decode()
    addresses = re.findall("<downloadUrl>(.*?)</downloadUrl>", document)
    assert len(addresses) == len(AWKWARD)
    for address in addresses:
        assert re.fullmatch(r"http://localhost/[\w/!$%.-]+", address)
        answer = office.client().get(urlsplit(address).path, buffered=True)
        answer.headers["Content-Disposition"].encode("ascii")


def test_or_24_a_file_that_is_still_missing_is_left_out(office: Office) -> None:
    form = office.publish(
        with_files("f01", "xa.csv", "thon.csv"), filename="f01.xml", media={"xa.csv": b"a\n"}
    )
    given = office.phone()
    phone = collect(office, given)
    assert phone.sync()["f01"].media == {"xa.csv": b"a\n"}
    assert office.client().get(f"{given.path}/forms/f01/attachments/thon.csv").status_code == 404
    assert office.client().get(f"{given.path}/forms/f01/attachments/khac.csv").status_code == 404
    office.put_attachment(form, "thon.csv", b"b\n")
    assert phone.sync()["f01"].media == {"xa.csv": b"a\n", "thon.csv": b"b\n"}


def test_or_25_a_replaced_file_changes_its_own_hash_and_nothing_else(office: Office) -> None:
    media = {"xa.csv": b"a\n", "thon.csv": b"b\n"}
    form = office.publish(with_files("f01", *media), filename="f01.xml", media=media)
    given = office.phone()
    phone = collect(office, given)
    before, hashes = phone.sync()["f01"], manifest(office, given)
    office.put_attachment(form, "xa.csv", b"moi\n")
    after = phone.sync()["f01"]
    assert after.item == before.item
    assert after.xml == before.xml
    assert after.media == {"xa.csv": b"moi\n", "thon.csv": b"b\n"}
    assert manifest(office, given) == hashes | {"xa.csv": md5(b"moi\n")}


def test_or_25_a_file_shared_by_two_forms_is_replaced_in_one(office: Office) -> None:
    first = office.publish(with_files("f01", "xa.csv"), filename="f.xml", media={"xa.csv": b"a\n"})
    office.publish(with_files("f02", "xa.csv"), filename="f.xml", media={"xa.csv": b"a\n"})
    office.put_attachment(first, "xa.csv", b"moi\n")
    installed = collect(office, office.phone()).sync()
    assert {name: form.media["xa.csv"] for name, form in installed.items()} == {
        "f01": b"moi\n",
        "f02": b"a\n",
    }


ASKING = """
| survey |
| | type                         | name   | label | appearance    | choice_filter | calculation                       | default              |
| | text                         | last   | L     |               |               |                                   | ${last-saved#last}   |
| | select_one tim               | tim    | T     | search('tim') |               |                                   |                      |
| | calculate                    | keo    |       |               |               | pulldata('keo', 'a', 'b', ${last}) |                     |
| | select_one_external xa       | xa     | X     |               | tinh='08'     |                                   |                      |
| | select_one_from_file ban.geojson | ban | B    |               |               |                                   |                      |
| choices |
| | list_name | name | label |
| | tim       | ma   | ten   |
| external_choices |
| | list_name | name | label | tinh |
| | xa        | 081  | Xa 1  | 08   |
| settings |
| | form_id | version |
| | f01     | 1       |
"""  # noqa: E501  # a sheet is as wide as it is


def test_or_26_every_way_to_name_a_file_opens_a_slot_and_last_saved_none(office: Office) -> None:
    form = office.publish(ASKING)
    with office.app.app_context():
        slots = attachments.slots(db.session(), form.current_id or 0)
        names = {slot.name: slot.sha256 is not None for slot in slots}
    # The converter itself makes the list of external choices; the rest waits for the office.
    assert names == {"tim.csv": False, "keo.csv": False, "itemsets.csv": True, "ban.geojson": False}
    media = collect(office, office.phone()).sync()["f01"].media
    assert [*media] == ["itemsets.csv"]
    assert b"081" in media["itemsets.csv"]


def test_or_26_a_form_that_looks_at_its_last_answer_only_needs_no_file(office: Office) -> None:
    office.publish(sheet(rows="| | text | b | B |\n").replace("| label |", "| label | default |").replace(
        "| | text | b | B |", "| | text | b | B | ${last-saved#b} |"
    ))  # fmt: skip
    phone = collect(office, office.phone())
    installed = phone.sync()["f01"]
    assert b"jr://instance/last-saved" in installed.xml
    assert installed.item.manifest_url == ""


class FilesElsewhere:
    """The server, and a second host for its files as an object store or a mirror would be one."""

    def __init__(self, office: Office) -> None:
        self._application = office.app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the phone on for a file; answer everything else."""
        if "/attachments/" in environ["PATH_INFO"] and environ["HTTP_HOST"] != "files.example":
            target = environ["RAW_URI"]
            start_response("307 Temporary Redirect", [("Location", f"http://files.example{target}")])
            return []
        return self._application(environ, start_response)


def test_or_27_a_file_behind_a_redirect_needs_no_credentials(office: Office) -> None:
    """Our files are served by ourselves, so here the redirect is made by what stands in front.

    A phone carries no Authorization to another host. What this proves of the server: an address with a
    token is enough for a file, at whatever host it is asked for.
    """
    office.publish(with_files("f01", "huyện 1.csv"), filename="f.xml", media={"huyện 1.csv": b"name\n"})
    witness = Witness(FilesElsewhere(office))
    phone = Phone(SERVER + office.phone().path, session=in_process(witness))
    assert phone.sync()["f01"].media == {"huyện 1.csv": b"name\n"}
    files = [seen for seen in witness.seen if "/attachments/" in seen.path]
    assert [(seen.host, seen.signed, seen.status) for seen in files] == [
        ("survey.example", False, 307),
        ("files.example", False, 200),
    ]


def test_or_27_the_same_file_at_a_door_with_a_password_wants_the_password(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f.xml", media={"xa.csv": b"name\n"})
    path = "/projects/1/forms/f01/attachments/xa.csv"
    assert office.client().get(path).status_code == 401
    phone = Phone(
        SERVER, username="admin", password=office.collect_password(), session=in_process(office.app)
    )
    assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}


@pytest.fixture(scope="module")
def kept_phone(kept_office: Office) -> str:
    """Where a phone of that office asks for a form with a file."""
    kept_office.publish(with_files("f01", "xa.csv"), filename="f.xml", media={"xa.csv": b"name\n"})
    return kept_office.phone().path


@pytest.mark.parametrize(
    "name", ["..%2Fsecret_key", "%2e%2e", "..%5C..%5Cx", "%00", "xa.csv%00.png", "%2Fetc%2Fpasswd"]
)
def test_no_name_leads_out_of_the_store(kept_office: Office, kept_phone: str, name: str) -> None:
    client = kept_office.client()
    assert client.get(f"{kept_phone}/forms/f01/attachments/xa.csv", buffered=True).status_code == 200
    assert client.get(f"{kept_phone}/forms/f01/attachments/{name}").status_code == 404
