"""⑨ What a column is about, told from its name, its words and its answers: sex, age, ethnic group, a device.

Why not asked: a survey of another office has no marks for these, and its people are to be protected too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from forms.datasets.description import Variable
from forms.vietnamese import folded

About: TypeAlias = Literal["", "sex", "age", "birth", "ethnic", "device", "place"]

_BIRTH: Final = frozenset({"birth", "by", "dob", "born", "birthyear", "birthdate", "namsinh", "ngaysinh"})
_BORN_WORDS: Final = (
    "nam sinh",
    "ngay sinh",
    "ngay thang nam sinh",
    "year of birth",
    "date of birth",
    "birth year",
)
_SEX: Final = frozenset({"sex", "gender", "gioitinh"})
_AGE: Final = frozenset({"age", "tuoi"})
_ETHNIC: Final = frozenset({"ethnic", "ethnicity", "eth", "dantoc"})
_DEVICE: Final = frozenset({
    "deviceid", "device_id", "subscriberid", "simserial", "phonenumber", "phone_number", "username", "email",
    "audit", "instanceid", "instancename", "instance_name", "imei",
})  # fmt: skip
_VILLAGE: Final = frozenset({"village", "hamlet", "thon"})
_ID: Final = re.compile(
    r"(?:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[a-z.]+:\S{8,}", re.IGNORECASE
)
_PLAIN: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|[a-z0-9][a-z0-9_.-]{0,15}(?: [a-z0-9_.-]{1,16})*")
_DAY: Final = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:T|$)")
_MOST_CODES: Final = 200
_FIRST_YEAR, _LAST_YEAR, _OLDEST = 1880, 2150, 130


def about(variable: Variable) -> About:
    """What a question of a form is about, as far as its name and words say."""
    if variable.name.lower() in _DEVICE:
        return "device"
    signs = _Signs(
        frozenset(re.split(r"[\W_]+", variable.name.lower())),
        re.sub(r"[\W_]+", "", variable.name.lower()),
        tuple(folded(text) for text in variable.labels.values()),
        frozenset(folded(text) for one in variable.values for text in one.labels.values()),
    )
    found: tuple[tuple[About, bool], ...] = (
        ("place", bool(signs.words & _VILLAGE) and variable.kind in {"text", "code"}),
        ("birth", signs.birth),
        ("ethnic", signs.ethnic and variable.kind in {"text", "code"}),
        ("sex", signs.sex),
        ("age", signs.age),
    )
    return next((what for what, is_so in found if is_so), "")


@dataclass(frozen=True, slots=True)
class _Signs:
    """The words of a name, the name in one, what it is called, and what its answers are called."""

    words: frozenset[str]
    name: str
    said: tuple[str, ...]
    answers: frozenset[str]

    @property
    def birth(self) -> bool:
        named = bool(self.words & _BIRTH) or self.name.endswith(("namsinh", "ngaysinh"))
        return named or any(text.startswith(_BORN_WORDS) for text in self.said)

    @property
    def ethnic(self) -> bool:
        return bool(self.words & _ETHNIC) or {"dan", "toc"} <= self.words or "kinh" in self.answers

    @property
    def sex(self) -> bool:
        answers = self.answers >= {"nam", "nu"} and self.answers <= {"nam", "nu", "male", "female"}
        return bool(self.words & _SEX) or {"gioi", "tinh"} <= self.words or answers

    @property
    def age(self) -> bool:
        return bool(self.words & _AGE) or any(text in {"tuoi", "age"} for text in self.said)


def numbers_of(values: Sequence[Any]) -> list[float] | None:
    """The answers as numbers, dates as their years; None where one is neither."""
    found = []
    for value in values:
        year = getattr(value, "year", None)
        try:
            found.append(float(year if year is not None else value))
        except (TypeError, ValueError):
            return None
    return found


def are_years(values: Sequence[Any]) -> bool:
    """Whether all answers are years in which somebody may have been born, or days of those."""
    found = numbers_of(values)
    return bool(found) and all(_FIRST_YEAR <= one <= _LAST_YEAR for one in found or ())


def are_ages(values: Sequence[Any]) -> bool:
    """Whether all answers may be ages."""
    found = numbers_of(values)
    return bool(found) and all(0 <= one <= _OLDEST for one in found or ())


def are_codes(values: Sequence[Any]) -> bool:
    """Whether a worked out text holds codes or numbers only, and no id of anything."""
    if len(values) > _MOST_CODES and numbers_of(values) is None:
        return False
    return all(_PLAIN.fullmatch(str(value)) and not _ID.fullmatch(str(value)) for value in values)


def are_days(values: Sequence[Any]) -> bool:
    """Whether all answers are days or moments as ISO 8601 writes them."""
    return all(_DAY.match(str(value)) for value in values)


def are_ids(values: Sequence[Any]) -> bool:
    """Whether any answer is the id of a thing in a list: of a household, a village, a phone."""
    return any(_ID.fullmatch(str(value)) for value in values)
