"""④ Which version of which form a delivery is for, where its address leaves that open."""

from __future__ import annotations

from collections.abc import Sequence

from collector.actions.incoming import Address
from forms.submission import Envelope
from storage.database import db, pulse_of
from storage.problems import DraftGone, FormNotFound, NotAllowed
from storage.pulse import Kept
from storage.queries import intake
from storage.queries.forms import IntakeTarget, draft_target, intake_targets
from storage.swift import Line

_ROOM, _LIFETIME = 1000, 600.0
"""Answers kept, and for how many seconds."""


class Aim:
    """Finds the form of a delivery, from memory as long as no form has changed."""

    def __init__(self) -> None:
        self._kept: Kept[list[IntakeTarget]] = Kept(_ROOM, _LIFETIME)

    def find(self, line: Line, instance_id: str, envelope: Envelope, address: Address) -> IntakeTarget:
        """The form version it goes to.

        Raises NotAllowed, DraftGone, and the refusals of `intake_targets`.
        """
        if address.draft_token is not None:
            return _of_draft(line, envelope.form_id, address)
        found = self._targets(line, address.project_ids, envelope)
        may = [one for one in found if address.only is None or one.form_id in address.only]
        if not may:
            raise NotAllowed
        return may[0] if len(may) == 1 else _home(line, (instance_id, envelope.deprecated_id), may)

    def _targets(self, line: Line, project_ids: tuple[int, ...], envelope: Envelope) -> list[IntakeTarget]:
        key = project_ids, envelope.form_id, envelope.version
        # Asked before the question: with the writer's turn nobody can change a form in between.
        pulse = pulse_of(db.engine).read()
        found = self._kept.get(key, pulse)
        if found is None:
            found = intake_targets(line, *key)
            self._kept.keep(key, pulse, found)
        return found


def _of_draft(line: Line, xml_form_id: str, address: Address) -> IntakeTarget:
    """The draft whose testing address it came to."""
    target = draft_target(line, address.draft_token or "")
    if target is None or target[0] not in address.project_ids:
        raise DraftGone
    if target[1].xml_form_id != xml_form_id:
        raise FormNotFound(form=xml_form_id)
    return target[1]


def _home(line: Line, records: Sequence[str | None], targets: Sequence[IntakeTarget]) -> IntakeTarget:
    """Of several projects that ask the same form: the one that knows the record, else one that takes it.

    `records` are the ids it goes by: its own, and that of what it corrects.
    """
    for instance_id in records:
        for target in targets:
            if instance_id and intake.known_version(line, target.form_id, instance_id, draft=False):
                return target
    return next((target for target in targets if target.state != "closed"), targets[0])
