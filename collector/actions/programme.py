"""①⑧ The programme's workbook from an office's desk into force, and the decisions an office takes.

Every workbook that is taken stays as a version; one that is refused leaves the one before in force.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions.form_files import keep_bytes
from collector.actions.publish import Author, Definition
from collector.problems import DecisionUnknown
from forms.remarks import Remark
from forms.spreadsheet import raw_sheets, read_workbook
from forms.workbook import Extras, is_programme, read_extras
from storage.blobs import BlobStore
from storage.cells.marks import mark_definitions
from storage.database import db, transaction
from storage.models import Programme, Project
from storage.queries import attachments, programmes, projects

log = logging.getLogger(__name__)

SHIPPED = Path("programme") / "programme.xlsx"
"""Where the programme that comes with the server lies among the surveys."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_programme(definition: Definition) -> Extras | None:
    """The sheets of a programme's workbook; None where the file is something else, a form for instance.

    Raises FormRefused for a workbook that cannot be read at all.
    """
    workbook = definition.data.startswith((_ZIP, _OLE)) or definition.filename.lower().endswith(".md")
    if not workbook:
        return None
    names = {name.strip().lower() for name, _rows in raw_sheets(definition.data, definition.filename)}
    return read_extras(read_workbook(definition.data, definition.filename)) if is_programme(names) else None


def publish_programme(
    session: Session,
    project_id: int,
    definition: Definition,
    extras: Extras,
    *,
    author: Author,
    blobs: BlobStore,
) -> Programme:
    """Put a programme's definitions in force, in place of those before.

    Raises FormRefused with a remark for every fault: nothing has changed then.
    """
    from forms.checks.thresholds import read_thresholds

    projects.get_project(session, project_id)
    read_thresholds(extras.thresholds)
    sheets = extras.plain()
    _require_right(session, project_id, sheets)
    stored = keep_bytes(blobs, [definition.data])
    attachments.enter_blob(session, stored.sha256, stored.size, stored.md5, author.now)
    made = Programme(
        project_id=project_id,
        workbook_sha256=stored.sha256,
        workbook_name=definition.filename[:255],
        sheets=sheets,
        actor_id=author.actor_id,
        created_at=author.now,
    )
    session.add(made)
    session.flush()
    mark_definitions(session, project_id)
    return made


def _require_right(session: Session, project_id: int, sheets: Mapping[str, object]) -> None:
    from collector.actions.definitions import require_programme

    require_programme(session, project_id, sheets)


def bring_programme(blobs: BlobStore, folder: Path, now: datetime) -> None:
    """Put the shipped programme in force where the first project has none; a newer one is only told of."""
    path = folder / SHIPPED
    if not path.is_file():
        return
    session = db.session()
    project_id = session.scalar(select(Project.id).order_by(Project.id).limit(1)) or 1
    known = programmes.digests(session, project_id)
    session.rollback()
    definition = Definition(path.read_bytes(), path.name)
    if known:
        _tell_of_newer(definition, known)
        return
    extras = read_programme(definition)
    if extras is not None:
        with transaction() as writing:
            publish_programme(writing, project_id, definition, extras, author=Author(None, now), blobs=blobs)
        log.info("published the programme %s", path.name)


def _tell_of_newer(definition: Definition, known: set[str]) -> None:
    from hashlib import sha256

    if sha256(definition.data).hexdigest() not in known:
        log.info(
            "a newer version of %s comes with this server; the one in force stays. "
            "To take it over: collector publish",
            definition.filename,
        )


@dataclass(frozen=True, slots=True)
class Open:
    """A decision as its page shows it; texts by language.

    `indicators` are the names of those that rest on it; `taken` is when it was decided, None = never.
    """

    code: str
    labels: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    chosen: str
    default: str
    consequences: Mapping[str, str]
    indicators: tuple[Mapping[str, str], ...]
    taken: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The programme in force: its name and day (None: there is none), its decisions, what no longer holds."""

    name: str
    since: datetime | None
    indicators: int
    targets: int
    decisions: Sequence[Open]
    left_out: Sequence[Remark]


def in_force(session: Session, project_id: int) -> Standing:
    """The programme and the decisions of a project."""
    from collector.actions.definitions import definitions_of

    newest = programmes.newest(session, project_id)
    settled = definitions_of(session, project_id)
    moments = programmes.decided_at(session, project_id)
    waiting = _waiting(programmes.sheets_of(session, project_id))
    labels = {one.indicator.code: one.indicator.labels for one in settled.indicators}
    decisions = [
        Open(
            one.code,
            one.labels,
            one.options,
            settled.decided.choice(one.code),
            one.default,
            one.consequences,
            tuple(labels[code] for code in waiting.get(one.code, ()) if code in labels),
            moments.get(one.code),
        )
        for one in settled.decided.decisions.values()
    ]
    return Standing(
        newest.workbook_name if newest else "",
        newest.created_at if newest else None,
        sum(one.survey is None for one in settled.indicators),
        len(settled.targets),
        decisions,
        settled.left_out,
    )


def _waiting(sheets: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """The indicators that wait for each decision."""
    from collector.actions.definitions import sheet_rows

    found: dict[str, dict[str, None]] = {}
    for name, column in (("indicators", "code"), ("targets", "indicator")):
        for row in sheet_rows(sheets)[name]:
            decision = row["when"].partition("=")[0].strip()
            if decision:
                found.setdefault(decision, {})[row[column]] = None
    return {decision: tuple(codes) for decision, codes in found.items()}


def decide(session: Session, project_id: int, code: str, option: str, author: Author) -> None:
    """Take a decision; every figure is worked out anew. Raises DecisionUnknown."""
    from collector.actions.definitions import definitions_of

    decided = definitions_of(session, project_id).decided
    if code not in decided.decisions or option not in decided.decisions[code].options:
        raise DecisionUnknown(decision=code, option=option)
    if decided.choice(code) == option:
        return
    programmes.choose(session, project_id, programmes.Choice(code, option, author.actor_id, author.now))
    mark_definitions(session, project_id)
