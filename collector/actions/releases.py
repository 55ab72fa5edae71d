"""⑨ Releases: a project's data frozen under a number and a name, issued, withdrawn, made anew.

What was issued never changes (`storage.freezing`); what is made of it, and when it is whole, see
`release_making`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.actions.cells import stored_kind
from forms.values import HOME
from storage.audits import Actee, note
from storage.cuts import can_see
from storage.freezing import ISSUED, WITHDRAWN
from storage.models import Extract, Release
from storage.problems import PlaceUnknown
from storage.queries import forms, lists, projects, releases
from storage.release_problems import (
    ExtractUnusable,
    PurposeMissing,
    ReleaseFrozen,
    ReleaseReasonMissing,
    ReleaseStateWrong,
    ReleaseUnnamed,
    TooManyExtracts,
)
from storage.scope import current

MAKING, WAITING, DECLINED, FAILED = "making", "waiting", "declined", "failed"
STATES: Final = (MAKING, WAITING, ISSUED, DECLINED, WITHDRAWN, FAILED)

FORMATS: Final = ("xlsx", "csv", "parquet", "sav", "dta", "geojson")
"""Codes of the formats there are, without asking those who write them (they are heavy)."""
REFERENCE: Final = "parquet"
"""The format every release has: what it is compared by with the one before."""

PROTECTIONS: Final = ("deidentified", "pseudonyms", "none")
DEIDENTIFIED: Final = "deidentified"
WORDS: Final = ("labels", "codes", "both")
SHAPES: Final = ("tables", "wide")
REVIEWS: Final = ("received", "hasIssues", "edited", "approved", "rejected")
ALL_BUT_REJECTED: Final = REVIEWS[:-1]
"""What is taken where nobody says otherwise."""
RECORDS, FIGURES, REPORTS = "records", "figures", "reports"
DRAFT: Final = "draft-"
"""What the format of a report begins with that bears the mark of provisional figures."""

MOST_MAKING: Final = 20
"""Releases of a project that are made at a time."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years a day of receipt may lie in."""
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_TOLD: Final = 40

KEPT_DECLINED: Final = timedelta(days=7)
"""How long the files of a release that was declined stay."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is to hold.

    `forms` are form ids as phones call them; `figures`: the indicators too, of `period` ("" = all); `places`
    codes, none = wherever the asker may look; `start` and `end` days of receipt (ISO, "" = open); `states`
    review states, none = all but rejected; `approve`: it waits for somebody's approval once it is made;
    `due`: a line of the calendar, its last day (ISO) and the place of its campaign, whose reports are made
    of the figures; `photos`: photos and recordings too (never in a release).
    """

    name: str
    forms: tuple[str, ...] = ()
    figures: bool = True
    note: str = ""
    period: str = ""
    formats: tuple[str, ...] = ("xlsx", "csv", REFERENCE)
    shape: str = "tables"
    words: str = "codes"
    protection: str = DEIDENTIFIED
    language: str = "vi"
    places: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    states: tuple[str, ...] = ()
    purpose: str = ""
    approve: bool = False
    due: tuple[str, ...] = ()
    photos: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The deadline a release is made for: the line of the calendar and its day, ISO."""

    key: str
    on: str


@dataclass(frozen=True, slots=True)
class Maker:
    """On whose behalf and when."""

    actor_id: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Origins:
    """What a release comes from: the one it replaces, the deadline it is for."""

    replaces_id: int | None = None
    due: Due | None = None


NO_ORIGINS: Final = Origins()


def make(
    session: Session, project_id: int, wanted: Wanted, by: Maker, origins: Origins = NO_ORIGINS
) -> Release:
    """Number a release and ask for its extracts; the worker makes them.

    Raises ReleaseUnnamed, FormNotFound, ExtractUnusable, PurposeMissing, PlaceUnknown, TooManyExtracts.
    """
    projects.get_project(session, project_id)
    wanted = _checked(wanted)
    waiting = len(releases.made_now(session, project_id))
    if waiting >= MOST_MAKING:
        raise TooManyExtracts(count=waiting)
    several = [forms.get_form(session, project_id, one) for one in wanted.forms]
    made = Release(
        project_id=project_id,
        number=releases.next_number(session, project_id),
        name=wanted.name,
        note=wanted.note or None,
        spec=spec_of(wanted),
        places=list(places_of(session, wanted.places)),
        state=MAKING,
        made_by=by.actor_id,
        made_at=by.now,
        replaces_id=origins.replaces_id,
        due_id=origins.due.key if origins.due else None,
        due_on=origins.due.on if origins.due else None,
    )
    session.add(made)
    session.flush()
    for form in several:
        session.add(_extract(made, by, RECORDS, form.id, record_spec(wanted, form.xml_form_id)))
    if wanted.figures:
        session.add(_extract(made, by, FIGURES, None, figure_spec(wanted)))
        session.flush()
    if wanted.figures and wanted.due:
        session.add(_extract(made, by, REPORTS, None, report_spec(wanted)))
    _note(session, "create", made, {"forms": list(wanted.forms), "protection": wanted.protection}, by.now)
    return made


def _checked(wanted: Wanted) -> Wanted:
    check_choices(wanted)
    wanted = replace(
        wanted,
        name=" ".join(wanted.name.split())[:255],
        note=wanted.note.strip(),
        purpose=wanted.purpose.strip(),
        forms=tuple(dict.fromkeys(wanted.forms)),
        formats=tuple(one for one in FORMATS if one in {*wanted.formats, REFERENCE}),
        photos=False,
    )
    if not wanted.name or not (wanted.forms or wanted.figures):
        raise ReleaseUnnamed
    return wanted


def check_choices(wanted: Wanted) -> None:
    """Refuse what no server knows. Raises ExtractUnusable, PurposeMissing."""
    for what, value, known in (
        ("format", wanted.formats, FORMATS),
        ("shape", (wanted.shape,), SHAPES),
        ("way of writing answers", (wanted.words,), WORDS),
        ("protection", (wanted.protection,), PROTECTIONS),
        ("review state", wanted.states, REVIEWS),
    ):
        odd = next((one for one in value if one not in known), None)
        if odd is not None:
            raise ExtractUnusable(value=odd[:_TOLD], what=what, known=", ".join(known))
    _check_typed(wanted)
    if wanted.forms and not wanted.formats:
        raise ExtractUnusable(value="", what="format", known=", ".join(FORMATS))
    if wanted.protection != DEIDENTIFIED and wanted.forms and not wanted.purpose.strip():
        raise PurposeMissing


def _check_typed(wanted: Wanted) -> None:
    for day in (wanted.start, wanted.end):
        if day and not _is_day(day):
            raise ExtractUnusable(value=day[:_TOLD], what="day", known="2026-12-31")
    if not _LANGUAGE.fullmatch(wanted.language):
        raise ExtractUnusable(value=wanted.language[:_TOLD], what="language", known="vi, en")
    if wanted.period and stored_kind(wanted.period) is None:
        raise ExtractUnusable(value=wanted.period[:_TOLD], what="period", known="2026, 2026-Q4, 2026-12")


def _is_day(text: str) -> bool:
    try:
        found = date.fromisoformat(text)
        # Beyond, the beginning of the next day would be in no calendar.
        return found.isoformat() == text and FIRST_YEAR <= found.year <= LAST_YEAR
    except ValueError:
        return False


def places_of(session: Session, wanted: Sequence[str]) -> tuple[str, ...]:
    """The codes of the places asked for, else of all the asker sees; [""] is the whole tree.

    Raises PlaceUnknown for one he does not see.
    """
    if not wanted:
        codes = current().codes
        return ("",) if codes is None else codes
    if not can_see(session, wanted) or lists.place_names(session, wanted).keys() != set(wanted):
        raise PlaceUnknown(code=", ".join(wanted))
    return tuple(sorted(set(wanted)))


def record_spec(wanted: Wanted, form_id: str) -> dict[str, Any]:
    """The spec of an extract of one survey."""
    return {
        "form": form_id,
        "formats": list(dict.fromkeys(wanted.formats)),
        "shape": wanted.shape,
        "words": wanted.words,
        "protection": wanted.protection,
        "language": wanted.language,
        "places": [one for one in wanted.places if one],
        "from": wanted.start,
        "to": wanted.end,
        "states": list(dict.fromkeys(wanted.states or ALL_BUT_REJECTED)),
        "photos": wanted.photos,
    }


def figure_spec(wanted: Wanted) -> dict[str, Any]:
    """The spec of the extract of the figures."""
    return {
        "formats": ["csv", "xlsx"],
        "period": wanted.period,
        "language": wanted.language,
        "places": [one for one in wanted.places if one],
    }


def report_spec(wanted: Wanted) -> dict[str, Any]:
    """The spec of the extract of the reports that answer a deadline."""
    key, on, place = wanted.due
    return {"due": key, "on": on, "place": place, "language": wanted.language}


def spec_of(wanted: Wanted) -> dict[str, Any]:
    """What a release remembers of what was asked, without what stands in its own columns."""
    said = asdict(wanted)
    return {
        name: list(one) if isinstance(one, tuple) else one for name, one in said.items() if name != "name"
    }


def wanted_of(name: str, spec: Mapping[str, Any]) -> Wanted:
    """What was asked, back from what is remembered; unknown words of later versions are left out."""
    known = Wanted.__dataclass_fields__
    said: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in spec.items() if key in known
    }
    return replace(Wanted(name), **said)


def _extract(release: Release, by: Maker, kind: str, form_id: int | None, spec: dict[str, Any]) -> Extract:
    return Extract(
        project_id=release.project_id,
        form_id=form_id,
        release_id=release.id,
        kind=kind,
        asked_by=by.actor_id,
        asked_at=by.now,
        spec=spec,
        places=list(release.places),
        purpose=release.spec.get("purpose") or None,
        state=releases.WAITING,
        done=0,
        total=0,
    )


# What becomes of it -------------------------------------------------------------------------------------


def digest_of(extracts: Sequence[Extract]) -> str:
    """The SHA-256 over the digests of a release's data: the same on every machine and database.

    Its reports cite it, so they are not in it.
    """
    told = ((one.kind, str(one.spec.get("form", "")), one.digest or "") for one in extracts)
    return digest_over(one for one in told if one[0] != REPORTS)


def digest_over(several: Iterable[tuple[str, str, str]]) -> str:
    """The digest of a release by kind, form and digest of each of its extracts of data."""
    lines = sorted(" ".join(one) for one in several)
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def issue(session: Session, release: Release, by: Maker) -> None:
    """Approve a release that waits: from now on it never changes. Raises ReleaseStateWrong."""
    _expect(session, release, WAITING)
    issued(session, release, by)


def issued(session: Session, release: Release, by: Maker) -> None:
    """Make it an issued one, whatever it was."""
    release.state, release.issued_by, release.issued_at = ISSUED, by.actor_id, by.now
    _note(session, "issue", release, {"digest": release.digest}, by.now)


def decline(session: Session, release: Release, reason: str, by: Maker) -> None:
    """Say no to a release that waits; its files go after some days.

    Raises ReleaseStateWrong, ReleaseReasonMissing.
    """
    _expect(session, release, WAITING)
    _reason(release, reason)
    release.state, release.withdrawn_by, release.withdrawn_at = DECLINED, by.actor_id, by.now
    for one in releases.extracts_of(session, release):
        one.expires_at = by.now + KEPT_DECLINED
    _note(session, "decline", release, {}, by.now)


def withdraw(session: Session, release: Release, reason: str, by: Maker) -> None:
    """Hand out an issued release no more; what it was stays on its page, with the reason.

    Raises ReleaseStateWrong, ReleaseReasonMissing.
    """
    _expect(session, release, ISSUED)
    _reason(release, reason)
    release.state, release.withdrawn_by, release.withdrawn_at = WITHDRAWN, by.actor_id, by.now
    _note(session, "withdraw", release, {}, by.now)


def reissue(session: Session, release: Release, by: Maker) -> Release:
    """Make a release anew that was withdrawn, declined or failed, from the data as they are now.

    Raises ReleaseFrozen while it is issued, ReleaseStateWrong while it is being made.
    """
    session.refresh(release, with_for_update=True)
    if release.state == ISSUED:
        raise ReleaseFrozen(number=release.number)
    if release.state in {MAKING, WAITING}:
        raise ReleaseStateWrong(number=release.number, state=release.state)
    places = tuple(one for one in release.places if one)
    wanted = placed(wanted_of(release.name, release.spec), places)
    return make(session, release.project_id, wanted, by, Origins(replaces_id=release.id))


def placed(wanted: Wanted, places: tuple[str, ...]) -> Wanted:
    """The same of these places."""
    return replace(wanted, places=places)


def _expect(session: Session, release: Release, state: str) -> None:
    # As it is now, and nobody else's until this is over: two people may decide in the same moment.
    session.refresh(release, with_for_update=True)
    if release.state != state:
        raise ReleaseStateWrong(number=release.number, state=release.state)


def _reason(release: Release, reason: str) -> None:
    reason = reason.strip()
    if not reason:
        raise ReleaseReasonMissing
    release.reason = reason[:2000]


def day_of(release: Release) -> str:
    """The day a release was issued on, else made, in Viet Nam: dd/mm/yyyy."""
    return f"{(release.issued_at or release.made_at).astimezone(HOME):%d/%m/%Y}"


def _note(
    session: Session, what: str, release: Release, details: Mapping[str, Any], now: datetime | None
) -> None:
    place = release.places[0] if len(release.places) == 1 and release.places[0] else None
    actee = Actee("release", release.id, release.project_id, place_code=place)
    said = {"number": release.number, **details}
    note(session, f"release.{what}", actee=actee, details=said, notes=release.reason or "", now=now)
