"""Refusals about findings."""

from __future__ import annotations

from forms.problems import Problem


class FindingNotFound(Problem):
    """No such finding, or none this person may see."""

    sentence = "There is no finding {number} here; perhaps its record was deleted."


class FindingStateUnknown(Problem):
    """A state no person gives a finding."""

    sentence = "A finding cannot be made “{value}”; use one of: {known}."


class FindingReasonMissing(Problem):
    """Accepting without saying why."""

    sentence = "Say why it is right as it is: whoever looks at the record later reads it."


class OwnerUnknown(Problem):
    """A finding given to somebody who cannot work on it."""

    sentence = "Nobody called {name} works on findings here; choose a name from the list."
