"""What was sent, shown again to whoever sent it: its answers, its files, and whether he may change it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, jsonify

from collector.actions import web_sent
from collector.fileresponse import blob_response
from collector.parts import parts
from collector.webforms.doors import base, caller, fill
from collector.webforms.sending import asking
from collector.wording import fill as fill_in
from forms.receipts import receipt
from storage.database import db
from storage.problems import AttachmentNotFound
from storage.queries import submissions, webforms


@fill.get("/sent/<seg:instance_id>")
def sent(instance_id: str) -> Response:
    """A record that was sent, by the id of any of its versions; only one's own, or one that may be seen."""
    session, who = db.session(), asking(caller("submission.create"))
    form, record = web_sent.find(session, who, instance_id)
    version, data = web_sent.version_of(session, record.id, parts().blobs)
    held = submissions.files_of(session, version.id)
    sizes = webforms.stored_sizes(session, [digest for digest in held.values() if digest])
    problem = web_sent.why_fixed(session, who, form, record)
    under = f"{base()}/sent/{quote(instance_id, safe='')}/files"
    return jsonify({
        "instance_id": version.instance_id,
        "form_id": form.xml_form_id,
        "version": webforms.version_name(session, version.form_version_id),
        "xml": data.decode(errors="replace"),
        "files": [
            {"name": name, "size": sizes.get(digest), "url": f"{under}/{quote(name, safe='')}"}
            for name, digest in held.items()
            if digest
        ],
        "files_missing": [name for name, digest in held.items() if not digest],
        "receipt": receipt(record.id),
        "received_at": version.created_at.isoformat(),
        "review_state": record.review_state,
        "may_edit": problem is None,
        "why_not": None if problem is None else fill_in(problem.sentence, problem.details),
    })


@fill.get("/sent/<seg:instance_id>/files/<seg:name>")
def sent_file(instance_id: str, name: str) -> Response:
    """A file of such a record."""
    session, who = db.session(), asking(caller("submission.create"))
    _form, record = web_sent.find(session, who, instance_id)
    version = submissions.current_version_of(session, record.id)
    digest = submissions.files_of(session, version.id).get(name)
    if digest is None:
        raise AttachmentNotFound(name=name)
    return blob_response(parts().blobs, digest, name)
