"""② A form for the browser: made when its draft is saved, kept, and made again when what makes it changes.

Why: a phone on a weak network must not wait for a form to be made, and a server upgraded over night must
not give out what the older release made.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from collector.problems import WebFormsNotBuilt
from forms.schema import Schema
from forms.webform import FORM_SHEET, MODEL_SHEET, Lack, Sheets, WebForm, lacking, transform
from forms.webform.lacks import unmade
from forms.webform.problems import WebFormUnmade
from storage.database import db, transaction
from storage.queries import forms, web_forms
from storage.queries.web_forms import Kept

BUILT = Path(__file__).parents[1] / "webforms" / "built"
"""What `web/build.py` writes; the two sheets lie in its folder `transform`."""

_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Made:
    """A form for the browser, and what its engine cannot do in it.

    `web` is None for a form that cannot be shown there; `lacks` says why.
    """

    web: WebForm | None
    lacks: tuple[Lack, ...]

    @property
    def hard(self) -> bool:
        """Whether the form has to be filled in with the app."""
        return any(lack.hard for lack in self.lacks)

    @property
    def told(self) -> tuple[Lack, ...]:
        """What whoever fills it in has to know; the rest is for its author."""
        return tuple(lack for lack in self.lacks if lack.hard or lack.question)


@cache
def _sheets(folder: Path) -> Sheets:
    return Sheets(
        (folder / "transform" / FORM_SHEET).read_bytes(), (folder / "transform" / MODEL_SHEET).read_bytes()
    )


def sheets() -> Sheets:
    """The sheets of the front end's build. Raises WebFormsNotBuilt where there is none."""
    try:
        return _sheets(BUILT)
    except FileNotFoundError as error:
        raise WebFormsNotBuilt from error


def make(xform: bytes, schema: Schema | None = None) -> Made:
    """A form for the browser. Raises WebFormsNotBuilt."""
    lacks = lacking(xform, schema)
    try:
        return Made(transform(xform, sheets()), lacks)
    except WebFormUnmade as problem:
        return Made(None, (*lacks, unmade(str(problem.details["reason"]))))


def prepared(xform: bytes, schema: Schema) -> tuple[Kept | None, tuple[Lack, ...]]:
    """What is to be kept of a form, and its lacks; nothing to be kept where the front end is not built."""
    try:
        made = make(xform, schema)
    except WebFormsNotBuilt:
        return None, lacking(xform, schema)
    return packed(made), made.lacks


def packed(made: Made) -> Kept:
    """What is kept of it."""
    said = {
        "web": asdict(made.web) if made.web else None,
        "lacks": [asdict(lack) for lack in made.lacks],
    }
    body = gzip.compress(json.dumps(said, ensure_ascii=False).encode(), _LEVEL, mtime=0)
    return Kept(sheets().made_with, body)


def unpacked(kept: Kept) -> Made:
    """What was kept, read again."""
    said = json.loads(gzip.decompress(kept.body))
    web = said["web"]
    languages = tuple((label, tag) for label, tag in web["languages"]) if web else ()
    return Made(
        replace(WebForm(**web), languages=languages) if web else None,
        tuple(Lack(**lack) for lack in said["lacks"]),
    )


def shown(made: Made) -> WebForm:
    """The form itself. Raises WebFormUnmade, with the reason, for one that cannot be shown in a browser."""
    if made.web is None:
        raise WebFormUnmade(reason=next((lack.detail for lack in made.lacks if lack.feature == "unmade"), ""))
    return made.web


def of_version(version_id: int, now: datetime) -> Made:
    """The form of a version, draft or published; made and kept now where that was not done, or is outdated.

    Whether the asker may see the version is settled before. Opens a transaction when it has to keep
    something. Raises WebFormsNotBuilt.
    """
    session = db.session()
    kept = web_forms.kept(session, version_id)
    if kept is not None and kept.made_with == sheets().made_with:
        return unpacked(kept)
    made = make(forms.version_xml(session, version_id))
    try:
        with transaction(noticed=False) as writing:
            web_forms.keep(writing, version_id, packed(made), now)
    except IntegrityError:
        # Another process made the same at the same moment.
        pass
    return made
