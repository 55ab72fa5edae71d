"""K34, Q27, Q29 · Second visits (F11) beside the household forms: household by household, and the village.

The form compared is the last one of the household before the second visit.
Silent when: the household was never surveyed; the second visit met nobody; the share is just `share`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forms.checks.check import ERROR, WARNING, Check, Threshold
from forms.checks.comparing import Paths, written
from forms.checks.found import Found

FORM = "f11_recheck"

K34 = Check(
    "K34",
    WARNING,
    "K34 Second visit heard otherwise",
    "The second visit heard {a}, the first one {b}.",
    "Correct the household form if the second visit is right.",
)
Q27 = Check(
    "Q27",
    ERROR,
    "Q27 Rechecked by the one who asked first",
    "The household was checked by the one who surveyed it.",
    "Reject the form, and let somebody else visit the household.",
)
Q29 = Check(
    "Q29",
    ERROR,
    "Q29 Village to be surveyed again",
    "{wrong} of {visited} households visited again had another number of illiterate people, "
    "{none} were never visited.",
    "Survey the village again, and block the enumerator's account meanwhile.",
    {"share": Threshold(0.1, 0, 1)},
)
CHECKS = (K34, Q27, Q29)

COMPARED = {"q_members": "n_members", "q_1560": "n_15_60", "q_il1": "n_illit1"}
"""What the second visit asks, and what the household form added up."""

_ILLITERATE = "q_il1"


@dataclass(frozen=True, slots=True)
class Pair:
    """A second visit: the record, the first one (0: none), their senders, and both numbers of each question.

    `invented`: the household says that nobody ever came. `year` it was visited again.
    """

    record: int
    first: int
    village: str
    year: str
    sender: str
    first_sender: str
    heard: Mapping[str, tuple[float | None, float | None]]
    invented: bool = False

    @property
    def differing(self) -> list[str]:
        """The questions both answered differently."""
        return [
            name
            for name, (again, before) in self.heard.items()
            if None not in (again, before) and again != before
        ]


def apart(pairs: Iterable[Pair], paths: Paths) -> Iterator[Found]:
    """Answers that the second visit heard otherwise, household by household."""
    for one in pairs:
        for name in one.differing:
            said = [written(number or 0) for number in one.heard[name]]
            yield Found(
                K34.code,
                (one.record, one.first),
                paths.get(name, ""),
                value=said[0],
                expected=said[1],
                place_code=one.village or None,
                details={"a": said[0], "b": said[1]},
            )


def own(pairs: Iterable[Pair]) -> Iterator[Found]:
    """Second visits by the one who made the first."""
    for one in pairs:
        if one.sender and one.sender == one.first_sender:
            yield Found(Q27.code, (one.record, one.first), place_code=one.village or None)


def villages(pairs: Iterable[Pair], numbers: Mapping[str, float]) -> Iterator[Found]:
    """Villages too many of whose households were heard otherwise, or with an invented one."""
    groups: dict[tuple[str, str], list[Pair]] = {}
    for one in pairs:
        if one.village:
            groups.setdefault((one.village, one.year), []).append(one)
    for (village, year), mine in groups.items():
        wrong = [one for one in mine if _ILLITERATE in one.differing]
        invented = [one for one in mine if one.invented]
        if invented or len(wrong) > numbers["share"] * len(mine):
            details = {"wrong": str(len(wrong)), "visited": str(len(mine)), "none": str(len(invented))}
            yield Found(
                Q29.code,
                subject=f"village:{village}",
                variant=year,
                value=details["wrong"],
                form=FORM,
                place_code=village,
                details=details,
            )
