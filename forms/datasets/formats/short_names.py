"""⑨ Names of columns as SPSS and Stata allow them: the same name of ours always becomes the same short one.

A name is never numbered by its neighbours: what must be cut bears four signs of its own digest, so that a
script written for one release runs on the next, with more columns in it.
Source: SPSS Statistics, «Variable names» (64 bytes, reserved keywords); Stata User's Guide 11.3 (32 signs,
reserved names), and the names SurveyCTO and Kobo had to repair (peers.md §3.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

_SIGN: Final = re.compile(r"[^A-Za-z0-9_]")
_TAIL: Final = 10
_MARK: Final = 4
_BEFORE: Final = "v_"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a program allows: `longest` in ASCII signs, `taken` its own words in small letters."""

    longest: int
    taken: frozenset[str]
    taken_like: re.Pattern[str] | None = None

    def reserves(self, name: str) -> bool:
        """Whether the program keeps a name for itself."""
        small = name.lower()
        return small in self.taken or bool(self.taken_like and self.taken_like.fullmatch(small))


SPSS: Final = Rule(
    64, frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
)
STATA: Final = Rule(
    32,
    frozenset({
        *("_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_pi"),
        *("_pred", "_rc", "_se", "_skip", "strl", "using", "with"),
    }),
    re.compile(r"str[0-9]+"),
)


def short_names(names: Iterable[str], rule: Rule) -> Mapping[str, str]:
    """Every name to the one it has there: ASCII letters, digits and `_`, a letter first, no `_` last.

    No two are the same, whatever the case. Vietnamese letters lose their marks (`tuổi` is `tuoi`).
    """
    wanted = {name: _allowed(name, rule) for name in names}
    kept = {name for name, short in wanted.items() if name == short}
    met = {name.lower() for name in kept}
    found: dict[str, str] = {}
    for name, short in wanted.items():
        one, again = short, 0
        while name not in kept and one.lower() in met:
            one, again = _marked(short, f"{name}{'+' * again}", rule), again + 1
        met.add(one.lower())
        found[name] = one
    return found


def _allowed(name: str, rule: Rule) -> str:
    bare = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    plain = _SIGN.sub("_", "".join(sign for sign in bare if not unicodedata.combining(sign))).rstrip("_")
    if not plain[:1].isalpha() or rule.reserves(plain):
        plain = _BEFORE + plain.lstrip("_")
    plain = plain.rstrip("_")
    return plain if len(plain) <= rule.longest else _marked(plain, name, rule)


def _marked(short: str, name: str, rule: Rule) -> str:
    """Its start, the digest's first signs, its end: in wide tables the end tells which member it is."""
    mark = sha256(name.encode()).hexdigest()[:_MARK]
    if len(short) + 1 + _MARK <= rule.longest:
        return f"{short}_{mark}"
    start = short[: rule.longest - _TAIL - _MARK - 2].rstrip("_")
    return f"{start}_{mark}_{short[-_TAIL:].lstrip('_')}"
