"""⑨ Files somebody takes away: asked for, handed out to whoever has the right to what is in them.

Rights: records without the people in them (and figures) need the right to look; records with names or with
pseudonyms the right to read records, in all their places, and words saying what for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.accounts.identity import Identity
from collector.actions import releases as freezing
from collector.actions.file_links import Found, is_draft, is_handed_out, is_without_people, note_file
from collector.actions.releases import DEIDENTIFIED, FIGURES, RECORDS, REPORTS, Maker, Wanted
from forms.datasets.column_maps import ColumnMap
from forms.values import HOME
from storage.audits import Actee, note
from storage.cuts import can_see, within
from storage.freezing import WITHDRAWN
from storage.models import Extract, Form, Release
from storage.problems import NotAllowed
from storage.purging.files import Files
from storage.queries import forms, releases
from storage.queries.dataset_choice import Wanted as Chosen
from storage.queries.dataset_files import measured
from storage.release_problems import (
    ExtractFileNotFound,
    ExtractNotFound,
    PhotosShowPeople,
    PhotosTooMany,
    PurposeMissing,
    ReleaseWithdrawn,
    TooManyExtracts,
    TooMuchKept,
)
from storage.scope import current

READ: Final = "submission.read"
"""The right that records with people in them need."""
MOST_AWAITED: Final = 20
"""Sets of files one may wait for at a time."""
MOST_KEPT: Final = 100
"""Sets of files one may keep, as many as the page of one's own shows."""
MOST_KEPT_BYTES: Final = 5 * 1024**3
"""Bytes of files one may keep; whoever has more asks for no others."""
MOST_PHOTOS: Final = 50_000
"""Photos and recordings in one archive."""
_KEEPS: Final = "release.create"


def ask_upload(
    session: Session, who: Identity, project_id: int, wanted: tuple[ColumnMap, Wanted, int], by: Maker
) -> Extract:
    """Ask for a file in the columns of another system, ages of a year; of `wanted` formats, places, purpose.

    Raises as `ask` does: whoever may not read records, or does not say what for, gets none.
    """
    one, said, year = wanted
    said = replace(said, forms=(one.form,), protection="none", shape="tables", words="labels")
    more = {"upload": one.id, "title": one.title, "year": year}
    return ask(session, who, project_id, said, by, more=more)


def ask(
    session: Session,
    who: Identity,
    project_id: int,
    wanted: Wanted,
    by: Maker,
    *,
    more: Mapping[str, Any] | None = None,
) -> Extract:
    """Ask for files of one survey (`wanted.forms` names it) for oneself; `more` goes into its spec.

    Raises FormNotFound, ExtractUnusable, PurposeMissing, PlaceUnknown, NotAllowed, TooManyExtracts,
    TooMuchKept, PhotosShowPeople, PhotosTooMany.
    """
    _check_wanted(who, project_id, wanted)
    waiting = releases.awaited(session, by.actor_id)
    if waiting >= MOST_AWAITED:
        raise TooManyExtracts(count=waiting)
    count, size = releases.kept(session, by.actor_id)
    if count >= MOST_KEPT or size >= MOST_KEPT_BYTES:
        raise TooMuchKept(count=count, megabytes=size // 2**20)
    form = forms.get_form(session, project_id, wanted.forms[0] if wanted.forms else "")
    spec = {**freezing.record_spec(wanted, form.xml_form_id), **(more or {})}
    if wanted.photos:
        files, bytes_ = _measured(session, form, wanted)
        if files > MOST_PHOTOS or size + bytes_ > MOST_KEPT_BYTES:
            free = max(MOST_KEPT_BYTES - size, 0) // 2**20
            raise PhotosTooMany(count=files, size=bytes_ // 2**20, most=MOST_PHOTOS, megabytes=free)
    made = Extract(
        project_id=project_id,
        form_id=form.id,
        kind=RECORDS,
        asked_by=by.actor_id,
        asked_at=by.now,
        spec=spec,
        places=list(freezing.places_of(session, wanted.places)),
        purpose=wanted.purpose.strip()[:2000] or None,
        state=releases.WAITING,
        done=0,
        total=0,
    )
    session.add(made)
    session.flush()
    _note(session, "create", made, by)
    return made


def _check_wanted(who: Identity, project_id: int, wanted: Wanted) -> None:
    freezing.check_choices(wanted)
    if wanted.photos and wanted.protection != "none":
        raise PhotosShowPeople
    if wanted.protection != DEIDENTIFIED and not who.may(READ, project_id):
        raise NotAllowed


def photos(session: Session, who: Identity, project_id: int, wanted: Wanted) -> tuple[int, int]:
    """How many photos and recordings came with the records wanted, and how many bytes they are.

    Raises FormNotFound, ExtractUnusable, PurposeMissing, PlaceUnknown, NotAllowed, PhotosShowPeople.
    """
    _check_wanted(who, project_id, wanted)
    form = forms.get_form(session, project_id, wanted.forms[0] if wanted.forms else "")
    return _measured(session, form, wanted)


def _measured(session: Session, form: Form, wanted: Wanted) -> tuple[int, int]:
    days = [date.fromisoformat(one) if one else None for one in (wanted.start, wanted.end)]
    first, last = (datetime.combine(one, time(), HOME) if one else None for one in days)
    until = last + timedelta(days=1) if last else None
    places = freezing.places_of(session, wanted.places) if wanted.places else ()
    states = wanted.states or freezing.ALL_BUT_REJECTED
    return measured(session, Chosen(form.id, current(), places, first, until, states))


def let_go(session: Session, extract: Extract, by: Maker) -> None:
    """Delete files of one's own before their time. Raises ExtractNotFound for those of a release."""
    if extract.release_id is not None:
        raise ExtractNotFound(number=extract.id)
    _note(session, "delete", extract, by)
    files = Files()
    files.of_extracts(session, [extract.id])
    for one in releases.with_files(session, [extract])[0].files:
        session.delete(one)
    session.flush()
    session.delete(extract)
    session.flush()
    files.forget(session)


def take(session: Session, who: Identity, found: Found, purpose: str, by: Maker) -> None:
    """Hand out a file: look whether one may, and note that one did.

    Raises ExtractFileNotFound for files that are not made or not one's own, NotAllowed, PurposeMissing,
    ReleaseWithdrawn.
    """
    check(session, who, found, by)
    file, extract = found
    needs = extract.release_id is not None and not is_without_people(extract)
    if needs and not purpose.strip():
        raise PurposeMissing
    details = {"purpose": True} if needs else {}
    note_file(session, "download", (file, extract), details, by.now, purpose=purpose.strip()[:2000])


def check(session: Session, who: Identity, found: Found, by: Maker) -> None:
    """Whether somebody who is signed in may have a file; raises as `take` does."""
    file, extract = found
    release = session.get(Release, extract.release_id) if extract.release_id is not None else None
    if release is None and extract.asked_by != who.actor_id:
        raise ExtractFileNotFound(name=file.name)
    _check_right(session, who, extract)
    if is_handed_out(session, found, by.now):
        return
    # Who decides on a release looks into its files before, and after it was withdrawn; a report he sees
    # without the mark of provisional figures only once it was issued.
    keeps = release is not None and who.may(_KEEPS, extract.project_id)
    hidden = extract.kind == REPORTS and not is_draft(file) and not (release and release.issued_at)
    if not keeps or hidden or extract.state != releases.MADE:
        if release is not None and release.state == WITHDRAWN:
            raise ReleaseWithdrawn(number=release.number, reason=release.reason or "")
        raise ExtractFileNotFound(name=file.name)


def _check_right(session: Session, who: Identity, extract: Extract) -> None:
    verbs = _verbs(extract)
    if not any(who.may(verb, extract.project_id) for verb in verbs):
        raise NotAllowed
    # Who sees less than when he asked, sees less of what was made.
    with within(who.scope(verbs, extract.project_id)):
        if not can_see(session, extract.places):
            raise NotAllowed


def _verbs(extract: Extract) -> Sequence[str]:
    if extract.kind in {FIGURES, REPORTS}:
        return ("indicator.read",)
    if not is_without_people(extract):
        return (READ,)
    return ("release.read",) if extract.release_id is not None else ("extract.create",)


def _note(session: Session, what: str, extract: Extract, by: Maker) -> None:
    place = extract.places[0] if len(extract.places) == 1 and extract.places[0] else None
    actee = Actee("extract", extract.id, extract.project_id, extract.form_id, place_code=place)
    spec = extract.spec
    details: dict[str, Any] = {name: spec.get(name) for name in ("form", "formats", "protection", "places")}
    if spec.get("upload"):
        details["upload"] = spec["upload"]
    note(session, f"extract.{what}", actee=actee, details=details, notes=extract.purpose or "", now=by.now)
