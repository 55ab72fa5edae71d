"""What the programs' door itself refuses: requests that do not say what they should."""

from __future__ import annotations

from collector.problems import BodyUnreadable, ParametersMissing, ParameterWrong
from forms.problems import Problem

__all__ = ["BodyUnreadable", "ParameterWrong", "ParametersMissing"]
"""Refused at every door of programs, and asked for here by habit."""


class DraftNotReplaceable(Problem):
    """The only version of a form is its draft."""

    sentence = (
        "The draft cannot be removed, because the form “{form}” was never published. "
        "Delete the form, or replace the draft."
    )


class NothingToCopy(Problem):
    """An empty body asks for a copy of what was never published."""

    sentence = "The form was never published, so that there is nothing to copy. Send the form itself."


class NumberExpected(Problem):
    """A form in the trash is asked for by its form id."""

    sentence = "“{value}” is no number. Name a deleted form by the number the list of deleted forms gives."


class ListNotForMedia(Problem):
    """An entity list instead of a picture or a recording."""

    sentence = "“{name}” is no data file, so that no entity list can stand in for it. Upload the file."


class ValueUnexpected(Problem):
    """A value that is none of those that can be."""

    sentence = "The value “{value}” of {field} cannot be: {reason}."


class QueryContradictory(Problem):
    """Things in an address that do not go together."""

    sentence = "The address says {names} in a way that cannot be: {reason}."


class FilterUnsupported(Problem):
    """A selection this server would not make, so that more would come than was asked for."""

    sentence = "This server does not know {feature} at this address yet. Leave it out to get everything."
