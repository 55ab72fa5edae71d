"""An old register into an entity list: understood, looked up, told what is wrong; entered, taken back.

Why: an office's register has its own headings and words. What an officer chooses for them once is kept in
the batch of the file, and holds for the next one. Entering and taking back is `list_upload`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlalchemy.orm import Session

from collector.actions import list_upload
from collector.actions.list_upload import KIND, Checked, Import
from collector.actions.register_places import Asked, Doubtful, Found, Headings, find_places
from forms.member_rows import MemberRow, at
from forms.register_rows import NAMES, YEARS, Entries, Entry, read_rows, same_person, word_key
from forms.register_words import COMMUNE, VILLAGE, Field, Meanings, fields_of
from forms.registers import Column, Register, read_register
from forms.remarks import Remark, Weight
from forms.schema import Schema
from forms.vietnamese import folded
from forms.xform import read_schema
from storage.database import transaction
from storage.entities import lists
from storage.models import Batch, EntityList
from storage.queries import registers
from storage.queries.forms import version_xml
from storage.queries.volunteers import PlaceName

VILLAGE_CODE, VILLAGE_ID, COMMUNE_CODE = "village_code", "village_id", "commune_code"
_PLACES = (VILLAGE_CODE, VILLAGE_ID, COMMUNE_CODE)

THERE_ALREADY = Remark(
    "“{label}” of {place} is in the list already; this row is left out.",
    "Choose below that it is entered all the same, if these are two people.",
    weight=Weight.WARNING,
)
THERE_AGAIN = Remark(
    "“{label}” of {place} is in the list already; this row makes a second one.", "", weight=Weight.WARNING
)
TWICE = Remark(
    "Row {other} has the same name, year of birth and place.",
    "Remove one of them if it is the same person.",
    weight=Weight.WARNING,
)
NOBODY = Remark("Nobody new is left to enter.", "Everybody of this file is in the list already.")
COMMUNE_OF_TITLE = Remark(
    "Where no commune is said, “{name}” of the title is taken.", "", weight=Weight.NOTICE
)
REMARKS = (THERE_ALREADY, THERE_AGAIN, TWICE, NOBODY, COMMUNE_OF_TITLE)
"""What is said here and nowhere else."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an officer says of a file: what its columns mean by `column_id`, codes for words by `word_key`.

    `commune`: of the whole file, by name or code; `again`: who is in the list already is entered once more.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    commune: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A register as it was understood, nothing of it entered. `left_out`: rows of who is there already."""

    checked: Checked
    register: Register
    targets: Mapping[int, str]
    fields: Mapping[str, Field]
    entries: Entries
    doubtful: tuple[Doubtful, ...]
    commune: PlaceName | None
    left_out: int
    chosen: Chosen
    places: Mapping[int, PlaceName]


def column_id(column: Column) -> str:
    """How a column is called where a choice for it is kept: by its heading, without one by its number."""
    return column.key[:100] or f"#{column.number}"


def look(session: Session, where: EntityList, data: bytes, filename: str, chosen: Chosen) -> Looked:
    """Read a register and look everything in it up, within the places of whoever sends it.

    Raises FormRefused for a file that is no register.
    """
    every = fields(session, where)
    mine = {name: one for name, one in every.items() if name not in _PLACES}
    kept = _kept(session, where)
    register = read_register(data, filename, Meanings(mine, kept.columns))
    words = {**kept.words, **chosen.words}
    targets = _targets(register, mine, every, chosen)
    entries = read_rows(register, targets, mine, words)
    located = bool(every.keys() & set(_PLACES))
    found = (
        _located(session, register, targets, entries, replace(chosen, words=words)) if located else Found()
    )
    rows, told = _new(session, where, entries, found, _Terms(every, chosen.again, located))
    remarks = [*register.remarks, *entries.remarks, *found.remarks, *told]
    if located and found.commune and not chosen.commune:
        remarks.append(at(COMMUNE_OF_TITLE, 0, name=found.commune.name))
    remarks.sort(key=lambda remark: (remark.row, remark.weight != Weight.ERROR))
    headings = tuple(one.heading for one in register.columns)
    return Looked(
        Checked(tuple(rows), headings, tuple(remarks)),
        register,
        targets,
        mine,
        entries,
        tuple(found.doubtful),
        found.commune,
        len(entries.rows) - len(rows),
        chosen,
        found.places,
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """On what rows are entered: the list's properties, who is there again or not, whether it has places."""

    every: Mapping[str, Field]
    again: bool
    located: bool


def _new(
    session: Session, where: EntityList, entries: Entries, found: Found, terms: _Terms
) -> tuple[list[MemberRow], list[Remark]]:
    """The rows of who is not in the list yet, and what is to be said of those who may be."""
    rows: list[MemberRow] = []
    remarks: list[Remark] = []
    codes = {one.code for one in found.places.values()}
    ids = registers.uuids(session, codes)
    twins = _Twins(session, where, again=terms.again)
    twins.gather(codes if terms.located else None)
    for entry in entries.rows:
        place = found.places.get(entry.row)
        told = twins.remark(entry, place)
        remarks.extend(told)
        if not any(remark.cause == THERE_ALREADY.cause for remark in told):
            values = {**entry.values, **_place_values(place, ids, terms.every)}
            rows.append(MemberRow(entry.row, "", entry.label, values))
    if entries.rows and not rows:
        remarks.append(NOBODY)
    return rows, remarks


def fields(session: Session, where: EntityList) -> dict[str, Field]:
    """The properties of a list as the published forms ask for them; those the server computes left out."""
    names = [one.name for one in lists.properties(session, where.id) if not one.computed]
    forms = [
        (_schema(version_xml(session, version)), saved)
        for version, saved in registers.writers(session, where.id)
    ]
    return fields_of(where.name, names, forms)


@lru_cache(maxsize=8)
def _schema(xml: bytes) -> Schema:
    return read_schema(xml)


def _kept(session: Session, where: EntityList) -> Chosen:
    columns: dict[str, str] = {}
    words: dict[str, str] = {}
    for said in registers.earlier(session, where.project_id, KIND, where.id):
        columns |= said.get("columns", {})
        words |= said.get("words", {})
    return Chosen(columns, words)


def _targets(
    register: Register, mine: Mapping[str, Field], every: Mapping[str, Field], chosen: Chosen
) -> dict[int, str]:
    usable = Meanings(mine).usable
    found = {}
    for column in register.columns:
        target = chosen.columns.get(column_id(column), column.target)
        villages = VILLAGE_CODE in every or VILLAGE_ID in every
        lost = (target == VILLAGE and not villages) or (target == COMMUNE and not every.keys() & set(_PLACES))
        found[column.number] = target if usable(target) and not lost else ""
    return found


def _located(
    session: Session, register: Register, targets: Mapping[int, str], entries: Entries, chosen: Chosen
) -> Found:
    headings = {targets[one.number]: one.heading for one in register.columns}
    asked = Asked(chosen.commune, register.commune, register.village, chosen.words)
    return find_places(
        session, entries.rows, asked, Headings(headings.get(VILLAGE, ""), headings.get(COMMUNE, ""))
    )


def _place_values(
    place: PlaceName | None, ids: Mapping[str, str], every: Mapping[str, Field]
) -> dict[str, str]:
    if place is None:
        return {}
    village = place.level == "village"
    values = {
        VILLAGE_CODE: place.code if village else "",
        VILLAGE_ID: ids.get(place.code, "") if village else "",
        COMMUNE_CODE: place.parent_code if village else place.code,
    }
    return {name: text for name, text in values.items() if text and name in every}


class _Twins:
    """Who is in the list, or further up in the file, under the same name, year of birth and place."""

    def __init__(self, session: Session, where: EntityList, *, again: bool) -> None:
        self._session = session
        self._where = where
        self._again = again
        self._there: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._rows: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def gather(self, places: Collection[str] | None) -> None:
        for one in registers.members_at(self._session, self._where.id, places):
            name = next((one.data[key] for key in NAMES if one.data.get(key)), one.label)
            year = next((one.data[key] for key in YEARS if one.data.get(key)), "")
            self._there.setdefault((folded(name), one.place_code), []).append((year, one.label))

    def remark(self, entry: Entry, place: PlaceName | None) -> list[Remark]:
        name, year = folded(entry.name), entry.year
        key = name, place.code if place is not None else ""
        if not name:
            return []
        for other, label in self._there.get(key, ()):
            if same_person((name, year), (name, other)):
                remark = THERE_AGAIN if self._again else THERE_ALREADY
                return [at(remark, entry.row, label=label, place=place.name if place is not None else "–")]
        rows = self._rows.setdefault(key, [])
        told = [
            at(TWICE, entry.row, other=str(row))
            for other, row in rows
            if year == other and (year or place is not None)
        ]
        rows.append((year, entry.row))
        return told[:1]


# Entering ---------------------------------------------------------------------------------------


def enter(looked: Looked, wanted: Import) -> int:
    """Enter a register that was found good; returns the number of its batch, which `list_upload` undoes.

    What was chosen for its headings and words is kept for the next file.
    """
    number = list_upload.enter(looked.checked, wanted)
    suggested = {column_id(one): one.target for one in looked.register.columns}
    columns = {
        name: target
        for name, target in looked.chosen.columns.items()
        if name in suggested and suggested[name] != target and not name.startswith("#")
    }
    with transaction() as session:
        batch = session.get_one(Batch, number)
        said = {"columns": columns, "words": dict(looked.chosen.words), "left_out": looked.left_out}
        batch.summary = {**batch.summary, "register": said}
    return number


@dataclass(frozen=True, slots=True)
class Offer:
    """A word nobody knows, under what it stands, how often, and the codes it may be given."""

    key: str
    word: str
    name: str
    times: int
    choices: tuple[tuple[str, str], ...]


def offers(looked: Looked) -> Iterator[Offer]:
    """The words of a register that an officer may say the code of."""
    for one in looked.entries.unknown:
        known = looked.fields[one.name]
        choices = tuple((choice.name, known.label(choice.name)) for choice in known.choices)
        yield Offer(one.key, one.word, known.shown or one.name, one.times, choices)
    for village in looked.doubtful:
        choices = tuple((place.code, place.full) for place in village.offered)
        yield Offer(word_key(VILLAGE, village.word), village.word, "", village.times, choices)


def meanings(looked: Looked) -> Sequence[tuple[str, str]]:
    """What a column may be taken for besides a place and the label: (target, how it is shown)."""
    return Meanings(looked.fields).targets()
