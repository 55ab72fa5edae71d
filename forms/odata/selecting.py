"""What a `$select` leaves of a row."""

from __future__ import annotations

from dataclasses import dataclass

from forms.odata.model import ID, SYSTEM, Group, Repeat, Table
from forms.odata.problems import SelectInsideRepeat, SelectUnknown

_SYSTEM = "__system"


@dataclass(frozen=True, slots=True)
class Selection:
    """The names a row is to have, as `group/question`; `system` are those of `__system`.

    None for `names` is everything.
    """

    names: frozenset[str] | None = None
    system: frozenset[str] = frozenset(SYSTEM)
    row_id: bool = True
    parent_id: bool = True

    def has(self, name: str) -> bool:
        """Whether a question, group or repeat is selected, or something in that group is."""
        return self.names is None or name in self.names


EVERYTHING = Selection()


def read_select(text: str, table: Table) -> Selection:
    """The selection of a `$select`. Raises SelectUnknown, SelectInsideRepeat."""
    asked = [name.strip() for name in text.split(",")]
    if asked in ([""], ["*"]):
        return EVERYTHING
    system = {name.partition("/")[2] for name in asked if name.startswith(f"{_SYSTEM}/")}
    own = {ID, table.parent_id} if table.path else {ID, _SYSTEM, *(f"{_SYSTEM}/{one}" for one in SYSTEM)}
    names: set[str] = set()
    for name in asked:
        if name not in own:
            names |= _with_family(name, table)
    return Selection(
        frozenset(names),
        frozenset(SYSTEM) if _SYSTEM in asked else frozenset(system),
        ID in asked,
        table.parent_id in asked,
    )


def _with_family(name: str, table: Table) -> set[str]:
    """A name with the groups around it and all that is in it."""
    item = table.by_name.get(name)
    steps = name.split("/")
    around = {"/".join(steps[:length]) for length in range(1, len(steps))}
    if item is None:
        if any(isinstance(table.by_name.get(one), Repeat) for one in around):
            raise SelectInsideRepeat(property=name)
        raise SelectUnknown(property=name)
    inside = (
        {one for one in table.by_name if one.startswith(f"{name}/")} if isinstance(item, Group) else set()
    )
    return {name, *around, *inside}
