"""Which place and which period a page of figures is about, and what else may be chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.actions.cells import WHOLE_COUNTRY, stored_kind
from collector.desk.page import now
from forms.period_kinds import first_day, kind_of, last_day, month_of, period_of
from forms.periods import SPOKEN, Period
from forms.values import HOME
from storage.cuts import can_see
from storage.problems import PeriodUnknown, PlaceUnknown
from storage.queries.figure_places import fullest_province, periods_at
from storage.queries.places import ancestors, children, get_place
from storage.queries.whereabouts import Spot
from storage.scope import current

MOST_PLACES = 300
"""Places to choose from below one; of more, a place is found by its name on the page of places."""

SHOWN = ("year", "half", "quarter", "school_year")
"""Kinds of period to choose from for all indicators together."""


@dataclass(frozen=True)
class Standpoint:
    """A place (None: the whole country) and a period, and those that may be chosen beside them.

    `above` are the places around it that the reader sees, the widest first; `below` what lies right in it.
    """

    place: Spot | None
    period: str
    periods: Sequence[str]
    above: Sequence[tuple[str, str]]
    below: Sequence[tuple[str, str]]

    @property
    def area(self) -> str:
        """The code of the place, "" for the whole country."""
        return self.place.code if self.place else WHOLE_COUNTRY

    @property
    def days(self) -> Period:
        """The days of the period."""
        return Period(first_day(self.period), last_day(self.period))

    @property
    def level(self) -> str:
        """The level of the place."""
        return self.place.level if self.place else "country"

    @property
    def name(self) -> str:
        """What the place is called."""
        return self.place.name if self.place else gettext("The whole country")

    @property
    def asked(self) -> Mapping[str, str]:
        """What an address has to ask to stand here."""
        return {"area": self.area or "all", "period": self.period}


def standpoint(
    session: Session, project_id: int, kinds: Collection[str] = SHOWN, *, at_home: bool = False
) -> Standpoint:
    """The place and the period of `?area=` and `?period=`, else the reader's own and the one under way.

    `area=all` is the whole country; a period of another kind than these counts as not asked for.
    With `at_home` nothing is asked for.
    Raises PlaceUnknown for one the reader does not see, PeriodUnknown.
    """
    said = {} if at_home else request.args
    place = _place(session, project_id, said.get("area", "").strip())
    code = place.code if place else WHOLE_COUNTRY
    periods = _periods(session, project_id, code, kinds)
    asked = said.get("period", "").strip()
    if asked and stored_kind(asked) is None:
        raise PeriodUnknown(period=asked[:40], known=SPOKEN)
    fits = bool(asked) and kind_of(asked) in kinds
    period = asked if fits else under_way(periods, _today())
    if period not in periods:
        periods = sorted({*periods, period}, key=_order)
    return Standpoint(place, period, periods, _above(session, place), _below(session, place))


def _place(session: Session, project_id: int, asked: str) -> Spot | None:
    if asked == "all" and current().whole:
        return None
    code = asked or default_area(session, project_id)
    if code is None:
        return None
    if not can_see(session, [code]):
        raise PlaceUnknown(code=code)
    place = get_place(session, code)
    return Spot(place.code, place.name, place.level, place.parent_code)


def default_area(session: Session, project_id: int) -> str | None:
    """The reader's own place, else the province that most was sent from; None: the whole country."""
    codes = current().codes
    if codes is not None:
        return min(codes, key=len, default="")
    return fullest_province(session, project_id)


def under_way(periods: Sequence[str], today: date) -> str:
    """The year of that day, else the last year there is, else any period."""
    year = period_of(month_of(today), "year")
    years = [one for one in periods if kind_of(one) == "year" and one <= year]
    return max(years) if years else next(iter(periods), year)


def _periods(session: Session, project_id: int, code: str, kinds: Collection[str]) -> list[str]:
    found = [one for one in periods_at(session, project_id, code) if kind_of(one) in kinds]
    return sorted(found, key=_order)


def _order(period: str) -> tuple[int, int]:
    kind = kind_of(period)
    return SHOWN.index(kind) if kind in SHOWN else len(SHOWN), -last_day(period).toordinal()


def _above(session: Session, place: Spot | None) -> list[tuple[str, str]]:
    if place is None:
        return []
    seen = [one for one in ancestors(session, place.code) if can_see(session, [one.code])]
    wide = [("all", gettext("The whole country"))] if current().whole else []
    return [*wide, *((one.code, one.span.name) for one in reversed(seen))]


def _below(session: Session, place: Spot | None) -> list[tuple[str, str]]:
    several = children(session, place.code if place else None)
    return [(one.code, one.span.name) for one in several[:MOST_PLACES]]


def _today() -> date:
    return now().astimezone(HOME).date()
