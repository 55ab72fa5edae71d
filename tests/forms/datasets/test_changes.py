"""What is different between two frozen tables of figures, and between two archives of rows."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forms.datasets.changes import FigureChanges, TableChanges, figure_changes, table_changes
from forms.datasets.description import KEY

HEADS = ("INDICATOR", "REF_AREA", "TIME_PERIOD", "BREAKDOWN", "BREAKDOWN_VALUE", "OBS_VALUE", "NUMERATOR")
COMMUNE, PROVINCE, COUNTRY = "00715", "08", "_T"


def _figures(*lines: tuple[str, ...]) -> BytesIO:
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*HEADS, "DENOMINATOR"])
    writer.writerows([*line, "1"] for line in lines)
    return BytesIO(out.getvalue().encode("utf-8-sig"))


def _line(code: str, place: str, value: str, part: str = "_T") -> tuple[str, ...]:
    return (code, place, "2026", "_T" if part == "_T" else "sex", part, value, value)


def test_cells_come_go_and_change_and_what_is_the_same_is_not_told() -> None:
    before = _figures(
        _line("people", PROVINCE, "10"),
        _line("people", COMMUNE, "4"),
        _line("people", PROVINCE, "6", "1"),
        _line("same", PROVINCE, "3"),
        _line("went", COMMUNE, "2"),
    )
    after = _figures(
        _line("same", PROVINCE, "3"),
        _line("people", PROVINCE, "12"),
        _line("people", COMMUNE, "4"),
        _line("people", PROVINCE, "8", "1"),
        _line("people", PROVINCE, "4", "2"),
        _line("came", PROVINCE, "1"),
    )
    assert figure_changes(before, after) == [
        FigureChanges("came", added=1, values=((PROVINCE, "2026", "", "1"),)),
        FigureChanges("people", added=1, changed=2, values=((PROVINCE, "2026", "10", "12"),)),
        # What it was in a commune is not what it was altogether.
        FigureChanges("went", removed=1),
    ]


@pytest.mark.parametrize("first", [COUNTRY, PROVINCE])
def test_the_whole_country_is_wider_than_a_province_in_whatever_order_they_stand(first: str) -> None:
    places = [first, *({COUNTRY, PROVINCE} - {first})]
    before, after = (_figures(*(_line("people", one, value) for one in places)) for value in "12")
    [found] = figure_changes(before, after)
    assert (found.changed, found.values) == (2, ((COUNTRY, "2026", "1", "2"),))


def test_the_same_figures_in_another_order_are_the_same() -> None:
    lines = [_line("people", PROVINCE, "1"), _line("people", COMMUNE, "1")]
    assert figure_changes(_figures(*lines), _figures(*reversed(lines))) == []


def _archive(folder: Path, **tables: dict[str, list[str | None]]) -> BytesIO:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("README.txt", "x")
        for name, columns in tables.items():
            path = folder / "made.parquet"
            pq.write_table(pa.table(columns), path)
            archive.write(path, f"{name}.parquet")
    out.seek(0)
    return out


def test_rows_are_found_again_by_their_key_and_new_questions_change_none(tmp_path: Path) -> None:
    before = _archive(
        tmp_path,
        hh={KEY: ["a", "b", "c"], "people": ["1", "2", None], "old": ["x", "x", "x"]},
        gone={KEY: ["g"]},
    )
    after = _archive(
        tmp_path,
        hh={KEY: ["d", "c", "b"], "new": ["y", "y", "y"], "people": ["4", None, "3"]},
        came={KEY: ["h", "i"]},
    )
    assert table_changes(before, after, tmp_path) == [
        TableChanges("hh", 1, 1, 1, 1, questions_added=("new",), questions_removed=("old",)),
        TableChanges("came", added=2),
        TableChanges("gone", removed=1),
    ]
