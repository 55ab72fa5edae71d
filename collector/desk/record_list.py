"""The list of a survey's records: narrowed, searched, sorted, with the columns an officer wants to see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from collector.accounts.guard import identity
from collector.actions import record_names as naming
from collector.actions.listing import Narrowing, Pairs, Shown, default_down
from collector.desk import record_words
from collector.desk.narrowing import listing_of
from collector.desk.page import (
    form_of,
    machine_moment,
    now,
    start_of_today,
    written_full_moment,
    written_moment,
)
from collector.parts import parts
from forms.conditions import Condition
from storage.database import db
from storage.models import Form
from storage.queries import record_list, record_views, returned
from storage.queries.choosing import Filter
from storage.queries.record_list import DATE, NAME, PLACE, STATE, Order, Part, RecordLine
from storage.scope import current

A_PAGE = 50
COUNTED = 10_000
"""Records up to which a list says exactly how many it has."""

_LAST_PAGE = 1_000_000

ORDER_WORDS: Mapping[str, Callable[[], str]] = {
    NAME: lambda: gettext("Record"),
    DATE: lambda: gettext("Received"),
    STATE: lambda: gettext("Remarks"),
    PLACE: lambda: gettext("Place"),
}

STATE_WORDS: Mapping[str, Callable[[], str]] = {
    "": lambda: gettext("all"),
    "received": lambda: gettext("not looked at yet"),
    "hasIssues": lambda: gettext("has issues"),
    "edited": lambda: gettext("corrected"),
    "approved": lambda: gettext("approved"),
    "rejected": lambda: gettext("rejected"),
}


def query_of(pairs: Pairs) -> str:
    """What an address says, as a kept view remembers it."""
    return urlencode(pairs)


@dataclass(frozen=True)
class Addresses:
    """Addresses of one list: `here` is the page, `pairs` what its address says but for the part."""

    here: str
    narrowing: Pairs
    shown: Pairs

    def but(self, *without: str, **more: str) -> str:
        """The list as it is, without what is said under some names, and with something more."""
        kept = [pair for pair in (*self.narrowing, *self.shown) if pair[0] not in {*without, *more}]
        said = urlencode([*kept, *more.items()])
        return f"{self.here}?{said}" if said else self.here

    def less(self, name: str, value: str) -> str:
        """The list as it is, without one thing of several said under a name."""
        said = urlencode([pair for pair in (*self.narrowing, *self.shown) if pair != (name, value)])
        return f"{self.here}?{said}" if said else self.here

    def more(self, name: str, value: str) -> str:
        """The list as it is, with one thing more said under a name."""
        kept = [pair for pair in (*self.narrowing, *self.shown) if pair != (name, value)]
        return f"{self.here}?{urlencode([*kept, (name, value)])}"

    def sorted_by(self, order: Order, by: str) -> str:
        """The list sorted so; the other way round where it is already."""
        down = not order.down if order.by == by else default_down(by)
        return self.but(sort=f"-{by}" if down else by)

    @property
    def query(self) -> str:
        """What the address says."""
        return query_of((*self.narrowing, *self.shown))


def index(project_id: int, form_id: str, title: Callable[[Form], str]) -> ResponseReturnValue:
    """The page; `?q=`, `?state=`, `?place=`, `?where=` … narrow it, `?sort=` and `?col=` say how it looks."""
    args = request.args
    draft = args.get("draft") == "1"
    more_names = not draft and _needs_names() and naming.before_an_answer(now())
    form = form_of(project_id, form_id)
    here = url_for("desk.records.index", project_id=project_id, form_id=form_id)
    if draft:
        narrowing = Narrowing(Filter(form.id, draft=True), (("draft", "1"),))
        return _page(form, title(form), Addresses(here, narrowing.pairs, ()), narrowing, Shown())
    asked = listing_of(form)
    narrowing, shown = asked.narrowing(args), asked.shown(args)
    addresses = Addresses(here, narrowing.pairs, shown.pairs)
    if args.get("ask") and args.get("do") == "col":
        return redirect(addresses.more("col", args["ask"][:500]))
    asking = record_words.asking(asked)
    if isinstance(asking, Condition):
        return redirect(addresses.more("where", asking.written))
    session = db.session()
    return _page(
        form,
        title(form),
        addresses,
        narrowing,
        shown,
        asked=asked,
        asking=asking,
        conditions=list(record_words.said(asked, narrowing)),
        questions=record_words.questions(asked.schema),
        searched=record_words.searched(form, asked.schema),
        more_names=more_names,
        views=record_views.offered(session, form.id, identity().actor_id or 0),
    )


def _page(
    form: Form, title: str, addresses: Addresses, narrowing: Narrowing, shown: Shown, **more: Any
) -> str:
    found = _found(narrowing, shown)
    asked = more.get("asked")
    return render_template(
        "records.html",
        form=form,
        title=title,
        lines=found.lines,
        times=list(_times(found.lines)),
        found=found,
        narrowing=narrowing,
        chosen=narrowing.chosen,
        shown=shown,
        addresses=addresses,
        cells=record_words.cells(form, asked, shown, found.lines) if asked else {},
        columns=record_words.columns(asked, shown) if asked else [],
        orders=ORDER_WORDS,
        states=STATE_WORDS,
        waiting=_waiting([line.number for line in found.lines if line.sent_back]),
        **more,
    )


def _waiting(numbers: Sequence[int]) -> Collection[int]:
    return returned.waiting(db.session(), numbers) if numbers else ()


def _times(lines: Iterable[RecordLine]) -> Iterator[tuple[str, str, str]]:
    """When each came: as programs read it, in full and in short."""
    midnight = start_of_today()
    for line in lines:
        at = line.received_at
        full = written_full_moment(at)
        yield machine_moment(at), full, written_moment(at) if at >= midnight else full


def _needs_names() -> bool:
    return bool(request.args.get("q") or request.args.get("sort", "").removeprefix("-") == NAME)


# Which lines ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A page of the list: how many records there are (`exactly`, or more than that many), which page."""

    lines: Sequence[RecordLine]
    count: int
    exactly: bool
    page: int
    more: bool

    @property
    def pages(self) -> int:
        """How many pages there are, as far as was counted."""
        return max(1, -(-self.count // A_PAGE))


def _found(narrowing: Narrowing, shown: Shown) -> Found:
    page = max(1, min(request.args.get("page", 1, type=int), _LAST_PAGE))
    after = request.args.get("after", type=int)
    walks = shown.order.by in {DATE, NAME} and after is not None and abs(after) < 1 << 62
    part = Part(A_PAGE + 1, (page - 1) * A_PAGE, after if walks else None)
    session = db.session()
    numbers = record_list.keys(session, narrowing.chosen, shown.order, part)
    more = len(numbers) > A_PAGE
    if page == 1 and not walks and not more:
        count = len(numbers)
    elif numbers and part.skip >= COUNTED and not walks:
        count = COUNTED + 1
    else:
        count = _count(session, narrowing)
    lines = record_list.lines(session, numbers[:A_PAGE])
    return Found(lines, min(count, COUNTED), count <= COUNTED, page, more)


def _count(session: Session, narrowing: Narrowing) -> int:
    """How many there are, up to one more than are counted; remembered of a list that is longer than that."""
    # Counting costs more than the lines, and what is more than 10,000 seldom is less within the minute for
    # which this holds; whatever deletes records ends it earlier.
    key, pulse = (narrowing.chosen.form_id, narrowing.pairs, current()), parts().pulse.read()
    known = parts().long_lists.get(key, pulse)
    if known is None:
        known = record_list.count(session, narrowing.chosen, COUNTED)
        if known > COUNTED:
            parts().long_lists.keep(key, pulse, known)
    return known
