"""What communes of today were made of: the former communes and the districts they lay in, by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.place_tree import Span, day_before
from forms.places import DISTRICT, without_kind
from forms.vietnamese import sort_key
from storage.cuts import within
from storage.groups import in_groups
from storage.models import PlaceChange, PlaceLink
from storage.places.closure import spans_of
from storage.scope import WHOLE


@dataclass(frozen=True, slots=True)
class Former:
    """The names of former communes, as they were written, and of former districts, without their kind."""

    communes: tuple[str, ...]
    districts: tuple[str, ...]


def former_units(session: Session, codes: Collection[str]) -> dict[str, Former]:
    """What each of these communes was made of, in Vietnamese order; those made of nothing are left out.

    Who lives in a commune knows the names of the old ones, wherever their codes went.
    """
    with within(WHOLE):
        pairs = _pairs(session, codes)
        known = spans_of(session, {old for several in pairs.values() for old, _on in several})
        were = {
            code: [span for old, on in several if (span := _last_before(known.get(old, ()), on))]
            for code, several in pairs.items()
        }
        districts = spans_of(
            session, {span.parent for several in were.values() for span in several if span.parent}
        )
    return {
        code: Former(_sorted({span.name for span in several}), _districts(several, districts))
        for code, several in were.items()
    }


def _pairs(session: Session, codes: Collection[str]) -> dict[str, list[tuple[str, date]]]:
    """Each commune with the codes that became it, or a part of it, and when."""
    found: defaultdict[str, list[tuple[str, date]]] = defaultdict(list)
    query = (
        select(PlaceLink.new_code, PlaceLink.old_code, PlaceChange.effective_on)
        .join(PlaceChange, PlaceChange.id == PlaceLink.change_id)
        .where(PlaceChange.undone_at.is_(None))
    )
    for some in in_groups(sorted(codes)):
        for new, old, on in session.execute(query.where(PlaceLink.new_code.in_(some))):
            found[new].append((old, on))
    return found


def _last_before(spans: Collection[Span], on: date) -> Span | None:
    return next((span for span in spans if span.covers(day_before(on))), None)


def _districts(several: Collection[Span], known: dict[str, list[Span]]) -> tuple[str, ...]:
    return _sorted({
        without_kind(span.name)
        for one in several
        for span in known.get(one.parent or "", ())
        if span.level == DISTRICT and (one.valid_to is None or span.covers(one.valid_to))
    })


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: sort_key(without_kind(name))))
