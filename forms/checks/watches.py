"""The checks that go through the records of a survey, each with what it needs to be made.

To add one: its file, its `Check` in `catalogue.py`, its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from forms.checks import (
    age_heaping,
    clocks,
    coverage,
    cross_field,
    dont_know,
    duplicate_ids,
    enumerator_effect,
    interview_length,
    interview_time,
    late_uploads,
    missing_items,
    names,
    near_copies,
    odd_hours,
    old_versions,
    other_specify,
    outliers,
    overlaps,
    positions,
    ranges,
    required_answers,
    roster_totals,
    similar_households,
    similar_people,
    straight_lining,
)
from forms.checks.check import Check
from forms.checks.interviews import Survey, Watch


@dataclass(frozen=True, slots=True)
class Maker:
    """The checks a watch makes, how it is begun, and the roles of which the survey must have one."""

    checks: tuple[Check, ...]
    make: Callable[[Survey], Watch]
    roles: tuple[str, ...] = ()


MAKERS = (
    Maker(duplicate_ids.CHECKS, duplicate_ids.DuplicateIds, ("id",)),
    Maker((similar_people.SIMILAR,), similar_people.SimilarPeople, ("person_name",)),
    Maker((similar_people.ELSEWHERE,), similar_people.PeopleElsewhere, ("person_name",)),
    Maker(near_copies.CHECKS, near_copies.NearCopies, ("household",)),
    Maker(interview_time.CHECKS, interview_time.InterviewTimes),
    Maker(overlaps.CHECKS, overlaps.Overlaps),
    Maker(odd_hours.CHECKS, odd_hours.OddHours),
    Maker(clocks.CHECKS, clocks.Clocks),
    Maker(late_uploads.CHECKS, late_uploads.LateUploads),
    Maker(old_versions.CHECKS, old_versions.OldVersions),
    Maker(missing_items.CHECKS, missing_items.MissingItems),
    Maker(dont_know.CHECKS, dont_know.DontKnow, ("dont_know", "refusal")),
    Maker(other_specify.CHECKS, other_specify.OtherSpecify, ("other",)),
    Maker(ranges.CHECKS, ranges.Ranges, ("hard_range", "soft_range")),
    Maker(outliers.CHECKS, outliers.Outliers, ("outliers", "robust", "robust_log")),
    Maker(cross_field.CHECKS, cross_field.CrossFields, ("age", "level2", "cannot_read")),
    Maker(roster_totals.CHECKS, roster_totals.RosterTotals, ("declared", "total", "is_head")),
    Maker(enumerator_effect.CHECKS, enumerator_effect.EnumeratorEffect, ("effect",)),
    Maker(straight_lining.CHECKS, straight_lining.StraightLining, ("grid", "gate")),
    Maker(age_heaping.CHECKS, age_heaping.AgeHeaping, ("birth", "age")),
    Maker(positions.CHECKS, positions.Positions),
    Maker((coverage.SEXES,), coverage.SexRatio, ("male", "female")),
    Maker(similar_households.CHECKS, similar_households.SimilarHouseholds, ("head",)),
    Maker(interview_length.CHECKS, interview_length.InterviewLength, ("interviewed",)),
    Maker(names.CHECKS, names.Names, ("person_name",)),
    Maker(required_answers.CHECKS, required_answers.RequiredAnswers),
)
"""In the order of the list in docs/checks.md; roles that any one survey lacks are passed over."""


def watches(survey: Survey, codes: Collection[str]) -> list[Watch]:
    """What is to be watched in a survey for these checks."""
    return [
        maker.make(survey)
        for maker in MAKERS
        if any(check.code in codes and survey.on(check.code) for check in maker.checks)
        and (not maker.roles or any(survey.roles.plays(role) for role in maker.roles))
    ]
