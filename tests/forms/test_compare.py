"""A new version of a form against the versions before: what may change, what may not."""

from __future__ import annotations

import pytest

from forms.compare import TypeChange, compare, merged
from forms.problems import FieldTypeConflict
from tests.forms.tables import form, survey

CHOICES = "| choices |\n| | list_name | name | label |\n| | l | a | A |"


def asked(kind: str) -> str:
    """A form with the question (or group, or repeat) `a` of this kind."""
    if kind.startswith("begin"):
        return survey(f"{kind} | a | A", "text | b | B", f"{kind.replace('begin', 'end')} | |")
    return survey(f"{kind} | a | A", rest=CHOICES)


@pytest.mark.parametrize(
    ("old", "new", "types"),
    [
        ("integer", "text", ("int", "string")),
        ("date", "text", ("date", "string")),
        ("geopoint", "text", ("geopoint", "string")),
        ("barcode", "text", ("barcode", "string")),
        ("integer", "select_one l", ("int", "string")),
    ],
)
def test_anything_may_become_text(old: str, new: str, types: tuple[str, str]) -> None:
    comparison = compare(form(asked(old)), form(asked(new)))
    assert comparison.widened == (TypeChange("/a", *types),)
    assert comparison.conflicts == ()
    assert not comparison.same
    comparison.require_compatible()


@pytest.mark.parametrize(
    ("old", "new", "types"),
    [
        ("text", "integer", ("string", "int")),
        ("integer", "decimal", ("int", "decimal")),
        ("date", "dateTime", ("date", "dateTime")),
        ("select_one l", "rank l", ("string", "odk:rank")),
        ("begin_group", "text", ("structure", "string")),
        ("begin_repeat", "text", ("repeat", "string")),
        ("begin_group", "begin_repeat", ("structure", "repeat")),
        ("text", "begin_group", ("string", "structure")),
    ],
)
def test_any_other_change_of_type_is_refused_with_the_path(
    old: str, new: str, types: tuple[str, str]
) -> None:
    comparison = compare(form(asked(old)), form(asked(new)))
    assert comparison.conflicts == (TypeChange("/a", *types),)
    with pytest.raises(FieldTypeConflict, match=f"question /a was of type “{types[0]}”.*“{types[1]}” now"):
        comparison.require_compatible()


@pytest.mark.parametrize(
    ("old", "new"),
    [("select_one l", "select_multiple l"), ("select_multiple l", "select_one l"), ("text", "select_one l")],
)
def test_one_answer_or_several_is_a_change_but_no_conflict(old: str, new: str) -> None:
    comparison = compare(form(asked(old)), form(asked(new)))
    assert comparison.conflicts == ()
    assert comparison.same == ("multiple" not in old + new)


def test_text_never_becomes_a_number_again() -> None:
    versions = [form(asked("integer")), form(asked("text"))]
    assert compare(merged(versions), form(asked("integer"))).conflicts == (TypeChange("/a", "string", "int"),)


def test_a_dropped_question_keeps_its_type_for_ever() -> None:
    versions = [form(asked("integer")), form(survey("text | b | B"))]
    assert compare(merged(versions), form(asked("date"))).conflicts == (TypeChange("/a", "int", "date"),)


def test_what_came_and_what_went() -> None:
    old = form(survey("text | a | A", "begin_group | g | G", "text | b | B", "end_group | |"))
    new = form(survey("text | c | C", "text | a | A"))
    comparison = compare(old, new)
    assert [node.path for node in comparison.added] == ["/c"]
    assert [node.path for node in comparison.removed] == ["/g", "/g/b"]
    assert comparison.structure_changed == ("g", "b")
    assert not comparison.same


def test_nothing_to_say_of_the_same_form_or_of_new_words() -> None:
    old = form(survey("text | a | A"))
    comparison = compare(old, form(survey("text | a | Another label")))
    assert comparison.same
    assert comparison == compare(old, old)
    assert (comparison.added, comparison.removed, comparison.structure_changed) == ((), (), ())


def test_another_order_is_another_shape_and_no_conflict() -> None:
    comparison = compare(
        form(survey("text | a | A", "text | b | B")), form(survey("text | b | B", "text | a | A"))
    )
    assert not comparison.same
    assert comparison.conflicts == ()


def test_a_converters_own_parts_go_without_warning() -> None:
    entities = "| entities |\n| | list_name | label |\n| | x | ${a} |"
    comparison = compare(form(survey("text | a | A", rest=entities)), form(survey("text | a | A")))
    assert [node.path for node in comparison.removed] == ["/meta/entity", "/meta/entity/label"]
    assert comparison.structure_changed == ()


def test_all_versions_together_show_gone_questions_where_they_stood() -> None:
    first = form(
        survey("begin_group | g | G", "integer | a | A", "text | b | B", "end_group | |", "text | z | Z")
    )
    second = form(
        survey("begin_group | g | G", "text | b | B", "text | c | C", "end_group | |", "text | y | Y")
    )
    nodes = merged([first, second])
    assert [node.path for node in nodes if not node.path.startswith("/meta")] == [
        "/g",
        "/g/b",
        "/g/c",
        "/g/a",
        "/y",
        "/z",
    ]
