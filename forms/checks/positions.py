"""23 · Where the phones stood: far from the village, badly measured, several on one point, moving too fast.

A village has the position its place has (`latitude`, `longitude` of its attributes), else the middle of its
own records. A position that an app made up has the accuracy 0 in ODK Collect.
Roles: `gps`; without it the first position the form asks for.
Silent when: there is no position; the village has fewer than `least` and no position of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Interview, Point, Survey, Watch

FAR = Check(
    "far_from_village",
    WARNING,
    "Position far from the village",
    "The position lies {kilometres} km from the middle of the village.",
    "Check village and position: the form was perhaps filled in elsewhere.",
    {"kilometres": Threshold(2, 0, 1_000), "least": Threshold(5, 2, 1_000)},
)
INACCURATE = Check(
    "position_inaccurate",
    WARNING,
    "Position badly measured",
    "The position is only sure within {metres} m.",
    "Measure it outdoors, and wait for a better one.",
    {"metres": Threshold(50, 0, 100_000)},
)
MADE_UP = Check(
    "position_made_up",
    WARNING,
    "Position made up by an app",
    "The phone says its position is exact to 0 m, as apps do that make positions up.",
    "Look at the phone; visit the household again.",
)
CROWDED = Check(
    "same_point",
    WARNING,
    "Several households on one point",
    "{households} households lie within {metres} m of each other.",
    "Ask where these forms were filled in.",
    {"metres": Threshold(5, 0, 1_000), "households": Threshold(3, 2, 1_000)},
)
RACING = Check(
    "travel_too_fast",
    WARNING,
    "Nobody travels that fast",
    "From the interview before it the phone came at {speed} km/h.",
    "Ask where the two interviews were held.",
    {"speed": Threshold(80, 1, 10_000)},
)
CHECKS = (FAR, INACCURATE, MADE_UP, CROWDED, RACING)

_EARTH = 6_371_000.0


def metres(one: Point, other: Point) -> float:
    """The distance of two points on the ground (haversine)."""
    up, across = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    narrow = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    half = math.sin(up / 2) ** 2 + narrow * math.sin(across / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))


def middle(points: Sequence[Point]) -> Point:
    """The median of points, which a few strange ones do not move."""
    return Point(median(one.latitude for one in points), median(one.longitude for one in points))


def crowds(several: Sequence[tuple[int, str, Point]], reach: float, least: float) -> Iterator[list[int]]:
    """Numbers of records of different households that lie within `reach` of one of them, each once."""
    cell = max(reach, 1.0) / _EARTH * 180 / math.pi
    grid: defaultdict[tuple[int, int], list[tuple[int, str, Point]]] = defaultdict(list)
    for one in several:
        grid[_cell(one[2], cell)].append(one)
    taken: set[int] = set()
    for one in several:
        if one[0] in taken:
            continue
        up, across = _cell(one[2], cell)
        # A degree of longitude is never shorter than a third of one of latitude in Viet Nam.
        near = [
            other
            for row in range(up - 1, up + 2)
            for column in range(across - 2, across + 3)
            for other in grid.get((row, column), ())
            if other[0] not in taken and metres(one[2], other[2]) <= reach
        ]
        if len({household for _number, household, _point in near}) >= least:
            taken.update(number for number, _household, _point in near)
            yield sorted(number for number, _household, _point in near)


def _cell(point: Point, size: float) -> tuple[int, int]:
    return math.floor(point.latitude / size), math.floor(point.longitude / size)


def speed(before: Interview, after: Interview) -> float | None:
    """Kilometres an hour from one interview to the next; None where nobody knows, or no time passed."""
    if before.point is None or after.point is None or before.ended is None or after.started is None:
        return None
    hours = (after.started - before.ended).total_seconds() / 3600
    return metres(before.point, after.point) / 1000 / hours if hours > 0 else None


class Positions(Watch):
    """Each village by itself; the phones of each commune."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._on = {check.code: survey.on(check.code) for check in CHECKS}
        self._phones: defaultdict[str, list[Interview]] = defaultdict(list)

    def see(self, block: Block) -> Iterable[Found]:
        """What the positions of a village show."""
        placed = [one for one in block.interviews if one.point is not None]
        for one in placed:
            self._phones[one.device or one.sender].append(one)
            yield from self._measured(one)
        if self._on[FAR.code]:
            yield from self._far(placed, block.middle)
        if self._on[CROWDED.code]:
            yield from self._crowded(placed)

    def _measured(self, one: Interview) -> Iterator[Found]:
        accuracy = one.point.accuracy if one.point else None
        if accuracy is None:
            return
        if accuracy == 0 and self._on[MADE_UP.code]:
            yield Found(MADE_UP.code, (one.number,), value="0")
        if accuracy > self._survey.numbers(INACCURATE.code)["metres"] and self._on[INACCURATE.code]:
            said = f"{accuracy:.0f}"
            yield Found(INACCURATE.code, (one.number,), value=said, details={"metres": said})

    def _far(self, placed: Sequence[Interview], centre: Point | None) -> Iterator[Found]:
        numbers = self._survey.numbers(FAR.code)
        points = [one.point for one in placed if one.point]
        if centre is None and len(points) < numbers["least"]:
            return
        here = centre or middle(points)
        for one in placed:
            away = metres(one.point, here) / 1000 if one.point else 0.0
            if away > numbers["kilometres"]:
                said = f"{away:.1f}"
                yield Found(FAR.code, (one.number,), value=said, details={"kilometres": said})

    def _crowded(self, placed: Sequence[Interview]) -> Iterator[Found]:
        numbers = self._survey.numbers(CROWDED.code)
        several = [(one.number, one.household or str(one.number), one.point) for one in placed if one.point]
        for records in crowds(several, numbers["metres"], numbers["households"]):
            details = {"households": str(len(records)), "metres": f"{numbers['metres']:g}"}
            yield Found(CROWDED.code, tuple(records), value=str(len(records)), details=details)

    def commune_seen(self, commune: str) -> Iterable[Found]:
        """Phones that moved too fast."""
        del commune
        most = self._survey.numbers(RACING.code)["speed"]
        for phone, several in self._phones.items():
            if phone and self._on[RACING.code]:
                timed = [one for one in several if one.started and one.ended]
                for before, after in pairwise(sorted(timed, key=lambda one: one.started or one.received)):
                    fast = speed(before, after)
                    if fast is not None and fast > most:
                        records, said = (after.number, before.number), f"{fast:.0f}"
                        yield Found(RACING.code, records, value=said, details={"speed": said})
        self._phones.clear()
