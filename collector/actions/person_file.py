"""Everything that is written about a person, in one file for him, found the way an erasure finds it.

Why: Law 91/2025/QH15 gives everybody the right to see what is held about him. Of a person in a household
only what is his goes along: his row, what names him around it, nobody else's answers (decision 0041).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.actions.archive import ZipStream
from collector.actions.erasing import MOST, Erasing
from collector.actions.erasure_targets import Target
from collector.actions.export import PACKED, chunks_of, opened
from collector.actions.person_things import File, Things
from forms.exports.csv_text import BOM
from forms.exports.harmless import harmless
from forms.values import iso_instant
from storage.audits import note
from storage.blobs import BlobStore
from storage.cuts import within
from storage.database import db, transaction
from storage.erasing.problems import RequestMissing
from storage.projection.shelf import Shelf
from storage.queries import person_traces, projects
from storage.scope import WHOLE

NAME: Final = "toan-bo-du-lieu-ca-nhan.zip"
SHORTEST: Final = 10
"""Letters of a purpose: the number and day of the request at least."""
_COLUMNS = ("what", "id", "version", "received", "path", "question", "answer")
_LARGE = 1 << 31

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """Of which project which things; the name that was searched for; in whose words why, on whose behalf."""

    project_id: int
    targets: Sequence[Target]
    said: str
    purpose: str
    actor_id: int | None
    now: datetime
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Told:
    """All of it: what programs read, and the bytes beside it."""

    document: Document
    files: Sequence[File]


def gather(wish: Wish, erasing: Erasing, blobs: BlobStore, shelf: Shelf) -> Told:
    """Find everything an erasure of these would take, and note with each thing that it was handed out.

    Raises RequestMissing, NothingToErase where something is not there.
    """
    purpose = " ".join(wish.purpose.split())
    if len(purpose) < SHORTEST:
        raise RequestMissing(letters=SHORTEST)
    targets = list(dict.fromkeys(wish.targets))[:MOST]
    unfinished = erasing.preview(wish.project_id, targets, wish.said).drafts
    session = db.session()
    with within(WHOLE):
        things = Things(session, blobs, shelf, wish.project_id, wish.language)
        for one in targets:
            things.add(one)
        document = {
            "project": projects.get_project(session, wish.project_id).name,
            "made_at": iso_instant(wish.now),
            "purpose": purpose,
            "things": things.told,
            "words": [things.word(one) for one in person_traces.words(session, wish.project_id, wish.said)],
            "given": _given(session, things),
            "unfinished": unfinished,
        }
        session.rollback()
        with transaction() as writing:
            for actee, thing in zip(things.actees, things.told, strict=True):
                note(
                    writing,
                    "person.export",
                    actee=actee,
                    details={"kind": thing["kind"], "key": thing["key"]},
                    notes=purpose,
                    actor_id=wish.actor_id,
                    now=wish.now,
                )
    return Told(document, things.files)


def _given(session: Session, things: Things) -> list[Mapping[str, str]]:
    extracts, releases = person_traces.given(session, things.forms)
    return [
        *(
            {
                "kind": "file",
                "name": str(one.spec.get("protection", "")),
                "at": iso_instant(one.asked_at),
                "by": things.name(one.asked_by),
                "purpose": one.purpose or "",
            }
            for one in extracts
        ),
        *(
            {
                "kind": "release",
                "name": f"{one.number} {one.name}",
                "at": iso_instant(one.made_at),
                "by": things.name(one.made_by),
                "purpose": "",
            }
            for one in releases
        ),
    ]


def pieces(told: Told, page: Callable[[Document], str], blobs: BlobStore) -> Iterator[bytes]:
    """The archive: `index.html` for people (as `page` writes it), `data.json`, `answers.csv`, the bytes."""
    stream = ZipStream()
    for name, data in (
        ("index.html", page(told.document).encode()),
        ("data.json", json.dumps(told.document, ensure_ascii=False, indent=1).encode()),
        ("answers.csv", BOM + _table(told.document["things"]).encode()),
    ):
        yield from stream.entry(name, [data], size=len(data))
    for one in told.files:
        if one.sha256 is None:
            yield from stream.entry(one.path, [one.data], size=len(one.data))
            continue
        with closing(opened(blobs, one.sha256)) as handle:
            packed = one.path.lower().endswith(PACKED)
            yield from stream.entry(one.path, chunks_of(handle), size=_LARGE, packed=packed)
    yield stream.end()


def _table(things: Sequence[Document]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for thing in things:
        for version in thing["versions"]:
            for said in version["answers"]:
                row = (thing["what"], thing["key"], version["id"], version["at"], *said.values())
                writer.writerow([harmless(str(cell)) for cell in row])
    return out.getvalue()
