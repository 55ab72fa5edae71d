"""`collector migrate-to`: a server with a bit of everything moves, is the same, goes on, and comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.actions import auditing, releases, relocating
from collector.actions.releases import Maker, Wanted
from collector.cli import main
from collector.clock import moment
from storage.auditing import sealing
from storage.audits import acting
from storage.blobs import open_store
from storage.database import db, transaction
from storage.relocating import files, resting
from storage.relocating.problems import DataResting, FilesDamaged, MovedAway, NotTheSame, ServerRuns
from tests.collector.v1.program import Program
from tests.databases import fresh_postgresql
from tests.erased import PHOTO, Household
from tests.figured import Survey, Visit
from tests.office import NOW, Office
from tests.s3 import endpoint, fresh_bucket
from tests.tree import HERE_VILLAGE, OTHER_VILLAGE, THERE_VILLAGE

ID = "uuid:00000000-0000-4000-8000-00000000000a"


@dataclass
class Move:
    """A server before and after it moved, and what the command said."""

    old: Office
    new: Office
    survey: Survey
    family: Household
    told: str


def run(office: Office, *words: str) -> Result:
    """The command, at the machine of that server."""
    own = {
        "COLLECTOR_HOME": str(office.settings.home),
        "COLLECTOR_DATABASE_URL": office.settings.database_url,
        "COLLECTOR_BLOBS_URL": office.settings.blobs_url,
        "COLLECTOR_S3_ENDPOINT": endpoint(),
    }
    return CliRunner().invoke(main, ["migrate-to", *words], env=own)


def filled(office: Office) -> tuple[Survey, Household]:
    """Figures, repeats, photos, members of lists, a correction, findings, a release, the log of it all."""
    survey = Survey(office)
    survey.send(Visit(HERE_VILLAGE, "2026-02-01", "a", 3.5, [("2", 70, "x"), ("1", 30, "y")]))
    edited = survey.send(Visit(OTHER_VILLAGE, "2026-02-02", "b", 1, [("2", 20, "z")]))
    edited.paid = 1.25
    survey.send(edited)
    survey.send(Visit(THERE_VILLAGE, "2031-05-01", "c", -0.5, [("1", 20, "v")]))
    survey.refresh()
    family = Household(office, office.phone(), "family")
    photos = {f"{ID[5:]}_0": PHOTO, f"{ID[5:]}_1": PHOTO[::-1]}
    assert family.send(family.xml(ID, "Giàng A Páo", "Vàng Thị Mai", said="Đường “xấu”\n…"), **photos) == 201
    with office.app.app_context(), acting(office.admin_id, NOW):
        with transaction() as session:
            wanted = Wanted("Nửa năm 2026", ("f01_hh_survey",))
            releases.make(session, 1, wanted, Maker(office.admin_id, NOW))
        auditing.keep_up(moment())
    return survey, family


@pytest.fixture(scope="module")
def moved(screen_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Move]:
    """From SQLite and a folder to PostgreSQL and a bucket."""
    survey, family = filled(screen_office)
    home = tmp_path_factory.mktemp("arrived")
    bucket = fresh_bucket()
    shutil.copy(screen_office.settings.home / "secret_key", home)
    with fresh_postgresql() as url:
        told = run(screen_office, "--database", url, "--blobs", bucket["COLLECTOR_BLOBS_URL"])
        assert told.exit_code == 0, told.output
        new = Office(home, url, **bucket)
        yield Move(screen_office, new, survey, family, told.output)
        new.close()


def ask(office: Office, address: str) -> bytes:
    """What a program is answered."""
    answer = Program(office).ask("GET", address)
    assert answer.status_code == 200, answer.text
    return answer.get_data()


@pytest.mark.parametrize(
    "address",
    [
        "/v1/projects/1/forms/f01_hh_survey/submissions.csv?layout=wide",
        "/v1/projects/1/forms/family/submissions.csv?layout=wide",
        "/v1/projects/1/forms/f01_hh_survey.svc/Submissions?$expand=*",
        "/v1/projects/1/datasets/l_family/entities.csv",
        "/api/figures.csv",
        f"/v1/projects/1/forms/family/submissions/{ID}/attachments/{ID[5:]}_0.jpg",
    ],
)
def test_programs_are_answered_the_same_bytes(moved: Move, address: str) -> None:
    was, found = (ask(one, address).replace(b"http://localhost", b"") for one in (moved.old, moved.new))
    assert found == was
    assert len(found) > 150


def test_the_log_is_whole_and_its_end_the_same(moved: Move) -> None:
    ends = []
    for office in (moved.old, moved.new):
        with office.app.app_context():
            looked = sealing.look_through(db.session(), lambda _done, _all: None)
            assert (looked.broken, looked.outside, looked.lost) == (None, 0, 0)
            last = sealing.head(db.session())
            assert last is not None
            ends.append((looked.links, last.hash))
    assert ends[0] == ends[1]
    assert ends[0][0] > 10


def test_a_phone_and_the_figures_go_on_there(moved: Move) -> None:
    family = Household.__new__(Household)
    family.office, family.phone, family.name = moved.new, moved.family.phone, "family"
    another = ID.replace("a", "b")
    assert family.send(family.xml(another, "Lù Văn Sơn")) == 201
    assert family.send(family.xml(ID, "Giàng A Páo", "Vàng Thị Mai", said="Đường “xấu”\n…")) == 201
    found = Program(moved.new).get("/v1/projects/1/forms/family/submissions")
    assert sorted(one["instanceId"] for one in found) == [ID, another]
    with moved.new.app.app_context():
        assert moved.survey.figures.everything() == 0, "cells worked out anew are those that came"
        auditing.keep_up(moment())
        assert sealing.look_through(db.session(), lambda _done, _all: None).broken is None


def test_it_says_what_to_set_and_nobody_goes_on_with_what_was_left(moved: Move) -> None:
    assert f"COLLECTOR_DATABASE_URL={moved.new.settings.database_url}" in moved.told
    assert "COLLECTOR_BLOBS_URL=s3://" in moved.told
    home, old = moved.old.settings.home, moved.old.settings
    with pytest.raises(MovedAway), resting.at_work(home, old.database_url, old.blobs_url):
        pass
    with resting.at_work(home, moved.new.settings.database_url, "file:///elsewhere"):
        pass
    again = run(moved.old, "--database", moved.new.settings.database_url)
    assert "COLLECTOR_DATABASE_URL still leads to where it was" in again.output
    (home / resting.NOTE).unlink()
    again = run(moved.old, "--database", moved.new.settings.database_url)
    assert again.output.startswith("collector: The database to move to is not empty")
    assert run(moved.old).output.startswith("collector: There is nothing to move")


def test_it_comes_back_to_one_file(moved: Move, tmp_path: Path) -> None:
    moved.new.close()
    target = f"sqlite:///{tmp_path / 'collector.db'}"
    told = run(moved.new, "--database", target)
    assert told.exit_code == 0, told.output
    back = Office(tmp_path, target, **{one: moved.new.environment[one] for one in fresh_bucket()})
    address = "/v1/projects/1/forms/f01_hh_survey/submissions.csv?layout=wide"
    assert ask(back, address) == ask(moved.new, address)
    back.close()


def test_a_password_is_not_said() -> None:
    assert relocating.said("postgresql://a:b%40c@h/d") == "postgresql://a:…@h/d"
    assert relocating.said("sqlite:////a:b@c") == "sqlite:////a:b@c"


def test_nobody_works_with_what_is_being_moved(tmp_path: Path) -> None:
    several = resting.at_work(tmp_path, "a", "b"), resting.at_work(tmp_path, "a", "b")
    with several[0], several[1], pytest.raises(ServerRuns), resting.alone(tmp_path):
        pass
    with resting.alone(tmp_path), pytest.raises(DataResting), resting.at_work(tmp_path, "a", "b"):
        pass


def test_back_where_it_came_from_it_may_start_again(tmp_path: Path) -> None:
    resting.note_move(tmp_path, {"database": ("a", "b", "b"), "files": ("x", "y", "y")}, NOW)
    resting.note_move(tmp_path, {"database": ("b", "a", "a")}, NOW)
    resting.refuse_left_behind(tmp_path, "a", "y")
    for database, blobs in (("b", "y"), ("a", "x")):
        with pytest.raises(MovedAway):
            resting.refuse_left_behind(tmp_path, database, blobs)


def test_files_are_copied_once_and_what_is_damaged_is_named(tmp_path: Path) -> None:
    here, there = (open_store((tmp_path / name).as_uri()) for name in ("here", "there"))
    names = []
    for text in (b"one", b"two", b"three" * 30_000):
        staged = here.stage()
        staged.write(text)
        here.keep([staged])
        names.append(staged.sha256)
    (tmp_path / "here" / names[1][:2] / names[1]).write_bytes(b"twO")
    told: list[tuple[int, int]] = []
    with pytest.raises(FilesDamaged) as refused:
        files.copy_files(here, there, lambda done, every: told.append((done, every)))
    assert names[1] in str(refused.value)
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(NotTheSame):
        files.read_back(there, names, None, lambda _done, _all: None)
    (tmp_path / "here" / names[1][:2] / names[1]).write_bytes(b"two")
    assert files.copy_files(here, there, lambda _done, _all: None) == 1
    assert files.read_back(there, names, None, lambda _done, _all: None) == 3
    assert files.read_back(there, names, 1, lambda _done, _all: None) == 1
    (tmp_path / "there" / names[2][:2] / names[2]).write_bytes(b"")
    with pytest.raises(FilesDamaged):
        files.read_back(there, names, None, lambda _done, _all: None)
