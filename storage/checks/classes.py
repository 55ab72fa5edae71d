"""Literacy classes with their reports, their learners, and what shows that a learner may be in phase 2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms.checks.classes import Beginner, Class, Listed, Month
from forms.checks.comparing import Report
from forms.checks.ranges import as_number
from storage.checks.reports import Asked, reports
from storage.checks.sums import MEMBER, attended
from storage.groups import in_groups
from storage.models import Entity, EntityList, Submission

CLASS = "class_id_eff"
LEARNER = "learner"
QUESTIONS = (
    CLASS, "class_mode", "class_name", "prev_class_name", "centre", "organiser", "phase", "term",
    "start_date", "end_date", "sessions_plan", "lessons_plan",
)  # fmt: skip
MONTH_QUESTIONS = ("class", "report_kind", "rep_month", "rep_ym", "held", "lessons_held")


def classes(session: Session, opened: Sequence[Report], months: Asked | None) -> dict[str, Class]:
    """The classes by id, each by its last form, with their reports in the order of time."""
    found = {one.text(CLASS): _class(one) for one in opened if one.text(CLASS)}
    marked = attended(session, months)
    by_class: defaultdict[str, list[Month]] = defaultdict(list)
    for one in reports(session, months, MONTH_QUESTIONS):
        day = one.date("rep_month")
        if day is not None:
            learners, missing = marked.get(one.record, (0, 0))
            by_class[one.text("class")].append(
                Month(
                    one.record,
                    f"{day:%Y-%m}",
                    one.text("report_kind") == "ky",
                    one.number("held") or 0.0,
                    one.number("lessons_held") or 0.0,
                    learners,
                    missing,
                )
            )
    return {
        key: replace(one, months=tuple(sorted(by_class[key], key=lambda month: (month.month, month.record))))
        for key, one in found.items()
    }


def _class(one: Report) -> Class:
    return Class(
        one.text(CLASS),
        one.text("class_name") or one.text("prev_class_name") or one.text(CLASS),
        one.record,
        one.place or None,
        one.text("term"),
        one.date("start_date"),
        one.date("end_date"),
        one.number("sessions_plan"),
        one.number("lessons_plan"),
    )


def listed(session: Session, opened: Asked | None, known: dict[str, Class]) -> Iterator[Listed]:
    """The learners on the last list of each class who are on those of two classes."""
    if opened is None or not opened.has(("l_id", "l_name", "l_in"), LEARNER):
        return
    last = {one.record: one for one in known.values()}
    rows = session.execute(
        select(Submission.id, opened.column("l_id", LEARNER), opened.column("l_name", LEARNER))
        .select_from(opened.source(LEARNER))
        .where(*opened.counts, opened.number("l_in", LEARNER) == 1)
    )
    mine: defaultdict[str, list[Listed]] = defaultdict(list)
    for record, learner, name in rows:
        if record in last and learner:
            mine[learner].append(Listed(learner, name or learner, last[record]))
    for several in mine.values():
        if len(several) > 1:
            yield from several


def beginners(
    session: Session, project_id: int, opened: Asked | None, homes: Asked | None, known: dict[str, Class]
) -> Iterator[Beginner]:
    """Learners of phase 2 on the last list of a class whom the household forms know."""
    if opened is None or not opened.has(("l_id", "l_name", "l_in", "l_prev_done"), LEARNER):
        return
    table = opened.table(LEARNER).table
    rows = session.execute(
        select(
            Submission.id,
            table.c.key,
            Submission.place_code,
            *(opened.column(name, LEARNER) for name in ("l_id", "l_name", "l_prev_done")),
        )
        .select_from(opened.source(LEARNER))
        .where(*opened.counts, opened.column("phase") == "2", opened.number("l_in", LEARNER) == 1)
    )
    last = {one.record for one in known.values()}
    found = [row for row in rows if row[0] in last and row[3]]
    shown = _shown(session, homes, opened)
    done = _done(session, project_id, [row[3] for row in found])
    for record, key, place, learner, name, before in found:
        if learner in shown:
            phase, grade = shown[learner]
            most = max(phase, as_number(before) or 0.0, done.get(learner, 0.0))
            yield Beginner(record, key, learner, name or learner, place, most, grade)


def _shown(session: Session, homes: Asked | None, opened: Asked) -> dict[str, tuple[float, float]]:
    """Of each learner of phase 2 the phase and grade the household forms tell."""
    if homes is None or not homes.has(("learner_id", "m_xmc_done", "m_grade_done"), MEMBER):
        return {}
    learners = (
        select(opened.column("l_id", LEARNER))
        .select_from(opened.source(LEARNER))
        .where(*opened.counts, opened.column("phase") == "2")
    )
    person = homes.column("learner_id", MEMBER)
    rows = session.execute(
        select(
            person,
            func.max(homes.number("m_xmc_done", MEMBER)),
            func.max(homes.number("m_grade_done", MEMBER)),
        )
        .select_from(homes.source(MEMBER))
        .where(*homes.counts, person.in_(learners))
        .group_by(person)
    )
    return {learner: (float(phase), float(grade)) for learner, phase, grade in rows}


def _done(session: Session, project_id: int, learners: Sequence[str]) -> dict[str, float]:
    """The phase the list of learners says each of these finished."""
    found: dict[str, float] = {}
    for some in in_groups(sorted(set(learners))):
        rows = session.execute(
            select(Entity.uuid, Entity.data, Entity.computed)
            .join(EntityList, EntityList.id == Entity.list_id)
            .where(EntityList.project_id == project_id, EntityList.name == "learners", Entity.uuid.in_(some))
        )
        for learner, data, computed in rows:
            said = [as_number({**data, **computed}.get("xmc_done")), as_number(data.get("xmc_done"))]
            found[learner] = max(one or 0.0 for one in said)
    return found
