"""⑨ What the files beside a dataset all say in the same words: when it was taken, how it is cited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from forms.datasets.description import Dataset
from forms.datasets.material import Origin
from forms.datasets.plain_words import plain
from forms.phrases import template
from forms.values import HOME

CITED: Final = template("{publisher} ({year}). {title}. {project}. {version}.")
RELEASE: Final = template("Release {name}")
TAKEN: Final = template("Extract of {moment}")


def day(at: datetime) -> date:
    """The day of an instant in Viet Nam."""
    return at.astimezone(HOME).date()


def moment(at: datetime) -> str:
    """An instant as people write it, in the time of Viet Nam: `21/08/2026 09:00`."""
    return at.astimezone(HOME).strftime("%d/%m/%Y %H:%M")


def version(origin: Origin) -> str:
    """Which state of the data it is: the release's name, else when it was taken."""
    if origin.release:
        return origin.words(RELEASE, name=origin.release)
    return origin.words(TAKEN, moment=moment(origin.taken_at))


def cited(dataset: Dataset, origin: Origin) -> str:
    """How the dataset is cited."""
    return origin.words(
        CITED,
        publisher=origin.publisher,
        year=day(origin.taken_at).year,
        title=plain(dataset.title),
        project=origin.project,
        version=version(origin),
    )


def has_personal_data(dataset: Dataset) -> bool:
    """Whether any answer in it may lead to a person; what is not classed may."""
    return any(
        one.pii != "none" and (one.path or one.pii) for table in dataset.tables for one in table.variables
    )
