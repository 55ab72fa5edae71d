"""A form as a person reads it: its screen, its conditions in words, its languages, its sheet of paper."""

from __future__ import annotations

import pytest

from forms.questionnaire.asked import Kind, Questionnaire, Shown
from forms.questionnaire.paper import Way, lay_out, rows_of
from forms.questionnaire.reading import read_questionnaire
from forms.questionnaire.translations import CHOICES, HINTS, QUESTIONS, Count, coverage, lacks
from forms.questionnaire.words import Speaker
from forms.xlsform import convert
from tests.forms.tables import SETTINGS, survey

VI, EN = "Tiếng Việt (vi)", "English (en)"
LISTS = """
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | yn | 1 | Có | Yes |
| | yn | 0 | Không | |
"""
COLUMNS = (
    "type | name | label::Tiếng Việt (vi) | label::English (en) | hint::Tiếng Việt (vi) | "
    "media::image::Tiếng Việt (vi) | required | relevant | constraint | calculation | appearance"
)
HOUSEHOLD = survey(
    "begin_group | who | A. Hộ | A. Household | | | | | | |",
    "text | head | Tên chủ hộ | Name of the head | Ghi đủ họ tên | nha.png | yes | | | |",
    "select_one yn | has | Có nhà không? | | | | | ${head} != '' | | |",
    "end_group | | | | | | | | | |",
    "calculate | year | | | | | | | | 2026 | |",
    "begin_repeat | member | Người | Person | | | | | | |",
    "text | name | Tên của ${head} | Name | | | | | | |",
    "integer | age | Tuổi | Age | | | | ${has} = '1' | . >= 0 and . < 120 | |",
    "end_repeat | | | | | | | | | |",
    "note | thanks | Cảm ơn | Thank you | | | | | | |",
    columns=COLUMNS,
    rest=LISTS,
)


def read(markdown: str) -> Questionnaire:
    """A form written as markdown, as it is read."""
    text = markdown if "| settings |" in markdown else markdown + SETTINGS
    return read_questionnaire(convert(text.encode(), "form.md").xform)


@pytest.fixture(scope="module")
def household() -> Questionnaire:
    return read(HOUSEHOLD)


def test_a_form_reads_in_the_order_of_its_screen(household: Questionnaire) -> None:
    assert [(one.kind, one.answer, one.path) for one in household.every()] == [
        (Kind.GROUP, "group", "/who"),
        (Kind.QUESTION, "text", "/who/head"),
        (Kind.QUESTION, "select1", "/who/has"),
        (Kind.REPEAT, "repeat", "/member"),
        (Kind.QUESTION, "text", "/member/name"),
        (Kind.QUESTION, "int", "/member/age"),
        (Kind.NOTE, "note", "/thanks"),
    ]
    assert [(one.path, one.rules.calculation) for one in household.computed] == [("/year", "2026")]
    assert household.languages == (VI, EN)
    assert household.numbers() == {"/who/head": 1, "/who/has": 2, "/member/name": 3, "/member/age": 4}


def test_a_question_keeps_all_its_author_wrote(household: Questionnaire) -> None:
    head, has, name = (household.by_path()[path] for path in ("/who/head", "/who/has", "/member/name"))
    assert head.labels == {VI: "Tên chủ hộ", EN: "Name of the head"}
    assert (head.hints, head.rules.required) == ({VI: "Ghi đủ họ tên"}, "true()")
    assert head.media == {VI: (Shown("image", "nha.png"),)}
    assert (has.rules.relevant, has.choices, has.labels) == ("${head} != ''", "yn", {VI: "Có nhà không?"})
    assert name.labels[VI] == "Tên của ${head}"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("${has} = '1'", "question 2 is “Có”"),
        ("${has} != '0' and ${head} = ''", "question 2 is not “Không” and question 1 is left blank"),
        (
            "selected(${has}, '1') or not(selected(${has}, '0'))",
            "question 2 has “Có” or question 2 does not have “Không”",
        ),
        (
            "(${has} = '1' or ${has} = '0') and ${year} > 3",
            "(question 2 is “Có” or question 2 is “Không”) and the computed value «year» is more than 3",
        ),
        ("count-selected(${has}) <= -2", "the number of answers chosen in question 2 is at most -2"),
        (
            "coalesce(${year}, 0) + 1 < today()",
            "the computed value «year» (blank counts as 0) plus 1 is less than today",
        ),
        ("string-length(${head}) >= 4", "the number of characters of question 1 is at least 4"),
        ("not(${head} = 'x')", "not: question 1 is “x”"),
        ("regex(${head}, '^a')", None),
        ("position(..) = 1", None),
        (" or ".join(["${has} = '1'"] * 20), None),
    ],
)
def test_a_condition_is_said_in_words_where_it_has_words(condition: str, words: str | None) -> None:
    told = read(HOUSEHOLD.replace("${has} = '1'", condition))
    said = Speaker(told, VI, called=False).relevant(told.by_path()["/member/age"])
    assert said == words


def test_a_question_is_named_by_number_and_text(household: Questionnaire) -> None:
    has, age = household.by_path()["/who/has"], household.by_path()["/member/age"]
    assert Speaker(household, VI).relevant(has) == "question 1 (Tên chủ hộ) is answered"
    assert Speaker(household, EN).relevant(age) == "question 2 is “Yes”"
    assert (
        Speaker(household, VI).constraint(age) == "the answer is at least 0 and the answer is less than 120"
    )
    assert Speaker(household, VI).constraint(has) is None


def test_what_is_missing_in_a_language_is_counted(household: Questionnaire) -> None:
    vietnamese, english = coverage(household)
    assert (vietnamese.language, vietnamese.missing) == (VI, 0)
    assert (english.language, english.missing) == (EN, 3)
    assert [one for one in english.counts if one.there < one.of] == [
        Count(QUESTIONS, 3, 4),
        Count(HINTS, 0, 1),
        Count(CHOICES, 1, 2),
    ]
    asked = household.by_path()
    assert lacks(asked["/who/has"], EN) == (QUESTIONS,)
    assert lacks(asked["/who/head"], EN) == (HINTS,)
    assert lacks(asked["/member/age"], EN) == ()


def test_a_form_without_languages_has_one() -> None:
    plain = read(survey("text | a | Tên"))
    assert (plain.languages, plain.by_path()["/a"].labels) == (("",), {"": "Tên"})
    assert coverage(plain)[0].missing == 0


def test_every_answer_has_a_place_on_paper() -> None:
    many = "\n".join(f"| | long | {number} | L{number} |" for number in range(20))
    form = read(
        survey(
            "text | a | A |",
            "text | b | B | multiline",
            "date | c | C |",
            "select_one yn | d | D |",
            "select_multiple long | e | E |",
            "select_one_from_file villages.csv | f | F |",
            "image | g | G |",
            "geopoint | h | H |",
            columns="type | name | label | appearance",
            rest=f"| choices |\n| | list_name | name | label |\n| | yn | 1 | Có |\n{many}",
        )
    )
    layout = lay_out(form)
    assert [layout.ways[f"/{name}"] for name in "abcdefgh"] == [
        Way.LINE,
        Way.LINES,
        Way.DATE,
        Way.ONE,
        Way.CODE,
        Way.CODE,
        Way.FILE,
        Way.POINT,
    ]
    assert layout.appended == ("long",)


def test_a_short_repeat_has_rows_and_a_long_one_columns(household: Questionnaire) -> None:
    assert lay_out(household).tables == {"/member": True}
    member = household.by_path()["/member"]
    assert [one.name for one in rows_of(member)] == ["name", "age"]
    questions = [f"integer | q{number} | Q" for number in range(7)]
    long = read(survey("begin_repeat | r | R", *questions, "end_repeat | |"))
    assert lay_out(long).tables == {"/r": False}
