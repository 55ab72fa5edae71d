"""One row for each record: everything stands where its name says, and nothing is lost or mixed up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forms.datasets import widening
from forms.datasets.description import Dataset, Table, Variable
from forms.datasets.spool import Spool
from forms.datasets.widening import RowsAstray, widen
from forms.problems import TooManyColumns
from tests.forms.datasets.made import COURSE, MEMBER, ROOT, ROWS, made_dataset, made_spool


def rows_of(spool: Spool) -> list[dict[str, Any]]:
    """All rows of the only table, without what is empty."""
    (table,) = spool.dataset.tables
    assert spool.count(table) == 3
    return [
        {name: cell for name, cell in row.items() if cell is not None}
        for batch in spool.batches(table)
        for row in batch.to_pylist()
    ]


@pytest.mark.parametrize("at_a_time", [1, 2, 8000])
def test_every_cell_stands_in_the_row_of_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(widening, "_ROWS", at_a_time)
    wide = rows_of(widen(made_spool(tmp_path / "narrow"), tmp_path / "wide"))
    wanted = {row["KEY"]: {name: cell for name, cell in row.items() if cell is not None} for row in ROWS[""]}
    own = {one.name for table in (MEMBER, COURSE) for one in table.variables if one.path}
    for path in ("/member", "/member/course"):
        for row in ROWS[path]:
            record, _, rest = row["KEY"].partition("/")
            place = rest.replace("[", "_").replace("]", "").replace("/", "_")
            wanted[record] |= {f"{place}_{name}": row[name] for name in own if row.get(name) is not None}
    second = wanted[ROWS[""][1]["KEY"]]
    second["__blank"] = "started_at,income,member_1_tongues,member_1_course_1_hours"
    second["__unreadable"] = json.dumps({"member_1_age": "bốn mươi"}, ensure_ascii=False)
    assert wide == list(wanted.values())


def test_columns_are_named_and_ordered_by_rule(tmp_path: Path) -> None:
    wide = widen(made_spool(tmp_path / "narrow"), tmp_path / "wide").dataset.root
    names = [one.name for one in wide.variables]
    answers = [one.name for one in MEMBER.variables if one.path]
    assert names[:18] == [*(one.name for one in ROOT.variables[:17]), "member_1_name"]
    first = names[17 : 17 + len(answers) + 4]
    courses = [f"course_{number}_{name}" for number in (1, 2) for name in ("title", "hours")]
    assert first == [f"member_1_{name}" for name in (*answers, *courses)]
    assert names[-6:] == [one.name for one in ROOT.variables[-6:]]
    assert wide.by_name["member_2_age"].labels["vi"] == "Thành viên 2: Tuổi"
    assert wide.by_name["member_3_course_2_hours"].labels["vi"] == "Thành viên 3, Lớp học 2: Số giờ"
    assert wide.by_name["member_2_tongues__vie"].part_of == "member_2_tongues"


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    taken = Variable("Member_1_Name", "text", "/member_1_name")
    root = replace(ROOT, variables=(*ROOT.variables[:17], taken, *ROOT.variables[17:]))
    dataset = replace(made_dataset(), tables=(root, MEMBER, COURSE))
    spool = widen(made_spool(tmp_path / "narrow", dataset), tmp_path / "wide")
    assert rows_of(spool)[0]["member_1_name_2"] == "Vàng A Sùng"
    assert "member_1_name" not in spool.dataset.root.by_name


def test_a_survey_without_repeats_stays_as_it_is(tmp_path: Path) -> None:
    dataset = replace(made_dataset(), tables=(ROOT,))
    wide = widen(made_spool(tmp_path / "narrow", dataset), tmp_path / "wide")
    assert wide.dataset == dataset
    assert [row["KEY"] for row in rows_of(wide)] == [row["KEY"] for row in ROWS[""]]


def test_more_columns_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    spool = _one_large_record(tmp_path / "narrow", 16_384)
    with pytest.raises(TooManyColumns):
        widen(spool, tmp_path / "wide")
    spool = _one_large_record(tmp_path / "narrow", 16_383)
    assert len(widen(spool, tmp_path / "wide").dataset.root.variables) == 16_384


def test_rows_of_no_record_are_no_rows_to_lose(tmp_path: Path) -> None:
    spool = made_spool(tmp_path / "narrow")
    with spool.writer(ROOT) as sink:
        sink.add({"KEY": [ROWS[""][0]["KEY"]]}, 1)
    with pytest.raises(RowsAstray):
        widen(spool, tmp_path / "wide")


def _one_large_record(folder: Path, rows: int) -> Spool:
    folder.mkdir(exist_ok=True)
    root = Table("a", "", None, (Variable("KEY", "text"),))
    keys = (Variable("KEY", "text"), Variable("PARENT_KEY", "text"), Variable("n", "whole"))
    inner = Table("b", "/b", "", (*keys, Variable("x", "whole", "/b/x")))
    spool = Spool(folder, Dataset("a", "a", (root, inner)))
    with spool.writer(root) as sink:
        sink.add({"KEY": ["k"]}, 1)
    with spool.writer(inner) as sink:
        numbers = range(1, rows + 1)
        own = [f"k/b[{at}]" for at in numbers]
        sink.add({"KEY": own, "PARENT_KEY": ["k"] * rows, "n": numbers, "x": numbers}, rows)
    return spool
