"""Outlines from a file: read or refused with a sentence, found to be somebody's, thinned without a gap."""

from __future__ import annotations

import json
from math import cos, pi, sin
from typing import Any

import pytest

from forms.outline_names import match
from forms.outline_problems import (
    OutlineCrossing,
    OutlineEmpty,
    OutlinesElsewhere,
    OutlinesNotDegrees,
    OutlinesNotGeoJson,
    OutlinesTooLarge,
)
from forms.outline_shapes import simplified
from forms.outlines import MOST_BYTES, crossing_of, read_outlines
from forms.problems import Problem

SQUARE = [[105.0, 22.0], [105.1, 22.0], [105.1, 22.1], [105.0, 22.1], [105.0, 22.0]]
BOW = [[105.0, 22.0], [105.1, 22.1], [105.1, 22.0], [105.0, 22.1], [105.0, 22.0]]
FLAT = [[105.0, 22.0], [105.1, 22.0], [105.0, 22.0]]


def area(rings: Any, kind: str = "Polygon", **texts: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": texts, "geometry": {"type": kind, "coordinates": rings}}


def file(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def moved(east: float, north: float) -> list[list[float]]:
    return [[x + east, y + north] for x, y in SQUARE]


def test_areas_are_read_with_what_is_said_of_them() -> None:
    several = [[SQUARE], [moved(0.5, 0)]]
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [105, 22]}}
    one, two = read_outlines(
        b"\xef\xbb\xbf" + file(area([SQUARE], ma=715, ten="Lũng Cú"), point, area(several, "MultiPolygon"))
    )
    assert one.texts == {"ma": "715", "ten": "Lũng Cú"}
    assert (one.name, two.name) == ("Lũng Cú", "#3")
    assert one.rings[0][2] == (105.1, 22.1)
    assert len(two.rings) == 2


def test_a_ring_that_was_left_open_is_closed() -> None:
    (one,) = read_outlines(file(area([SQUARE[:-1]])))
    assert one.rings[0][0] == one.rings[0][-1]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"%PDF-1.4", OutlinesNotGeoJson),
        (b"[1, 2]", OutlinesNotGeoJson),
        (b'{"type": "FeatureCollection", "features": []}', OutlinesNotGeoJson),
        (b"[" * 100_000, OutlinesNotGeoJson),
        (file("x", None, area("abc"), area(None), area(5, "MultiPolygon")), OutlinesNotGeoJson),
        (file(area([])), OutlinesNotGeoJson),
        (file(area([[]])), OutlineEmpty),
        (file(area([None])), OutlineEmpty),
        (file(area([FLAT], ten="Xã Dẹt")), OutlineEmpty),
        (file(area([[["105", "22"], *SQUARE]])), OutlinesNotDegrees),
        (file(area([[[105], *SQUARE]])), OutlinesNotDegrees),
        (file(area([[[549_000.5, 2_433_000.1], *SQUARE]])), OutlinesNotDegrees),
        (file(area([[[y, x] for x, y in SQUARE]])), OutlinesElsewhere),
        (file(area([moved(-103, 26)])), OutlinesElsewhere),
        (file(area([BOW], ten="Xã Nơ")), OutlineCrossing),
        (b" " * (MOST_BYTES + 1), OutlinesTooLarge),
        (file(*[area([SQUARE])] * 4001), OutlinesTooLarge),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(data: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem) as refused:
        read_outlines(data)
    assert "{" not in str(refused.value)


def test_a_ring_that_touches_itself_does_not_cross() -> None:
    eight = ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (2.0, 2.0), (1.0, 1.0), (0.0, 2.0), (0.0, 0.0))
    assert crossing_of(eight) is None
    assert crossing_of(tuple(map(tuple, BOW))) is not None  # type: ignore[arg-type]


def test_thousands_of_corners_in_one_spot_do_not_take_for_ever() -> None:
    spot = [(105 + 1e-9 * (at % 7), 22 + 1e-9 * (at % 11)) for at in range(4_000)]
    with pytest.raises(OutlinesTooLarge):
        crossing_of(((102.0, 8.0), *spot, (109.0, 23.0), (102.0, 8.0)))


PLACES = {"00715": "Xã Lũng Cú", "00721": "Xã Đồng Văn", "01156": "Xã Yên Hoa", "01157": "Phường Yên Hoa"}


def test_outlines_are_found_by_code_whatever_it_is_called_else_by_name() -> None:
    found = read_outlines(
        file(
            area([SQUARE], OBJECTID=721, maxa=715, ten="sai"),
            area([moved(0.1, 0)], OBJECTID=2, maxa="00721", ten="sai"),
            area([moved(0.1, 0.1)], OBJECTID=3, maxa="", ten="XA YEN HOA"),
            area([moved(0.2, 0)], OBJECTID=4, maxa="99999", ten="Xã Lạ"),
        )
    )
    matched = match(found, PLACES)
    assert {code: [one.number for one in several] for code, several in matched.outlines.items()} == {
        "00715": [1],
        "00721": [2],
        "01156": [3],
    }
    assert matched.by == {"00715": "code", "00721": "code", "01156": "name"}
    assert [one.number for one in matched.strangers] == [4]
    assert matched.bare == ["01157"]


def test_a_name_that_two_places_have_is_nobodys() -> None:
    matched = match(
        read_outlines(file(area([SQUARE], ten="Yên Hoa"), area([moved(1, 0)], ten="dong van"))), PLACES
    )
    assert list(matched.outlines) == ["00721"]


def wavy(east: float, *, back: bool) -> list[list[float]]:
    """A border from south to north with many small bends."""
    line = [[east + 0.001 * sin(at), 22 + at / 1000] for at in range(101)]
    return line[::-1] if back else line


def test_neighbours_keep_the_border_they_share() -> None:
    west = [[105.0, 22.0], *wavy(105.1, back=False), [105.0, 22.1], [105.0, 22.0]]
    east = [[105.2, 22.0], [105.2, 22.1], *wavy(105.1, back=True), [105.2, 22.0]]
    one, two = read_outlines(file(area([west]), area([east])))
    plain = simplified({"west": one.rings, "east": two.rings})
    assert len(plain["west"].rings[0]) < 12
    near = [
        {corner for corner in plain[side].rings[0] if 105.05 < corner[0] < 105.15}
        for side in ("west", "east")
    ]
    assert near[0] == near[1]


def test_a_place_made_of_small_islands_keeps_one() -> None:
    tiny = [
        [[east + x / 1e4, 10 + y / 1e4] for x, y in ((0, 0), (9, 0), (9, 9), (0, 0))] for east in (105, 106)
    ]
    (one,) = read_outlines(file(area([[tiny[0]], [tiny[1]]], "MultiPolygon")))
    assert len(simplified({"sea": one.rings})["sea"].rings) == 1


def test_the_middle_of_a_bent_place_lies_in_it() -> None:
    outer = [[105 + cos(at / 50 * pi), 21 + sin(at / 50 * pi)] for at in range(25, 126)]
    inner = [[105 + 0.9 * cos(at / 50 * pi), 21 + 0.9 * sin(at / 50 * pi)] for at in range(125, 24, -1)]
    (one,) = read_outlines(file(area([[*outer, *inner]])))
    middle = simplified({"bow": one.rings})["bow"].middle
    assert 0.9 <= ((middle.longitude - 105) ** 2 + (middle.latitude - 21) ** 2) ** 0.5 <= 1.0
