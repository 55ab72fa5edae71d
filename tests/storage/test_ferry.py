"""Writes that come together cross together; each still succeeds or fails for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import bindparam, func, insert, select

from storage.database import Base, db
from storage.ferry import MOST, Ferry
from storage.models import Project
from storage.problems import FormNotOpen
from storage.queries.projects import list_projects
from storage.swift import Line, Swift
from tests.office import NOW, Office

PROJECTS = Base.metadata.tables["projects"]
NEW = Swift(
    insert(PROJECTS).values(
        name=bindparam("name"),
        archived=False,
        forms_stamp=1,
        created_at=bindparam("now", type_=PROJECTS.c.created_at.type),
    )
)


def adds(name: str) -> Callable[[Line], str]:
    def work(line: Line) -> str:
        NEW.many(line, [{"name": name, "now": NOW}])
        if name.startswith("refused"):
            raise FormNotOpen(form=name)
        return name

    return work


def carried(office: Office, ferry: Ferry, name: str) -> str:
    with office.app.app_context():
        try:
            return ferry.carry(adds(name))
        except FormNotOpen as problem:
            return str(problem.details["form"])


def names(office: Office) -> list[str]:
    with office.app.app_context():
        return [project.name for project in list_projects(db.session())][1:]


def test_each_of_many_gets_its_own_answer(office: Office) -> None:
    ferry = Ferry()
    asked = [f"kept {number}" if number % 3 else f"refused {number}" for number in range(60)]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda name: carried(office, ferry, name), asked))
    assert answers == asked
    assert sorted(names(office)) == sorted(name for name in asked if name.startswith("kept"))


def test_on_sqlite_those_who_wait_for_the_turn_cross_in_one_transaction(tmp_path: Path) -> None:
    office = Office(tmp_path / "home", f"sqlite:///{tmp_path / 'one.db'}")
    ferry, begun, go = Ferry(), threading.Event(), threading.Event()
    seen: list[int] = []

    def slow(line: Line) -> str:
        begun.set()
        go.wait(10)
        return adds("first")(line)

    def count(line: Line) -> int:
        # Inside the transaction: what the others aboard wrote is visible before anything is committed.
        adds(f"later {len(seen)}")(line)
        number = Swift(select(func.count()).select_from(Project)).number(line, {})
        seen.append(number)
        return number

    def inside(work: Callable[[Line], object]) -> object:
        with office.app.app_context():
            return ferry.carry(work)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(inside, slow)
        assert begun.wait(10)
        others = [threads.submit(inside, count) for _ in range(6)]
        while len(ferry._quay) < len(others):
            pass
        go.set()
        first.result(10)
        assert sorted(int(str(other.result(10))) for other in others) == [3, 4, 5, 6, 7, 8]
    assert len(names(office)) == 7 <= MOST
    office.close()


def test_who_does_not_find_room_in_one_crossing_takes_the_next(tmp_path: Path) -> None:
    office = Office(tmp_path / "home", f"sqlite:///{tmp_path / 'one.db'}")
    ferry, begun, go = Ferry(), threading.Event(), threading.Event()

    def slow(line: Line) -> str:
        begun.set()
        go.wait(10)
        return adds("first")(line)

    def first() -> str:
        with office.app.app_context():
            return ferry.carry(slow)

    asked = [f"later {number}" for number in range(2 * MOST)]
    with ThreadPoolExecutor(2 * MOST + 1) as threads:
        leading = threads.submit(first)
        assert begun.wait(10)
        others = [threads.submit(carried, office, ferry, name) for name in asked]
        while len(ferry._quay) < len(asked):
            pass
        go.set()
        assert [leading.result(30), *(other.result(30) for other in others)] == ["first", *asked]
    assert sorted(names(office)) == sorted(["first", *asked])
    office.close()


def test_when_the_crossing_fails_everybody_is_told_and_nothing_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sinks(_line: Line) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Line, "commit", sinks)
    with office.app.app_context(), pytest.raises(OSError, match="disk full"):
        Ferry().carry(adds("lost"))
    monkeypatch.undo()
    assert names(office) == []
