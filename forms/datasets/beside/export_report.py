"""⑨ The export report: what was asked for, what is in the files, what was left out and why.

Why: two officers with different numbers find out here which filter made the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forms.datasets.beside.report_words import cited, moment
from forms.datasets.description import Dataset, spoken
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.phrases import template

SURVEY: Final = template("Survey")
FORM: Final = template("Form")
VERSIONS: Final = template("Versions of the form in it")
PROJECT: Final = template("Project")
PUBLISHER: Final = template("Published by")
PLACES: Final = template("Places")
TAKEN_AT: Final = template("Read from the database at")
STATE: Final = template("State of the data")
FROZEN: Final = template("Release {name}, frozen")
PROVISIONAL: Final = template("provisional figures, not frozen: a later extract may differ")
DIGEST: Final = template("Seal of the contents (SHA-256)")
CHOSEN: Final = template("Chosen for this file")
NOTHING_CHOSEN: Final = template("everything, without a filter")
RECEIVED: Final = template("Records the survey had")
ROWS_OF: Final = template("Rows of “{table}” ({name})")
LEFT_OUT: Final = template("Records left out")
NOTHING_LEFT_OUT: Final = template("none was left out")
PROTECTION: Final = template("Protection of persons")
AS_SENT: Final = template("none: names and answers stand as they were sent; keep the files locked away")
CITE_AS: Final = template("To be cited as")


def report_rows(origin: Origin, dataset: Dataset | None = None) -> Iterator[tuple[str, str | int]]:
    """Heading and what is said under it, row by row; a heading of several rows stands before the first."""
    say = origin.say
    if dataset is not None:
        yield say(SURVEY), plain(dataset.title)
        yield say(FORM), dataset.form_id
        yield say(VERSIONS), ", ".join(dataset.versions)
    yield say(PROJECT), origin.project
    yield say(PUBLISHER), origin.publisher
    yield say(PLACES), origin.places
    yield say(TAKEN_AT), moment(origin.taken_at)
    yield say(STATE), origin.words(FROZEN, name=origin.release) if origin.release else say(PROVISIONAL)
    if origin.digest:
        yield say(DIGEST), origin.digest
    if dataset is not None:
        yield say(CITE_AS), cited(dataset, origin)
    yield from _asked(origin)
    yield from _counted(origin, dataset)
    yield from _protected(origin)


def _asked(origin: Origin) -> Iterator[tuple[str, str | int]]:
    if not origin.asked:
        yield origin.say(CHOSEN), origin.say(NOTHING_CHOSEN)
    for heading, words in origin.asked.items():
        yield f"{origin.say(CHOSEN)}: {heading}", words


def _counted(origin: Origin, dataset: Dataset | None) -> Iterator[tuple[str, str | int]]:
    yield origin.say(RECEIVED), origin.received
    labels = {one.name: one.labels for one in dataset.tables} if dataset else {}
    for name, count in origin.counts.items():
        called = plain(spoken(labels.get(name, {}), origin.language)) or name
        yield origin.words(ROWS_OF, table=called, name=name), count
    if not origin.excluded:
        yield origin.say(LEFT_OUT), origin.say(NOTHING_LEFT_OUT)
    for one in origin.excluded:
        yield f"{origin.say(LEFT_OUT)}: {one.why}", one.count


def _protected(origin: Origin) -> Iterator[tuple[str, str | int]]:
    if not origin.protection:
        yield origin.say(PROTECTION), origin.say(AS_SENT)
    for heading, words in origin.protection.items():
        yield f"{origin.say(PROTECTION)}: {heading}", words
