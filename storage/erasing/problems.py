"""Why something cannot be erased, and what to do."""

from __future__ import annotations

from forms.problems import Problem


class ErasureOvertaken(Problem):
    """A record changed while it was made ready to be erased."""

    sentence = (
        "The record {instance} was changed by somebody else just now, so nothing of it was erased. "
        "Look at it again and repeat what you did."
    )


class ErasureGroundMissing(Problem):
    """Nobody erases without saying on which legal ground."""

    sentence = (
        "The legal ground is missing, so nothing was erased. Say on what the request rests, such as "
        "“Law 91/2025/QH15, request no. 12 of 03/02/2026”, without the name of the person."
    )


class RequestMissing(Problem):
    """Everything about a person asked for without saying who asked."""

    sentence = (
        "Say who asked and when, in at least {letters} letters, such as the number and day of the request: "
        "it stands in the log beside each thing."
    )


class NothingToErase(Problem):
    """What is to be erased is not there."""

    sentence = (
        "There is no {what} in this project; nothing was erased. Search for it again: "
        "somebody may have erased it already."
    )


class TombstonesUnreadable(Problem):
    """A list of tombstones is none."""

    sentence = (
        "Line {line} is no tombstone of an erasure; nothing after it was done. "
        "Give the file that “collector erasures export” wrote."
    )


class RetentionUnusable(Problem):
    """A time of keeping that is no number of months, or says not what is to happen then."""

    sentence = (
        "A survey keeps what names people for 1 to {most} months, and then either these answers go or whole "
        "records do. Choose both."
    )
