"""Volunteers from a spreadsheet: looked up, told what is wrong, entered together, taken back together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from collector.accounts.permissions import APP_USER
from collector.accounts.secrets import Vault, fingerprint, new_token
from collector.actions.whereabouts import Whereabouts
from forms.remarks import Remark, Weight
from forms.vietnamese import folded
from forms.volunteers import FORM_UNKNOWN, PHONE_TAKEN, Person, at, read_volunteers
from storage.database import Base
from storage.groups import in_groups
from storage.models import Batch
from storage.queries import lists, volunteers

KIND = "volunteers"
_FORMS_TOLD = 12
_TABLES = Base.metadata.tables
_ACTORS, _PHONES = _TABLES["actors"], _TABLES["app_users"]
_ASSIGNMENTS, _ITEMS = _TABLES["assignments"], _TABLES["batch_items"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the file who may be entered: `forms` None means every form, now and later.

    A village's access has a `short_code`, and the code of its place as `village` (see `village_codes`).
    """

    row: int
    name: str
    phone: str
    organisation: str
    places: Mapping[str, str]
    forms: tuple[int, ...] | None
    short_code: str = ""
    village: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it was understood, nothing of it entered yet."""

    people: tuple[Candidate, ...]
    remarks: tuple[Remark, ...]

    @property
    def errors(self) -> tuple[Remark, ...]:
        """What keeps the whole file out."""
        return tuple(remark for remark in self.remarks if remark.weight == Weight.ERROR)


def check(session: Session, project_id: int, data: bytes, filename: str) -> Checked:
    """Read a file and look everything in it up, within the places of whoever sends it.

    Raises FormRefused for a file that is no such list.
    """
    read = read_volunteers(data, filename)
    finder = Whereabouts(session, read.people)
    surveys = _Surveys(session, project_id)
    taken = volunteers.taken(session, project_id, {one.phone for one in read.people if one.phone})
    remarks, people = list(read.remarks), []
    for person in read.people:
        if person.phone in taken:
            column = read.columns.get("phone", "")
            remarks.append(at(PHONE_TAKEN, person.row, column, name=taken[person.phone], text=person.phone))
        places, where = finder.places(person, read.columns)
        forms, which = surveys.chosen(person, read.columns.get("forms", ""))
        remarks += [*where, *which]
        people.append(Candidate(person.row, person.name, person.phone, person.organisation, places, forms))
    remarks.sort(key=lambda remark: (remark.row, remark.weight != Weight.ERROR))
    return Checked(tuple(people), tuple(remarks))


def whereabouts(session: Session, villages: Sequence[str]) -> tuple[dict[str, str], list[Remark]]:
    """The places that somebody typed, code to name, and what cannot be understood about them."""
    person = Person(0, "", "", "", "", tuple(villages), ())
    return Whereabouts(session, [person]).places(person, {"villages": ""})


class _Surveys:
    """The forms of a project under what a list may call them."""

    def __init__(self, session: Session, project_id: int) -> None:
        lines = lists.survey_lines(session, project_id)
        self._ids = [line.form.xml_form_id for line in lines]
        self._by: dict[str, int] = {}
        for line in lines:
            self._by.setdefault(folded(line.title), line.form.id)
        self._by.update((folded(line.form.xml_form_id), line.form.id) for line in lines)

    def chosen(self, person: Person, column: str) -> tuple[tuple[int, ...] | None, list[Remark]]:
        if not person.forms:
            return None, []
        known = ", ".join(self._ids[:_FORMS_TOLD])
        found = {text: self._by.get(folded(text)) for text in person.forms}
        unknown = [
            at(FORM_UNKNOWN, person.row, column, text=text[:60], known=known)
            for text, number in found.items()
            if number is None
        ]
        return tuple(dict.fromkeys(number for number in found.values() if number is not None)), unknown


@dataclass(frozen=True, slots=True)
class Import:
    """Where people are entered, who does it, from which file; `ticket` tells one attempt from another.

    `kind` is what the batch is called.
    """

    project_id: int
    actor_id: int | None
    file_name: str
    ticket: str = ""
    kind: str = KIND
    now: datetime = field(kw_only=True)


def seal_tokens(people: Sequence[Candidate], vault: Vault) -> list[tuple[str, bytes]]:
    """A fingerprint and a sealed copy of a fresh token for each: made before the database is held."""
    tokens = [new_token() for _ in people]
    return [(fingerprint(token), vault.seal(token)) for token in tokens]


def enter(
    session: Session, people: Sequence[Candidate], tokens: Sequence[tuple[str, bytes]], wanted: Import
) -> Batch:
    """Enter the people of a file that was found good, all at once, as a batch.

    A few statements for all of them: a file of the greatest length holds the writer for about 0.2 s.
    """
    batch = Batch(
        kind=wanted.kind,
        project_id=wanted.project_id,
        actor_id=wanted.actor_id,
        file_name=wanted.file_name[:255],
        summary={"people": len(people), "ticket": wanted.ticket},
        created_at=wanted.now,
    )
    session.add(batch)
    session.flush()
    if not people:
        return batch
    numbers = session.scalars(
        insert(_ACTORS).returning(_ACTORS.c.id, sort_by_parameter_order=True),
        [{"type": "field_key", "display_name": one.name, "created_at": wanted.now} for one in people],
    ).all()
    rows: defaultdict[Table, list[dict[str, object]]] = defaultdict(list)
    for number, one, token in zip(numbers, people, tokens, strict=True):
        for table, row in _rows(number, one, token, wanted):
            rows[table].append(row)
        rows[_ITEMS].append({"batch_id": batch.id, "noun": "app_user", "key": str(number), "before": None})
    for table, several in rows.items():
        session.execute(insert(table), several)
    return batch


def _rows(
    number: int, one: Candidate, token: tuple[str, bytes], wanted: Import
) -> Iterator[tuple[Table, dict[str, object]]]:
    yield (
        _PHONES,
        {
            "actor_id": number,
            "project_id": wanted.project_id,
            "token_hash": token[0],
            "token_sealed": token[1],
            "all_forms": one.forms is None,
            "place_codes": list(one.places),
            "phone": one.phone or None,
            "organisation": one.organisation or None,
            "short_code": one.short_code or None,
            "village": one.village or None,
            "created_by": wanted.actor_id,
        },
    )
    for form_id in one.forms or ():
        yield (
            _ASSIGNMENTS,
            {"actor_id": number, "role": APP_USER, "project_id": wanted.project_id, "form_id": form_id},
        )


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a batch: people taken back, and people kept because they have sent something."""

    taken_back: int
    kept: int


def undo(session: Session, batch: Batch, *, actor_id: int | None, now: datetime) -> Undone:
    """Take back the people of a batch who have sent nothing; the others keep their access."""
    numbers = volunteers.numbers_of_batch(session, batch.id)
    kept = volunteers.senders(session, numbers)
    gone = [number for number in numbers if number not in kept]
    withdrawn = {"token_hash": None, "token_sealed": None, "pin_hash": None, "revoked_at": now}
    for several in in_groups(gone):
        session.execute(update(_PHONES).where(_PHONES.c.actor_id.in_(several)).values(withdrawn))
        session.execute(update(_ACTORS).where(_ACTORS.c.id.in_(several)).values(deleted_at=now))
    batch.undone_at, batch.undone_by = now, actor_id
    batch.summary = {**batch.summary, "taken_back": len(gone), "kept": len(numbers) - len(gone)}
    session.flush()
    return Undone(len(gone), len(numbers) - len(gone))
