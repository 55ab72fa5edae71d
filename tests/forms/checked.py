"""Small surveys and records for the tests of checks: questions by name, answers as keywords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Point, Rows, Survey, Watch, each_found
from forms.checks.roles import Roles, read_roles
from forms.checks.thresholds import Thresholds
from forms.schema import Choice, Node, Schema

HOME = timezone(timedelta(hours=7))
MORNING = datetime(2026, 8, 3, 8, 0, tzinfo=HOME)
_NUMBERS = ("n", "age", "birth", "grade", "minutes", "total", "men", "women")


def survey(roles: Mapping[str, str] | None = None, **numbers: float) -> Survey:
    """A survey with the questions that the roles name; `odd_hours__to=23.5` sets a number of a check."""
    said = read_roles([{"role": role, "value": value} for role, value in (roles or {}).items()])
    names = {part for value in said.values() for text in value for part in _names(text)}
    nodes = [Node("/person", "repeat", 0, control="repeat")]
    nodes += [
        Node(
            f"/person/{name}" if name.startswith("m_") else f"/{name}",
            _type(name),
            at,
            _table(name),
            "input",
            "list",
        )
        for at, name in enumerate(sorted(names), start=1)
    ]
    choices = {"list": (Choice("1", {"": "Chè"}), Choice("khac", {"": "Khác"}))}
    schema = Schema("f", "1", "F", "data", tuple(nodes), choices)
    values = {("", *name.split("__")): value for name, value in numbers.items()}
    thresholds = Thresholds(values)  # type: ignore[arg-type]
    return Survey("f", schema, Roles(schema, said), thresholds.of, MORNING.date())


def _names(text: str) -> list[str]:
    question, _, rest = text.partition("=")
    more = rest.partition("@")[0].split(":") if ":" in rest else []
    return [
        name for name in (question, *more) if name and not name.isdigit() and name not in {"person", "khac"}
    ]


def _type(name: str) -> str:
    return "int" if name.removeprefix("m_") in _NUMBERS else "string"


def _table(name: str) -> str:
    return "/person" if name.startswith("m_") else ""


def record(number: int = 1, **more: Any) -> Interview:
    """An interview of twenty minutes in the morning, received in the evening."""
    started = more.pop("started", MORNING)
    ended = more.pop("ended", started + timedelta(minutes=20) if started else None)
    received = more.pop("received", MORNING + timedelta(hours=12))
    more.setdefault("today", started.date() if started else None)
    more.setdefault("reported_on", date(2026, 8, 3))
    return Interview(
        number, f"uuid:{number}", more.pop("sender", "sender:1"), more.pop("device", ""), received,
        started=started, ended=ended, **more,
    )  # fmt: skip


def block(
    records: Sequence[Interview],
    answers: Any = None,
    people: Sequence[tuple[int, Mapping[str, Any]]] = (),
    **more: Any,
) -> Block:
    """Records of one village: answers of the form by question, people as (record, answers)."""
    root = Rows(
        "",
        [one.number for one in records],
        [one.key for one in records],
        {f"/{name}": column for name, column in (answers or {}).items()},
        more.pop("blank", [()] * len(records)),
    )
    names = dict.fromkeys(name for _record, said in people for name in said)
    rows = Rows(
        "/person",
        [number for number, _said in people],
        [f"uuid:{number}/person[{at}]" for at, (number, _said) in enumerate(people, start=1)],
        {f"/person/{name}": [said.get(name) for _record, said in people] for name in names},
        [()] * len(people),
    )
    place, commune = more.pop("place", "00715-001"), more.pop("commune", "00715")
    return Block(place, commune, records, {"": root, "/person": rows}, **more)


def found(watch: Watch, *blocks: Block) -> list[str]:
    """The codes of what a check finds."""
    return [one.check for one in all_found(watch, *blocks)]


def all_found(watch: Watch, *blocks: Block) -> list[Found]:
    """What a check finds."""
    return list(each_found([watch], blocks))


def at(*points: tuple[float, float]) -> Iterable[Point]:
    """Points so many metres north and east of a village."""
    degree = 111_194.926_644_558_73
    return [Point(21 + north / degree, 105 + east / degree) for north, east in points]
