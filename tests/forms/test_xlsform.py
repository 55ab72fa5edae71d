"""A form as its author sends it: converted, or told where and why not, and what to do."""

from __future__ import annotations

import pytest

from forms.problems import FormRefused, Problem
from forms.remarks import Weight
from forms.xform import identify, open_xform
from forms.xlsform import convert
from tests.forms.tables import CHOICES, EVERYTHING, ROWS, SHEETS, excel, refusal, survey
from tests.forms.xls_file import xls

MARKDOWN = survey(
    "text | ten | Tên chủ hộ",
    "integer | tuoi | Tuổi",
    rest="| settings |\n| | form_id | form_title | version |\n| | hộ | Khảo sát hộ & trẻ | 2026010101 |",
)


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (excel(SHEETS), "hộ.xlsx"),
        (xls(SHEETS), "hộ.xls"),
        (MARKDOWN.encode(), "hộ.md"),
        (excel(SHEETS), "upload"),
    ],
)
def test_one_form_from_any_kind_of_workbook(data: bytes, filename: str) -> None:
    made = convert(data, filename)
    assert made.xform == convert(MARKDOWN.encode(), "x.md").xform
    assert made.warnings == ()
    assert identify(open_xform(made.xform)).version == "2026010101"
    assert identify(open_xform(made.xform)).title == "Khảo sát hộ & trẻ"
    assert made.workbook is not None


def test_a_workbook_without_a_form_id_takes_the_one_handed_in_or_its_file_name() -> None:
    data = survey("text | a | A").encode()
    assert identify(open_xform(convert(data, "phiếu 1.md").xform)).form_id == "phiếu 1"
    assert identify(open_xform(convert(data, "x.md", form_id_fallback="b02").xform)).form_id == "b02"
    assert identify(open_xform(convert(data, "x.md").xform)).version == ""


def test_without_any_name_a_form_id_is_asked_for() -> None:
    assert refusal(excel({"survey": ROWS}), "")[0].column == "form_id"


def test_every_kind_of_question_converts() -> None:
    made = convert(EVERYTHING.encode(), "form.md")
    assert [remark.column for remark in made.warnings] == []


def test_select_one_external_comes_with_its_itemsets() -> None:
    text = survey(
        "select_one_external xa | xa | Xã | tinh = 'x'",
        columns="type | name | label | choice_filter",
        rest="""
| external_choices |
| | list name | name | label | tinh |
| | xa | 1 | Xã 1 | x |
| | | | | |
| | xa | 2 | | y |""",
    )
    made = convert(text.encode(), "form.md")
    assert made.itemsets.decode().splitlines() == [
        '"list_name","name","label","tinh"',
        '"xa","1","Xã 1","x"',
        '"xa","2","","y"',
    ]


FAULTS = [
    ("unknown type", survey("foo | a | A"), "survey", 2, "type", "“foo” does not exist"),
    ("no type", survey("| a | A"), "survey", 2, "type", "no type"),
    ("no name", survey("text | | A"), "survey", 2, "name", "no name"),
    ("twice", survey("text | a | A", "text | a | B"), "survey", 3, "name", "“a” is used twice"),
    ("reserved", survey("text | meta | A"), "survey", 2, "name", "reserved"),
    ("bad name", survey("text | a b | A"), "survey", 2, "name", "cannot have"),
    ("never ends", survey("begin_group | g | G", "text | a | A"), "survey", 2, "type", "never ends"),
    ("never began", survey("text | a | A", "end_repeat | |"), "survey", 3, "type", "did not begin"),
    (
        "no such list",
        survey("select_one z | a | A", rest=CHOICES),
        "survey",
        2,
        "type",
        "“z” is not on the choices",
    ),
    ("no choices", survey("select_one z | a | A"), "survey", 0, "type", "no choices sheet"),
    ("no such name", survey("text | a | ${b}"), "survey", 2, "label", "${b}"),
    ("bad reference", survey("text | a | ${b c}"), "survey", 2, "label", "not written well"),
    ("no label", survey("text | b | B", "text | a |"), "survey", 3, "label", "neither label nor hint"),
    ("no calculation", survey("calculate | a |"), "survey", 2, "calculation", "no calculation"),
    (
        "answer twice",
        survey("select_one l | a | A", rest=CHOICES + "| | l | a | B |"),
        "choices",
        3,
        "name",
        "Two answers",
    ),
    (
        "answer unnamed",
        survey("select_one l | a | A", rest=CHOICES + "| | l | | B |"),
        "choices",
        3,
        "name",
        "no name",
    ),
    (
        "answer spaced",
        survey("select_multiple l | a | A", rest=CHOICES + "| | l | b c | B |"),
        "choices",
        3,
        "name",
        "“b c”",
    ),
    (
        "column twice",
        survey("text | a | A | B", columns="type | name | label | label"),
        "survey",
        1,
        "label",
        "twice",
    ),
    (
        "two for one",
        survey("text | a | A | B", columns="type | name | label | caption"),
        "survey",
        0,
        "",
        "mean the same",
    ),
    ("no type column", survey("a | A", columns="name | label"), "survey", 0, "", "'type'"),
    ("no survey", "| questions |\n| | type |\n| choices |\n| | name |", "", 0, "", "no sheet named survey"),
    ("something else", survey("select_one_from_file x.txt | a | A"), "", 2, "", "supported file extensions"),
]


@pytest.mark.parametrize(
    ("text", "sheet", "row", "column", "cause"),
    [fault[1:] for fault in FAULTS],
    ids=[fault[0] for fault in FAULTS],
)
def test_a_fault_is_told_with_its_place_and_remedy(
    text: str, sheet: str, row: int, column: str, cause: str
) -> None:
    (remark,) = refusal(text.encode())
    assert (remark.sheet, remark.row, remark.column) == (sheet, row, column)
    assert cause in str(remark)
    assert remark.remedy


def test_several_faults_of_a_kind_are_told_at_once() -> None:
    text = survey("select_one l | a | A", rest=CHOICES + "| | l | a | B |\n| | l | a | C |")
    assert [remark.row for remark in refusal(text.encode())] == [3, 4]


def test_rows_count_as_in_excel_with_empty_rows_between() -> None:
    rows = [*ROWS, [None, None, None], ["foo", "x", "X"]]
    (remark,) = refusal(excel({"survey": rows}), "form.xlsx")
    assert remark.row == 5
    assert str(remark).startswith("Sheet survey, row 5, column type: ")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (survey("image | a | A"), "full size"),
        (survey("text | a | A", "text | A | B"), "capital letters"),
        (survey("text | a | A", columns="type | name | label::Vietnamese"), "carry no code"),
        (
            survey("text | a | A | G", columns="type | name | label::English (en) | hint::Việt (vi)"),
            "“English (en)” has no column hint",
        ),
    ],
)
def test_warnings_are_remarks_too(text: str, cause: str) -> None:
    warnings = convert(text.encode(), "form.md").warnings
    assert any(cause in str(remark) for remark in warnings)
    assert {remark.weight for remark in warnings} == {Weight.WARNING}


def test_a_refusal_travels_to_programs_as_plain_values() -> None:
    with pytest.raises(FormRefused) as refused:
        convert(survey("foo | a | A").encode(), "form.md")
    assert refused.value.details["remarks"] == [
        {
            "weight": "error",
            "sheet": "survey",
            "row": 2,
            "column": "type",
            "cause": "The question type “foo” does not exist.",
            "remedy": (
                "Use a type of the XLSForm list, such as text, integer, date or select_one followed by "
                "a list name."
            ),
        }
    ]
    assert "row 2" in str(refused.value)


def test_deep_groups_are_an_answer_not_a_crash() -> None:
    deep = 400
    rows = [f"begin_group | g{n} | G" for n in range(deep)] + ["text | a | A"] + ["end_group | |"] * deep
    with pytest.raises(Problem):
        convert(survey(*rows).encode(), "form.md")


@pytest.mark.timeout(60)
def test_many_questions_about_many_villages_convert_in_time() -> None:
    rows = [f"select_one l | q{n} | Câu {n}" for n in range(1000)]
    villages = "".join(f"| | l | v{n} | Thôn {n} |\n" for n in range(4000))
    assert convert(survey(*rows, rest=CHOICES + villages).encode(), "form.md").xform
