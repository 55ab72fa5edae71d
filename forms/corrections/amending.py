"""A corrected copy of a filled form: the answers that differ, and who it says it is; nothing else.

What the form works out from a corrected answer is worked out anew only where we worked out, from the
answers as they were, exactly what the phone had: else it is `stale`, and said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from forms.corrections.checking import (
    BLANK_ROW,
    COUNTED,
    LOCKED,
    UNKNOWN,
    AnswerRefused,
    Codes,
    Refusal,
    editable,
    unfit,
    written,
)
from forms.corrections.filled import Filled, Row, Spot
from forms.corrections.logic import Logic
from forms.corrections.problems import RowUnknown
from forms.corrections.rosters import NO_ROWS, Rows, counting, with_rows, without_rows
from forms.corrections.working import CannotSay, Working, as_answer
from forms.submission import read

_OPENROSA = "http://openrosa.org/xforms"


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that is another one now. `worked_out`: nobody typed it."""

    spot: Spot
    before: str
    after: str
    worked_out: bool = False


@dataclass(frozen=True)
class Typed:
    """What somebody typed, by spots as the rows were numbered before, and the rows that come and go."""

    answers: Mapping[Spot, str]
    rows: Rows = NO_ROWS


@dataclass(frozen=True)
class Amended:
    """What became of a correction: refused answers by spot, or the differences and what may be stale.

    `rows` are the keys of rows that came or went.
    """

    refused: Mapping[Spot, Refusal] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    stale: tuple[Spot, ...] = ()
    xml: bytes = b""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """The id of the new version, the id of the one it corrects, and the day on which that happens."""

    instance_id: str
    deprecates: str
    today: date


def amend(data: bytes, logic: Logic, typed: Typed, codes: Codes, names: Names) -> Amended:
    """Correct answers in a copy of what was sent; what is typed as it was before is no correction.

    Raises RowUnknown for a row that cannot come or go.
    """
    return _Amending(read(data).root, logic, typed, names).run(codes)


class _Amending:
    """One correction: rows come, answers are written, rows go, and the rest is worked out."""

    def __init__(self, root: etree._Element, logic: Logic, typed: Typed, names: Names) -> None:
        self._root, self._logic, self._names = root, logic, names
        self._before = Filled(deepcopy(root), logic.schema)
        self._typed, self._rows = typed.answers, typed.rows
        wide = with_rows(Filled(root, logic.schema), typed.rows.added, logic.repeats, names.instance_id)
        if not set(typed.rows.removed) <= set(wide.rows):
            raise RowUnknown
        self._after = wide
        self._refused: dict[Spot, Refusal] = {}
        self._differences: list[Difference] = []

    def run(self, codes: Codes) -> Amended:
        self._write(codes)
        wide = self._after
        keys = {row.element: key for key, row in wide.rows.items()}
        self._after = without_rows(wide, self._rows.removed)
        numbered = {keys[row.element]: key for key, row in self._after.rows.items()}
        both = set(self._rows.added) & set(self._rows.removed)
        came_or_went = tuple(key for key in (*self._rows.added, *self._rows.removed) if key not in both)
        for one in self._differences:
            now = Spot(numbered.get(one.spot.row, ""), one.spot.path)
            found = unfit(self._after, now, self._logic, self._names.today)
            if found is not None:
                self._refused[one.spot] = found
        if self._refused or not (self._differences or came_or_went):
            return Amended(self._refused)
        tables = {wide.rows[key].table for key in came_or_went}
        origin = {now: key for key, now in numbered.items() if key in self._before.rows}
        worked = _Recalculation(self._before, self._after, self._logic, origin)
        worked.run({one.spot.path for one in self._differences}, tables)
        self._refused |= self._miscounted(tables)
        if self._refused:
            return Amended(self._refused)
        _rename(self._root, self._names)
        xml = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)
        changed = (*self._differences, *worked.differences)
        return Amended({}, changed, tuple(worked.stale), xml, came_or_went)

    def _write(self, codes: Codes) -> None:
        gone = tuple(self._rows.removed)
        for spot, text in self._typed.items():
            if any(spot.row == key or spot.row.startswith(f"{key}/") for key in gone):
                continue
            try:
                new = _written(self._after, spot, text, self._logic, codes)
            except AnswerRefused as refusal:
                self._refused[spot] = refusal.refusal
                continue
            old = self._after.text(spot)
            if new != old:
                self._after.set(spot, new)
                self._differences.append(Difference(spot, self._before.text(spot), new))
        said = {one.spot.row for one in self._differences}
        for key in self._rows.added:
            blank = next((spot for spot in self._typed if spot.row == key), None)
            if blank is not None and key not in said and key not in gone:
                self._refused.setdefault(blank, Refusal(BLANK_ROW))

    def _miscounted(self, tables: set[str]) -> dict[Spot, Refusal]:
        """Questions that say how many rows there are, where they were right before and are not now."""
        repeats, refused = self._logic.repeats, {}
        for table in sorted(tables):
            right = {
                spot
                for spot, number in counting(self._before, repeats, table)
                if self._before.text(spot) == str(number)
            }
            for spot, number in counting(self._after, repeats, table):
                asked = self._asked(spot.path)
                if spot in right and asked and self._after.text(spot) != str(number):
                    refused[Spot(spot.row, asked)] = Refusal(COUNTED, {"number": number})
        return refused

    def _asked(self, path: str) -> str:
        """The question somebody can answer behind a count; "" where it is worked out of several."""
        if editable(self._logic.schema.by_path[path], self._logic):
            return path
        behind = [
            one
            for one in self._logic.reads.get(path) or ()
            if editable(self._logic.schema.by_path[one], self._logic)
        ]
        return behind[0] if len(behind) == 1 else ""


def _written(filled: Filled, spot: Spot, text: str, logic: Logic, codes: Codes) -> str:
    if not filled.holds(spot):
        raise AnswerRefused(UNKNOWN)
    node = logic.schema.by_path[spot.path]
    if text.strip() == filled.text(spot):
        return filled.text(spot)
    if not editable(node, logic):
        raise AnswerRefused(LOCKED)
    return written(node, text, codes)


def renamed(data: bytes, names: Names) -> bytes:
    """The same answers again, as the next version: what undoes a correction."""
    root = read(data).root
    _rename(root, names)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def differences(before: bytes, after: bytes, logic: Logic) -> tuple[Difference, ...]:
    """What differs between two versions of a record, in the order of the form; ids are left out."""
    old, new = Filled(read(before).root, logic.schema), Filled(read(after).root, logic.schema)
    spots = dict.fromkeys((*new.spots(), *old.spots()))
    return tuple(
        Difference(spot, old.text(spot), new.text(spot), worked_out=spot.path in logic.calculations)
        for spot in spots
        if not spot.path.startswith("/meta/") and old.text(spot) != new.text(spot)
    )


def _rename(root: etree._Element, names: Names) -> None:
    for meta in root.iterchildren("{*}meta"):
        said = next(meta.iterchildren("{*}instanceID"), None)
        if said is not None:
            break
    else:
        meta = etree.SubElement(root, f"{{{_OPENROSA}}}meta")
        said = etree.SubElement(meta, f"{{{_OPENROSA}}}instanceID")
    said.text = names.instance_id
    deprecated = next(meta.iterchildren("{*}deprecatedID"), None)
    if deprecated is None:
        space = etree.QName(said).namespace
        deprecated = meta.makeelement(f"{{{space}}}deprecatedID" if space else "deprecatedID")
        said.addnext(deprecated)
        deprecated.tail, said.tail = said.tail, None
    deprecated.text = names.deprecates


class _Recalculation:
    """Works out what rests on corrected answers, in the order in which one rests on the other.

    `origin` names the row that each row was before; a new one is not in it.
    """

    def __init__(self, before: Filled, after: Filled, logic: Logic, origin: Mapping[str, str]) -> None:
        self._before, self._after = before, after
        self._logic, self._origin = logic, origin
        self.differences: list[Difference] = []
        self.stale: list[Spot] = []

    def run(self, corrected: set[str], tables: set[str]) -> None:
        """Go through all that rests on these answers and on rows that came or went, and on what changes."""
        changed = corrected | self._inside(tables)
        doubtful: set[str] = set()
        for path in self._logic.order:
            if self._logic.rests_on(path, doubtful) or (
                self._logic.rests_on(path, changed) and not self._work_out(path, changed)
            ):
                self._doubt(path, doubtful)
            elif self._logic.schema.by_path[path].table in tables:
                self._begin(path)

    def _inside(self, tables: set[str]) -> set[str]:
        return {
            node.path
            for node in self._logic.schema.nodes
            if any(node.path == table or node.path.startswith(f"{table}/") for table in tables)
        }

    def _work_out(self, path: str, changed: set[str]) -> bool:
        """Whether every answer to a calculation could be worked out; nothing is written where not."""
        node = self._logic.schema.by_path[path]
        found: list[tuple[Spot, str, str]] = []
        for row in self._after.rows_of(node.table):
            was = self._origin.get(row.key)
            if was is not None and path not in row.answers:
                continue
            try:
                old = "" if was is None else self._answer(self._before, self._before.rows[was], path)
                new = self._answer(self._after, row, path)
            except (CannotSay, RecursionError, OverflowError, ValueError):
                return False
            if was is not None and old != self._before.text(Spot(was, path)):
                return False
            if new != old:
                found.append((Spot(row.key, path), old, new))
        for spot, old, new in found:
            self._after.set(spot, new)
            self.differences.append(Difference(spot, old, new, worked_out=True))
            changed.add(path)
        return True

    def _begin(self, path: str) -> None:
        """What a new row works out by itself, whatever else was corrected."""
        for row in self._after.rows_of(self._logic.schema.by_path[path].table):
            spot = Spot(row.key, path)
            if row.key in self._origin or self._after.text(spot):
                continue
            try:
                new = self._answer(self._after, row, path)
            except (CannotSay, RecursionError, OverflowError, ValueError):
                self.stale.append(spot)
                continue
            if new:
                self._after.set(spot, new)

    def _answer(self, filled: Filled, row: Row, path: str) -> str:
        value = Working(filled, row, path).value(self._logic.calculations[path])
        return as_answer(value, self._logic.schema.by_path[path].type)

    def _doubt(self, path: str, doubtful: set[str]) -> None:
        doubtful.add(path)
        table = self._logic.schema.by_path[path].table
        self.stale += [Spot(row.key, path) for row in self._after.rows_of(table) if path in row.answers]
