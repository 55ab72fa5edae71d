"""What docs/security.md says is met somewhere is there: the files, and a line for each chapter."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
GROUPS = {
    1: (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14),
    2: range(1, 11),
    3: (1, 2, 3, 4, 5, 7),
    4: range(1, 4),
    5: range(1, 6),
    6: range(1, 5),
    7: range(1, 5),
    8: range(1, 4),
    9: (1, 2),
    10: (2, 3),
    11: (1,),
    12: range(1, 7),
    13: range(1, 5),
    14: range(1, 6),
}
"""The groups of ASVS 4.0.3 that hold requirements of levels 1 and 2."""


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:collector|storage|forms|tests|deploy|xlsforms)/[^`]+|\.ci/run)`", TEXT)
    assert len(named) > 30
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_every_group_of_the_standard_has_a_line_that_says_where_or_why_not() -> None:
    lines = re.findall(r"^\| (V[^|]+) \| (met|part|no|–) \| ([^|]+) \|$", TEXT, re.MULTILINE)
    told = {one for head, _state, _why in lines for one in re.findall(r"V\d+\.\d+", head)}
    assert told == {f"V{chapter}.{group}" for chapter, groups in GROUPS.items() for group in groups}
    assert all(len(why) > 10 for _head, _state, why in lines)
