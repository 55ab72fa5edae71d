"""K24-K26 · The commune's sheet of learning models beside those of its villages and their counts.

Silent when: no village sent its sheet, or its count; the difference is just what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.comparing import SHARE, Line, Report, Rule, added, apart, disagree
from forms.checks.village_counts import Counts, official

FORM = "f07_learning_models"

K24 = Check(
    "K24",
    WARNING,
    "K24 Learning models: commune and its villages",
    "The number of the commune ({a}) is not the sum of its villages ({b}).",
    "Correct the sheets of the villages first, then that of the commune.",
)
K25 = Check(
    "K25",
    WARNING,
    "K25 Families that may be recognised and households of the villages",
    "Families to choose from: {a} by the commune, but its villages count {b} households.",
    "Ask where the number comes from.",
    {SHARE: Threshold(0.05, 0, 10)},
)
K26 = Check(
    "K26",
    WARNING,
    "K26 Villages assessed as learning communities",
    "Villages assessed: {a} by the commune, {b} by the village counts, {c} by the sheets of the villages.",
    "Look at the list of villages.",
)
CHECKS = (K24, K25, K26)

_COMMUNE, _VILLAGE = "xa", "thon"
_SUMS = ("cit_ok", "fam_reg", "fam_ok", "clan_ok")
QUESTIONS = ("level", "year", "assessed", "fam_base", "vil_assessed", *_SUMS)
"""What is read of the form."""


def lines(reports: Iterable[Report], counts: Counts) -> Iterator[Line]:
    """The last sheet of each commune and year with those of its villages, and their counts."""
    communes: dict[tuple[str, int], Report] = {}
    villages: dict[tuple[str, int], dict[str, Report]] = {}
    for one in reports:
        said = one.number("year")
        if said is None or not one.commune:
            continue
        key = one.commune, int(said)
        if one.text("level") == _COMMUNE:
            communes[key] = one
        elif one.text("level") == _VILLAGE:
            villages.setdefault(key, {})[one.place] = one
    for (commune, year), one in communes.items():
        sheets = villages.get((commune, year), {}).values()
        mine = [count for (_place, of), count in counts.items() if of == year and count.commune == commune]
        figures: dict[str, float | None] = {
            name: one.number(name) for name in (*_SUMS, "vil_assessed", "fam_base")
        }
        figures |= {f"f07_{name}": added(sheet.number(name) for sheet in sheets) for name in _SUMS}
        figures |= _assessed(sheets, mine)
        figures["f02_hh"] = added(count.number("hh_total") for count in mine if official(count))
        yield Line(figures, one.record, str(year), one.place or None, FORM)


def _assessed(sheets: Iterable[Report], counts: Iterable[Report]) -> Mapping[str, float | None]:
    said = [one.text("assessed") for one in sheets]
    counted = [one.text("v_assessed") for one in counts if one.text("v_assessed")]
    return {
        "f07_assessed": float(said.count("1")) if said else None,
        "f02_assessed": float(counted.count("1")) if counted else None,
    }


RULES = (
    *(Rule(K24, name, {"a": name, "b": f"f07_{name}"}, apart(name, f"f07_{name}")) for name in _SUMS),
    Rule(
        K24,
        "vil_assessed",
        {"a": "vil_assessed", "b": "f07_assessed"},
        apart("vil_assessed", "f07_assessed"),
    ),
    Rule(K25, "fam_base", {"a": "fam_base", "b": "f02_hh"}, apart("fam_base", "f02_hh")),
    Rule(
        K26,
        "vil_assessed",
        {"a": "vil_assessed", "b": "f02_assessed", "c": "f07_assessed"},
        disagree("vil_assessed", "f02_assessed", "f07_assessed"),
        several=True,
    ),
)
"""What is compared."""
