"""The CSV files of a form as Central and Briefcase write them: the root, and one for each repeat.

Source: https://docs.getodk.org/central-submissions/#downloading-submissions-as-csvs; which column is
called what, and in what order, is as ODK Central 2026 does it, for scripts rely on both.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from io import StringIO
from operator import itemgetter
from typing import Any, Final, cast

import orjson

from forms.exports.harmless import harmless
from forms.exports.lines import AT_A_TIME, encoded, line, line_of
from forms.rows import Cell, Layout
from forms.schema import Node
from forms.values import PLAIN_BELOW, PLAIN_FROM, codes, iso_instant, java_double, read_instant

SYSTEM: Final = (
    "submission_date",
    "key",
    "submitter_id",
    "submitter_name",
    "attachments_present",
    "attachments_expected",
    "status",
    "review_state",
    "device_id",
    "edits",
    "form_version",
)
"""What the root's rows begin with. `key` is the instance id the record first came with, `status` is
None but for a record still encrypted, `form_version` is that of the record as first sent."""

REPEAT: Final = ("parent_key", "key")
"""What a repeat's rows begin with."""

AUDIT: Final = (
    "event",
    "node",
    "start",
    "end",
    "latitude",
    "longitude",
    "accuracy",
    "old-value",
    "new-value",
    "user",
    "change-reason",
)
"""The columns of an audit log. Source: https://docs.getodk.org/form-audit-log/"""

_HEADER_OF_SYSTEM = (
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
_HEADER_OF_REPEAT = ("PARENT_KEY", "KEY")
BOM: Final = b"\xef\xbb\xbf"
"""How Excel knows UTF-8."""

TAIL: Final = len(_HEADER_OF_SYSTEM)
"""Columns the root ends with that are no answers."""

_STATUS = SYSTEM.index("status")
_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")

# A logged answer may be longer than the 128 KB a field has by default; the file itself is bounded.
csv.field_size_limit(2**31 - 1)

_LONGEST_NAME = 255
_FORBIDDEN = re.compile(r'[/?<>\\:*|"\x00-\x1f\x80-\x9f]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """`split`: the codes to give columns of their own, by path of the select_multiple, in order.

    Central takes the codes that the exported records hold, sorted; a path that is missing stays one
    column. `group_paths` False leaves the names of groups out of the header. The rest Central has not:
    `labels` says what stands for names and codes, `zone` in which one moments are written, and a file that
    begins with `bom` is read as UTF-8 by Excel; `harmless` is for people's tables, where no text may be
    taken for a formula.
    """

    split: Mapping[str, Sequence[str]] = field(default_factory=dict)
    group_paths: bool = True
    labels: Labels | None = None
    zone: tzinfo | None = None
    bom: bool = False
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """What questions and codes are called: `heads` by path, `codes` by path and code.

    They stand instead of names and codes; with `both` every question that is chosen from a list has its
    label in a column of its own, `<name>-label`.
    """

    heads: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    both: bool = False

    def of(self, path: str, text: str) -> str:
        """The labels of the codes in an answer, with semicolons between; a code without one stands."""
        known = self.codes[path]
        return known[text] if text in known else "; ".join(known.get(code, code) for code in codes(text))


def csv_files(
    form_id: str, nodes: Sequence[Node], layout: Layout, options: CsvOptions | None = None
) -> tuple[CsvFile, ...]:
    """The files of a form: the root first, then its repeats in the order of the form.

    `nodes` are the fields to export (of the current version, or of all), `layout` the columns that
    hold them. `split` codes must be in the order wanted.
    """
    options = options or CsvOptions()
    repeats = [node for node in nodes if node.type == "repeat"]
    several = {name for name, count in Counter(node.name for node in repeats).items() if count > 1}
    met: Counter[str] = Counter()
    files = [CsvFile(file_name(form_id), "", nodes, layout, options=options)]
    for repeat in repeats:
        met[repeat.name] += 1
        suffix = f"~{met[repeat.name]}" if repeat.name in several else ""
        name = file_name(form_id, f"-{repeat.name}{suffix}")
        files.append(CsvFile(name, repeat.path, nodes, layout, options=options))
    return tuple(files)


class Packed(list[Sequence[Any]]):
    """Rows as a database writes them: `as_sent`, and one JSON array of the answers and what comes last.

    The root's begin with `submission_date`, and may end with what is no business of the file.
    Why: a database writes eighty answers as one text in half the time Python takes to fetch them.
    """


class CsvFile:
    """One file of the export: its `name`, its `header`, and the columns it `reads`.

    Where it `packs`, they may come as `Packed`, the first `in_front` of them apart.

    Each row handed to `pieces` holds the values of `reads` in that order: SYSTEM (the root) or
    REPEAT, then `as_sent`, then physical columns.
    """

    def __init__(
        self, name: str, path: str, nodes: Sequence[Node], layout: Layout, *, options: CsvOptions
    ) -> None:
        own = REPEAT if path else SYSTEM
        self.name = name
        self.path = path
        self._sent = len(own)
        self._columns = {column.path: column for column in layout.by_path[path].columns}
        self._names: list[str] = []
        self._header: list[str] = [] if path else ["SubmissionDate"]
        self._picks: list[int] = [] if path else [0]
        self._numbers: list[int] = []
        self._points: list[int] = []
        self._splits: list[tuple[int, Sequence[str]]] = []
        self._labelled: list[tuple[int, int, str]] = []
        self._moments: list[int] = []
        self._options = options
        self._single = self._repeat_line if path else self._root_line
        self._places: dict[str, int] = {}
        for node in nodes:
            if node.table == path and node.is_question:
                self._add(node, options)
        # The rest of what the rows begin with comes last.
        picks = [*self._picks, *((0, 1) if path else range(1, len(own)))]
        self._pick = itemgetter(*picks)
        header = (*self._header, *(_HEADER_OF_REPEAT if path else _HEADER_OF_SYSTEM))
        self.header = tuple(map(harmless, header)) if options.harmless else header
        self.reads = (*own, "as_sent", *self._names)
        # What has to be looked at or spelt anew comes as it is.
        retold = self._numbers or self._points or self._splits or self._labelled or options.zone
        self.packs = not retold and not options.harmless
        self.in_front = 0 if path else 1

    def _add(self, node: Node, options: CsvOptions) -> None:
        """One field: a column, the four of a point, or one more for each code that is split off."""
        column = self._columns[node.path]
        at = len(self._picks)
        self._places[column.name] = at
        stem = node.path[len(self.path) + 1 :].replace("/", "-") if options.group_paths else node.name
        labels = options.labels
        if labels is not None and not labels.both:
            stem = labels.heads.get(node.path) or stem
        heads = [stem]
        if node.type == "geopoint":
            self._points.append(at)
            heads = [f"{stem}-{part}" for part in _POINT]
        elif node.select_multiple and node.path in options.split:
            known = options.split[node.path]
            self._splits.append((at, known))
            called = labels.codes.get(node.path, {}) if labels is not None and not labels.both else {}
            heads += [f"{stem}/{called.get(code, code)}" for code in known]
        elif column.cell is Cell.DECIMAL:
            self._numbers.append(at)
        elif column.cell is Cell.DATETIME and options.zone is not None:
            self._moments.append(at)
        if labels is not None and node.path in labels.codes:
            if labels.both:
                heads.append(f"{stem}-label")
            self._labelled.append((at, at + len(heads) - 1 if labels.both else at, node.path))
        self._names.append(column.name)
        self._header += heads
        self._picks += [self._sent + len(self._names)] * len(heads)

    def pieces(self, rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
        """The file, header first, in pieces of some hundred rows."""
        yield self.head
        yield from self.body(rows)

    @property
    def head(self) -> bytes:
        """The first line."""
        return (BOM if self._options.bom else b"") + line(self.header).encode()

    def body(self, rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
        """The lines of these rows, for who gets them a page at a time."""
        if isinstance(rows, Packed):
            return (
                "".join(map(self._packed_line, rows[start : start + AT_A_TIME])).encode()
                for start in range(0, len(rows), AT_A_TIME)
            )
        return encoded(self.lines(rows))

    def _packed_line(self, row: Sequence[Any]) -> str:
        """The line of a row as `Packed` holds it."""
        if row[self.in_front] is not None:
            return line(self._single(self._unpacked(row)))
        rest = line_of(row[self.in_front + 1], len(self.header) - self.in_front)
        if self.path:
            return rest
        return f"{row[0] if isinstance(row[0], str) else iso_instant(row[0])},{rest}"

    def _unpacked(self, row: Sequence[Any]) -> Sequence[Any]:
        front, values = row[: self.in_front], orjson.loads(row[self.in_front + 1])
        answers = len(self._names)
        return (*front, *values[answers:], row[self.in_front], *values[:answers])

    def lines(self, rows: Iterable[Sequence[object]]) -> Iterator[list[Any]]:
        """The values of each line, in the order of the header: text, numbers, dates or None."""
        if isinstance(rows, Packed):
            rows = map(self._unpacked, rows)
        made = map(self._single, rows)
        retold = self._labelled or self._options.zone or self._options.harmless
        return map(self._retold, made) if retold else made

    def _root_line(self, row: Sequence[object]) -> list[object]:
        line = self._repeat_line(row)
        made = line[0]
        if isinstance(made, datetime):
            line[0] = iso_instant(made)
        if row[_STATUS] is not None:
            # What cannot be opened was not "not chosen".
            for at, known in self._splits:
                line[at + 1 : at + 1 + len(known)] = [None] * len(known)
        return line

    def _repeat_line(self, row: Sequence[object]) -> list[object]:
        line: list[Any] = list(self._pick(row))
        for at in self._numbers:
            number = line[at]
            if number is not None and not PLAIN_FROM <= number < PLAIN_BELOW:
                line[at] = java_double(number)
        for at in self._points:
            if line[at]:
                line[at : at + len(_POINT)] = _point(line[at])
        for at, known in self._splits:
            chosen = codes(line[at] or "")
            line[at + 1 : at + 1 + len(known)] = [int(code in chosen) for code in known]
        sent = row[self._sent]
        if sent is not None:
            self._restore(line, cast("str", sent))
        return line

    def _retold(self, line: list[object]) -> list[object]:
        """With labels for codes, and moments in the zone asked for."""
        labels, zone = self._options.labels, self._options.zone
        if labels is not None:
            for at, to, path in self._labelled:
                text = line[at]
                line[to] = labels.of(path, str(text)) if text else text
        if zone is not None:
            for at in self._moments if self.path else (0, *self._moments):
                line[at] = _in_zone(line[at], zone)
        if self._options.harmless:
            return [harmless(cell) if isinstance(cell, str) else cell for cell in line]
        return line

    def _restore(self, line: list[object], sent: str) -> None:
        """Put the text as sent where the value would print otherwise."""
        for name, text in orjson.loads(sent).items():
            if name in self._places:
                line[self._places[name]] = text


def file_name(form_id: str, rest: str = "") -> str:
    """The name of a form's CSV file, `<form id><rest>.csv`, fit for any disk."""
    # An id of 255 letters must not cut off what tells the files apart.
    room = _LONGEST_NAME - len(f"{rest}.csv".encode())
    return safe_name(form_id.encode()[:room].decode(errors="ignore") + rest) + ".csv"


def safe_name(name: str) -> str:
    """A file name without what some disk forbids; "" for one that is nothing else, or a device's."""
    name = _FORBIDDEN.sub("", name)
    if _DEVICE.fullmatch(name):
        return ""
    return name.rstrip(". ").encode()[:_LONGEST_NAME].decode(errors="ignore")


def audit_csv(logs: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """All audit logs as one file, from (instance id, `audit.csv` as sent), oldest record first.

    Nothing at all, not even a header, when there are no logs: Central then leaves the file out.
    """
    first = True
    for instance_id, data in logs:
        if first:
            yield line(("instance ID", *AUDIT)).encode()
            first = False
        yield from encoded([instance_id, *event] for event in audit_events(data))


def audit_events(data: bytes) -> Iterator[list[str]]:
    """The events of one log, each in the order of AUDIT; missing columns are "", others left out.

    Lines may be shorter than the header, and a second header may stand in the middle: a form update
    that logs more was installed while the form was being filled in.
    """
    text = data.decode("utf-8-sig", "replace")
    header: list[str] = []
    for row in csv.reader(StringIO(text, newline="")):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if not header or cells[:2] == list(AUDIT[:2]):
            header = cells
            continue
        event = dict(zip(header, cells, strict=False))
        yield [event.get(name, "") for name in AUDIT]


def _point(text: str) -> list[str]:
    parts = text.split()[: len(_POINT)]
    return parts + [""] * (len(_POINT) - len(parts))


def _in_zone(text: object, zone: tzinfo) -> object:
    if not isinstance(text, str) or not text:
        return text
    try:
        return read_instant(text).astimezone(zone).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return text
