"""19 · Rosters and sums that do not add up: rows and their declared number, men and women, heads, parents.

Roles: `declared` (`members_n=member`: the number and the repeat it counts), `total` (`pop_t=pop_m:pop_f`,
the parts divided by colons), `is_head`, `is_child`, `is_parent` (answers: child, parent of the head),
`birth`.
Silent when: a part is missing; the parent is just `years` older.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from forms.checks.check import ERROR, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.often import said
from forms.checks.ranges import as_number

COUNT = Check(
    "roster_count",
    ERROR,
    "Number of rows is not the number given",
    "{declared} were declared, {listed} are listed.",
    "Ask who is missing, or who does not belong there.",
)
TOTAL = Check(
    "total_differs",
    ERROR,
    "Parts do not make the total",
    "The parts make {parts}, the total says {total}.",
    "Correct the part or the total.",
)
HEADS = Check(
    "roster_heads",
    ERROR,
    "Not exactly one head",
    "The household has {heads} heads.",
    "Ask who the head is.",
)
PARENT = Check(
    "parent_too_young",
    ERROR,
    "Parent too young",
    "Between parent ({parent}) and child ({child}) lie fewer than {years} years.",
    "Ask both years of birth again, or how they are related.",
    {"years": Threshold(13, 0, 60)},
)
CHECKS = (COUNT, TOTAL, HEADS, PARENT)

HEAD, CHILD, PARENT_OF = "head", "child", "parent"


def too_young(births: Iterable[tuple[str, float]], years: float) -> Iterator[tuple[int, float, float]]:
    """Of relation and year of birth of a household: place in it, parent's year and child's year."""
    people = list(births)
    heads = [year for relation, year in people if relation == HEAD]
    if len(heads) != 1:
        return
    for at, (relation, year) in enumerate(people):
        if relation == CHILD and year - heads[0] < years:
            yield at, heads[0], year
        if relation == PARENT_OF and heads[0] - year < years:
            yield at, year, heads[0]


class RosterTotals(Watch):
    """Each record by itself."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        roles = survey.roles
        self._declared = [(one.path, roles.repeat(one.code)) for one in roles.answers("declared")]
        self._totals = [
            (
                one.path,
                [
                    node.path
                    for name in one.code.split(":")
                    for node in survey.schema.questions
                    if node.name == name
                ],
            )
            for one in roles.answers("total")
        ]
        self._relations = [
            (answer, relation)
            for role, relation in (("is_head", HEAD), ("is_child", CHILD), ("is_parent", PARENT_OF))
            for answer in roles.answers(role)
        ]
        self._birth = roles.path("birth")
        self._on = {check.code: survey.on(check.code) for check in CHECKS}

    def see(self, block: Block) -> Iterable[Found]:
        """What does not add up."""
        if self._on[COUNT.code]:
            yield from self._counts(block)
        if self._on[TOTAL.code]:
            yield from self._sums(block)
        yield from self._people(block)

    def _counts(self, block: Block) -> Iterator[Found]:
        for path, repeat in self._declared:
            table = block.tables.get(repeat or "")
            if not repeat or table is None:
                continue
            listed = Counter(table.records)
            for one, value in zip(block.interviews, block.root.column(path), strict=True):
                number = as_number(value)
                if number is not None and number != listed[one.number]:
                    details = {"declared": f"{number:g}", "listed": str(listed[one.number])}
                    yield Found(
                        COUNT.code,
                        (one.number,),
                        path,
                        value=details["listed"],
                        expected=details["declared"],
                        details=details,
                    )

    def _sums(self, block: Block) -> Iterator[Found]:
        for path, parts in self._totals:
            table = block.table_of(path)
            if table is None:
                continue
            columns = [table.column(part) for part in (path, *parts)]
            for record, key, *values in zip(table.records, table.keys, *columns, strict=True):
                total, *numbers = (as_number(value) for value in values)
                known = [number for number in numbers if number is not None]
                if total is not None and len(known) == len(parts) and sum(known) != total:
                    details = {"parts": f"{sum(known):g}", "total": f"{total:g}"}
                    yield Found(
                        TOTAL.code, (record,), path, key, f"{total:g}", f"{sum(known):g}", details=details
                    )

    def _people(self, block: Block) -> Iterator[Found]:
        table = block.table_of(self._relations[0][0].path) if self._relations else None
        if table is None:
            return
        relations = [self._relation(value) for value in table.column(self._relations[0][0].path)]
        rows: defaultdict[int, list[int]] = defaultdict(list)
        for at, record in enumerate(table.records):
            rows[record].append(at)
        births = [as_number(None if one is None else str(one)[:4]) for one in table.column(self._birth)]
        for record, several in rows.items():
            heads = sum(relations[at] == HEAD for at in several)
            if self._on[HEADS.code] and heads != 1:
                yield Found(
                    HEADS.code, (record,), value=str(heads), expected="1", details={"heads": str(heads)}
                )
            if self._on[PARENT.code]:
                yield from self._young(record, several, relations, births, table.keys)

    def _relation(self, value: object) -> str:
        if value is None:
            return ""
        return next((relation for answer, relation in self._relations if said(value, answer.code)), "")

    def _young(
        self,
        record: int,
        several: Sequence[int],
        relations: Sequence[str],
        births: Sequence[float | None],
        keys: Sequence[str],
    ) -> Iterator[Found]:
        years = self._survey.numbers(PARENT.code)["years"]
        known = [(at, birth) for at in several if (birth := births[at]) is not None]
        for place, parent, child in too_young(((relations[at], birth) for at, birth in known), years):
            details = {"parent": f"{parent:g}", "child": f"{child:g}", "years": f"{years:g}"}
            value = f"{parent:g}, {child:g}"
            key = keys[known[place][0]]
            yield Found(PARENT.code, (record,), self._birth or "", key, value, variant=value, details=details)
