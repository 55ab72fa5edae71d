"""Places a person may see: the one spot where every question to the database is cut to them.

Whoever answers a request says once, with `enter`, whose places are meant. From then on every statement
of the ORM gets the conditions below, in subqueries, joins and aliases too; a statement on plain tables
asks for its own with `visible`, and is refused where it forgot. Work that belongs to nobody (the worker,
the command line, intake) runs on the whole tree, which is what holds until somebody enters less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Integer,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    event,
    false,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.unitofwork import UOWTransaction
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.models import (
    Approval,
    AppUser,
    Assignment,
    Audit,
    Batch,
    BatchItem,
    Campaign,
    CampaignForm,
    EncryptedRecord,
    Entity,
    EntityHeld,
    EntityOutcome,
    EntityVersion,
    Extract,
    ExtractFile,
    Finding,
    IndicatorCell,
    Place,
    PlaceChange,
    PlaceLink,
    PlaceOutline,
    PlacePath,
    PlaceSpan,
    PublicLink,
    RecordLook,
    RecordName,
    Release,
    ReleasePlan,
    SentBack,
    Submission,
    SubmissionComment,
    SubmissionVersion,
)
from storage.problems import PlacesTooWide, PlaceUnknown
from storage.scope import IN_FORCE, Scope, current

Condition = ColumnElement[bool]


class ScopeForgotten(Exception):
    """A statement on plain tables that would show more than its asker may see: our mistake, never his."""


def enter(scope: Scope) -> Scope:
    """From here on in this request; returns what held before, to be entered again at its end."""
    before = IN_FORCE.get()
    IN_FORCE.set(scope)
    return before


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Another scope for a while. `within(WHOLE)` is work on nobody's behalf: say why where you use it."""
    before = enter(scope)
    try:
        yield
    finally:
        enter(before)


_PATHS = PlacePath.__table__.c
_RECORDS = Submission.__table__.alias("seen_records")
_VERSIONS = SubmissionVersion.__table__.alias("seen_versions")
_ENTITIES = Entity.__table__.alias("seen_entities")


# Their values are asked for when a statement runs, so that none that is kept can show another's places.
_CODES = bindparam("scope_codes", callable_=lambda: current().codes or (), expanding=True, type_=String())
_ACTOR = bindparam("scope_actor", callable_=lambda: current().actor_id or 0, type_=Integer())

_INSIDE = select(_PATHS.descendant).where(_PATHS.ancestor.in_(_CODES), _PATHS.valid_to.is_(None))
"""The codes of every place in the scope as the tree is today, and of what was joined into them."""

_AROUND = select(_PATHS.ancestor).where(_PATHS.descendant.in_(_CODES), _PATHS.valid_to.is_(None))
"""The codes of the places that hold it."""


def visible(place_code: SQLColumnExpression[Any], scope: Scope) -> Condition:
    """Whether a column's code lies in that scope: for statements that are compiled, and on plain tables."""
    if scope.codes is None:
        return true()
    here = or_(false(), *(_PATHS.ancestor == code for code in scope.codes))
    return place_code.in_(select(_PATHS.descendant).where(here, _PATHS.valid_to.is_(None)))


def seen_of(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of these places that lie in the scope in force."""
    wanted = set(codes)
    if current().whole:
        return wanted
    known = _INSIDE.where(_PATHS.descendant.in_(sorted(wanted)))
    return set(session.connection().execute(known).scalars())


def can_see(session: Session, codes: Iterable[str]) -> bool:
    """Whether all of these places lie in the scope in force."""
    wanted = set(codes)
    return seen_of(session, wanted) == wanted


class Texts(FunctionElement[str]):
    """The texts of a JSON list, as rows with one column `value`."""

    name = "texts"
    inherit_cache = True


@compiles(Texts)
def _each(element: Texts, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(Texts, "postgresql")
def _elements(element: Texts, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_array_elements_text({compiler.process(element.clauses, **more)})"


# What each class is cut by --------------------------------------------------------------------------


def _own_code(cls: type[Submission | Entity | Finding | IndicatorCell | Audit]) -> Condition:
    return cls.place_code.in_(_INSIDE)


def _of_record(cls: Any) -> Condition:
    record = select(_RECORDS.c.id).where(
        _RECORDS.c.id == cls.submission_id, _RECORDS.c.place_code.in_(_INSIDE)
    )
    return record.exists()


def _of_version(cls: Any) -> Condition:
    version = (
        select(_VERSIONS.c.id)
        .join(_RECORDS, _RECORDS.c.id == _VERSIONS.c.submission_id)
        .where(_VERSIONS.c.id == cls.submission_version_id, _RECORDS.c.place_code.in_(_INSIDE))
    )
    return version.exists()


def _of_entity(cls: Any) -> Condition:
    entity = select(_ENTITIES.c.id).where(
        _ENTITIES.c.id == cls.entity_id, _ENTITIES.c.place_code.in_(_INSIDE)
    )
    return entity.exists()


def _place(cls: type[Place | PlaceSpan | PlaceOutline]) -> Condition:
    """A place of the scope, or one that holds it: an officer knows in which province he works."""
    return cls.code.in_(union(_INSIDE, _AROUND))


def _campaign(cls: type[Campaign | Approval]) -> Condition:
    """One of the scope, or of a wider place that asks or binds the scope too."""
    return cls.place_code.in_(union(_INSIDE, _AROUND))


def _of_campaign(cls: Any) -> Condition:
    campaigns = Campaign.__table__.c
    own = select(campaigns.id).where(
        campaigns.id == cls.campaign_id, campaigns.place_code.in_(union(_INSIDE, _AROUND))
    )
    return own.exists()


def _phone(cls: type[AppUser | PublicLink]) -> Condition:
    """A phone or link all of whose places are seen; one that works everywhere is no commune's."""
    place = Texts(cls.place_codes).table_valued("value")
    elsewhere = select(place.c.value).where(place.c.value.not_in(_INSIDE)).exists()
    return (func.json_array_length(cls.place_codes) > 0) & ~elsewhere


def _release(cls: Any) -> Condition:
    """One all of whose places are seen; one of the whole tree is no commune's."""
    place = Texts(cls.places).table_valued("value")
    return ~select(place.c.value).where(place.c.value.not_in(_INSIDE)).exists()


def _extract(cls: Any) -> Condition:
    """What one asked for himself, or what belongs to a release one sees."""
    releases = Release.__table__.alias("seen_releases")
    seen = select(releases.c.id).where(releases.c.id == cls.release_id, _release(releases.c))
    return or_(and_(cls.release_id.is_(None), cls.asked_by == _ACTOR), seen.exists())


def _of_extract(cls: Any) -> Condition:
    extracts = Extract.__table__.alias("seen_extracts")
    return select(extracts.c.id).where(extracts.c.id == cls.extract_id, _extract(extracts.c)).exists()


def _batch(cls: type[Batch]) -> Condition:
    return cls.actor_id == _ACTOR


def _of_batch(cls: Any) -> Condition:
    batches = Batch.__table__.c
    mine = select(batches.id).where(batches.id == cls.batch_id, batches.actor_id == _ACTOR)
    return mine.exists()


def _nobody(_cls: Any) -> Condition:
    """What concerns the whole map, and names places anywhere on it."""
    return false()


CUTS: dict[type, Callable[[Any], Condition]] = {
    Submission: _own_code,
    SubmissionVersion: _of_record,
    SubmissionComment: _of_record,
    EncryptedRecord: _of_record,
    RecordLook: _of_record,
    RecordName: _of_record,
    Finding: _own_code,
    SentBack: _of_record,
    Entity: _own_code,
    EntityVersion: _of_entity,
    EntityOutcome: _of_version,
    EntityHeld: _of_version,
    Place: _place,
    PlaceSpan: _place,
    PlaceOutline: _place,
    PlaceChange: _nobody,
    PlaceLink: _nobody,
    Campaign: _campaign,
    Approval: _campaign,
    IndicatorCell: _own_code,
    CampaignForm: _of_campaign,
    AppUser: _phone,
    PublicLink: _phone,
    Release: _release,
    ReleasePlan: _release,
    Extract: _extract,
    ExtractFile: _of_extract,
    Batch: _batch,
    BatchItem: _of_batch,
    Audit: _own_code,
}
"""Every class whose rows belong to a place, and how they are cut."""


# Functions, because only what they return is worked out anew for every alias.
_OPTIONS = [with_loader_criteria(cls, cut, include_aliases=True) for cls, cut in CUTS.items()]


@event.listens_for(Session, "do_orm_execute")
def _cut(state: ORMExecuteState) -> None:
    if not current().whole and not state.is_column_load:
        state.statement = state.statement.options(*_OPTIONS)


# The net below: plain tables, and what is written --------------------------------------------------

_NAMED = re.compile(
    r"(?:\bFROM|\bJOIN|,)\s+(submissions|entities|findings|indicator_cells|audits)\b(?!\.)(?:\s+AS\s+(\w+))?",
    re.IGNORECASE,
)


# A question that nothing can answer loses its other conditions when it is written down.
_NEVER = re.compile(r"\bWHERE (?:0 = 1|false)\b", re.IGNORECASE)


@lru_cache(maxsize=2048)
def _is_cut(statement: str) -> bool:
    """Whether each time such a table is read, its places are asked for."""
    names = [alias or table for table, alias in _NAMED.findall(statement)]
    missing = sum(
        max(
            0,
            names.count(name) - len(re.findall(rf"\b{name}\.place_code IN \(SELECT place_paths", statement)),
        )
        for name in set(names)
    )
    return missing <= len(_NEVER.findall(statement))


@event.listens_for(Engine, "before_cursor_execute")
def _look_again(
    _connection: Any,
    _cursor: Any,
    statement: str,
    _values: Any,
    _context: Any,
    _many: bool,  # noqa: FBT001
) -> None:
    if not current().whole and not _is_cut(statement):
        raise ScopeForgotten(statement)


@event.listens_for(Session, "before_flush")
def _guard_writes(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Nobody makes or moves anything outside of his places, nor gives away more than he has."""
    if current().whole:
        return
    for one in (*session.new, *session.dirty):
        codes = _codes_of(one)
        if codes is not None and not codes:
            raise PlacesTooWide
        if codes and not can_see(session, codes):
            raise PlaceUnknown(code=", ".join(codes))


def _codes_of(one: object) -> list[str] | None:
    """The places a row is tied to; none at all is the whole tree; None: it has nothing to do with any."""
    if isinstance(one, AppUser | PublicLink):
        return list(one.place_codes or ())
    if isinstance(one, Assignment) and one.form_id is not None:
        return None
    if isinstance(one, Submission | Entity | Campaign | Assignment | Approval):
        return [one.place_code] if one.place_code else []
    if isinstance(one, Place):
        return [one.parent_code or one.code]
    return None
