"""Which periods figures are worked out for: those with live records, and the current ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.period_kinds import first_day, last_day, month_in, month_of, period_of
from storage.cells.plan import Plan
from storage.cells.tree import ROOT
from storage.models import Form, IndicatorCell, Submission
from storage.portable import month_text
from storage.queries.counting import counting


def kinds_of(plan: Plan, codes: Iterable[str]) -> set[str]:
    """The kinds of period some indicators are worked out for."""
    return {kind for code in codes for kind in plan.indicators[code].periods}


def current(plan: Plan, today: date) -> set[str]:
    """The periods that a day lies in."""
    return {period_of(month_of(today), kind) for kind in kinds_of(plan, plan.indicators)}


def in_play(session: Session, plan: Plan, today: date) -> set[str]:
    """All periods there are to be cells for, from the records."""
    months = session.connection().execute(
        select(month_text(Submission.__table__.c.reported_on))
        .join(Form, Form.id == Submission.form_id)
        .where(Form.project_id == plan.project_id, counting(), Submission.reported_on.is_not(None))
        .distinct()
    )
    kinds = kinds_of(plan, plan.indicators)
    found = {period_of(month_in(month), kind) for (month,) in months for kind in kinds}
    return found | current(plan, today)


def alive(session: Session, plan: Plan, period: str) -> bool:
    """Whether a live record counts for a period."""
    query = (
        select(Submission.id)
        .join(Form, Form.id == Submission.form_id)
        .where(
            Form.project_id == plan.project_id,
            counting(),
            Submission.reported_on.between(first_day(period), last_day(period)),
        )
    )
    return session.connection().execute(query.limit(1)).first() is not None


def stored(session: Session, plan: Plan) -> set[str]:
    """The periods there are cells for: the whole country has some in each."""
    rows = session.scalars(
        select(IndicatorCell.period)
        .where(IndicatorCell.project_id == plan.project_id, IndicatorCell.place_code == ROOT)
        .distinct()
    )
    return set(rows)


def years_later(
    plan: Plan, codes: Iterable[str], periods: Collection[str], there: Collection[str]
) -> set[str]:
    """The periods whose growth is measured from one of these, as far as they are there."""
    from forms.period_kinds import years_before

    steps = {plan.indicators[code].base_years for code in codes} - {0}
    return {years_before(period, -step) for period in periods for step in steps} & set(there)
