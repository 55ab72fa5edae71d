"""What may be odd in answers as they are read, placed and dated: found at intake and at each rebuild."""

from __future__ import annotations

from forms.checks.check import INFO, WARNING, Check

CHECKS = (
    Check(
        "value_unreadable",
        WARNING,
        "Answer of another kind",
        "The answer is not of the kind the question asks for; it is kept as sent.",
    ),
    Check(
        "unknown_question",
        INFO,
        "Answer to no question of the form",
        "This question is not in the form; its answer is kept in the sent file.",
    ),
    Check(
        "unknown_choice",
        WARNING,
        "Answer not on the list",
        "The answer is not on the list of the question.",
    ),
    Check(
        "answered_twice",
        INFO,
        "Question answered twice",
        "The question is answered twice; the first answer counts.",
    ),
    Check(
        "too_many_rows",
        WARNING,
        "Too many rows",
        "There are more rows than can be kept in tables; all are in the sent file.",
    ),
    Check(
        "character_removed",
        INFO,
        "Characters left out",
        "Characters that no file may hold were left out.",
    ),
    Check(
        "place_missing",
        WARNING,
        "Record without a place",
        "The record names no place, and neither do the places of its sender: only those see it who see "
        "the whole tree.",
    ),
    Check(
        "place_unknown",
        WARNING,
        "Place nobody knows",
        "Nobody knows this place; the record is laid to the place of its sender, where he has one.",
    ),
    Check(
        "place_elsewhere",
        WARNING,
        "Place of somebody else",
        "This place is not one of those the sender works in.",
    ),
    Check(
        "period_unreadable",
        WARNING,
        "Period that cannot be read",
        "The period cannot be read; the record counts for its date instead.",
    ),
    Check(
        "date_too_late",
        WARNING,
        "Day long after the record came",
        "The day is more than 45 days after the record came, so it counts for the day it came.",
    ),
    Check(
        "date_too_early",
        WARNING,
        "Day long before anything was collected",
        "The day is before the year 2000, so the record counts for the day it came.",
    ),
    Check(
        "calculation_stale",
        WARNING,
        "Worked out before a correction",
        (
            "An answer this rests on was corrected, and only a phone can work it out anew: it may be out of "
            "date."
        ),
    ),
    Check(
        "encrypted",
        INFO,
        "Encrypted record",
        (
            "This record is encrypted: it counts in no figure, and only whoever holds the private key "
            "can read it (collector decrypt)."
        ),
    ),
    Check(
        "file_name_unusable",
        INFO,
        "File that is not awaited",
        "The name of the file cannot be used, so the file is not awaited.",
    ),
)
"""In the order of their weight on a page; the sentences are what the record's page always said."""

SEVERITY = {check.code: check.severity for check in CHECKS}
"""Code to weight, for intake, which has no time to look further."""
