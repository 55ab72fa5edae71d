"""What can be wrong with an expression, and what would be right: the sentences.

Each has `{character}`, the place in the text counted from 1.
"""

from __future__ import annotations

from dataclasses import replace

from forms.problems import ExpressionWrong
from forms.remarks import Remark

VALUE_MISSING = Remark(
    "At character {character}, a value is missing before “{found}”.",
    "A value is a question ${{name}}, a number, a text in quotes or a function.",
)
VALUE_MISSING_AT_END = Remark(
    "The expression ends at character {character} where a value is missing.",
    "A value is a question ${{name}}, a number, a text in quotes or a function.",
)
OPERATOR_MISSING = Remark(
    "At character {character}, “{found}” follows a finished value.",
    "Put and, or, =, !=, <, >, +, -, *, div or mod between the two, or remove one.",
)
NAME_BARE = Remark(
    "At character {character}, the name {found} stands alone.",
    "A question is written ${{{found}}}, a text '{found}', a function {found}( ).",
)
NOT_CLOSED = Remark(
    "What opens with “{found}” at character {character} is never closed.",
    "Add the closing “{closing}”.",
)
TOO_MANY_CLOSED = Remark(
    "At character {character}, a bracket closes that was never opened.",
    "Remove it, or add the opening bracket.",
)
OTHER_LANGUAGE = Remark(
    "At character {character}, “{found}” is not part of the language of forms.",
    "Write {instead}.",
)
PATH_WRITTEN = Remark(
    "At character {character}, a path or a bracket [ ] is written.",
    "Name the question itself, as ${{name}}.",
)
LIST_READ = Remark(
    "At character {character}, a list of another file is looked up, which only phones can do.",
    "Let a calculate question look it up, and name that question, as ${{name}}.",
)
PATH_UNKNOWN = Remark(
    "At character {character}, there is no question at the end of the path.",
    "Name the question itself, as ${{{nearest}}}.",
)
CHARACTER_STRANGE = Remark(
    "At character {character}, “{found}” cannot stand in an expression.",
    "Remove it, or put it in quotes if it belongs to a text.",
)
EMPTY = Remark(
    "At character {character}, nothing is written.",
    "Write a condition such as ${{age}} >= 15, or a number.",
)
TOO_LONG = Remark(
    "The expression has more in it than can be computed for every record, seen from character {character}.",
    "Shorten it, or let the form compute parts of it in calculate questions.",
)
FUNCTION_UNKNOWN = Remark(
    "At character {character}, there is no function {name}() here.",
    "The nearest one is {nearest}(); all are: {known}.",
)
ARGUMENTS_WRONG = Remark(
    "At character {character}, {name}() is given {given} values.",
    "Give it {takes}, with commas between them.",
)
QUESTION_UNKNOWN = Remark(
    "At character {character}, the form has no question named {name}.",
    "The nearest name is {nearest}.",
)
QUESTION_AMBIGUOUS = Remark(
    "At character {character}, {name} is the name of several questions: {paths}.",
    "Give them different names.",
)
QUESTION_OUT_OF_REACH = Remark(
    "At character {character}, {name} is asked once for each {repeat}, and there may be many of them here.",
    "Set the column table to {repeat}, or sum {name} in a calculate question outside it.",
)
NO_ANSWER_HERE = Remark(
    "At character {character}, “.” stands for an answer, and here there is none.",
    "Name the question, as ${{name}}.",
)
TEXT_IS_NO_NUMBER = Remark(
    "At character {character}, the text “{text}” is used as a number and is none.",
    "Write a number, or compare texts with = or !=.",
)
TEXT_IS_NO_DATE = Remark(
    "At character {character}, the text “{text}” is used as a date and is none.",
    "Write year-month-day, as in date('2026-12-31').",
)
DATE_BESIDE_TEXT = Remark(
    "At character {character}, a date is compared with a text, which is never true on a phone.",
    "Make the text a date, as in date('2026-12-31') or date(${{name}}).",
)
DATE_FROM_NUMBER = Remark(
    "At character {character}, date() is given a number or a condition.",
    "Give it a text such as '2026-12-31', or a question.",
)
TIME_COUNTED = Remark(
    "At character {character}, a time of day is used as a number, and on a phone it is none.",
    "Ask for a number of hours or minutes, or compare with = and !=.",
)
CHOICE_UNKNOWN = Remark(
    "At character {character}, “{text}” is no answer of {name}.",
    "Its answers are: {known}.",
)
LIST_MISSING = Remark(
    "At character {character}, {name}() is given something that is no select question.",
    "Give it the question itself, as in {name}(${{skills}}{more}).",
)
NUMBER_AS_TEXT = Remark(
    "At character {character}, a number that may have decimals is used as text; phones write it variously.",
    "Use round() or int() on it first.",
)
PLACES_WRONG = Remark(
    "At character {character}, the number of decimals of round() is not understood.",
    "Write a whole number from 0 to 9.",
)
CALCULATION_AS_CONDITION = Remark(
    "At character {character}, the calculation {name} is used as a condition, where 0 may count as true.",
    "Compare it, as in ${{{name}}} = 1 or ${{{name}}} != ''.",
)
NUMBER_TOO_LARGE = Remark(
    "At character {character}, the numbers can grow beyond what can be computed.",
    "Multiply or divide fewer answers by each other.",
)
GATHERED_ONCE = Remark(
    "At character {character}, {name}() is given what there is only once in each row.",
    "Give count() a repeat, as in count(${{member}}), and sum() or count-non-empty() a question of one, "
    "as in sum(${{age}}).",
)
GATHERED_QUESTION = Remark(
    "At character {character}, count() is given a question, and leaves out the rows that skip it.",
    "Count the rows, as in count(${{{repeat}}}), or the answers, as in count-non-empty(${{{name}}}).",
)
POSITION_WRONG = Remark(
    "At character {character}, position() is not given the row of a repeat that this is about.",
    "Write {right}.",
)
POSITION_NOWHERE = Remark(
    "At character {character}, position() is used where there is no repeat.",
    "Set the column table to a repeat, or leave position() out.",
)
PATTERN_COMPUTED = Remark(
    "At character {character}, the pattern of regex() is computed.",
    "Write the pattern itself in quotes, as in regex(., '^0[0-9]{{9}}$').",
)
PATTERN_WRONG = Remark(
    "At character {character}, the pattern of regex() has “{found}” at its character {place}, which is not "
    "understood alike everywhere.",
    "Write it with characters, [a-z], [^a-z], \\d, \\w, \\s, ( ), |, *, +, ?, {{2,5}}, ^ and $ at the ends.",
)
PATTERN_SLOW = Remark(
    "At character {character}, the pattern of regex() can be read in very many ways, seen from its character "
    "{place}.",
    "Repeat a list of characters such as [abc]*, or begin a repeated group with a sign that is nowhere else "
    "in it.",
)
FORMAT_WRONG = Remark(
    "At character {character}, the format of format-date() is not understood.",
    "Write it in quotes, of %Y, %y, %m, %n, %d, %e and characters between them, as in '%Y-%m-%d'.",
)
INDEX_WRONG = Remark(
    "At character {character}, the place in selected-at() is not understood.",
    "Write a whole number from 0 to 19; 0 is the first.",
)
MOMENT_UNKNOWN = Remark(
    "At character {character}, the time of day of now() is asked for, and only its day is known here.",
    "Use today(), or a question of type start or end.",
)


REMARKS = (
    VALUE_MISSING,
    VALUE_MISSING_AT_END,
    OPERATOR_MISSING,
    NAME_BARE,
    NOT_CLOSED,
    TOO_MANY_CLOSED,
    OTHER_LANGUAGE,
    PATH_WRITTEN,
    LIST_READ,
    PATH_UNKNOWN,
    CHARACTER_STRANGE,
    EMPTY,
    TOO_LONG,
    FUNCTION_UNKNOWN,
    ARGUMENTS_WRONG,
    QUESTION_UNKNOWN,
    QUESTION_AMBIGUOUS,
    QUESTION_OUT_OF_REACH,
    NO_ANSWER_HERE,
    TEXT_IS_NO_NUMBER,
    TEXT_IS_NO_DATE,
    DATE_BESIDE_TEXT,
    DATE_FROM_NUMBER,
    TIME_COUNTED,
    CHOICE_UNKNOWN,
    LIST_MISSING,
    NUMBER_AS_TEXT,
    PLACES_WRONG,
    CALCULATION_AS_CONDITION,
    NUMBER_TOO_LARGE,
    GATHERED_ONCE,
    GATHERED_QUESTION,
    POSITION_WRONG,
    POSITION_NOWHERE,
    PATTERN_COMPUTED,
    PATTERN_WRONG,
    PATTERN_SLOW,
    FORMAT_WRONG,
    INDEX_WRONG,
    MOMENT_UNKNOWN,
)
"""Everything this file may say."""


def wrong(fault: Remark, expression: str, at: int, **details: str) -> ExpressionWrong:
    """The refusal of `expression` because of `fault` at the place `at`, counted from 0."""
    holes = {"character": str(at + 1), **details}
    return ExpressionWrong(expression, at + 1, replace(fault, details=holes))
