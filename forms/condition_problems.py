"""What is refused about the conditions and columns of a list of records."""

from __future__ import annotations

from forms.problems import Problem


class ConditionUnknown(Problem):
    """A condition on what the form does not ask, or with an operator there is none of."""

    sentence = (
        "The list cannot be narrowed by “{condition}”: the form has no such question, or its answers cannot "
        "be compared so. Open the list of records again and put the condition together there."
    )


class ConditionMisfit(Problem):
    """A value that is none of the question's type."""

    sentence = (
        "“{value}” does not fit the question “{question}”. Write a number in digits such as 15 or 2,5, a day "
        "as 31/12/2026 or 2026-12-31, and choose an answer from the list."
    )


class TooManyConditions(Problem):
    """More than one list takes."""

    sentence = (
        "The list takes at most {limit} conditions and {columns} columns at once. Remove some of them, or "
        "ask in several steps."
    )
