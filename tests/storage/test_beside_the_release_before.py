"""The release before serves on a database this one has changed: steps add, and take away a release later.

While a server changes to a new version both serve for some minutes, on several machines for longer; and a new
version is taken back by starting the one before. So what the release before names has to stay as it was: this
compares the shapes, on both databases. A step may take away what the release before already left alone, and
says so: `CONTRACTS = frozenset({"table.column", "table"})` in its file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect

from storage.database import prepare_engine
from storage.migrate import migrate, step_back

STEPS = Path(__file__).parents[2] / "storage" / "migrations" / "versions"
RELEASED = "0010"
"""The last step of the release before; moves on with each release, which has one step at most."""


@dataclass(frozen=True)
class Column:
    """What an INSERT of another version has to know of a column."""

    type: str
    may_be_left_out: bool


@dataclass(frozen=True)
class Table:
    """What another version's statements meet."""

    columns: Mapping[str, Column]
    unique: frozenset[tuple[str, ...]] = frozenset()
    leads: frozenset[tuple[str, ...]] = frozenset()
    checks: frozenset[str] = field(default=frozenset())


Shape = Mapping[str, Table]


def breaks(before: Shape, after: Shape, contracts: frozenset[str] = frozenset()) -> list[str]:
    """What statements written for one shape could stumble over in another, without what was announced."""
    found = []
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found.append((name, f"{name} is gone"))
            continue
        for column, known in old.columns.items():
            now = new.columns.get(column)
            if now is None:
                found.append((f"{name}.{column}", f"{name}.{column} is gone"))
            elif now.type != known.type:
                found.append((f"{name}.{column}", f"{name}.{column} was {known.type}, is {now.type}"))
            elif known.may_be_left_out and not now.may_be_left_out:
                found.append((f"{name}.{column}", f"{name}.{column} has to be given"))
        found += [
            (f"{name}.{column}", f"{name}.{column} is new and has to be given")
            for column, one in new.columns.items()
            if column not in old.columns and not one.may_be_left_out
        ]
        stricter = [*(new.unique - old.unique), *(new.leads - old.leads)]
        found += [(f"{name}.{one[0]}", f"{name}: {', '.join(one)} is held to more") for one in stricter]
        found += [(name, f"{name}: {one} is new") for one in new.checks - old.checks]
    return [sentence for what, sentence in found if what not in contracts]


def shape_of(engine: Engine) -> Shape:
    seen = inspect(engine)
    return {name: _table(engine, name) for name in seen.get_table_names() if name != "alembic_version"}


def _table(engine: Engine, name: str) -> Table:
    seen = inspect(engine)
    columns = {
        one["name"]: Column(
            str(one["type"]),
            bool(one["nullable"]) or one.get("default") is not None or bool(one.get("autoincrement")),
        )
        for one in seen.get_columns(name)
    }
    unique = {tuple(one["column_names"]) for one in seen.get_unique_constraints(name)}
    unique |= {tuple(map(str, one["column_names"])) for one in seen.get_indexes(name) if one["unique"]}
    leads = {(*one["constrained_columns"], "→", one["referred_table"]) for one in seen.get_foreign_keys(name)}
    checks = {str(one["sqltext"]) for one in seen.get_check_constraints(name)}
    return Table(columns, frozenset(unique), frozenset(leads), frozenset(checks))


def announced() -> frozenset[str]:
    """What the steps since the release before say nobody uses any more."""
    said: set[str] = set()
    for path in STEPS.glob("[0-9]*.py"):
        if path.name[:4] > RELEASED:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CONTRACTS":
                    said |= {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}  # type: ignore[misc]
    return frozenset(said)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def test_the_release_before_finds_all_it_knows(engine: Engine) -> None:
    migrate(engine)
    after = shape_of(engine)
    step_back(engine, RELEASED)
    before = shape_of(engine)
    assert set(before) < set(after)
    assert breaks(before, after, announced()) == []


def test_a_release_has_one_step_at_most() -> None:
    assert len([path for path in STEPS.glob("[0-9]*.py") if path.name[:4] > RELEASED]) <= 1


MAY, MUST = True, False


def table(**columns: tuple[str, bool]) -> Table:
    """A table with a number and those columns: type, and whether it may be left out."""
    every = {"id": ("INTEGER", MUST), **columns}
    return Table({name: Column(*said) for name, said in every.items()})


ONE = table(name=("TEXT", MAY))


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (None, "places is gone"),
        (table(), "places.name is gone"),
        (table(name=("INTEGER", MAY)), "places.name was TEXT, is INTEGER"),
        (table(name=("TEXT", MUST)), "places.name has to be given"),
        (table(name=("TEXT", MAY), kind=("TEXT", MUST)), "places.kind is new and has to be given"),
        (replace(ONE, unique=frozenset({("name",)})), "places: name is held to more"),
        (replace(ONE, leads=frozenset({("name", "→", "names")})), "places: name, →, names is held to more"),
        (replace(ONE, checks=frozenset({"name <> ''"})), "places: name <> '' is new"),
    ],
)
def test_what_the_release_before_would_stumble_over_is_named(now: Table | None, what: str) -> None:
    assert breaks({"places": ONE}, {"places": now} if now else {}) == [what]


def test_what_adds_or_was_announced_is_no_breach() -> None:
    wider = table(name=("TEXT", MAY), kind=("TEXT", MAY))
    assert breaks({"places": ONE}, {"places": wider, "more": ONE}) == []
    assert breaks({"places": ONE}, {"places": table()}, frozenset({"places.name"})) == []
