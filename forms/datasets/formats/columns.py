"""⑨ Which columns a table has on paper and what stands in their cells: words, codes or both.

Excel, CSV and GeoJSON ask here, so that the same choice looks the same in all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from forms.datasets.description import Kind, Table, Value, Variable, spoken
from forms.datasets.material import Origin, Style
from forms.datasets.plain_words import plain
from forms.datasets.spool import AT_A_TIME, UNREADABLE, Spool, unreadable
from forms.phrases import template
from forms.values import HOME, codes

CODE: Final = template("code")
"""What tells a column of codes from the words beside it."""

_MOST_CELLS: Final = 100_000
_MOST_OF_WIDE: Final = 1_000_000
_ROWS_OF_WIDE: Final = 1_000
_FEWEST_ROWS: Final = 250
_BETWEEN: Final = "; "
_SAMPLE: Final = 500

AHEAD: Final = pa.scalar(HOME.utcoffset(None), pa.duration("ms"))
"""How far the clocks of Viet Nam are before UTC."""

# Nothing below U+0300, among the letters of Vietnamese or in common punctuation changes in NFC.
_PERHAPS_NOT_NFC: Final = r"[^\x{0000}-\x{02FF}\x{1E00}-\x{1EFF}\x{2010}-\x{2027}]"


Change: TypeAlias = Callable[[pa.Array], pa.Array]
"""Makes texts of texts, one for one."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a reader sees it: its `head`, the variable behind it, and what its codes are `called`.

    Without `called` codes stand as they are.
    """

    head: str
    variable: Variable
    called: Mapping[str, str] | None = None

    @property
    def kind(self) -> Kind:
        """What its cells are."""
        return self.variable.kind if self.called is None else "text"


def columns(table: Table, style: Style, origin: Origin) -> tuple[Column, ...]:
    """The columns of a table in order; no two have the same head, whatever the case."""
    if style.words == "codes":
        return tuple(Column(one.name, one) for one in table.variables)
    lists = Lists(origin.language)
    if style.words == "both":
        return tuple(column for one in table.variables for column in _both(one, origin, lists))
    heads = [_label(one, origin.language) for one in table.variables]
    met = Counter(head.casefold() for head in heads)
    known = {one.name.casefold() for one in table.variables}
    return tuple(
        Column(
            _with_name(head, one) if met[head.casefold()] > 1 or head.casefold() in known else head,
            one,
            lists.of(one),
        )
        for head, one in zip(heads, table.variables, strict=True)
    )


class Lists:
    """What codes are called in a language, worked out once for each list however many variables have it."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._known: dict[int, tuple[Sequence[Value], Mapping[str, str]]] = {}

    def of(self, variable: Variable) -> Mapping[str, str] | None:
        """Code to words, None for a variable without a list."""
        values = variable.values
        if not values:
            return None
        if id(values) not in self._known:
            # The values are kept so that no other list gets their id.
            self._known[id(values)] = values, choices(values, self._language)
        return self._known[id(values)][1]


def _both(variable: Variable, origin: Origin, lists: Lists) -> Iterator[Column]:
    label = _label(variable, origin.language)
    if variable.values:
        yield Column(_with_name(label, variable), variable, lists.of(variable))
        yield Column(_with_name(f"{label} ({origin.say(CODE)})", variable), variable)
    else:
        yield Column(_with_name(label, variable), variable)


def _with_name(label: str, variable: Variable) -> str:
    return label if label == variable.name else f"{label} [{variable.name}]"


def _label(variable: Variable, language: str) -> str:
    return plain(variable.label(language)) or variable.name


def said(array: pa.Array, column: Column, *further: Change) -> pa.Array:
    """The cells of a column, words for codes that are `called` something; texts are changed `further`."""
    changes = [*([_wording(column)] if column.called is not None else []), *further]
    if not changes or not pa.types.is_string(array.type) or array.null_count == len(array):
        return array
    return per_word(array, *changes)


def _wording(column: Column) -> Change:
    called = column.called or {}
    several = column.variable.kind == "codes"

    def of(text: str | None) -> str | None:
        if text is None or text in called or not several:
            return called.get(text, text) if text is not None else None
        return _BETWEEN.join(called.get(code, code) for code in codes(text))

    return lambda words: pa.array([of(text) for text in words.to_pylist()], pa.string())


def per_word(array: pa.Array, *changes: Change) -> pa.Array:
    """Texts changed one way after the other, each text once where many are the same."""
    sample = array.slice(0, _SAMPLE)
    if 2 * len(sample.dictionary_encode().dictionary) <= len(sample):
        encoded = array.dictionary_encode()
        return _changed(encoded.dictionary, changes).take(encoded.indices)
    return _changed(array, changes)


def _changed(texts: pa.Array, changes: Iterable[Change]) -> pa.Array:
    for change in changes:
        texts = change(texts)
    return texts


def composed(texts: pa.Array) -> pa.Array:
    """Texts in NFC, as Vietnamese is typed and searched."""
    if pc.any(pc.match_substring_regex(texts, _PERHAPS_NOT_NFC)).as_py():
        return pc.utf8_normalize(texts, "NFC")
    return texts


def days(array: pa.Array) -> pa.Array:
    """Days as a person writes them, 01/08/2026."""
    # Arrow's own strftime takes ten times as long.
    return pc.replace_substring_regex(array.cast(pa.string()), r"^(.+)-(\d\d)-(\d\d)$", r"\3/\2/\1")


def moments(array: pa.Array) -> pa.Array:
    """Moments as a person in Viet Nam writes them, 01/08/2026 10:04."""
    there = pc.add(array.cast(pa.timestamp("ms")), AHEAD)
    pattern = r"^(.+)-(\d\d)-(\d\d) (\d\d:\d\d):.*$"
    return pc.replace_substring_regex(there.cast(pa.string()), pattern, r"\3/\2/\1 \4")


def as_sent(batch: pa.RecordBatch) -> Mapping[str, Mapping[int, str]]:
    """Name of a variable to the rows (of this piece) whose answer could not be read, and what was sent."""
    found: dict[str, dict[int, str]] = {}
    hidden = batch.column(UNREADABLE)
    if hidden.null_count < len(hidden):
        for row, text in enumerate(hidden.to_pylist()):
            for name, sent in unreadable(text).items():
                found.setdefault(name, {})[row] = sent
    return found


def put(texts: pa.Array, others: Mapping[int, str]) -> pa.Array:
    """The texts with others in some of their rows."""
    if not others:
        return texts
    mask = pa.array([row in others for row in range(len(texts))])
    return pc.replace_with_mask(texts, mask, pa.array([others[row] for row in sorted(others)], pa.string()))


def pieces(spool: Spool, table: Table, names: Collection[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a table in pieces that fit into little memory however many columns it has."""
    chosen: Sequence[str] | None = None if names is None else [*names, UNREADABLE]
    wide = len(table.variables) if chosen is None else len(chosen)
    # Most cells of a wide table are empty, and each column of a piece costs something by itself.
    rows = max(_MOST_CELLS // wide, min(_ROWS_OF_WIDE, _MOST_OF_WIDE // wide))
    return spool.batches(table, chosen, max(_FEWEST_ROWS, min(AT_A_TIME, rows)))


def choices(values: Sequence[Value], language: str) -> Mapping[str, str]:
    """Code to what it is called in a language."""
    return {one.code: plain(spoken(one.labels, language)) or one.code for one in values}
