"""What the programs' door itself refuses: requests that do not say what they should."""

from __future__ import annotations

from forms.problems import Problem


class BodyUnreadable(Problem):
    """Not JSON, or not an object."""

    sentence = "The body of the request cannot be read as a JSON object. Send one, in UTF-8."


class ParametersMissing(Problem):
    """A request without what it needs."""

    sentence = "The request lacks {expected}. Add what is missing and send it again."


class ParameterWrong(Problem):
    """A value of another type, or one that cannot be."""

    sentence = "The value of {field} cannot be used: {reason}."


class DraftNotReplaceable(Problem):
    """The only version of a form is its draft."""

    sentence = (
        "The draft cannot be removed, because the form “{form}” was never published. "
        "Delete the form, or replace the draft."
    )


class FilterUnsupported(Problem):
    """A selection this server would not make, so that more would come than was asked for."""

    sentence = "This server does not know {feature} at this address yet. Leave it out to get everything."
