"""Maps: every place has a tile of its own near where it lies; outlines where they are known."""

from __future__ import annotations

import pytest

from forms.maps import Map, Mark, Outline, Shape, drawn, initials
from forms.values import Point


def marks(*codes: str) -> dict[str, Mark]:
    return {code: Mark("good", f"Xã {code}", "2/2 thôn", f"/{code}") for code in codes}


def cells(picture: Map) -> dict[str, tuple[int, int]]:
    return {one.code: (int(one.x // 20), int(one.y // 20)) for one in picture.shapes}


def a_grid(width: int, height: int) -> dict[str, Point]:
    return {f"{x:02d}{y:02d}": Point(22 - y / 10, 105 + x / 10) for x in range(width) for y in range(height)}


def test_no_two_places_share_a_tile_and_neighbours_stay_neighbours() -> None:
    points = a_grid(8, 6)
    picture = drawn(marks(*points), points, {})
    assert picture is not None
    found = cells(picture)
    assert picture.kind == "tiles"
    assert len(set(found.values())) == 48
    for code, (column, row) in found.items():
        east, south = (
            found.get(f"{int(code[:2]) + 1:02d}{code[2:]}"),
            found.get(f"{code[:2]}{int(code[2:]) + 1:02d}"),
        )
        assert east is None or east[0] >= column
        assert south is None or south[1] >= row


def test_a_map_is_the_same_every_time_whatever_the_order() -> None:
    points = a_grid(5, 7)
    one, other = drawn(marks(*points), points, {}), drawn(marks(*reversed(points)), points, {})
    assert one is not None
    assert other is not None
    assert cells(one) == cells(other)


def test_an_island_far_out_does_not_press_the_others_together() -> None:
    points = a_grid(5, 5) | {"sea": Point(8.6, 114.4)}
    picture = drawn(marks(*points), points, {})
    assert picture is not None
    found = cells(picture)
    assert found["sea"][0] == max(column for column, _row in found.values())
    assert len({column for column, _row in found.values()}) >= 4


def test_places_nobody_can_locate_stand_in_rows() -> None:
    picture = drawn(marks("a", "b", "c", "d", "e"), {"c": Point(21, 105)}, {})
    assert picture is not None
    assert picture.kind == "rows"
    assert list(cells(picture).values()) == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)]


def test_the_few_without_a_position_stand_below() -> None:
    points = a_grid(3, 3)
    picture = drawn(marks(*points, "lost"), points, {})
    assert picture is not None
    found = cells(picture)
    assert found["lost"][1] > max(row for code, (_column, row) in found.items() if code != "lost")


@pytest.mark.parametrize("count", [0, 1, 401])
def test_one_place_or_far_too_many_are_no_map(count: int) -> None:
    assert drawn(marks(*map(str, range(count))), {}, {}) is None


def square(east: float, north: float, size: float = 0.1) -> Outline:
    ring = (
        (east, north),
        (east + size, north),
        (east + size, north + size),
        (east, north + size),
        (east, north),
    )
    return Outline((ring,), Point(north + size / 2, east + size / 2))


def test_outlines_are_drawn_side_by_side_and_who_has_none_stands_as_a_sign() -> None:
    outlines = {"west": square(105, 21), "east": square(105.1, 21)}
    picture = drawn(marks("west", "east", "dot", "lost"), {"dot": Point(21.05, 105.05)}, outlines)
    assert picture is not None
    by_code: dict[str, Shape] = {one.code: one for one in picture.shapes}
    assert picture.kind == "outlines"
    assert by_code["west"].path.startswith("M1 ")
    assert by_code["west"].path.endswith("z")
    assert by_code["west"].x < by_code["east"].x
    assert by_code["dot"].path == ""
    assert [code for code, _mark in picture.away] == ["lost"]
    assert all(0 <= one.x <= picture.width and 0 <= one.y <= picture.height for one in picture.shapes)


def test_with_outlines_of_less_than_half_there_are_tiles() -> None:
    points = a_grid(2, 2)
    picture = drawn(marks(*points), points, {"0000": square(105, 21)})
    assert picture is not None
    assert picture.kind == "tiles"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Xã Lũng Cú", "LC"),
        ("Phường Hà Giang 1", "HG1"),
        ("Bản Áng", "Áng"),
        ("Thôn 12", "12"),
        ("Thị trấn Ngô Đồng Văn Lãng", "NĐV"),
    ],
)
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short
