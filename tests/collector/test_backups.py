"""A server is backed up while phones send, and put back elsewhere as it was."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from collector.actions import backup_checking
from collector.actions.backing_up import FILES, ROWS, Outcome
from collector.actions.erasure_replay import Replay
from collector.actions.erasure_targets import Target
from collector.actions.keeping import Keeping
from collector.actions.restoring import Chosen
from collector.backup_problems import BackupHereAlready, NoIdentity
from collector.clock import moment
from collector.commands.erase import erasing_of
from forms.backups.keeping import Keep
from forms.backups.problems import BackupKeyWrong
from forms.backups.sealing import Sealer, new_key
from storage.backups.folder import FolderPlace
from storage.backups.problems import (
    BackupPieceBroken,
    BackupPlaceAway,
    BackupPlaceBusy,
    BackupPlaceFull,
    NoBackups,
    NotEmptyHere,
)
from storage.backups.repository import Writing
from storage.models import Submission
from tests.backed import Backing, Elsewhere, silent
from tests.copies import fresh_database
from tests.erased import LENH, MAI, PAO, Household
from tests.kept import looking, lying, stored_files
from tests.office import Office

PHOTO = bytes(range(256)) * 400


@pytest.fixture(scope="module")
def house(kept_office: Office) -> Household:
    """A survey with two households, one of them with photos."""
    made = Household(kept_office, kept_office.phone(), "hh")
    assert made.send(made.xml("uuid:1", PAO, MAI), **{"1_0": PHOTO, "1_1": PHOTO[::-1]}) == 201
    assert made.send(made.xml("uuid:2", LENH)) == 201
    return made


@pytest.fixture
def backing(kept_office: Office, house: Household, tmp_path: Path) -> Backing:  # noqa: ARG001 - there is something
    """Backups of that server, none yet."""
    return Backing.of(kept_office, tmp_path / "usb")


@pytest.fixture
def empty(kept_office: Office, tmp_path: Path, shelf: Path) -> Iterator[Elsewhere]:
    """An empty machine of the same kind."""
    kind = "sqlite" if kept_office.settings.database_url.startswith("sqlite") else "postgresql"
    (tmp_path / "new").mkdir()
    with fresh_database(kind, tmp_path / "new", shelf) as url:
        yield Elsewhere.at(tmp_path / "new" / "home", url)


def records(office: Office) -> set[str]:
    with looking(office) as session:
        return set(session.scalars(select(Submission.instance_id)))


def piece(backing: Backing, chosen: Chosen, number: bytes | str) -> Path:
    """The file of a piece."""
    told = number if isinstance(number, str) else number.hex()
    folder = Path(backing.place.where)
    assert chosen.head.sealed
    return next(folder.glob(f"pieces/{told[:2]}/{told}-*"))


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_is_backed_up_while_phones_send_comes_back_elsewhere(
    backing: Backing, house: Household, empty: Elsewhere
) -> None:
    before, seen = records(house.office), set[str]()

    def sending(stage: str, _done: int, _total: int) -> None:
        if stage not in seen:
            seen.add(stage)
            assert house.send(house.xml(f"uuid:during-{stage}", MAI)) == 201

    outcome = backing.make(sending)
    assert seen >= {ROWS, FILES}
    assert outcome.missing == []
    restored = empty.restore(backing.choose())
    assert (restored.files, restored.lost) == (outcome.head.files, [])
    assert empty.settings.home.joinpath("secret_key").read_text() == house.office.parts.vault.secret
    with empty.office() as there:
        assert records(there) == before
        photos = {lying(there, name) for name in stored_files(there)}
    assert {PHOTO, PHOTO[::-1]} <= photos
    told = empty.run("doctor", "--restored")
    assert f"ok  Restored: equal to the backup {outcome.head.name}" in told.stdout, told.exception
    assert f"{outcome.head.files} files" in told.stdout


def test_only_what_is_new_is_copied(backing: Backing, house: Household) -> None:
    first = backing.make()
    backing.clock.now += timedelta(days=1)
    same = backing.make()
    assert (same.head.new_pieces, same.head.pieces) == (0, first.head.pieces)
    assert house.send(house.xml("uuid:next", LENH), next_0=b"another photo") == 201
    backing.clock.now += timedelta(days=1)
    more = backing.make()
    assert more.head.files == first.head.files + 1
    assert 2 < more.head.new_pieces < more.head.pieces / 2


def test_nothing_in_the_place_can_be_read_without_the_key(backing: Backing, house: Household) -> None:
    backing.make()
    lying_there = b"".join(
        path.read_bytes() for path in Path(backing.place.where).rglob("*") if path.is_file()
    )
    names = "".join(str(path) for path in Path(backing.place.where).rglob("*"))
    for secret in (PAO.encode(), PHOTO[:64], house.office.parts.vault.secret.encode()):
        assert secret not in lying_there
    assert not any(name in names for name in stored_files(house.office))
    with pytest.raises(BackupKeyWrong):
        backing.choose(identity=new_key()[0])
    with pytest.raises(NoIdentity):
        backing.choose(identity="")


def test_a_broken_piece_is_named_with_what_hangs_on_it_and_mended(backing: Backing, empty: Elsewhere) -> None:
    backing.make()
    chosen = backing.choose()
    rows = next(one for one in chosen.manifest.tables if one.name == "submission_versions")
    damage(piece(backing, chosen, rows.pieces[0][0]))
    with pytest.raises(BackupPieceBroken, match=f"rows 1 to {rows.rows} of the table submission_versions"):
        empty.restore(chosen)
    assert not (empty.home / "restored.json").exists()
    found = backup_checking.look(chosen.repository, [chosen.head], silent)
    assert found.broken == [f"{rows.pieces[0][0]} is damaged"]
    job = backing.job
    with Writing(job.place, job.sealer, "verify", backing.clock) as writing:
        assert backup_checking.set_aside(writing, found) == 1
    backing.clock.now += timedelta(days=1)
    assert backing.make().head.new_pieces >= 1
    assert empty.restore(backing.choose()).lost == []


def test_a_file_that_is_gone_from_the_backup_is_named_with_its_record(
    backing: Backing, house: Household, empty: Elsewhere
) -> None:
    backing.make()
    chosen = backing.choose()
    photo = next(name for name in stored_files(house.office) if lying(house.office, name) == PHOTO)
    piece(backing, chosen, backing.job.namer.of_file(photo, 0)).unlink()
    [lost] = empty.restore(chosen).lost
    assert photo in lost
    assert "is missing" in lost
    assert "1_0.jpg of uuid:1" in lost
    with empty.office() as there:
        assert "uuid:1" in records(there)


def test_an_interrupted_backup_goes_on_where_it_was(backing: Backing) -> None:
    def stop(stage: str, _done: int, _total: int) -> None:
        if stage == FILES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backing.make(stop)
    with pytest.raises(NoBackups):
        backing.choose()
    made = backing.make()
    assert 0 < made.head.new_pieces < made.head.pieces


class Small(FolderPlace):
    """A disk with room for some files more."""

    room = 3

    def _write(self, data: bytes) -> Path:
        self.room -= 1
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super()._write(data)


def test_a_full_disk_is_said_and_nothing_half_lies_there(backing: Backing, house: Household) -> None:
    backing.place = Small(Path(backing.place.where))
    with pytest.raises(BackupPlaceFull, match="is full"):
        backing.make()
    backing.place = FolderPlace(Path(backing.place.where))
    assert list(Path(backing.place.where).glob("underway/*")) == []
    assert house.send(house.xml("uuid:after", MAI)) == 201
    made = backing.make()
    assert backup_checking.look(backing.choose().repository, [made.head], silent).broken == []


def test_a_disk_that_is_not_there_is_said(backing: Backing, tmp_path: Path) -> None:
    backing.place = FolderPlace(tmp_path / "not plugged in" / "collector")
    with pytest.raises(BackupPlaceAway, match="plugged in"):
        backing.make()
    # The folder it is mounted at is there without it.
    backing.place = FolderPlace(tmp_path / "mounted")
    with pytest.raises(BackupPlaceAway, match="holds no backup"):
        backing.make(expected=True)


def test_two_do_not_run_together(backing: Backing) -> None:
    def again(_stage: str, _done: int, _total: int) -> None:
        with pytest.raises(BackupHereAlready):
            backing.make()

    backing.make(again)
    with (
        Writing(backing.place, Sealer(None), "another server", backing.clock),
        pytest.raises(BackupPlaceBusy),
    ):
        backing.make()
    # One that was killed an hour ago is not waited for.
    backing.place.put({"turn.json": b'{"who": "another server", "at": "2026-11-23T01:00:00+00:00"}'})
    backing.make()


def test_old_backups_go_and_what_the_others_need_stays(backing: Backing, house: Household) -> None:
    backing.keep = Keep(2, 0, 0)
    made: list[Outcome] = []
    for day in range(4):
        assert house.send(house.xml(f"uuid:day-{day}", MAI), **{f"day-{day}_0": b"photo %d" % day}) == 201
        backing.clock.now += timedelta(days=2)
        made.append(backing.make())
    repository = backing.choose().repository
    heads = repository.heads()
    assert len(heads) == 2
    assert (made[-1].gone, made[-1].freed > 0) == (1, True)
    assert backup_checking.look(repository, list(heads.values()), silent).broken == []


def test_what_was_erased_after_a_backup_is_erased_again_when_it_is_restored(
    backing: Backing, house: Household, empty: Elsewhere
) -> None:
    assert house.send(house.xml("uuid:erased", MAI)) == 201
    old = backing.make()
    house.erase(Target("record", "uuid:erased"))
    backing.clock.now += timedelta(days=1)
    backing.make()
    chosen = backing.choose(at=old.head.made_at)
    assert chosen.head.name == old.head.name
    empty.restore(chosen)
    with empty.office() as there, there.app.app_context():
        assert "uuid:erased" in records(there)
        parts = there.parts
        again = Replay(erasing_of(parts), Keeping(parts.blobs, parts.shelf))
        assert again.run(chosen.erasures, moment()) == len(chosen.erasures) > 0
        assert "uuid:erased" not in records(there)


def test_nothing_is_written_over_another_server(backing: Backing, empty: Elsewhere) -> None:
    backing.make()
    empty.home.mkdir()
    (empty.home / "secret_key").write_text("another server's")
    with pytest.raises(NotEmptyHere, match="another server's data"):
        empty.restore(backing.choose())
    empty.restore(backing.choose(), replace=True)
    [aside] = empty.home.glob("before-restore-*/secret_key")
    assert aside.read_text() == "another server's"
