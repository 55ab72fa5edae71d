"""What cannot be corrected, and what to do instead."""

from __future__ import annotations

from forms.problems import Problem


class RowUnknown(Problem):
    """A row is to be added where none fits, or taken out that is not there."""

    sentence = (
        "The rows of this record are not as the page showed them. "
        "Load the page again and repeat what you did."
    )


class NothingToTakeBack(Problem):
    """The version that counts is no correction made at the office."""

    sentence = "The last change of this record was not made here. Correct the answers instead."
