"""Where backups lie: a folder and a bucket keep the same promise."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from forms.backups.pieces import Namer
from forms.backups.sealing import Sealer
from storage.backups.bucket import BucketPlace
from storage.backups.folder import FolderPlace
from storage.backups.places import Place, open_place
from storage.backups.problems import BackupPlaceAway, BackupPlaceUnknown
from storage.backups.repository import Writing
from tests.backed import Clock
from tests.s3 import fresh_bucket


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty one of each kind."""
    if request.param == "folder":
        return open_place(str(tmp_path / "usb"))
    said = fresh_bucket()
    return open_place(f"{said['COLLECTOR_BLOBS_URL']}/backups", said["COLLECTOR_S3_ENDPOINT"])


def test_a_place_keeps_files_lists_and_forgets_them(place: Place) -> None:
    several = {f"pieces/ab/{number}": b"x" * number for number in range(1, 12)}
    place.put(several)
    place.put({"turn.json": b"{}"})
    place.put({"turn.json": b"{1}"})
    assert place.get("turn.json") == b"{1}"
    assert place.get("pieces/ab/7") == b"x" * 7
    assert {one.name: one.size for one in place.names("pieces")} == {
        name: len(data) for name, data in several.items()
    }
    place.delete(["pieces/ab/7", "pieces/ab/none"])
    assert len(list(place.names("pieces"))) == 10
    assert list(place.names("backups")) == []
    with pytest.raises(KeyError):
        place.get("pieces/ab/7")


def test_a_piece_is_kept_once_and_found_again(place: Place) -> None:
    namer, made = Namer(b"k" * 32), []

    def make() -> bytes:
        made.append(1)
        return b"rows"

    for _time in range(2):
        with Writing(place, Sealer(None), "me", Clock()) as writing:
            writing.keep(namer.of_rows(b"rows"), make)
            writing.keep(namer.of_rows(b"rows"), make)
            writing.flush()
    assert len(made) == 1
    assert len(list(place.names("pieces"))) == 1


def test_a_bucket_that_is_not_there_is_said_with_its_name() -> None:
    said = fresh_bucket()
    place = BucketPlace("no-such-bucket", "x", said["COLLECTOR_S3_ENDPOINT"])
    place._pauses = ()
    with pytest.raises(BackupPlaceAway, match="no-such-bucket"):
        place.put({"a": b"b"})


@pytest.mark.parametrize("address", ["ftp://host/x", "", "s3:///x", "file://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BackupPlaceUnknown):
        open_place(address)


def test_a_folder_is_a_path_or_an_address(tmp_path: Path) -> None:
    for address in (str(tmp_path), tmp_path.as_uri()):
        place = open_place(address)
        assert isinstance(place, FolderPlace)
        assert place.where == urlsplit(tmp_path.as_uri()).path
