"""How a record came to be what it is: its versions, what differs between them, what was said of it."""

from __future__ import annotations

from itertools import pairwise

from flask import Response

from collector.accounts.guard import identity
from collector.actions import auditing
from collector.actions import comments as noting
from collector.actions.records import Records
from collector.clock import moment
from collector.parts import parts
from collector.v1 import documents, incoming, submission_documents
from collector.v1.audits import shown
from collector.v1.outgoing import answer
from collector.v1.submission_routes import both, form_of, found, live, of_draft, version_found
from collector.v1.submissions import xml_of
from forms.submission import read
from forms.version_diffs import changes, tree_of
from storage.database import db, transaction
from storage.models import Form, Submission, SubmissionVersion
from storage.problems import NotAllowed
from storage.queries import records, submissions
from storage.queries.audits import named_in, of_submission
from storage.queries.comments import comments_of
from storage.queries.tallies import actors_by_id


@both("/<seg:instance_id>/versions")
def versions(project_id: int, form_id: str, instance_id: str) -> Response:
    """Every version of a record, newest first."""
    session = db.session()
    one = found(session, form_of(session, project_id, form_id), instance_id)
    several = submissions.versions_of(session, one.id)
    names = records.form_versions(session, several)
    return answer([_document(one, version, names) for version in several])


def _document(one: Submission, version: SubmissionVersion, names: records.Names) -> documents.Document:
    by = records.single(db.session(), one, version).actors if incoming.extended() else None
    return documents.version(version, names.get(version.form_version_id, ""), by)


@both("/<seg:instance_id>/versions/<seg:version_id>")
def version(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """One version of a record."""
    one, chosen = version_found(project_id, form_id, instance_id, version_id)
    return answer(_document(one, chosen, records.form_versions(db.session(), [chosen])))


@both("/<seg:instance_id>/versions/<seg:version_id>.xml")
def version_xml(project_id: int, form_id: str, instance_id: str, version_id: str) -> Response:
    """The XML of a version, byte for byte as it came."""
    return xml_of(version_found(project_id, form_id, instance_id, version_id)[1])


@both("/<seg:instance_id>/diffs")
def diffs(project_id: int, form_id: str, instance_id: str) -> Response:
    """What each version changed of the one before it, by its id: `{"old", "new", "path"}`."""
    session = db.session()
    form = form_of(session, project_id, form_id)
    one = found(session, form, instance_id)
    several = submissions.versions_of(session, one.id)
    trees = [_tree(form, version) for version in several]
    return answer({
        newer.instance_id: list(changes(before, after))
        for (newer, after), (_older, before) in pairwise(zip(several, trees, strict=True))
    })


def _tree(form: Form, version: SubmissionVersion) -> dict[str, object]:
    shelved = parts().shelf.get(version.form_version_id, draft=of_draft(), generation=form.generation)
    repeats = frozenset(node.path for node in shelved.writer.schema.repeats)
    data = Records(db.session(), parts().blobs, parts().shelf).xml(version)
    return tree_of(read(data).root, repeats)


@live.get("/<seg:instance_id>/audits")
def audits(project_id: int, form_id: str, instance_id: str) -> Response:
    """What was done to a record and by whom, newest first; `limit`, `offset`."""
    limit, offset = incoming.number("limit"), incoming.number("offset") or 0
    auditing.derive(moment())
    session = db.session()
    one = found(session, form_of(session, project_id, form_id), instance_id)
    several = of_submission(session, one, limit=limit, offset=offset)
    return answer(shown(several, named_in(session, several) if incoming.extended() else None))


@live.get("/<seg:instance_id>/comments")
def comments(project_id: int, form_id: str, instance_id: str) -> Response:
    """What was noted beside a record, newest first."""
    session = db.session()
    one = found(session, form_of(session, project_id, form_id), instance_id)
    several = comments_of(session, one.id)[::-1]
    by = actors_by_id(session, (comment.actor_id for comment in several))
    return answer([submission_documents.comment(comment, by) for comment in several])


@live.post("/<seg:instance_id>/comments")
def comment(project_id: int, form_id: str, instance_id: str) -> Response:
    """Note something beside a record: whoever may read it may. The record itself stays as it is."""
    said = incoming.document(submission_documents.NEW_COMMENT)
    if identity().by_key and not identity().may("submission.update", project_id, form_id):
        # A key that only reads says nothing.
        raise NotAllowed
    with transaction() as session:
        form = form_of(session, project_id, form_id)
        found(session, form, instance_id)
        by = identity().actor_id
        made = noting.comment(session, form, instance_id, said["body"], by=by, now=moment())
        return answer(submission_documents.comment(made, actors_by_id(session, [by])))
