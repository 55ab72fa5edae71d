"""What is counted of each column, and what of it is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forms.datasets.beside.statistics import Figures, statistics, told, without_small_cells
from forms.datasets.description import Dataset, Kind, Pii, Table, Value, Variable
from forms.datasets.spool import Spool
from tests.forms.datasets.made import made_spool


def _spool(folder: Path, kind: Kind, cells: list[object], piece: int = 1_000, **more: object) -> Spool:
    table = Table("t", "", None, (Variable("q", kind, "/q", **more),))  # type: ignore[arg-type]
    spool = Spool(folder, Dataset("f", "F", (table,)))
    with spool.writer(table) as sink:
        for start in range(0, len(cells), piece):
            some = cells[start : start + piece]
            sink.add({"q": some}, len(some))
    return spool


def _figures(spool: Spool, *, protected: bool = False) -> Figures:
    return statistics(spool, protected=protected)["t"]["q"]


def test_empty_cells_are_told_apart(tmp_path: Path) -> None:
    found = statistics(made_spool(tmp_path))
    seen = {
        name: (one.valid, one.blank, one.not_asked, one.unreadable)
        for name, one in {**found["ho_gia_dinh"], **found["member"]}.items()
    }
    assert seen["visited_on"] == (3, 0, 0, 0)
    assert seen["started_at"] == (2, 1, 0, 0)
    assert seen["income"] == (1, 1, 1, 0)
    assert seen["age"] == (3, 0, 0, 1)
    assert seen["tongues"] == seen["tongues__vie"] == (2, 1, 1, 0)


def test_numbers_days_and_codes_are_counted(tmp_path: Path) -> None:
    found = statistics(made_spool(tmp_path))
    member = found["member"]
    assert (member["age"].least, member["age"].most, member["age"].mean) == (2, 41, 27.333333)
    assert found["ho_gia_dinh"]["visited_on"].most == date(2026, 8, 3)
    assert member["tongues"].counts == {"vie": 1, "hmn": 2, "tha": 0}
    assert member["tongues__hmn"].counts == {"0": 0, "1": 2}
    assert member["ethnic"].counts == {"01": 1, "08": 2, "98": 1}


def test_of_a_name_nothing_but_how_many_is_told(tmp_path: Path) -> None:
    cells: list[object] = [1, 2, 3, 4, 5, 6]
    assert _figures(_spool(tmp_path, "whole", cells, pii="direct")) == Figures(valid=6)


def test_a_mean_is_the_same_whatever_pieces_the_rows_came_in(tmp_path: Path) -> None:
    cells: list[object] = [0.1, 1e15, 0.2, -1e15, 0.3] * 40
    means = set()
    for piece in (1, 7, 200):
        folder = tmp_path / str(piece)
        folder.mkdir()
        means.add(_figures(_spool(folder, "decimal", cells, piece)).mean)
    assert means == {0.12}


def test_a_code_that_is_in_no_list_is_counted_too(tmp_path: Path) -> None:
    cells: list[object] = ["a", "z", "z"]
    values = (Value("a"), Value("b"))
    assert _figures(_spool(tmp_path, "code", cells, values=values)).counts == {"a": 1, "b": 0, "z": 2}


def test_whole_numbers_too_large_for_a_sum_have_a_mean(tmp_path: Path) -> None:
    cells: list[object] = [2**62, 2**62, 2**62]
    assert _figures(_spool(tmp_path, "whole", cells)).mean == float(2**62)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 7, "c": 0}, {"a": 9, "b": 7, "c": 0}),
        # One hidden count is what is left of the total, so the next smallest goes too.
        ({"a": 9, "b": 7, "c": 2}, {"a": 9, "b": None, "c": None}),
        # Together they would still stand for fewer than five.
        ({"a": 9, "b": 1, "c": 2, "d": 8}, {"a": 9, "b": None, "c": None, "d": None}),
        ({"a": 9, "b": 3, "c": 2, "d": 8}, {"a": 9, "b": None, "c": None, "d": 8}),
        ({"a": 3}, {"a": None}),
    ],
)
def test_small_counts_are_hidden_with_what_would_tell_them(
    counts: dict[str, int | None], shown: dict[str, int | None]
) -> None:
    assert without_small_cells(counts) == shown


@pytest.mark.parametrize(
    ("pii", "counts", "edges"),
    [
        ("none", {"1": 2, "2": 7}, (1, 9)),
        ("indirect", {"1": None, "2": None}, (1, 9)),
        ("sensitive", {"1": None, "2": None}, (None, None)),
        ("", {"1": None, "2": None}, (None, None)),
        ("direct", None, (None, None)),
    ],
)
def test_what_a_protected_dataset_tells(
    pii: Pii, counts: dict[str, int | None] | None, edges: tuple[int | None, int | None]
) -> None:
    figures = Figures(valid=9, least=1, most=9, mean=1.8, counts={"1": 2, "2": 7})
    found = told(figures, Variable("q", "code", "/q", pii=pii), protected=True)
    assert found.counts == counts
    assert (found.least, found.most) == edges
    # With the number of answers the mean of a yes and a no gives the count that is hidden.
    assert (found.mean is None) == (pii != "none")


def test_the_rows_are_counted_once(tmp_path: Path) -> None:
    spool = _spool(tmp_path, "whole", [1])
    first = _figures(spool)
    spool.path(spool.dataset.root).unlink()
    assert _figures(spool) == first
