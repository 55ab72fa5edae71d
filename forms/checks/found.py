"""Something odd, as a check found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})

_DIGITS = 32
"""Hexadecimal digits of a fingerprint: enough that no two findings of a country share one."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a check found.

    `records` are numbers of submissions, the first being the one to look into; none where it is about a
    `subject` (`village:<code>`, `centre:<id>`, `sender:<id>`), then `form` may say which survey it belongs
    to. `path` and `key` name question and row, `value` what is there, `expected` what should be, both as
    people read them. `severity` "" is that of the check, `place_code` None the place of the first record.
    `details` fill the holes of the check's sentence.

    Two findings are the same if check, records in whatever order, form, subject, path, key and `variant`
    are: `variant` is what else makes it another finding, such as the period, or the answer itself where a
    changed answer has to be looked at anew. `value` and `details` may change without that.
    """

    check: str
    records: tuple[int, ...] = ()
    path: str = ""
    key: str = ""
    value: str = ""
    expected: str = ""
    subject: str = ""
    variant: str = ""
    severity: str = ""
    form: str = ""
    place_code: str | None = None
    details: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def fingerprint(self) -> str:
        """The same whenever the same is found again: what was accepted is known by it."""
        records = ",".join(map(str, sorted(self.records)))
        parts = (self.check, records, self.form, self.subject, self.path, self.key, self.variant)
        return sha256("\x1f".join(parts).encode()).hexdigest()[:_DIGITS]
