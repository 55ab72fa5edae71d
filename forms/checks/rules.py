"""The rules K01-K35 and Q01-Q32 of the programme, each with what makes it: nothing is made twice.

A rule is a check of its own code, a row of that code in the sheet `checks` of a survey, another check that
finds the same, or the form itself, which lets nothing else be entered. See docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Mapping

RULES = tuple(f"K{number:02d}" for number in range(1, 36)) + tuple(
    f"Q{number:02d}" for number in range(1, 33)
)
"""Every rule."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "Q03": ("parent_too_young",),
    "Q10": ("age_heaping",),
    "Q11": ("duplicate_id", "double_entry", "similar_person", "same_person_elsewhere"),
    "Q12": ("position_inaccurate", "far_from_village", "same_point"),
    "Q13": ("interviews_overlap", "odd_hours"),
    "Q15": ("clock_ahead", "clock_other_day", "late_upload"),
    "Q19": ("other_often",),
    "Q21": ("sex_ratio",),
}
"""Checks that find what a rule asks for, besides a check or row of the rule's own code."""

ROWS: Mapping[str, tuple[str, ...]] = {
    "K12": ("f09_commune_annual",),
    "K23": ("f03_clc_profile",),
    "K33": ("f04_class_open",),
    "K35": ("f09_commune_annual",),
    "Q01": ("f01_hh_survey",),
    "Q02": ("f01_hh_survey",),
    "Q03": ("f01_hh_survey",),
    "Q04": ("f01_hh_survey",),
    "Q05": ("f01_hh_survey",),
    "Q06": ("f01_hh_survey",),
    "Q07": ("f01_hh_survey",),
    "Q08": ("f01_hh_survey",),
    "Q16": ("f01_hh_survey",),
    "Q24": ("f02_village_count",),
    "Q25": ("f02_village_count",),
    "Q26": ("f02_village_count", "f03_clc_profile", "f09_commune_annual"),
}
"""Surveys whose sheet `checks` has the rule as a row; a longer code that begins with it belongs to it too."""

_NAMES = {
    code: tuple(rule for rule, codes in ALSO.items() if code in codes)
    for codes in ALSO.values()
    for code in codes
}


def known_as(check: str) -> tuple[str, ...]:
    """The rules a check stands for beside its own code: `parent_too_young` is Q03."""
    return _NAMES.get(check, ())
