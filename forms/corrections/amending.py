"""A corrected copy of a filled form: the answers that differ, and who it says it is; nothing else.

What the form works out from a corrected answer is worked out anew only where we worked out, from the
answers as they were, exactly what the phone had: else it is `stale`, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from forms.corrections.checking import (
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
class Amended:
    """What became of a correction: refused answers by spot, or the differences and what may be stale."""

    refused: Mapping[Spot, Refusal] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    stale: tuple[Spot, ...] = ()
    xml: bytes = b""


@dataclass(frozen=True)
class Names:
    """The id of the new version, the id of the one it corrects, and the day on which that happens."""

    instance_id: str
    deprecates: str
    today: date


def amend(data: bytes, logic: Logic, typed: Mapping[Spot, str], codes: Codes, names: Names) -> Amended:
    """Correct answers in a copy of what was sent; what is typed as it was before is no correction."""
    root = read(data).root
    before = Filled(deepcopy(root), logic.schema)
    after = Filled(root, logic.schema)
    refused: dict[Spot, Refusal] = {}
    differences: list[Difference] = []
    for spot, text in typed.items():
        try:
            new = _written(after, spot, text, logic, codes)
        except AnswerRefused as refusal:
            refused[spot] = refusal.refusal
            continue
        old = before.text(spot)
        if new != old:
            after.set(spot, new)
            differences.append(Difference(spot, old, new))
    for one in differences:
        found = unfit(after, one.spot, logic, names.today)
        if found is not None:
            refused[one.spot] = found
    if refused or not differences:
        return Amended(refused)
    worked = _Recalculation(before, after, logic)
    worked.run(one.spot for one in differences)
    _rename(root, names)
    xml = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Amended({}, (*differences, *worked.differences), tuple(worked.stale), xml)


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
    """Works out what rests on corrected answers, in the order in which one rests on the other."""

    def __init__(self, before: Filled, after: Filled, logic: Logic) -> None:
        self._before, self._after = before, after
        self._logic = logic
        self.differences: list[Difference] = []
        self.stale: list[Spot] = []

    def run(self, corrected: Iterator[Spot]) -> None:
        """Go through all that rests on these, and on what changes with them."""
        changed = {spot.path for spot in corrected}
        doubtful: set[str] = set()
        for path in self._logic.order:
            if self._logic.rests_on(path, doubtful) or (
                self._logic.rests_on(path, changed) and not self._work_out(path, changed)
            ):
                self._doubt(path, doubtful)

    def _work_out(self, path: str, changed: set[str]) -> bool:
        """Whether every answer to a calculation could be worked out; nothing is written where not."""
        node = self._logic.schema.by_path[path]
        found: list[tuple[Spot, str, str]] = []
        for row in self._after.rows_of(node.table):
            spot = Spot(row.key, path)
            if path not in row.answers:
                continue
            old_row = self._before.rows[row.key]
            try:
                old = self._answer(self._before, old_row, path)
                new = self._answer(self._after, row, path)
            except (CannotSay, RecursionError, OverflowError, ValueError):
                return False
            if old != self._before.text(spot):
                return False
            if new != old:
                found.append((spot, old, new))
        for spot, old, new in found:
            self._after.set(spot, new)
            self.differences.append(Difference(spot, old, new, worked_out=True))
            changed.add(path)
        return True

    def _answer(self, filled: Filled, row: Row, path: str) -> str:
        value = Working(filled, row, path).value(self._logic.calculations[path])
        return as_answer(value, self._logic.schema.by_path[path].type)

    def _doubt(self, path: str, doubtful: set[str]) -> None:
        doubtful.add(path)
        table = self._logic.schema.by_path[path].table
        self.stale += [Spot(row.key, path) for row in self._after.rows_of(table) if path in row.answers]
