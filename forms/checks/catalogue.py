"""Every check there is, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from forms.checks import (
    age_heaping,
    as_read,
    back_checks,
    clocks,
    coverage,
    cross_field,
    dont_know,
    duplicate_ids,
    enumerator_effect,
    interview_time,
    late_uploads,
    missing_items,
    near_copies,
    odd_hours,
    old_versions,
    other_specify,
    outliers,
    overlaps,
    positions,
    ranges,
    resent,
    roster_totals,
    similar_people,
    straight_lining,
)
from forms.checks.check import Check

_SEVERAL: tuple[tuple[Check, ...], ...] = (
    as_read.CHECKS,
    resent.CHECKS,
    duplicate_ids.CHECKS,
    similar_people.CHECKS,
    near_copies.CHECKS,
    interview_time.CHECKS,
    overlaps.CHECKS,
    odd_hours.CHECKS,
    clocks.CHECKS,
    late_uploads.CHECKS,
    old_versions.CHECKS,
    missing_items.CHECKS,
    dont_know.CHECKS,
    other_specify.CHECKS,
    ranges.CHECKS,
    outliers.CHECKS,
    cross_field.CHECKS,
    roster_totals.CHECKS,
    enumerator_effect.CHECKS,
    straight_lining.CHECKS,
    age_heaping.CHECKS,
    positions.CHECKS,
    coverage.CHECKS,
    back_checks.CHECKS,
)
"""The checks of each file. A new file is a new line."""

CHECKS: Mapping[str, Check] = {check.code: check for several in _SEVERAL for check in several}
"""Code to check; rows of a survey's own sheet `checks` stand beside them."""
