"""Archives made to do harm: names that climb, sizes that lie, entries without end."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable

import pytest

from collector.actions import instances
from collector.actions.instances import Archive
from storage.problems import ArchiveUnreadable

XML = b'<data id="ho" version="1"><photo>p.jpg</photo><meta><instanceID>uuid:1</instanceID></meta></data>'
CLIMBING = (
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../p.jpg",
    "..\\..\\p.jpg",
    "C:\\p.jpg",
    "a/.",
    "a/..",
    "a/\x00.jpg",
)


def archive(*entries: tuple[str, bytes]) -> io.BytesIO:
    """A zip with these entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as writing:
        for name, data in entries:
            writing.writestr(zipfile.ZipInfo(name), data)
    made.seek(0)
    return made


@pytest.mark.parametrize("name", CLIMBING)
def test_a_name_that_climbs_is_no_file_of_a_record(name: str) -> None:
    with Archive(archive(("a/f.xml", XML), (name, b"x"))) as opened:
        [found] = [one for one in opened.instances() if one.path == "a/f.xml"]
        # A file is found by its last part alone, and only beside the form it came with.
        assert {one for one in found.files if one != "f.xml"} <= {"p.jpg"}
        assert not any(letter in one for one in found.files for letter in "/\\\x00")


def test_a_link_in_an_archive_leads_nowhere() -> None:
    link = zipfile.ZipInfo("a/p.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writing:
        writing.writestr("a/f.xml", XML)
        writing.writestr(link, "/etc/passwd")
    with Archive(made) as opened:
        [found] = list(opened.instances())
        with opened.open(found.files["p.jpg"]) as handle:
            assert handle.read() == b"/etc/passwd"


def lying(made: io.BytesIO) -> io.BytesIO:
    """The same, every size in it said to be one byte."""
    data = bytearray(made.getvalue())
    for sign, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(sign)
        while at >= 0:
            data[at + place : at + place + 4] = (1).to_bytes(4, "little")
            at = data.find(sign, at + 4)
    return io.BytesIO(bytes(data))


def damaged(name: str) -> io.BytesIO:
    """An archive in which what was packed under that name cannot be unpacked."""
    made = archive(("a/f.xml", XML * 20), ("a/received.txt", b"2026-01-01T00:00:00Z" * 20))
    with zipfile.ZipFile(made) as written:
        at = written.getinfo(name).header_offset + 30 + len(name)
    data = bytearray(made.getvalue())
    data[at : at + 12] = b"\xff" * 12
    return io.BytesIO(bytes(data))


BAD: dict[str, Callable[[], io.BytesIO]] = {
    "a form of a gigabyte in a few bytes": lambda: archive(("a/f.xml", b"<data>" + b" " * 12_000_000)),
    "a form that cannot be unpacked": lambda: damaged("a/f.xml"),
    "half an archive": lambda: io.BytesIO(archive(("a/f.xml", XML)).getvalue()[:-30]),
    "no archive": lambda: io.BytesIO(b"PK\x03\x04" + bytes(100)),
    "nothing": io.BytesIO,
}


@pytest.mark.parametrize("case", BAD)
def test_an_archive_that_cannot_be_read_is_refused_or_told_form_by_form(case: str) -> None:
    try:
        with Archive(BAD[case]()) as opened:
            assert [one.problem is not None for one in opened.instances()] == [True]
    except ArchiveUnreadable:
        pass


def test_a_form_is_worth_more_than_when_it_came() -> None:
    with Archive(damaged("a/received.txt")) as opened:
        assert [one.received_at for one in opened.instances()] == [None]


def test_a_size_that_lies_unpacks_no_more_than_it_says() -> None:
    with Archive(lying(archive(("a/f.xml", b"<data>" + b" " * 1_000_000)))) as opened:
        assert all(len(one.xml) <= 1 for one in opened.instances())


def test_entries_without_end_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MOST_ENTRIES", 20)
    with pytest.raises(ArchiveUnreadable):
        Archive(archive(*((f"a/{number}.jpg", b"") for number in range(21))))
