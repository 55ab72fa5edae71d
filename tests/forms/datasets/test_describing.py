"""What a dataset says of its tables: every question once, under one name, in the words of the form."""

from __future__ import annotations

from forms.datasets.describing import Version, describe
from forms.datasets.description import Dataset, Table, Variable
from forms.rows import Cell
from forms.schema import Choice
from forms.xlsform import convert
from tests.forms.tables import survey

HEADS = (
    "type | name | label::Tiếng Việt (vi) | label::English (en) | hint::English (en) | relevant | required"
)
REST = """
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | lang | vie | Tiếng Việt | Vietnamese |
| | lang | x-1 | Tiếng Mông | Hmong |
| | yn | 1 | Có | Yes |
| | yn | 9 | Không biết | Don't know |
| settings |
| | form_id | version | title | default_language |
| | hộ-01 | {version} | Phiếu hộ | Tiếng Việt (vi) |
"""
FIRST = (
    "text | village_code | Thôn | Village | | |",
    "integer | old | Câu cũ | Old | | |",
    "begin_group | g | Nhóm **A** | Group A | | |",
    "select_one yn | Head | Chủ hộ | Head | Ask <b>him</b> | | yes",
    "end_group | | | | | |",
)
SECOND = (
    "text | village_code | Mã thôn | Village | | |",
    "begin_group | g | Nhóm **A** | Group A | | |",
    "select_one yn | Head | Chủ hộ | Head | Ask <b>him</b> | ${village_code} != '' | yes",
    "text | head | Trùng tên | Twice | | |",
    "note | told | Xin chào | Hello | | |",
    "geopoint | where | Vị trí | Location | | |",
    "select_one_from_file schools.csv | school | Trường | School | | |",
    "begin_repeat | member | Người | Person | | |",
    "select_multiple lang | tongues | Tiếng | Languages | | |",
    "dateTime | at | Lúc | At | | |",
    "end_repeat | | | | | |",
    "end_group | | | | | |",
)


def _version(rows: tuple[str, ...], number: str, **more: object) -> Version:
    text = survey(*rows, columns=HEADS, rest=REST.format(version=number))
    return Version(convert(text.encode(), "form.md").xform, number, **more)  # type: ignore[arg-type]


def _dataset(cells: dict[str, Cell] | None = None) -> Dataset:
    first = _version(FIRST, "1", marks={"/g/Head": {"pii": "direct"}, "/old": {"pii": "none"}})
    second = _version(
        SECOND,
        "2",
        marks={"/g/Head": {"pii": "indirect", "unit": "person"}},
        missing=frozenset({("/g/Head", "9")}),
        files={"schools.csv": (Choice("S1", {"": "Trường Mường Lài"}),)},
    )
    return describe([first, second], cells)


DATASET = _dataset()


def _asked(table: Table) -> list[str]:
    return [one.name for one in table.variables if one.path]


def _of(name: str, table: int = 0) -> Variable:
    return DATASET.tables[table].by_name[name]


def test_every_question_of_every_version_has_a_column_of_its_own_name() -> None:
    root, member = DATASET.tables
    assert (root.name, member.name, member.path, member.parent) == ("ho_01", "member", "/g/member", "")
    assert _asked(root) == [
        "village_code_answer",
        "Head",
        "g_head",
        "where_latitude",
        "where_longitude",
        "where_altitude",
        "where_accuracy",
        "school",
        "old",
    ]
    for table in DATASET.tables:
        names = [one.name.casefold() for one in table.variables]
        assert len(names) == len(set(names))
    assert [one.name for one in root.variables][:3] == ["KEY", "province_code", "province"]
    assert [one.name for one in member.variables][:4] == ["KEY", "PARENT_KEY", "n", "province_code"]
    assert root.variables[-1].name == "Edits"
    assert DATASET.versions == ("1", "2")


def test_words_are_the_latest_versions_and_plain() -> None:
    assert DATASET.languages == ("vi", "en")
    assert _of("village_code_answer").labels == {"vi": "Mã thôn", "en": "Village"}
    head = _of("Head")
    assert head.group == ({"vi": "Nhóm A", "en": "Group A"},)
    assert head.hint == {"en": "Ask him"}
    assert (head.relevant, head.required) == ("${village_code} != ''", "yes")
    assert (_of("old").first, _of("old").last) == ("1", "1")
    assert (head.first, head.last) == ("1", "2")
    assert _of("where_latitude").labels["vi"] == "Vị trí: vĩ độ"


def test_marks_of_the_workbook_come_along_the_strictest_first() -> None:
    assert (_of("Head").pii, _of("Head").role) == ("direct", "person")
    assert _of("old").pii == "none"
    assert _of("g_head").pii == ""
    assert [(one.code, one.missing) for one in _of("Head").values] == [("1", False), ("9", True)]


def test_several_answers_have_a_column_for_each_code() -> None:
    tongues = _of("tongues", 1)
    flags = [one for one in DATASET.tables[1].variables if one.kind == "flag"]
    assert tongues.kind == "codes"
    assert [(one.name, one.code, one.part_of) for one in flags] == [
        ("tongues__vie", "vie", "tongues"),
        ("tongues__x_1", "x-1", "tongues"),
    ]
    assert flags[1].labels["vi"] == "Tiếng: Tiếng Mông"
    assert _of("at", 1).kind == "moment"


def test_answers_of_a_file_are_called_as_the_file_calls_them() -> None:
    school = _of("school")
    assert school.kind == "code"
    assert [(one.code, one.labels) for one in school.values] == [("S1", {"": "Trường Mường Lài"})]


def test_a_question_whose_answers_are_kept_as_text_is_text() -> None:
    kept = _dataset({"/old": Cell.TEXT}).root.by_name["old"]
    assert (kept.kind, _of("old").kind) == ("text", "whole")
