"""The map on the desk: a tree opened level by level, places found by name, each with what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_decimal, gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions.maps import map_of
from collector.desk.page import scoped
from collector.desk.standpoint import default_area
from forms.maps import Mark
from forms.places import VILLAGE
from storage.cuts import can_see
from storage.database import db
from storage.places import operations
from storage.places.closure import spans_of
from storage.places.holders import holders_of
from storage.queries import places
from storage.queries.ended_places import find_ended
from storage.queries.place_counts import Counts, counts_of
from storage.queries.places import Known

blueprint = Blueprint("places", __name__)


@dataclass(frozen=True, slots=True)
class Branch:
    """A place of the tree: what is in it where it is open, what was counted of it where that was asked."""

    code: str
    name: str
    level: str
    counts: Counts | None
    inside: tuple[Branch, ...] | None

    @property
    def opens(self) -> bool:
        """Whether anything may lie in it."""
        return self.level != VILLAGE


@scoped(blueprint, "/places")
def index(project_id: int) -> str:
    """The tree, open as far as `?open=`, or what `?q=` finds, in the place of `?under=` if there is one."""
    session = db.session()
    words, under = request.args.get("q", "").strip()[:100], request.args.get("under", "")
    within = [under] if under else ()
    found = places.find(session, words, within=within, limit=50) if words else None
    whole = may_change(project_id)
    return render_template(
        "places.html",
        words=words,
        under=under,
        found=found,
        ended=find_ended(session, words, within=within) if words else [],
        above={place.code: places.ancestors(session, place.code) for place in found or ()},
        tree=_tree(session, project_id, request.args.get("open")) if found is None else (),
        changes=operations.changes_of(session, limit=20) if whole else [],
        whole=whole,
    )


@scoped(blueprint, "/places/<seg:code>")
def show(project_id: int, code: str) -> str:
    """A place: what lies in it, what its code was before, and what was done to it."""
    session = db.session()
    place = places.get_place(session, code)
    inside = places.children(session, code)
    counts = counts_of(session, project_id, [code, *(one.code for one in inside)])
    whole = may_change(project_id)
    return render_template(
        "place.html",
        place=place,
        seen=can_see(session, [code]),
        above=places.ancestors(session, code),
        inside=inside,
        counts=counts,
        map=map_of(session, project_id, _marks(project_id, inside, counts)),
        spans=[*reversed(spans_of(session, [code]).get(code, []))],
        names=places.names(session, code),
        became=places.became(session, code),
        changes=operations.changes_of(session, code),
        whole=whole,
        stranded=holders_of(session, [code]) if whole and place.valid_to else [],
    )


def may_change(project_id: int) -> bool:
    """Whether the reader may change the map: it belongs to all, so only who sees all of it may."""
    return (
        identity().may("place.update", project_id) and identity().scope(("place.update",), project_id).whole
    )


def _tree(session: Session, project_id: int, asked: str | None) -> tuple[Branch, ...]:
    """The top of the tree, and from there down what lies in each place on the way to the one asked for.

    Without one it is open as far as the reader's own place, or the province most was sent from.
    """
    code = default_area(session, project_id) if asked is None else asked[:40]
    way = [code, *(one.code for one in places.ancestors(session, code))] if code else []
    grown = _Grown(session, project_id, frozenset(way), code or "")
    return grown.branches(places.children(session, None), {})


@dataclass(frozen=True, slots=True)
class _Grown:
    """A tree open along a way; only what was opened last is counted: the whole country takes a while."""

    session: Session
    project_id: int
    way: frozenset[str]
    last: str

    def branches(self, several: Sequence[Known], counts: Mapping[str, Counts]) -> tuple[Branch, ...]:
        """These places, each with what lies in it if it is open."""
        return tuple(
            Branch(one.code, one.span.name, one.span.level, counts.get(one.code), self._inside(one))
            for one in several
        )

    def _inside(self, one: Known) -> tuple[Branch, ...] | None:
        if one.code not in self.way or one.span.level == VILLAGE:
            return None
        below = places.children(self.session, one.code)
        codes = [each.code for each in below] if one.code == self.last else []
        return self.branches(below, counts_of(self.session, self.project_id, codes) if codes else {})


def _marks(project_id: int, inside: Sequence[Known], counts: Mapping[str, Counts]) -> dict[str, Mark]:
    """What the map says of each place: whether records came from it, and how many."""
    marks = {}
    for one in inside:
        number = counts[one.code].records
        told = gettext("%(count)s records", count=format_decimal(number)) if number else gettext("no record")
        href = url_for("desk.places.show", project_id=project_id, code=one.code)
        marks[one.code] = Mark("good" if number else "none", one.span.name, told, href)
    return marks
