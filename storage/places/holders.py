"""Who is tied to a place: accounts, phones, links, keys and open campaigns; they follow what it becomes.

Why: a unit that ended holds nothing any more. An officer of a commune that was merged away would see
nothing the day after, and the phones of its villages would get empty lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.audits import note, of_actor
from storage.cuts import Texts
from storage.groups import in_groups
from storage.models import Actor, ApiKey, AppUser, Assignment, Campaign, PlaceChange, PublicLink

ACCOUNT, PHONE, LINK, KEY, CAMPAIGN = "account", "phone", "link", "key", "campaign"
"""What may be tied to a place."""

_Listed: TypeAlias = AppUser | PublicLink | ApiKey
_LISTED: Mapping[str, type[Any]] = {PHONE: AppUser, LINK: PublicLink, KEY: ApiKey}


@dataclass(frozen=True, slots=True)
class Holder:
    """Something tied to a place: what it is, its number, what it is called, where; `role` of an account."""

    kind: str
    id: int
    name: str
    code: str
    project_id: int | None = None
    role: int = 0


def holders_of(session: Session, codes: Collection[str]) -> list[Holder]:
    """What is in force and tied to one of these places, accounts first, by name."""
    found = [one for some in in_groups(sorted(codes)) for one in _holders(session, some)]
    kinds = (ACCOUNT, PHONE, LINK, KEY, CAMPAIGN)
    return sorted(set(found), key=lambda one: (kinds.index(one.kind), one.name, one.id, one.code))


def _holders(session: Session, codes: Sequence[str]) -> Iterator[Holder]:
    accounts = select(Assignment, Actor.display_name).join(Actor, Actor.id == Assignment.actor_id)
    for one, name in session.execute(accounts.where(Assignment.place_code.in_(codes))):
        yield Holder(ACCOUNT, one.id, name, one.place_code or "", one.project_id, one.role)
    for kind, cls in _LISTED.items():
        for each in session.scalars(select(cls).where(_names(cls, codes), _in_force(cls))):
            yield from (_listed(kind, each, code) for code in each.place_codes if code in codes)
    campaigns = select(Campaign).where(Campaign.place_code.in_(codes), Campaign.closed_at.is_(None))
    for campaign in session.scalars(campaigns):
        yield Holder(CAMPAIGN, campaign.id, campaign.name, campaign.place_code, campaign.project_id)


def _listed(kind: str, one: _Listed, code: str) -> Holder:
    name = one.name if isinstance(one, ApiKey) else one.actor.display_name
    project = None if isinstance(one, PublicLink) else one.project_id
    return Holder(kind, _number(one), name, code, project)


def _number(one: _Listed) -> int:
    return one.id if isinstance(one, ApiKey) else one.actor_id


def _names(cls: type[Any], codes: Sequence[str]) -> ColumnElement[bool]:
    place = Texts(cls.place_codes).table_valued("value")
    return select(place.c.value).where(place.c.value.in_(codes)).exists()


def _in_force(cls: type[Any]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (
        ApiKey.revoked_at.is_(None) if cls is ApiKey else cls.token_hash.is_not(None)
    )
    return condition


# Following what ended -----------------------------------------------------------------------------------


def follow(session: Session, change: PlaceChange, became: Mapping[str, Sequence[str]]) -> int:
    """Let what is tied to units that ended be tied to what they became; how many were.

    What each was is remembered in the operation, so that undoing it brings them back.
    """
    several = holders_of(session, became.keys())
    kept: dict[str, Any] = {"rows": [], "added": [], "dropped": []}
    for one in several:
        if one.kind == ACCOUNT:
            account = session.get_one(Assignment, one.id)
            _note_account(session, change, account, became[one.code])
            _move_account(session, account, became[one.code], kept)
        elif one.kind == CAMPAIGN:
            campaign = session.get_one(Campaign, one.id)
            campaign.place_code = became[one.code][0]
            kept["rows"].append([CAMPAIGN, one.id, one.code, campaign.place_code])
    for kind, number in dict.fromkeys((one.kind, one.id) for one in several if one.kind in _LISTED):
        found = session.get_one(_LISTED[kind], number)
        was = list(found.place_codes)
        found.place_codes = _replaced(was, became)
        if isinstance(found, AppUser):
            details = {"places": list(found.place_codes), "placeChange": change.id}
            actee = of_actor(found.actor, found.project_id)
            note(session, "field_key.update", actee=actee, details=details, **_who(change))
        kept["rows"].append([kind, number, was, list(found.place_codes)])
    session.flush()
    change.before = {**change.before, "holders": kept}
    return len({(one.kind, one.id) for one in several})


def _replaced(codes: Iterable[str], became: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(new for code in codes for new in became.get(code, (code,))))


def _move_account(session: Session, one: Assignment, codes: Sequence[str], kept: dict[str, Any]) -> None:
    """The role moves to the first place that has it not yet, and is given for the others beside it."""
    same = select(Assignment.place_code).where(
        Assignment.actor_id == one.actor_id,
        Assignment.role == one.role,
        _is(Assignment.project_id, one.project_id),
        _is(Assignment.form_id, one.form_id),
    )
    held = set(session.scalars(same))
    missing = [code for code in codes if code not in held]
    was = one.place_code
    if not missing:
        kept["dropped"].append(_plain(one))
        session.delete(one)
        return
    one.place_code = missing[0]
    kept["rows"].append([ACCOUNT, one.id, was, missing[0]])
    for code in missing[1:]:
        more = Assignment(
            actor_id=one.actor_id, role=one.role, project_id=one.project_id, form_id=one.form_id
        )
        more.place_code = code
        session.add(more)
        session.flush()
        kept["added"].append(more.id)


def _note_account(session: Session, change: PlaceChange, one: Assignment, codes: Sequence[str]) -> None:
    actee = of_actor(session.get_one(Actor, one.actor_id), one.project_id)
    for action, places in (("delete", [one.place_code]), ("create", list(codes))):
        said = {"roleId": one.role, "projectId": one.project_id, "places": places, "placeChange": change.id}
        note(session, f"user.assignment.{action}", actee=actee, details=said, **_who(change))


def _who(change: PlaceChange) -> dict[str, Any]:
    return {"actor_id": change.actor_id, "now": change.created_at}


def _is(column: Any, value: int | None) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return condition


def _plain(one: Assignment) -> dict[str, Any]:
    return {
        "actor_id": one.actor_id,
        "role": one.role,
        "project_id": one.project_id,
        "form_id": one.form_id,
        "place_code": one.place_code,
    }


def bring_back(session: Session, change: PlaceChange) -> None:
    """Tie what an operation moved to what it was tied to; what somebody changed since stays as it is."""
    kept = change.before.get("holders")
    if not kept:
        return
    for kind, number, was, made in kept["rows"]:
        _bring_back(session, kind, number, was, made)
    for number in kept["added"]:
        added = session.get(Assignment, number)
        if added is not None:
            session.delete(added)
    for row in kept["dropped"]:
        if session.get(Actor, row["actor_id"]) is not None:
            session.add(Assignment(**row))
    session.flush()


def _bring_back(session: Session, kind: str, number: int, was: Any, made: Any) -> None:
    if kind == ACCOUNT:
        account = session.get(Assignment, number)
        if account is not None and account.place_code == made:
            account.place_code = was
    elif kind == CAMPAIGN:
        campaign = session.get(Campaign, number)
        if campaign is not None and campaign.place_code == made:
            campaign.place_code = was
    else:
        listed = session.get(_LISTED[kind], number)
        if listed is not None and list(listed.place_codes) == made:
            listed.place_codes = was
