"""A check: what it is called, what it says, how much it weighs, and the numbers that may be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)
"""An error has to be mended, a warning answered, an info only known."""

ON = "on"
"""The threshold every check has: 0 switches it off."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that decides what is odd: its value unless a workbook sets another, and its bounds."""

    default: float
    least: float = 0.0
    most: float = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. `title`, `sentence` and `remedy` are English templates that gettext knows.

    `title` names it in lists and has no holes; `sentence` says what was found, its `{named}` holes filled
    by the details of the finding; `remedy` says what to do about it, "" where the sentence does.
    """

    code: str
    severity: str
    title: str
    sentence: str
    remedy: str = ""
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def numbers(self) -> Mapping[str, Threshold]:
        """Every number that may be set, `on` among them."""
        return {ON: Threshold(1.0, 0.0, 1.0), **self.thresholds}
