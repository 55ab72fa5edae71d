"""④ Which version of which form a delivery is for, where its address leaves that open."""

from __future__ import annotations

from collections.abc import Sequence

from collector.actions.incoming import Address
from storage.problems import DraftGone, FormNotFound
from storage.queries import intake
from storage.queries.forms import IntakeTarget, draft_target
from storage.swift import Line


def of_draft(line: Line, xml_form_id: str, address: Address) -> IntakeTarget:
    """The draft whose testing address it came to. Raises DraftGone, FormNotFound."""
    target = draft_target(line, address.draft_token or "")
    if target is None or target[0] not in address.project_ids:
        raise DraftGone
    if target[1].xml_form_id != xml_form_id:
        raise FormNotFound(form=xml_form_id)
    return target[1]


def home(line: Line, records: Sequence[str | None], targets: Sequence[IntakeTarget]) -> IntakeTarget:
    """Of several projects that ask the same form: the one that knows the record, else one that takes it.

    `records` are the ids it goes by: its own, and that of what it corrects.
    """
    for instance_id in records:
        for target in targets:
            if instance_id and intake.known_version(line, target.form_id, instance_id, draft=False):
                return target
    return next((target for target in targets if target.state != "closed"), targets[0])
