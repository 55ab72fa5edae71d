"""How the list of a survey's records is narrowed by an address, said again for whatever follows the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask_babel import gettext

from collector.actions.listing import Listing, Narrowing, Said
from collector.desk.page import now
from collector.parts import parts
from storage.database import db
from storage.models import Form
from storage.queries.choosing import Filter


def listing_of(form: Form) -> Listing:
    """The list of a form, to be asked."""
    schema = None
    if form.current_id:
        shelved = parts().shelf.get(form.current_id, draft=False, generation=form.generation)
        schema = shelved.writer.schema
    return Listing(db.session(), form, schema, now())


def narrowed(form: Form, said: Said, ids: Sequence[str] = ()) -> Narrowing:
    """What an address, or a page that repeats it, narrows the list to.

    Raises ConditionUnknown, ConditionMisfit, TooManyConditions.
    """
    return listing_of(form).narrowing(said, ids)


def chosen_of(form: Form, said: Said, ids: Sequence[str] = ()) -> Filter:
    """The records an address or a page chooses. Raises as `narrowed` does."""
    return narrowed(form, said, ids).chosen


OPERATOR_WORDS: Mapping[str, Callable[[], str]] = {
    "is": lambda: gettext("is"),
    "isnt": lambda: gettext("is not"),
    "has": lambda: gettext("contains"),
    "hasnt": lambda: gettext("does not contain"),
    "gt": lambda: gettext("is greater than"),
    "lt": lambda: gettext("is less than"),
    "between": lambda: gettext("lies between"),
    "answered": lambda: gettext("is answered"),
    "blank": lambda: gettext("is left blank"),
}
"""What may be said of an answer."""

DAY_WORDS: Mapping[str, Callable[[], str]] = {
    "is": lambda: gettext("is on"),
    "isnt": lambda: gettext("is not on"),
    "gt": lambda: gettext("is after"),
    "lt": lambda: gettext("is before"),
}
"""The same of a day, where that is said otherwise."""
