"""① The rows of an old register as members of a list: dates, crosses and words as the forms write them.

Silent about: which villages there are, and who is in the list already; that is asked of the memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from forms.member_rows import LABEL_MISSING, LONGEST_TEXT, TEXT_LONG, at
from forms.register_words import COMMUNE, IGNORED, LABEL, MARK, VILLAGE, Field, squeezed
from forms.registers import Column, Register, RegisterRow
from forms.remarks import Remark, Weight

NAMES = ("full_name", "head_name", "class_name")
"""Properties that say who or what a member is, where it has no label of its own."""

YEARS = ("birth_year", "head_birth_year")

NOT_TAKEN = Remark(
    "The column “{name}” has no property in this list; its {filled} filled cells are not entered.",
    "Choose what it means, or leave it.",
    weight=Weight.WARNING,
)
TAKEN_TWICE = Remark(
    "The columns “{one}” and “{other}” mean the same.", "Choose for one of them that it is not taken."
)
WORD_UNKNOWN = Remark("“{text}” is none of the answers of “{name}”.", "Choose below what it stands for.")
WORD_NEAR = Remark("“{text}” is none of the answers of “{name}”.", "Did you mean: {near}?")
YEAR_BAD = Remark("“{text}” is no year of birth.", "Write four digits, for example 1985, or the date.")
DATE_BAD = Remark("“{text}” is no date.", "Write day/month/year, for example 05/09/2026.")
WHOLE_BAD = Remark("“{text}” is no whole number.", "Write digits only.")
MARK_BAD = Remark("“{text}” is neither a cross nor empty.", "Put an x where it applies.")
MARKS_DIFFER = Remark(
    "Two columns say different things: “{one}” and “{other}”.", "Leave the one that is right."
)
EMPTY_MEANS = Remark(
    "Where the column “{name}” is empty, “{other}” is entered.",
    "Choose that the column is not taken if this is not so.",
    weight=Weight.NOTICE,
)
REMARKS = (
    NOT_TAKEN, TAKEN_TWICE, WORD_UNKNOWN, WORD_NEAR, YEAR_BAD, DATE_BAD, WHOLE_BAD, MARK_BAD, MARKS_DIFFER,
    EMPTY_MEANS,
)  # fmt: skip
"""Everything that is said about a row."""

_CROSSES = frozenset({"x", "v", "co", "yes", "dung", "1", "x x", "xx"})
_SIGNS = frozenset("+✓✔☑×✗√*")
_NOTHING = frozenset({"0", "khong", "no", "ko"})
_NONE = re.compile(r"[-–—.\s]*")
_DATE = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: .*)?")
_YEAR = re.compile(r"(?:\d{1,2}\s*[/.\-]\s*)?((?:19|20)\d\d)(?:\.0)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as a register writes it: `values` in codes, the place still in its words."""

    row: int
    label: str
    values: Mapping[str, str]
    village: str = ""
    commune: str = ""

    @property
    def name(self) -> str:
        """Who it is."""
        return next((self.values[one] for one in NAMES if self.values.get(one)), self.label)

    @property
    def year(self) -> str:
        """The year of birth; "" where it is not known."""
        return next((self.values[one] for one in YEARS if self.values.get(one)), "")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word nobody knows: under which property, how it is written, how often. `key` names it."""

    name: str
    word: str
    times: int

    @property
    def key(self) -> str:
        """How an officer's choice for the word is kept."""
        return word_key(self.name, self.word)


@dataclass(slots=True)
class Entries:
    """What the rows say, and what is wrong with them."""

    rows: list[Entry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)


def word_key(name: str, word: str) -> str:
    """The name of a word under a property."""
    return f"{name}:{squeezed(word)}"[:200]


def read_rows(
    register: Register, targets: Mapping[int, str], fields: Mapping[str, Field], words: Mapping[str, str]
) -> Entries:
    """The members a register holds, each column taken for what `targets` says of it.

    `words`: codes an officer chose for words by `word_key`; "" leaves the cell out.
    """
    reading = _Rows(register, targets, fields, words)
    return reading.read()


def year_of(text: str) -> str | None:
    """The year in a cell, of a year, a month or a day; None where there is none of a living person."""
    found = _ISO.fullmatch(text)
    year = found[1] if found else None
    if year is None:
        day = _DATE.fullmatch(text)
        only = _YEAR.fullmatch(text)
        year = day[3] if day else only[1] if only else None
    return year if year is not None and 1890 <= int(year) <= 2100 else None  # noqa: PLR2004 - whoever may live


def date_of(text: str) -> str | None:
    """A day as forms write it; None where the text is none."""
    found, written = _ISO.fullmatch(text), _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        return date(int(written[3]), int(written[2]), int(written[1])).isoformat() if written else None
    except ValueError:
        return None


def whole_of(text: str) -> str | None:
    """A whole number without the dots Vietnamese puts between thousands."""
    digits = re.sub(r"[.,\s](?=\d{3}(?:\D|$))", "", text)
    return str(int(digits)) if re.fullmatch(r"\d{1,12}", digits) else None


def person_name(text: str) -> str:
    """A name with capitals where they belong: registers write it all in capitals, old fonts lose them."""
    words = text.split()
    if text.isupper() or text.islower():
        words = [word[:1].upper() + word[1:].lower() for word in words]
    return " ".join(words)


def label_of(values: Mapping[str, str]) -> str:
    """What people choose a member by, as the forms write it; "" without a name."""
    name = next((values[one] for one in NAMES if values.get(one)), "")
    year = next((values[one] for one in YEARS if values.get(one)), "")
    if name and values.get("phase") and values.get("term"):
        return f"{name} – GĐ{values['phase']}, kỳ {values['term']}"
    return f"{name} ({year})" if name and year else name


class _Rows:
    """One pass over the rows of a register."""

    def __init__(
        self,
        register: Register,
        targets: Mapping[int, str],
        fields: Mapping[str, Field],
        words: Mapping[str, str],
    ) -> None:
        self._register = register
        self._columns = {one.number: one for one in register.columns}
        self._targets = {number: target for number, target in targets.items() if target not in {"", IGNORED}}
        self._targets = {one: target for one, target in self._targets.items() if one in self._columns}
        self._fields = fields
        self._words = words
        self._entries = Entries()
        self._unknown: dict[tuple[str, str], int] = {}
        self._other = self._one_mark()

    def read(self) -> Entries:
        self._entries.remarks.extend(self._of_columns())
        for row in self._register.rows:
            entry = self._entry(row)
            if not entry.label:
                self._say(LABEL_MISSING, row.row, self._heading(*NAMES, LABEL))
            self._entries.rows.append(entry)
        self._entries.unknown = [Unknown(*one, times) for one, times in self._unknown.items()]
        return self._entries

    def _say(self, remark: Remark, row: int, column: str, **details: str) -> None:
        self._entries.remarks.append(at(remark, row, column, **details))

    def _heading(self, *wanted: str) -> str:
        return next((self._columns[one].heading for one, to in self._targets.items() if to in wanted), "")

    # Columns

    def _of_columns(self) -> Iterator[Remark]:
        first: dict[str, Column] = {}
        for number, column in self._columns.items():
            target = self._targets.get(number, "")
            field = self._fields.get(target)
            if not target and column.target != IGNORED:
                filled = sum(
                    number < len(row.cells) and bool(row.cells[number]) for row in self._register.rows
                )
                if filled:
                    name = column.heading or _letters(number)
                    yield at(NOT_TAKEN, 0, name, name=name, filled=str(filled))
            elif target and target in first and (MARK in target or (field and field.kind != "text")):
                yield at(TAKEN_TWICE, 0, "", one=first[target].heading, other=column.heading)
            first.setdefault(target, column)
        if self._other:
            number, code = self._other
            name, heading = self._targets[number].partition(MARK)[0], self._columns[number].heading
            yield at(EMPTY_MEANS, 0, heading, name=heading, other=self._fields[name].label(code))

    def _one_mark(self) -> tuple[int, str] | None:
        """The column of crosses whose empty cells mean the other of two codes, and that code."""
        for name, one_field in self._fields.items():
            about = [one for one, to in self._targets.items() if to.partition(MARK)[0] == name]
            if name != "sex" or len(about) != 1 or MARK not in self._targets[about[0]]:
                continue
            others = [
                one.name for one in one_field.choices if f"{name}{MARK}{one.name}" != self._targets[about[0]]
            ]
            if len(others) == 1:
                return about[0], others[0]
        return None

    # Rows

    def _entry(self, row: RegisterRow) -> Entry:
        values: dict[str, str] = {}
        for number, target in self._targets.items():
            text = row.cells[number] if number < len(row.cells) else ""
            if text and not _NONE.fullmatch(text):
                self._take(row.row, self._columns[number], target, text, values)
            elif self._other and self._other[0] == number:
                values.setdefault(target.partition(MARK)[0], self._other[1])
        for name in NAMES:
            if name in values:
                values[name] = person_name(values[name]) if name != "class_name" else values[name]
        if "phase_due" in self._fields and "phase_due" not in values and "lit_status" in values:
            values.update(_phase_due(values["lit_status"]))
        village, commune = values.pop(VILLAGE, ""), values.pop(COMMUNE, "")
        label = values.pop(LABEL, "") or label_of(values)
        return Entry(row.row, label, values, village or row.village, commune or row.commune)

    def _take(self, row: int, column: Column, target: str, text: str, values: dict[str, str]) -> None:
        if len(text) > LONGEST_TEXT:
            self._say(TEXT_LONG, row, column.heading, most=str(LONGEST_TEXT))
            return
        if MARK in target:
            self._mark(row, column, text, values)
            return
        field = self._fields.get(target, Field(target))
        if field.kind == "text":
            before = values.get(target, "")
            values[target] = " ".join(f"{before} {text}".split())
            return
        read = self._read(row, column, field, text)
        if read:
            values.setdefault(target, read)

    def _read(self, row: int, column: Column, field: Field, text: str) -> str | None:
        plain = {"year": (year_of, YEAR_BAD), "date": (date_of, DATE_BAD), "whole": (whole_of, WHOLE_BAD)}
        if field.kind in plain:
            read, remark = plain[field.kind]
            found = read(text)
            if found is None:
                self._say(remark, row, column.heading, text=text[:60])
            return found
        pieces = [text] if field.kind == "one" else [one for one in re.split(r"[;,\n]", text) if one.strip()]
        codes = [self._code(row, column, field, one) for one in pieces]
        return " ".join(code for code in codes if code)

    def _code(self, row: int, column: Column, field: Field, text: str) -> str:
        chosen = self._words.get(word_key(field.name, text))
        if chosen is not None:
            return chosen
        found = field.code(text)
        if found is None and _is_cross(text):
            # A cross under «Mù chữ» says what its heading says.
            found = field.code(column.heading)
        if found is not None:
            return found
        close = field.near(text)
        remark = WORD_NEAR if close else WORD_UNKNOWN
        self._say(remark, row, column.heading, text=text[:60], name=column.heading, near=", ".join(close))
        key = (field.name, " ".join(text.split())[:60])
        self._unknown[key] = self._unknown.get(key, 0) + 1
        return ""

    def _mark(self, row: int, column: Column, text: str, values: dict[str, str]) -> None:
        name, _, code = self._targets[column.number].partition(MARK)
        year = year_of(text)
        said = self._fields[name].code(text) if not _is_cross(text) else None
        if year is not None:
            # Registers write the year of birth under «Nam» or under «Nữ».
            values.update({one: year for one in YEARS if one in self._fields})
        elif squeezed(text) in _NOTHING:
            return
        elif said is None and not _is_cross(text):
            # Under «Năm sinh – Nữ» a number is a year that is written too short.
            self._say(YEAR_BAD if text.isdigit() else MARK_BAD, row, column.heading, text=text[:60])
            return
        found = said or code
        if values.setdefault(name, found) != found:
            labels = [self._fields[name].label(one) for one in (values[name], found)]
            self._say(MARKS_DIFFER, row, column.heading, one=labels[0], other=labels[1])


def _is_cross(text: str) -> bool:
    return squeezed(text) in _CROSSES or (bool(text.strip()) and set(text.strip()) <= _SIGNS)


def _phase_due(lit_status: str) -> dict[str, str]:
    phase = {"mc1": "1", "tmc": "1", "mc2": "2"}.get(lit_status)
    return {"phase_due": phase} if phase else {}


def _letters(number: int) -> str:
    """How Excel calls a column."""
    first, last = divmod(number, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)


def same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two (name folded, year) are likely one: the same name, born within a year or not known when."""
    if one[0] != other[0]:
        return False
    years = one[1], other[1]
    return not all(year.isdigit() for year in years) or abs(int(years[0]) - int(years[1])) <= 1
