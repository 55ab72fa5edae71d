"""Every check there is, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from forms.checks import as_read
from forms.checks.check import Check

_SEVERAL: tuple[tuple[Check, ...], ...] = (as_read.CHECKS,)
"""The checks of each file. A new file is a new line."""

CHECKS: Mapping[str, Check] = {check.code: check for several in _SEVERAL for check in several}
"""Code to check; rows of a survey's own sheet `checks` stand beside them."""
