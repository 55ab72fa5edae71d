"""What can be wrong with a row of the sheet `indicators`, and what would be right: the sentences."""

from __future__ import annotations

from forms.remarks import Remark

LARGEST_FACTOR = 1e9

COLUMN_NOT_SERVED = Remark(
    "This column changes what is counted, and it is not understood yet.",
    "Empty it, or leave the indicator out until it is: without it the figure would be another one.",
)
COLUMN_UNKNOWN = Remark(
    "The sheet has no such column.",
    "Correct its name; the nearest one is {nearest}.",
)
CODE_MISSING = Remark(
    "The indicator has no code.",
    "Give it one of small letters, digits and underscores, such as literacy_rate.",
)
CODE_WRONG = Remark(
    "“{code}” is no code.",
    "Use small letters, digits and underscores, a letter first, at most 60, such as literacy_rate.",
)
CODE_TWICE = Remark(
    "The code {code} is already that of row {first}.",
    "Give each indicator a code of its own.",
)
LABEL_MISSING = Remark(
    "The indicator has no label.",
    "Write its name in a column such as label::Tiếng Việt (vi).",
)
TABLE_UNKNOWN = Remark(
    "The form has no repeat named {table}.",
    "Leave the cell empty to count records, or name a repeat: {known}.",
)
TABLE_AMBIGUOUS = Remark(
    "Several repeats are named {table}.",
    "Write the whole path: {paths}.",
)
TABLE_NOT_SERVED = Remark(
    "Figures over {table} are not understood yet.",
    "Count the records of a form, or the rows of a repeat.",
)
NUMERATOR_MISSING = Remark(
    "Nothing says what is counted.",
    "Write a condition that counts the rows it is true for, or a number to sum; true() counts all rows.",
)
NO_CONDITION = Remark(
    "This is no condition.",
    "Compare something, as in ${{age}} >= 15; to count every row, leave the cell empty.",
)
DATES_SUMMED = Remark(
    "Dates and times cannot be summed.",
    "Compare them to count, as in ${{day}} >= date('2026-01-01').",
)
CODES_SUMMED = Remark(
    "The answers to {name} are texts, and their sum would mean nothing.",
    "Compare it to count, as in ${{{name}}} = '1'; if they are numbers to sum, write number(${{{name}}}).",
)
TEXT_SUMMED = Remark(
    "A text cannot be counted or summed.",
    "Write a condition or a number.",
)
FACTOR_WRONG = Remark(
    "“{factor}” is no factor.",
    "Write a number above 0, such as 100 for percent, or leave the cell empty.",
)
DIRECTION_UNKNOWN = Remark(
    "“{direction}” is no direction.",
    "Use one of: {known}.",
)
SPLIT_BY_LIST = Remark(
    "A figure cannot be split by {name}, which has several answers at once: its parts would overlap.",
    "Use a question with one answer, or define an indicator for each answer with selected().",
)
SPLIT_BY_MEASURE = Remark(
    "A figure cannot be split by {name}, which is measured, dated, located or a file.",
    "Use a question with few answers, or put it into classes in a calculate question.",
)
SPLIT_BY_FREE_TEXT = Remark(
    "A figure cannot be split by {name}, where everybody types what he likes, names of people included.",
    "Use a select question, or put the answers into classes in a calculate question.",
)
REMARKS = (
    COLUMN_NOT_SERVED,
    COLUMN_UNKNOWN,
    CODE_MISSING,
    CODE_WRONG,
    CODE_TWICE,
    LABEL_MISSING,
    TABLE_UNKNOWN,
    TABLE_AMBIGUOUS,
    TABLE_NOT_SERVED,
    NUMERATOR_MISSING,
    NO_CONDITION,
    DATES_SUMMED,
    CODES_SUMMED,
    TEXT_SUMMED,
    FACTOR_WRONG,
    DIRECTION_UNKNOWN,
    SPLIT_BY_LIST,
    SPLIT_BY_MEASURE,
    SPLIT_BY_FREE_TEXT,
)
"""Everything this file may say."""
