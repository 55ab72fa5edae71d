"""What is refused about kept views of lists of records."""

from __future__ import annotations

from forms.problems import Problem


class ViewNotFound(Problem):
    """No kept view of that number that the reader is offered."""

    sentence = (
        "There is no kept view number {number}. It may have been deleted; open the list of records anew."
    )


class ViewUnusable(Problem):
    """A view without a name, or one too many."""

    sentence = (
        "The view was not kept: give it a name of at most {longest} letters, and keep at most {limit} views "
        "of one list. Delete one you no longer need."
    )
