"""Expressions are read as XPath binds them, checked against the form, and refused with place and remedy."""

from __future__ import annotations

import pytest

from forms.expressions import faults
from forms.expressions.checking import read_formula
from forms.expressions.functions import Kind
from forms.expressions.parser import parse
from forms.expressions.scope import Scope
from forms.expressions.tree import (
    Answer,
    Call,
    Chain,
    Expression,
    Gathered,
    Negative,
    Number,
    Operation,
    Position,
    Text,
    answers,
    calls,
    gathered,
    rows_around,
)
from forms.problems import ExpressionWrong
from forms.remarks import Remark
from forms.schema import Choice, Node, Schema

GRADE = "/member/child/grade"
A, B, C = Answer("a"), Answer("b"), Answer("c")

FORM = Schema(
    form_id="household",
    version="1",
    title="Household",
    root="data",
    nodes=(
        Node("/village", "string", 0, control="select1", choices="villages.csv"),
        Node("/visited", "date", 1, control="input"),
        Node("/started", "time", 2, control="input"),
        Node("/size", "int", 3, control="input"),
        Node("/income", "decimal", 4, control="input"),
        Node("/head", "string", 5, control="input"),
        Node("/level", "string", 6),
        Node("/member", "repeat", 7, control="repeat"),
        Node("/member/sex", "string", 8, table="/member", control="select1", choices="sex"),
        Node("/member/skills", "string", 9, table="/member", control="select", choices="skills"),
        Node("/member/age", "int", 10, table="/member", control="input"),
        Node("/member/who", "structure", 11, table="/member"),
        Node("/member/who/note", "string", 12, table="/member", control="input"),
        Node("/member/note", "string", 13, table="/member", control="input"),
        Node("/member/head", "string", 14, table="/member", control="input"),
        Node("/member/child", "repeat", 15, table="/member", control="repeat"),
        Node("/member/child/grade", "int", 16, table="/member/child", control="input"),
        Node("/animal", "repeat", 17, control="repeat"),
        Node("/animal/kind", "string", 18, table="/animal", control="input"),
    ),
    choices={
        "sex": (Choice("1"), Choice("2")),
        "skills": (Choice("read"), Choice("write")),
    },
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("15", Number(15)),
        (".5", Number(0.5)),
        ("5.", Number(5)),
        ("'it''", None),
        ('"it\'s"', Text("it's")),
        ("“curly”", Text("curly")),
        ("${a}", A),
        ("${ a }", A),
        ("((${a}))", A),
        ("-${a}", Negative(A)),
        ("--1", Negative(Negative(Number(1)))),
        ("${a}-1", Operation("-", A, Number(1))),
        ("${a} - -1", Operation("-", A, Negative(Number(1)))),
        ("${a} div ${b} mod ${c}", Operation("mod", Operation("div", A, B), C)),
        ("${a} - ${b} - ${c}", Operation("-", Operation("-", A, B), C)),
        ("${a} + ${b} * ${c}", Operation("+", A, Operation("*", B, C))),
        ("-${a} * ${b}", Operation("*", Negative(A), B)),
        ("${a} = ${b} != ${c}", Operation("!=", Operation("=", A, B), C)),
        ("${a} = ${b} < ${c}", Operation("=", A, Operation("<", B, C))),
        ("${a} or ${b} and ${c}", Chain("or", (A, Chain("and", (B, C))))),
        ("${a} or ${b} or ${c}", Chain("or", (A, B, C))),
        ("(${a} or ${b}) and ${c}", Chain("and", (Chain("or", (A, B)), C))),
        ("true()", Call("true", ())),
        ("count-selected(${a})-1", Operation("-", Call("count-selected", (A,)), Number(1))),
        ("if(${a}, 'x', ${b})", Call("if", (A, Text("x"), B))),
        ("not(${a})and ${b}", Chain("and", (Call("not", (A,)), B))),
        ("${a}\n  >= 15", Operation(">=", A, Number(15))),
    ],
)
def test_it_binds_as_xpath_does(text: str, tree: Expression | None) -> None:
    if tree is None:
        with pytest.raises(ExpressionWrong):
            parse(text)
    else:
        assert parse(text) == tree


def test_nodes_know_their_place() -> None:
    tree = parse("${a} >= 15 and not(${b})")
    assert isinstance(tree, Chain)
    assert [(answer.name, answer.at) for answer in answers(tree)] == [("a", 0), ("b", 19)]
    assert [term.at for term in tree.terms] == [5, 15]


@pytest.mark.parametrize(
    ("text", "fault", "character"),
    [
        ("", faults.EMPTY, 1),
        ("1 +", faults.VALUE_MISSING_AT_END, 4),
        ("1 + * 2", faults.VALUE_MISSING, 5),
        ("concat(1,,2)", faults.VALUE_MISSING, 10),
        ("${a} ${b}", faults.OPERATOR_MISSING, 6),
        ("1.2.3", faults.OPERATOR_MISSING, 4),
        ("${a} 'x'", faults.OPERATOR_MISSING, 6),
        ("(1 + 2", faults.NOT_CLOSED, 1),
        ("not(selected(${a}, ')')", faults.NOT_CLOSED, 4),
        ("1)", faults.TOO_MANY_CLOSED, 2),
        ("'abc", faults.NOT_CLOSED, 1),
        ("${a", faults.NOT_CLOSED, 1),
        ("age >= 15", faults.NAME_BARE, 1),
        ("${a} = yes", faults.NAME_BARE, 8),
        ("${a} == 1", faults.OTHER_LANGUAGE, 6),
        ("${a} <> 1", faults.OTHER_LANGUAGE, 6),
        ("${a} && ${b}", faults.OTHER_LANGUAGE, 6),
        ("${a} ≥ 15", faults.OTHER_LANGUAGE, 6),
        ("${a}/b = 1", faults.PATH_WRITTEN, 5),
        ("count(instance('homes')/root/item) = 1", faults.LIST_READ, 7),
        ("${a}[1] = 1", faults.PATH_WRITTEN, 5),
        ("${a} # 1", faults.CHARACTER_STRANGE, 6),
        ("1" + " + 1" * 2000, faults.TOO_LONG, 4001),
        ("-" * 200 + "1", faults.TOO_LONG, 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, fault: Remark, character: int) -> None:
    with pytest.raises(ExpressionWrong) as refused:
        parse(text)
    assert (refused.value.remark.cause, refused.value.details["character"]) == (fault.cause, character)


def test_the_sentence_says_what_and_what_now() -> None:
    with pytest.raises(ExpressionWrong) as refused:
        read_formula("selcted(${skills}, 'read')", Scope(FORM, "/member"))
    assert str(refused.value) == (
        "The expression “selcted(${skills}, 'read')” cannot be used. At character 1, there is no function "
        "selcted() here. The nearest one is selected(); all are: abs, boolean, coalesce, concat, contains, "
        "count, count-non-empty, count-selected, date, decimal-date-time, ends-with, false, format-date, if, "
        "int, max, min, normalize-space, not, now, number, once, position, regex, round, selected, "
        "selected-at, starts-with, string, string-length, substring-after, substring-before, sum, "
        "today, true."
    )


@pytest.mark.parametrize(
    ("name", "table", "path"),
    [
        ("village", "", "/village"),
        ("village", "/member/child", "/village"),
        ("age", "/member", "/member/age"),
        ("age", "/member/child", "/member/age"),
        ("head", "", "/head"),
        ("head", "/member", "/member/head"),
        ("head", "/animal", "/head"),
    ],
)
def test_a_name_means_the_nearest_question(name: str, table: str, path: str) -> None:
    assert read_formula(f"${{{name}}} = ''", Scope(FORM, table)).tree == Operation(
        "=", Answer(name, path), Text("")
    )


def test_a_point_is_the_answer_itself() -> None:
    formula = read_formula(". >= 15", Scope(FORM, "/member", here="/member/age"))
    assert formula.tree == Operation(">=", Answer("age", "/member/age"), Number(15))


@pytest.mark.parametrize(
    ("text", "table", "here", "path"),
    [
        ("../size", "", "/income", "/size"),
        ("../size", "", "", "/size"),
        ("current()/../size", "", "", "/size"),
        ("current() / ../size", "", "", "/size"),
        ("/data/size", "/member", "", "/size"),
        ("../age", "/member", "/member/sex", "/member/age"),
        ("../../age", "/member", "/member/who/note", "/member/age"),
        ("../note", "/member", "/member/who/note", "/member/who/note"),
        ("../who/note", "/member", "", "/member/who/note"),
        ("../../size", "/member", "/member/sex", "/size"),
        ("../size", "/member", "", "/size"),
        ("../../size", "/member", "", "/size"),
    ],
)
def test_a_path_leads_where_it_does_on_the_phone(text: str, table: str, here: str, path: str) -> None:
    tree = read_formula(f"{text} = ''", Scope(FORM, table, here)).tree
    assert [answer.path for answer in answers(tree)] == [path]


@pytest.mark.parametrize(
    ("text", "table", "tree"),
    [
        ("count(${member})", "", Gathered("count", "/member", "")),
        ("count(${member})", "/animal", Gathered("count", "/member", "")),
        ("count(${member})", "/member", Gathered("count", "/member", "")),
        ("count(${child})", "/member", Gathered("count", "/member/child", "/member")),
        ("count(${child})", "", Gathered("count", "/member/child", "")),
        ("count(/data/member)", "", Gathered("count", "/member", "")),
        ("sum(${age})", "", Gathered("sum", "/member", "", Answer("age", "/member/age"))),
        ("sum(${age})", "/animal", Gathered("sum", "/member", "", Answer("age", "/member/age"))),
        ("max(${grade})", "/member", Gathered("max", "/member/child", "/member", Answer("grade", GRADE))),
        (
            "min(../child/grade)",
            "/member",
            Gathered("min", "/member/child", "/member", Answer("grade", GRADE)),
        ),
        ("max(${size})", "/member", Call("max", (Answer("size", "/size"),))),
        ("position(..)", "/member", Position("/member")),
        ("position(../..)", "/member/child", Position("/member")),
    ],
)
def test_rows_inside_are_seen_from_the_nearest_row_around_both(
    text: str, table: str, tree: Expression
) -> None:
    assert read_formula(text, Scope(FORM, table)).tree == tree


def test_a_position_below_a_group_is_asked_for_further_up() -> None:
    scope = Scope(FORM, "/member", "/member/who/note")
    assert read_formula("position(../..)", scope).tree == Position("/member")
    with pytest.raises(ExpressionWrong, match=r"Write position\(\.\./\.\.\)\."):
        read_formula("position(..)", scope)


def test_once_is_the_answer_there_already_is() -> None:
    tree = read_formula("once(1)", Scope(FORM, "", "/size")).tree
    assert tree == Call("coalesce", (Answer("size", "/size"), Number(1)))


def test_what_else_of_the_form_is_read_is_known_beforehand() -> None:
    tree = read_formula("count(${child}) + position(../..) + sum(${kind})", Scope(FORM, "/member/child")).tree
    assert rows_around(tree) == {"", "/member"}
    assert [one.table for one in gathered(tree)] == ["/member/child", "/animal"]
    assert calls(read_formula("not(today() > ${visited})", Scope(FORM)).tree, "today", "now")


@pytest.mark.parametrize(
    ("text", "table", "fault", "character"),
    [
        ("${vilage} = 'x'", "", faults.QUESTION_UNKNOWN, 1),
        ("${who} = 'x'", "/member", faults.QUESTION_UNKNOWN, 1),
        ("${size} > ${age}", "", faults.QUESTION_OUT_OF_REACH, 11),
        ("${kind} = 'x'", "/member", faults.QUESTION_OUT_OF_REACH, 1),
        ("${note} = 'x'", "/member", faults.QUESTION_AMBIGUOUS, 1),
        (". > 1", "", faults.NO_ANSWER_HERE, 1),
        ("uuid() = ''", "", faults.FUNCTION_UNKNOWN, 1),
        ("jr:choice-name(${size}, '1') = ''", "", faults.FUNCTION_UNKNOWN, 1),
        ("../nothing = 1", "", faults.QUESTION_UNKNOWN, 1),
        ("/other/size = 1", "", faults.PATH_UNKNOWN, 1),
        ("/data = 1", "", faults.PATH_UNKNOWN, 1),
        (".. = 1", "/member", faults.PATH_UNKNOWN, 1),
        ("/data/member = 1", "", faults.PATH_UNKNOWN, 1),
        ("/data/member/age = 1", "", faults.QUESTION_OUT_OF_REACH, 1),
        ("../../../../size = 1", "/member", faults.PATH_UNKNOWN, 1),
        ("sum(${size})", "", faults.GATHERED_ONCE, 5),
        ("sum(1)", "", faults.GATHERED_ONCE, 5),
        ("sum(${member})", "", faults.GATHERED_ONCE, 5),
        ("sum(${note})", "", faults.QUESTION_AMBIGUOUS, 5),
        ("sum(${nothing})", "", faults.QUESTION_UNKNOWN, 5),
        ("sum(${age})", "/member", faults.GATHERED_ONCE, 5),
        ("count(${age})", "", faults.GATHERED_QUESTION, 7),
        ("count-non-empty(${member})", "", faults.GATHERED_ONCE, 17),
        ("max(${age}, 1)", "", faults.QUESTION_OUT_OF_REACH, 5),
        ("position(..)", "", faults.POSITION_NOWHERE, 1),
        ("position(../..)", "/member", faults.POSITION_WRONG, 1),
        ("position(${age})", "/member", faults.POSITION_WRONG, 1),
        ("once(1)", "", faults.NO_ANSWER_HERE, 1),
        ("regex(${head}, ${village})", "", faults.PATTERN_COMPUTED, 16),
        ("regex(${head}, '(?i)a')", "", faults.PATTERN_WRONG, 16),
        ("regex(${head}, '(a+)+')", "", faults.PATTERN_SLOW, 16),
        ("format-date(${visited}, '%b')", "", faults.FORMAT_WRONG, 25),
        ("format-date(${visited}, ${head})", "", faults.FORMAT_WRONG, 25),
        ("format-date(${size}, '%Y')", "", faults.DATE_FROM_NUMBER, 13),
        ("selected-at(${skills}, ${age})", "/member", faults.INDEX_WRONG, 24),
        ("selected-at(${age}, 0)", "/member", faults.LIST_MISSING, 13),
        ("decimal-date-time(now())", "", faults.MOMENT_UNKNOWN, 1),
        ("boolean(${level})", "", faults.CALCULATION_AS_CONDITION, 9),
        ("if(${size} > 1, 2)", "", faults.ARGUMENTS_WRONG, 1),
        ("coalesce(${size}, 1, 2)", "", faults.ARGUMENTS_WRONG, 1),
        ("true(1)", "", faults.ARGUMENTS_WRONG, 1),
        ("${size} > 'many'", "", faults.TEXT_IS_NO_NUMBER, 11),
        ("${size} = 'many'", "", faults.TEXT_IS_NO_NUMBER, 11),
        ("${size} + 'x'", "", faults.TEXT_IS_NO_NUMBER, 11),
        ("if(${size} > 1, 'x', 2) + 1", "", faults.TEXT_IS_NO_NUMBER, 17),
        ("${visited} > '2026-01-01'", "", faults.DATE_BESIDE_TEXT, 14),
        ("${head} < ${visited}", "", faults.DATE_BESIDE_TEXT, 1),
        ("${visited} = '01/02/2026'", "", faults.TEXT_IS_NO_DATE, 14),
        ("date('2026-02-30') < ${visited}", "", faults.TEXT_IS_NO_DATE, 6),
        ("date(5) < ${visited}", "", faults.DATE_FROM_NUMBER, 6),
        ("${started} > 5", "", faults.TIME_COUNTED, 1),
        ("${sex} = 'female'", "/member", faults.CHOICE_UNKNOWN, 10),
        ("'f' != ${sex}", "/member", faults.CHOICE_UNKNOWN, 1),
        ("selected(${skills}, 'raed')", "/member", faults.CHOICE_UNKNOWN, 21),
        ("selected(${age}, '1')", "/member", faults.LIST_MISSING, 10),
        ("count-selected(${age})", "/member", faults.LIST_MISSING, 16),
        ("concat(${income}, 'x') = ''", "", faults.NUMBER_AS_TEXT, 8),
        ("string-length(${size} div 2)", "", faults.NUMBER_AS_TEXT, 23),
        ("round(${income}, ${size})", "", faults.PLACES_WRONG, 18),
        ("${level} and ${size} > 1", "", faults.CALCULATION_AS_CONDITION, 1),
        ("not(${level})", "", faults.CALCULATION_AS_CONDITION, 5),
        ("if(${level}, 1, 2)", "", faults.CALCULATION_AS_CONDITION, 4),
        ("${level} = true()", "", faults.CALCULATION_AS_CONDITION, 1),
        ("1" + "0" * 31, "", faults.NUMBER_TOO_LARGE, 1),
        ("*".join(["${income}"] * 9), "", faults.NUMBER_TOO_LARGE, 80),
        ("round(" * 6 + "${income}" + ")" * 6, "", faults.TOO_LONG, 1),
    ],
)
def test_what_could_never_mean_anything_is_refused(
    text: str, table: str, fault: Remark, character: int
) -> None:
    with pytest.raises(ExpressionWrong) as refused:
        read_formula(text, Scope(FORM, table))
    assert (refused.value.remark.cause, refused.value.details["character"]) == (fault.cause, character)


@pytest.mark.parametrize(
    ("text", "table", "kinds"),
    [
        ("${age} >= 15 and ${sex} = '2'", "/member", {Kind.TRUTH}),
        ("${level} = 1", "", {Kind.TRUTH}),
        ("${sex} = 2", "/member", {Kind.TRUTH}),
        ("${sex} = ''", "/member", {Kind.TRUTH}),
        ("${village} = 'any code of the file'", "", {Kind.TRUTH}),
        ("${visited} - date('2026-01-01')", "", {Kind.NUMBER}),
        ("${head} or false()", "", {Kind.TRUTH}),
        ("if(${size} > 1, ${size}, '')", "", {Kind.NUMBER}),
        ("if(${size} > 1, ${size}, 'x')", "", {Kind.NUMBER, Kind.TEXT}),
        ("coalesce(${visited}, '')", "", {Kind.DATE}),
        ("concat(int(${income}), ' đ')", "", {Kind.TEXT}),
        ("''", "", set()),
    ],
)
def test_what_it_gives_is_known_beforehand(text: str, table: str, kinds: set[Kind]) -> None:
    assert read_formula(text, Scope(FORM, table)).kinds == kinds


def test_every_fault_is_told_among_the_remarks_and_fits_its_holes() -> None:
    known = [fault for fault in vars(faults).values() if isinstance(fault, Remark)]
    assert set(map(id, known)) == set(map(id, faults.REMARKS))
