"""⑧ The nightly batch: what phones are shown of a village or a learner because others reported it.

Why at night: a village's counts grow with every household, and its phones would download the list all day.
Written only where something changed, and outside conflicts (`storage.entities.computing`).
Rests on: `villages.svy_*` on the latest visit of each household that agreed (form f01); `learners.xmc_done`
on the class reports (f05) and on what the household says of certificates (f01), where they know of a later
phase than the list does.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from storage.database import transaction
from storage.entities import computing
from storage.entities.computing import Computed
from storage.entities.following import VILLAGES
from storage.entities.reading import rows
from storage.groups import in_groups
from storage.models import EntityList
from storage.queries import computed, projects
from storage.queries.entity_lists import listings
from storage.snapshot import snapshot

HOUSEHOLD_FORM = "f01_hh_survey"
CLASS_FORM = "f05_class_report"
LEARNERS = "learners"

SVY_HOUSEHOLDS = "svy_hh"
SVY_SUMS = {"svy_illit1": "n_illit1", "svy_illit2": "n_illit2", "svy_relapse": "n_relapse"}
"""Property of a village to the question of the household that is summed."""

XMC_DONE = "xmc_done"
PHASES = ((CLASS_FORM, "l_id", "l_phase_done"), (HOUSEHOLD_FORM, "learner_id", "m_xmc_done"))
"""Where it is said that somebody has finished a phase: form, question with the person, question."""

_STEP = 200


def refresh() -> int:
    """Work out and write what changed in every project; returns how many members were written."""
    with snapshot() as session:
        numbers = [one.id for one in projects.list_projects(session)]
    return sum(_refresh(number) for number in numbers)


def _refresh(project_id: int) -> int:
    written = 0
    for name, work_out in ((VILLAGES, _villages), (LEARNERS, _learners)):
        with snapshot() as session:
            listing = listings(session, project_id, [name]).get(name)
            values = work_out(session, project_id, listing.id) if listing else {}
        if listing is not None and values:
            written += _write(listing.id, values)
    return written


def _write(list_id: int, values: Computed) -> int:
    with snapshot() as session:
        due = computing.changed(session, session.get_one(EntityList, list_id), values)
    for some in in_groups(due, _STEP):
        with transaction() as session:
            computing.write(session, session.get_one(EntityList, list_id), some)
    return len(due)


def _villages(session: Session, project_id: int, list_id: int) -> Computed:
    form_id = computed.form_id_of(session, project_id, HOUSEHOLD_FORM)
    if form_id is None:
        return {}
    sums = computed.household_sums(session, form_id, list(SVY_SUMS.values()))
    found: dict[str, Mapping[str, str]] = {
        village: {SVY_HOUSEHOLDS: str(households)}
        | {name: str(value) for name, value in zip(SVY_SUMS, several, strict=True)}
        for village, (households, several) in sums.items()
    }
    # A village whose last household was deleted or moved has none any more.
    none = dict.fromkeys((SVY_HOUSEHOLDS, *SVY_SUMS), "0")
    gone = {one.uuid: none for one in rows(session, list_id) if one.computed and one.uuid not in found}
    return {**found, **gone}


def _learners(session: Session, project_id: int, list_id: int) -> Computed:
    done: dict[str, int] = {}
    for xml_form_id, person, phase in PHASES:
        form_id = computed.form_id_of(session, project_id, xml_form_id)
        if form_id is not None:
            for uuid, furthest in computed.phases_done(session, form_id, person, phase).items():
                done[uuid] = max(furthest, done.get(uuid, 0))
    found: dict[str, Mapping[str, str]] = {}
    for one in rows(session, list_id):
        said = one.data.get(XMC_DONE, "")
        later = done.get(one.uuid, 0) > (int(said) if said in {"1", "2"} else 0)
        if later or XMC_DONE in one.computed:
            found[one.uuid] = {XMC_DONE: str(done[one.uuid]) if later else ""}
    return found
