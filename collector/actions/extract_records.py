"""⑨ The records of one survey laid into a spool, protected and widened as somebody asked.

Imported by whoever makes files only: it needs Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from collector.actions.checks import roles_file, shipped_roles
from collector.actions.choice_lists import choices_of
from collector.actions.correction_log import CorrectionLog, same
from collector.actions.extracts import Means
from collector.actions.protecting import middles, project_key
from forms.checks.roles import Roles, read_roles
from forms.datasets.beside.correction_log import keep
from forms.datasets.describing import Version, describe
from forms.datasets.description import Dataset
from forms.datasets.material import Excluded
from forms.datasets.spool import Spool
from forms.datasets.widening import widen
from forms.phrases import template
from forms.protection.policy import Policy
from forms.protection.protecting import Protected, protect
from forms.protection.pseudonyms import Pseudonyms
from forms.values import HOME
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.findings.thresholds import rows_of
from storage.models import Form, FormVersion
from storage.queries import forms
from storage.queries.dataset_choice import DAY, DELETED, DUPLICATE, PLACE, STATE, Chosen, Wanted, choose
from storage.queries.dataset_files import FilesBeside
from storage.queries.dataset_rows import cells_of, fill
from storage.scope import current

Progress = Callable[[int, int], None]

WHY: Final[Mapping[str, str]] = {
    DELETED: template("Deleted"),
    DUPLICATE: template("Confirmed to be another record once more"),
    STATE: template("In a review state that was not asked for"),
    DAY: template("Received on other days"),
    PLACE: template("Of other places, or without a place"),
}
"""Why records are left out: English templates."""

ROLES_SHEET: Final = "roles"


@dataclass(frozen=True)
class Laid:
    """Rows as they leave, and what is said of them.

    `versions` are those of the form, `corrections` where the log of them was put aside, `pictures` the list
    of photos and recordings, None where they were not asked for.
    """

    spool: Spool
    received: int
    excluded: tuple[Excluded, ...]
    left_out: Mapping[str, int]
    protection: Mapping[str, str]
    report: Mapping[str, Any]
    corrections: Path
    pictures: Path | None = None


def record_spool(session: Session, form: Form, spec: Mapping[str, Any], means: Means, work: Work) -> Laid:
    """The rows a spec asks for; `session` is a snapshot, and the scope in force its asker's."""
    dataset = described(session, form, means.blobs)
    chosen = choose(session, wanted_of(form.id, spec))
    policy = Policy(spec.get("protection", "deidentified"), say=work.say)
    # Whoever is on a photo cannot be hidden from it.
    pictures = work.folder / "pictures.jsonl" if spec.get("photos") and policy.protection == "none" else None
    protected = guarded(session, form, Choice(dataset, chosen, policy, pictures), means, work)
    key = _key(form, policy, means, work)
    hides = policy.protection != "none"
    log = CorrectionLog(means.blobs, means.shelf, work.say, protected=hides)
    shown = Pseudonyms(key).key if hides else same
    corrections = work.folder / "corrections.jsonl"
    keep(corrections, log.of(session, form, protected.spool.dataset, chosen.numbers, shown))
    work.beat()
    spool = protected.spool
    if spec.get("shape") == "wide":
        spool = widen(spool, work.folder / "wide", lambda _done, _all: work.beat())
    return Laid(
        spool,
        chosen.received,
        tuple(Excluded(work.say(WHY[why]), count) for why, count in chosen.excluded.items()),
        chosen.excluded,
        protected.protection if hides else {},
        protected.report.numbers(),
        corrections,
        pictures,
    )


@dataclass(frozen=True)
class Choice:
    """Which records of which dataset leave, how far people are protected, where to list photos."""

    dataset: Dataset
    chosen: Chosen
    policy: Policy
    pictures: Path | None = None


def guarded(session: Session, form: Form, choice: Choice, means: Means, work: Work) -> Protected:
    """The rows of chosen records as a policy wants them; `session` is the snapshot they were chosen in."""
    raw = Spool(_folder(work.folder, "read"), choice.dataset)
    with ExitStack() as stack:
        beside = None
        if choice.pictures is not None:
            to = stack.enter_context(choice.pictures.open("wb"))
            beside = FilesBeside(session, form.id, _files_asked(session, form), to)
        fill(session, choice.chosen, raw, work.read, beside)
    key = _key(form, choice.policy, means, work)
    protected = protect(raw, choice.policy, key, middles(session), work.folder / "protected")
    work.beat()
    return protected


def _key(form: Form, policy: Policy, means: Means, work: Work) -> bytes:
    # Pseudonyms are meant to last; where nobody is to be found, files of no release do not join.
    alone = work.alone if policy.protection == "deidentified" else ""
    return project_key(means.vault, form.project_id, alone)


@dataclass(frozen=True)
class Work:
    """How making goes on: a folder of its own, the language of the files, who is told of progress.

    `alone` tells files that belong to no release from all others: the rows of a protected one are then found
    under keys of its own, so that many narrow files laid side by side do not tell more than one of them.
    """

    folder: Path
    say: Callable[[str], str]
    read: Progress
    beat: Callable[[], None]
    alone: str = ""


def _folder(around: Path, name: str) -> Path:
    made = around / name
    made.mkdir(parents=True)
    return made


def _files_asked(session: Session, form: Form) -> set[str]:
    """The questions that a file answers, in any published version."""
    several = (read_schema(one.xml) for one in forms.published_versions(session, form.id))
    return {node.path for schema in several for node in schema.nodes if node.binary}


def described(session: Session, form: Form, blobs: BlobStore) -> Dataset:
    """The dataset of a survey, of all its published versions. Raises FormNotFound while there is none."""
    current_id = forms.current_version(session, form).id
    versions = sorted(forms.published_versions(session, form.id), key=lambda one: one.id == current_id)
    shipped = read_roles(shipped_roles(roles_file()), form.xml_form_id)
    return describe(
        [_version(session, form, one, shipped, blobs) for one in versions], cells_of(session, form.id)
    )


def _version(
    session: Session,
    form: Form,
    version: FormVersion,
    shipped: Mapping[str, tuple[str, ...]],
    blobs: BlobStore,
) -> Version:
    schema = read_schema(version.xml)
    marks = version.sheets.get("marks", {})
    own = read_roles(dict(row.cells) for row in rows_of(version.sheets, ROLES_SHEET))
    roles = Roles(schema, {**shipped, **own}, marks)
    missing = frozenset(
        (one.path, one.code) for role in ("dont_know", "refusal") for one in roles.answers(role)
    )
    files = choices_of(session, form, version, schema, blobs)
    return Version(version.xml, version.version, marks, missing, files)


def wanted_of(form_id: int, spec: Mapping[str, Any]) -> Wanted:
    """Which records a spec asks for, in the scope in force; `from` and `to` are days of receipt, ISO."""
    until = _day(spec.get("to"))
    return Wanted(
        form_id,
        current(),
        tuple(str(one) for one in spec.get("places") or () if one),
        _day(spec.get("from")),
        until + timedelta(days=1) if until else None,
        tuple(str(one) for one in spec.get("states") or ()),
    )


def _day(text: str | None) -> datetime | None:
    """When a day begins in Viet Nam."""
    return datetime.combine(date.fromisoformat(text), time(), HOME) if text else None
