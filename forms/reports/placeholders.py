"""⑨ What an office's own file may name: figures by the code of their indicator, places below, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forms.reports import wording
from forms.reports.figures import Figure, Figures

if TYPE_CHECKING:
    from forms.reports.composing import Setting

FIELDS: Final = (
    "numerator",
    "denominator",
    "target",
    "to_reach",
    "expected",
    "received",
    "completeness",
    "unit",
    "label",
    "status",
    "source",
)
"""What may stand behind the code of an indicator and a dot."""

PLACES: Final = "places"
"""The places right in the report's, to repeat a row or a paragraph for."""

MOST_NESTED: Final = 1


class Value:
    """A figure in a file: by itself it is the figure in words; behind a dot stands what it is made of.

    `number` is the plain number for a cell of Excel, None where there is none.
    """

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self.number = figure.value
        self.numerator = wording.number(figure.numerator)
        self.denominator = wording.number(figure.denominator)
        self.target = wording.aim(figure)
        self.to_reach = wording.number(figure.to_reach)
        self.expected = wording.number(figure.expected)
        self.received = wording.number(figure.received)
        share = figure.completeness
        self.completeness = wording.NOTHING if share is None else f"{wording.number(share)} %"
        self.unit = figure.unit
        self.label = figure.label
        self.status = wording.STATUS.get(figure.status, "")
        self.source = figure.source

    def __str__(self) -> str:
        """The figure as a report writes it."""
        return wording.amount(self._figure.value, self._figure.unit)

    def plain(self, field: str) -> float | int | str | None:
        """A field for a cell of Excel: a number where it is one."""
        numbers = {
            "numerator": self._figure.numerator,
            "denominator": self._figure.denominator,
            "to_reach": self._figure.to_reach,
            "expected": self._figure.expected,
            "received": self._figure.received,
            "target": self._figure.target,
            "completeness": self._figure.completeness,
        }
        if field in numbers:
            return numbers[field]
        said = getattr(self, field)
        return said if isinstance(said, str) else str(said)


@dataclass(frozen=True)
class Values:
    """Everything that placeholders may name: texts and figures, and the same for each place below."""

    named: Mapping[str, str | Value]
    places: Sequence[Mapping[str, str | Value]]

    @property
    def context(self) -> dict[str, object]:
        """As a template asks for it."""
        return {**self.named, PLACES: [dict(one) for one in self.places]}


def values_of(setting: Setting, figures: Figures, codes: Sequence[str]) -> Values:
    """What a file of this place and period may name."""
    facts = {
        "place": setting.place,
        "place_code": setting.code,
        "province": setting.province,
        "period": wording.period_words(setting.period),
        "year": setting.period[:4],
        "mark": "" if setting.frozen else wording.PROVISIONAL,
        "release": str(setting.frozen.number) if setting.frozen else "",
        "release_name": setting.frozen.name if setting.frozen else "",
        "release_digest": setting.frozen.digest if setting.frozen else "",
    }
    own: dict[str, str | Value] = {
        **facts,
        **{code: Value(_or_none(figures.held, code, setting)) for code in codes},
    }
    below: dict[str, dict[str, str | Value]] = {}
    for code in codes:
        for one in figures.below.get(code, ()):
            place = below.setdefault(one.place, {"name": one.place_name, "code": one.place})
            place[code] = Value(one)
    for place in below.values():
        for code in codes:
            place.setdefault(code, Value(_or_none({}, code, setting)))
    return Values(own, list(below.values()))


def _or_none(known: Mapping[str, Figure], code: str, setting: Setting) -> Figure:
    return known.get(code) or Figure(code, "", "", setting.period, setting.code, setting.place)


def listed(values: Values) -> Iterator[tuple[str, str, str]]:
    """Every placeholder with what it is and its present value, facts first."""
    for name, value in values.named.items():
        if isinstance(value, Value):
            yield name, value.label, str(value)
        else:
            yield name, "", value
