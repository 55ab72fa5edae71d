"""What somebody has sent from a browser: shown to him again, and whether he may still change it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from forms.period_kinds import KINDS, month_of, period_of
from forms.problems import Problem
from forms.submission import Envelope, read
from storage.blobs import BlobStore
from storage.cuts import within
from storage.models import Form, FormVersion, Submission, SubmissionVersion
from storage.problems import SubmissionNotFound
from storage.queries import approvals, forms, records, submissions, webforms
from storage.queries.places import ancestors
from storage.scope import NOTHING, WHOLE, Scope
from storage.webform_problems import AnsweredBefore, SentApproved, SentFixed, SentLocked, WebFormClosed

_NO = frozenset({"no", "false", "0", "không"})


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what he sent: `reads` are the places whose records he sees, whoever sent them."""

    project_id: int
    actor_id: int
    is_link: bool = False
    reads: Scope = NOTHING


def find(
    session: Session, asking: Asking, instance_id: str, form_id: str | None = None
) -> tuple[Form, Submission]:
    """A living record the asker sent himself, or may see, of any form or of one. Raises SubmissionNotFound.

    Nothing is shown by a link: it is in many hands.
    """
    found = webforms.sent_record(session, asking.project_id, instance_id, form_id)
    if found is None or asking.is_link or not _is_his(session, asking, found[1]):
        raise SubmissionNotFound(instance=instance_id)
    return found


def _is_his(session: Session, asking: Asking, record: Submission) -> bool:
    if record.submitter_id == asking.actor_id:
        return True
    with within(asking.reads):
        return records.is_seen(session, record.id)


def why_fixed(session: Session, asking: Asking, form: Form, record: Submission) -> Problem | None:
    """Why the asker may not change a record; None: he may. A rejected one is there to be mended."""
    if form.state == "closed":
        return WebFormClosed(form=forms.current_version(session, form).name)
    if asking.is_link or not may_edit(forms.current_version(session, form)):
        return SentFixed()
    if record.review_state == "approved":
        return SentApproved()
    period = _locked(session, form, record)
    return SentLocked(period=period) if period else None


def may_edit(version: FormVersion) -> bool:
    """Whether the author lets people change what they have sent (`web_edit` of the sheet settings)."""
    return str(version.sheets.get("web_edit", "")).strip().lower() not in _NO


def _locked(session: Session, form: Form, record: Submission) -> str | None:
    """The period of a record whose figures are locked, where it lies or around it."""
    if record.reported_on is None or record.place_code is None:
        return None
    periods = [period_of(month_of(record.reported_on), kind) for kind in KINDS]
    # That a wider place has locked them is no secret to whoever sent the record.
    with within(WHOLE):
        locked = approvals.locked(session, form.project_id, periods)
        around = {record.place_code, *(one.code for one in ancestors(session, record.place_code))}
    return next((period for place, period in sorted(locked) if place in around), None)


def require_editable(session: Session, asking: Asking, xml: bytes) -> None:
    """Refuse an edit of a record that may no longer be changed.

    What is no edit, or was taken before, passes: the intake looks at it. Raises what `why_fixed` gives,
    and SubmissionNotFound.
    """
    # Read as the intake reads it: whatever else looks at the bytes can be led past an edit.
    envelope = read(xml).envelope
    if not envelope.deprecated_id or _was_taken(session, asking, envelope):
        return
    form, record = find(session, asking, envelope.deprecated_id, envelope.form_id)
    problem = why_fixed(session, asking, form, record)
    if problem is not None:
        raise problem


def _was_taken(session: Session, asking: Asking, envelope: Envelope) -> bool:
    # Another form's record of the same id is another record.
    sent = envelope.instance_id
    return bool(sent) and (
        webforms.sent_record(session, asking.project_id, sent or "", envelope.form_id) is not None
    )


def require_first(session: Session, actor_id: int, mark: str, xml: bytes) -> None:
    """Refuse a second answer of a browser to a link that takes one. Raises AnsweredBefore."""
    before = webforms.once_before(session, actor_id, mark)
    if before is not None and read(xml).envelope.instance_id != before:
        raise AnsweredBefore


def version_of(session: Session, submission_id: int, blobs: BlobStore) -> tuple[SubmissionVersion, bytes]:
    """The last version of a record, and its bytes as they came."""
    version = submissions.current_version_of(session, submission_id)
    data, blob = submissions.stored_xml(session, version.id)
    if data is not None:
        return version, data
    with blobs.open(blob or "") as handle:
        return version, handle.read()
