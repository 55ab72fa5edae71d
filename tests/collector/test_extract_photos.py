"""Photos and recordings beside a dataset: asked for, told how large, in an archive its table points into."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from collector.accounts.permissions import VIEWER
from collector.accounts.secrets import Vault
from collector.actions.extracts import Making, Means
from collector.clock import moment
from forms.datasets.beside.pictures import folder_of
from storage.models import Extract, ExtractFile
from tests.asked import answered
from tests.collector.desk.reader import Field, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.kept import looking
from tests.office import Office

FORM = """
| survey |
| | type | name | label | pii |
| | text | head | Chủ hộ | direct |
| | image | house | Ảnh nhà | direct |
| | begin repeat | member | Người | |
| | audio | voice | Giọng | direct |
| | end repeat | | | |
| settings |
| | form_id | version |
| | hh | 1 |
"""
ODD = "uuid:Ký/1"
MAKE = "/downloads/make"


@pytest.fixture
def _records(office: Office) -> None:
    """Two records with files of the same name, one of them not here yet, and one without any."""
    made = office.publish(FORM)
    phone = Volunteer(office, form=made)
    for key, said, files in (
        (
            "uuid:a",
            "<house>1.jpg</house><member><voice>v.m4a</voice></member>",
            {"1.jpg": b"A", "v.m4a": b"VV"},
        ),
        (ODD, "<house>1.jpg</house><member><voice>late.m4a</voice></member>", {"1.jpg": b"BBB"}),
        ("uuid:c", "<house/>", {}),
    ):
        sent = answered("hh", "1", f"<head>Giàng A</head>{said}", instance_id=key)
        assert phone.post(sent, files=files).status_code == 201


records = pytest.mark.usefixtures("_records")


def _made(office: Office) -> Mapping[str, Any]:
    """The extract asked for last and its files by format, made."""
    parts = office.parts
    with office.app.app_context():
        Making(Means(parts.blobs, parts.shelf, Vault("x")), office.settings.home, moment).make_next(moment())
    with looking(office) as session:
        found = session.scalars(select(Extract).order_by(Extract.id.desc()).limit(1)).one()
        assert found.problem is None
        files = session.scalars(select(ExtractFile).where(ExtractFile.extract_id == found.id)).all()
        digests = {one.format: one.blob_sha256 for one in files}
        told: dict[str, Any] = {"manifest": found.manifest, "names": {one.format: one.name for one in files}}
    for code, sha256 in digests.items():
        with parts.blobs.open(sha256) as handle:
            told[code] = handle.read()
    return told


def _asked(**more: str) -> dict[str, Field]:
    return {"form": "hh", "use": "analysis", "format": "csv", "protection": "none", "purpose": "xem", **more}


@records
def test_photos_come_in_an_archive_and_the_table_says_where_each_lies(office: Office) -> None:
    assert Reader(office).post(MAKE, _asked(photos="1", sure="1")).status_code == 303
    made = _made(office)
    assert made["manifest"]["photos"] == {"files": 3, "size": 6, "lost": 0}
    assert made["names"]["photos"].endswith("_anh.zip")
    with zipfile.ZipFile(io.BytesIO(made["photos"])) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    odd = folder_of(ODD)
    assert held == {"a/1.jpg": b"A", "a/v.m4a": b"VV", f"{odd}/1.jpg": b"BBB"}
    with zipfile.ZipFile(io.BytesIO(made["csv"])) as archive:
        tables = {
            name: [*csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))]
            for name in ("hh.csv", "member.csv")
        }
    assert {row["KEY"]: row["house"] for row in tables["hh.csv"]} == {
        "uuid:a": "a/1.jpg",
        ODD: f"{odd}/1.jpg",
        "uuid:c": "",
    }
    # What is not here yet keeps the name it will have.
    assert sorted(row["voice"] for row in tables["member.csv"]) == ["a/v.m4a", "late.m4a"]


@records
def test_the_size_is_told_before_and_the_table_may_be_had_alone(office: Office) -> None:
    reader = Reader(office)
    page = reader.refused(MAKE, _asked(photos="1"), status=200)
    assert page.texts("//p[@class='facts']/span")[1:] == ["3 files", "6 B"]
    kept = {str(one.get("name")): str(one.get("value")) for one in page.find("//main//input")}
    assert (kept["form"], kept["photos"], kept["protection"]) == ("hh", "1", "none")
    assert "sure" not in kept
    assert reader.post(MAKE, _asked(photos="1", sure="no")).status_code == 303
    made = _made(office)
    assert "photos" not in made["names"]
    assert "photos" not in made["manifest"]
    with zipfile.ZipFile(io.BytesIO(made["csv"])) as archive:
        assert "a/1.jpg" not in archive.read("hh.csv").decode()


@records
def test_photos_are_for_who_reads_records_with_names_and_nobody_else(office: Office) -> None:
    reader = Reader(office)
    for protection in ("deidentified", "pseudonyms"):
        page = reader.refused(MAKE, _asked(photos="1", protection=protection))
        assert "Photos and recordings show people" in page.text
    leader = Reader(office, "lanhdao", VIEWER)
    assert "You have no right to do this" in leader.refused(MAKE, _asked(photos="1")).text
    assert not leader.page("/downloads").find("//input[@name='photos']")
    assert reader.page("/downloads").find("//input[@name='photos']")


def test_folders_of_records_never_meet() -> None:
    keys = ("uuid:a", "uuid:A", "a", "uuid:á", "uuid:a/b", "uuid:a-b", "uuid:" + "a" * 80, "..", "")
    folders = [folder_of(key) for key in keys]
    assert folders[0] == "a"
    assert len({folder.lower() for folder in folders}) == len(keys)
    assert all(folder.strip(".") and "/" not in folder for folder in folders)
