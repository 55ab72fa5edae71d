"""Which outline of a file is which place: by its official code, else by its name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from forms.outlines import Found
from forms.vietnamese import folded

_KIND = re.compile(
    r"^(xa|phuong|thi tran|dac khu|tinh|thanh pho|thon|ban|xom|lang|buon|ap|khu|to dan pho|p|x|tt|tp) "
)


@dataclass(frozen=True)
class Matched:
    """The outlines of each place by its code, whose match rests on (`code` or `name`), and what is left.

    `strangers`: outlines of no place here; `bare`: codes of the places without an outline.
    """

    outlines: Mapping[str, Sequence[Found]]
    by: Mapping[str, str]
    strangers: Sequence[Found]
    bare: Sequence[str]


def match(found: Sequence[Found], places: Mapping[str, str]) -> Matched:
    """Outlines to places (code to name); several outlines of one place are its parts.

    The property that holds the most codes is read for codes, whatever it is called; names are compared
    without accents, first with the word for their kind, then without. A name of two places is nobody's.
    """
    size = max(map(len, places), default=0)
    by_code = _best(
        found, lambda text: text.zfill(size) if text.isdigit() and text.zfill(size) in places else None
    )
    full, short = _named(places, folded), _named(places, _bare)
    by_name = _best(found, lambda text: full.get(folded(text)) or short.get(_bare(text)))
    outlines: defaultdict[str, list[Found]] = defaultdict(list)
    by: dict[str, str] = {}
    strangers = []
    for one in found:
        code, how = (
            (by_code[one.number], "code") if one.number in by_code else (by_name.get(one.number), "name")
        )
        if code is None:
            strangers.append(one)
            continue
        outlines[code].append(one)
        by[code] = how
    return Matched(outlines, by, strangers, [code for code in places if code not in outlines])


def _bare(name: str) -> str:
    return _KIND.sub("", folded(name))


def _named(places: Mapping[str, str], form: Callable[[str], str]) -> dict[str, str]:
    """Names that only one place has, to its code."""
    counts = Counter(form(name) for name in places.values())
    return {form(name): code for code, name in places.items() if counts[form(name)] == 1}


def _best(found: Sequence[Found], place_of: Callable[[str], str | None]) -> dict[int, str]:
    """The places the outlines name in the property in which most different ones are named."""
    named: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for one in found:
        for key, text in one.texts.items():
            code = place_of(text)
            if code is not None:
                named[key][one.number] = code
    best = max(sorted(named), key=lambda key: len(set(named[key].values())), default=None)
    return named[best] if best is not None else {}
