"""⑦ The sheet of the enumerators of a survey: for themselves and who supervises them, never as a ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from collector.actions.checks import roles_file, shipped_roles
from forms.checks.back_checks import FACT, Rate, rates
from forms.checks.enumerators import Enumerators, Sums
from forms.checks.interviews import each_found
from forms.values import HOME
from storage.checks import enumerators, second_visits
from storage.checks.blocks import blocks, places_of
from storage.checks.surveys import Checked, surveys


@dataclass(frozen=True, slots=True)
class EnumeratorLine:
    """One enumerator: what he sent, and how often something was odd in it.

    `sender` is `sender:<number of the account>` or `device:<id>`; `flags` open findings of 100 records,
    `accepted` findings that were accepted, `back_check` the share of facts a second visit heard otherwise.
    """

    sender: str
    name: str
    sums: Sums
    flags: float
    accepted: int
    back_check: float | None


def enumerator_lines(
    session: Session, project_id: int, xml_form_id: str, now: datetime
) -> list[EnumeratorLine]:
    """The enumerators of a survey in the places the asker may see, by name."""
    every = surveys(session, project_id, shipped_roles(roles_file()), now.astimezone(HOME).date())
    one = next((each for each in every if each.form == xml_form_id), None)
    if one is None:
        return []
    watch = Enumerators(one.survey)
    list(each_found([watch], blocks(one.reading, places_of(session, one.reading.form_id))))
    flagged, accepted = enumerators.flags(session, one.reading.form_id)
    numbers = [int(sender[7:]) for sender in watch.sums if sender.startswith("sender:")]
    names = enumerators.names(session, numbers)
    facts = _facts(session, one, every)
    lines = [
        EnumeratorLine(
            sender,
            names.get(sender, sender.partition(":")[2]),
            sums,
            100 * flagged[sender] / sums.submissions,
            accepted[sender],
            facts[sender].share if sender in facts else None,
        )
        for sender, sums in watch.sums.items()
    ]
    return sorted(lines, key=lambda line: (line.name, line.sender))


def _facts(session: Session, one: Checked, every: list[Checked]) -> Mapping[str, Rate]:
    for pairing in second_visits.pairings(every):
        if pairing.first.form == one.form:
            found = rates(second_visits.compared(session, pairing))
            return {sender: by_kind[FACT] for sender, by_kind in found.items() if FACT in by_kind}
    return {}
