"""⑨ Figures as files: which cells a file holds, its lines in words or codes, what is noted beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from sqlalchemy.orm import Session

from collector.actions.cells import LEVELS_KEPT, Line, freshness, pages, stored_kind
from collector.actions.reading import spoken
from collector.problems import TooManyFigures
from forms.exports.figures import COLUMNS, Book, Value, csv_pieces, sdmx_pieces, write_workbook
from forms.periods import SPOKEN
from forms.values import HOME
from storage.problems import IndicatorNotFound, LevelUnknown, PeriodUnknown
from storage.queries import cell_rows, lists
from storage.queries.cell_rows import Wanted
from storage.queries.places import get_place

if TYPE_CHECKING:
    # Their parser takes a while to import, and most processes never need it.
    from collector.actions.definitions import Settled
    from forms.indicators.definition import Indicator

MOST_IN_A_BOOK = 100_000
"""Lines of one workbook: more take a machine too long, and nobody reads them in Excel."""

OF_TARGET = "target"
"""What a line says it is split by where it is of the communes only that a target speaks of."""

Worded = Callable[[Line], tuple[str, str]]


@dataclass(frozen=True)
class Words:
    """In which words a file speaks: the codes themselves unless said otherwise.

    `heads` are the words over the columns by name, `codes` words for levels, statuses, states, comparisons;
    `split` says what a line is split by and its part. `notes` has the words of the second sheet.
    """

    language: str = "vi"
    titles: tuple[str, str] = ("figures", "notes")
    heads: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    split: Worded | None = None

    def said(self, code: str | None) -> str:
        """A code in words."""
        return self.codes.get(code or "", code or "")


def wanted_of(session: Session, project_id: int, asked: Mapping[str, str]) -> Wanted:
    """Which cells an address asks for: `code`, `area`, `level`, `period`, `by`, several with commas between.

    `by` is a name of what figures are split by, `all` for every split; without it all together. Raises
    IndicatorNotFound, PlaceUnknown, LevelUnknown, PeriodUnknown.
    """
    from collector.actions.definitions import definitions_of

    codes, periods = _several(asked, "code"), _several(asked, "period")
    known = {one.indicator.code for one in definitions_of(session, project_id).indicators}
    for code in codes:
        if code not in known:
            raise IndicatorNotFound(code=code)
    for period in periods:
        if stored_kind(period) is None:
            raise PeriodUnknown(period=period[:40], known=SPOKEN)
    area, level, by = asked.get("area") or None, asked.get("level") or None, _several(asked, "by")
    if area is not None:
        get_place(session, area)
    if level is not None and level not in LEVELS_KEPT:
        raise LevelUnknown(level=level, known=", ".join(LEVELS_KEPT))
    return Wanted(
        project_id, codes, periods, area=area, level=level, by=None if by == ("all",) else by or ("",)
    )


def _several(asked: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(asked.get(name, "").replace(",", " ").split()))


def csv_file(session: Session, wanted: Wanted, words: Words, *, for_people: bool) -> Iterator[bytes]:
    """The cells as CSV, some at a time."""
    header = [words.heads.get(name, name) for name in COLUMNS]
    return csv_pieces(header, _lines(session, wanted, words), for_people=for_people)


def sdmx_file(session: Session, wanted: Wanted) -> Iterator[bytes]:
    """The cells as SDMX-CSV 2.0, some at a time."""
    return sdmx_pieces(_lines(session, wanted, Words()))


def excel_file(session: Session, wanted: Wanted, words: Words, now: datetime) -> IO[bytes]:
    """The cells as a workbook in a nameless file, at its end. Raises TooManyFigures."""
    count = cell_rows.count(session, wanted)
    if count > MOST_IN_A_BOOK:
        raise TooManyFigures(count=count, limit=MOST_IN_A_BOOK)
    header = [words.heads.get(name, name) for name in COLUMNS]
    book = Book(words.titles, header, COLUMNS, _notes(session, wanted, words, now))
    file = TemporaryFile()  # noqa: SIM115 - who gets it closes it
    write_workbook(file, book, _lines(session, wanted, words))
    return file


def _lines(session: Session, wanted: Wanted, words: Words) -> Iterator[list[Sequence[Value]]]:
    from collector.actions.definitions import definitions_of

    known = {
        one.indicator.code: one.indicator for one in definitions_of(session, wanted.project_id).indicators
    }
    for page in pages(session, wanted):
        parents = {one.place.parent_code for one in page if one.place and one.place.parent_code}
        above = lists.place_names(session, parents)
        # A cell whose indicator has just gone waits to be removed.
        yield [_line(one, known[one.cell.code], above, words) for one in page if one.cell.code in known]


def _line(line: Line, one: Indicator, above: Mapping[str, str], words: Words) -> Sequence[Value]:
    cell, place, target = line.cell, line.place, line.target
    split, part = words.split(line) if words.split is not None else split_codes(line)
    parent = place.parent_code or "" if place else ""
    return (
        cell.code,
        spoken(one.labels, (), words.language) or cell.code,
        one.unit,
        cell.period,
        cell.place_code,
        place.name if place else words.said("country"),
        words.said(place.level if place else "country"),
        parent,
        above.get(parent, ""),
        split,
        part,
        cell.numerator,
        cell.denominator,
        cell.value,
        cell.counted,
        cell.expected,
        cell.received,
        line.completeness,
        cell.target_value,
        words.said(target.comparison) if target else "",
        target.deadline if target else None,
        target.plan if target else "",
        target.source if target else "",
        cell.to_reach,
        words.said(cell.status),
        words.said(line.state),
        cell.computed_at,
    )


def split_codes(line: Line) -> tuple[str, str]:
    """What a line is split by and its part, as codes."""
    if line.part:
        return OF_TARGET, line.cell.split[1:]
    return next(iter(line.split.items()), ("", ""))


def _notes(session: Session, wanted: Wanted, words: Words, now: datetime) -> list[Sequence[Value]]:
    from collector.actions.definitions import definitions_of

    fresh, word = freshness(session, wanted.project_id, now), words.notes.get
    place = get_place(session, wanted.area).name if wanted.area else ""
    moment = fresh.as_of.astimezone(HOME).replace(tzinfo=None) if fresh.as_of else None
    return [
        (word("data", "Data"),),
        (word("as_of", "as of"), moment),
        (word("pending", "changes not in it yet"), fresh.pending),
        (word("area", "area"), place),
        (word("period", "period"), ", ".join(wanted.periods)),
        (),
        (word("indicators", "Indicators"),),
        *_definitions(definitions_of(session, wanted.project_id), wanted.codes, words.language),
    ]


def _definitions(settled: Settled, codes: Collection[str], language: str) -> Iterator[Sequence[Value]]:
    for one in (defined.indicator for defined in settled.indicators):
        if not codes or one.code in codes:
            said = (spoken(several, (), language) for several in (one.labels, one.definitions))
            yield (one.code, *said, one.source, one.unit, one.direction)
