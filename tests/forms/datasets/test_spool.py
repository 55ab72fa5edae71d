"""A spool gives back the rows it was given, in their order, with what is behind an empty cell."""

from __future__ import annotations

from pathlib import Path

from forms.datasets.spool import unreadable
from tests.forms.datasets.made import COURSE, MEMBER, ROOT, ROWS, made_spool


def test_rows_come_back_as_they_were_given(tmp_path: Path) -> None:
    spool = made_spool(tmp_path)
    for table in (ROOT, MEMBER, COURSE):
        rows = [row for batch in spool.batches(table, size=2) for row in batch.to_pylist()]
        given = [{name: row.get(name) for name in table.by_name} for row in ROWS[table.path]]
        assert [{name: row[name] for name in table.by_name} for row in rows] == given
        assert spool.count(table) == len(given)


def test_an_empty_cell_says_why(tmp_path: Path) -> None:
    rows = [row for batch in made_spool(tmp_path).batches(MEMBER) for row in batch.to_pylist()]
    assert unreadable(rows[3]["__unreadable"]) == {"age": "bốn mươi"}
    assert rows[3]["__blank"] == "tongues"
    assert rows[2]["__blank"] is None
