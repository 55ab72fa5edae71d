"""⑧ Figures: which ones the surveys define, and what they come to, place by place, as of now.

Sums are added up to the place asked for, and divided last. Figures of few people are shown as they are:
small cells are not suppressed here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from forms.places import COMMUNE, PROVINCE, VILLAGE
from forms.schema import Schema
from forms.spreadsheet import SheetRow
from forms.xform import read_schema
from storage.database import db
from storage.models import Place
from storage.problems import IndicatorAmbiguous, IndicatorNotFound, LevelUnknown, PlaceUnknown, SplitUnknown
from storage.queries import forms
from storage.queries.indicators import Sums, Survey, places_with_parents, sums, surveys

if TYPE_CHECKING:
    # Its parser takes a while to import, and most processes never measure.
    from forms.indicators.definition import Indicator

LEVELS = (VILLAGE, COMMUNE, PROVINCE)
"""From the narrowest to the widest."""

_KEPT = 200


@dataclass(frozen=True)
class Defined:
    """An indicator and the survey that defines it; `place_path` is the question that says where."""

    survey: Survey
    indicator: Indicator
    place_path: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a figure is asked for.

    `by`: names of questions it may be split by. `area`: the code of a place, only what lies in it.
    `level`: the level places are added up to; None keeps the places as the records name them.
    """

    by: tuple[str, ...] = ()
    area: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its sums, the records it rests on, and the value, None where it divides by nothing."""

    numerator: float
    denominator: float | None
    value: float | None
    counted: int


@dataclass(frozen=True, slots=True)
class Row:
    """The figure of one place (code "" = none given; name None = code unknown) and one split."""

    code: str
    place: Place | None
    split: Mapping[str, str | None]
    figure: Figure


@dataclass(frozen=True)
class Measured:
    """An indicator as of now: all together, and by place and split."""

    total: Figure
    rows: tuple[Row, ...]


class Definitions:
    """Indicators by form version, read once for as long as the survey stays the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Survey, tuple[Defined, ...]]] = OrderedDict()

    def of(self, session: Session, survey: Survey) -> tuple[Defined, ...]:
        """What a survey defines."""
        known = self._kept.get(survey.version_id)
        if known is not None and known[0] == survey:
            return known[1]
        found = _read(survey, read_schema(forms.version_xml(session, survey.version_id)))
        self._kept[survey.version_id] = (survey, found)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


_definitions = Definitions()


def _read(survey: Survey, schema: Schema) -> tuple[Defined, ...]:
    from forms.indicators.reading import read_indicators

    rows = [SheetRow("indicators", one["row"], one["cells"]) for one in survey.sheets["indicators"]]
    place = _place_path(survey, schema)
    return tuple(Defined(survey, one, place) for one in read_indicators(rows, schema))


def _place_path(survey: Survey, schema: Schema) -> str | None:
    """The last question of the root table that is marked as the place: the narrowest one."""
    marks = survey.sheets.get("marks", {})
    paths = [
        node.path
        for node in schema.questions
        if not node.table and marks.get(node.path, {}).get("unit") == "place"
    ]
    return paths[-1] if paths else None


def indicators(session: Session, project_ids: Collection[int]) -> list[Defined]:
    """Every indicator of the current versions of the forms in these projects."""
    return [one for survey in surveys(session, project_ids) for one in _definitions.of(session, survey)]


def find(session: Session, project_ids: Collection[int], code: str, *, form_id: str | None = None) -> Defined:
    """The indicator of that code.

    Raises IndicatorNotFound, and IndicatorAmbiguous where several forms have it.
    """
    found = [
        one
        for one in indicators(session, project_ids)
        if one.indicator.code == code and form_id in {None, one.survey.xml_form_id}
    ]
    if not found:
        raise IndicatorNotFound(code=code)
    if len(found) > 1:
        raise IndicatorAmbiguous(code=code, forms=", ".join(one.survey.xml_form_id for one in found))
    return found[0]


def measure(defined: Defined, wanted: Wanted) -> Measured:
    """The figures of an indicator from the answers there are now.

    Raises PlaceUnknown, LevelUnknown, SplitUnknown.
    """
    if wanted.level is not None and wanted.level not in LEVELS:
        raise LevelUnknown(level=wanted.level, known=", ".join(LEVELS))
    indicator = _split(defined.indicator, wanted.by)
    approved = defined.survey.sheets.get("counts") == "approved"
    # One connection at a time: many who measure at once would else wait for each other's second one.
    db.session().rollback()
    found = sums(defined.survey.form_id, indicator, place_path=defined.place_path, approved=approved)
    session = db.session()
    if wanted.area is not None and session.get(Place, wanted.area) is None:
        raise PlaceUnknown(code=wanted.area)
    tree = places_with_parents(session, {one.place for one in found})
    cells: dict[tuple[str, tuple[str | None, ...]], list[Sums]] = {}
    for one in found:
        above = _above(tree, one.place)
        if wanted.area in {None, *above}:
            code = _at_level(tree, above, wanted)
            cells.setdefault((code, one.split), []).append(one)
    names = [answer.name for answer in indicator.disaggregate]
    rows = [
        Row(code, tree.get(code), dict(zip(names, split, strict=True)), _added(indicator, several))
        for (code, split), several in sorted(cells.items(), key=_order)
    ]
    return Measured(_added(indicator, [one for several in cells.values() for one in several]), tuple(rows))


def _split(indicator: Indicator, by: Sequence[str]) -> Indicator:
    known = {answer.name: answer for answer in indicator.disaggregate}
    for name in by:
        if name not in known:
            raise SplitUnknown(code=indicator.code, name=name, known=", ".join(known) or "–")
    return replace(indicator, disaggregate=tuple(known[name] for name in dict.fromkeys(by)))


def _above(tree: Mapping[str, Place], code: str) -> list[str]:
    """A place and everything it lies in, innermost first; one nobody knows is all alone."""
    above = [code]
    while (place := tree.get(above[-1])) is not None and place.parent_code:
        above.append(place.parent_code)
    return above


def _at_level(tree: Mapping[str, Place], above: Sequence[str], wanted: Wanted) -> str:
    """Where a record is added up: never beyond the area asked for, of which alone the sums are."""
    if wanted.level is None or above[0] not in tree:
        return above[0]
    widest = LEVELS.index(wanted.level)
    for code in above:
        if code == wanted.area or LEVELS.index(tree[code].level) >= widest:
            return code
    return above[-1]


def _order(cell: tuple[tuple[str, tuple[str | None, ...]], list[Sums]]) -> tuple[str, tuple[str, ...]]:
    (code, split), _sums = cell
    return code, tuple(part or "" for part in split)


def _added(indicator: Indicator, several: Sequence[Sums]) -> Figure:
    numerator = sum((one.numerator for one in several), 0.0)
    below = [one.denominator for one in several if one.denominator is not None]
    denominator = sum(below, 0.0) if indicator.denominator is not None else None
    counted = sum(one.counted for one in several)
    return Figure(numerator, denominator, indicator.value(numerator, denominator), counted)
