"""What can be wrong with a row that defines a figure, and what would be right: the sentences."""

from __future__ import annotations

from forms.remarks import Remark

LARGEST_FACTOR = 1e9

COLUMN_UNKNOWN = Remark(
    "The sheet has no such column.",
    "Correct its name; the nearest one is {nearest}.",
)
CODE_MISSING = Remark(
    "The row has no code.",
    "Give it one of small letters, digits and underscores, such as literacy_rate.",
)
CODE_WRONG = Remark(
    "“{code}” is no code.",
    "Use small letters, digits and underscores, a letter first, at most 60, such as literacy_rate.",
)
CODE_TWICE = Remark(
    "The code {code} is already that of row {first}.",
    "Give each row a code of its own.",
)
LABEL_MISSING = Remark(
    "The row has no label.",
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
TABLE_OF_PROGRAMME = Remark(
    "The workbook of a form counts its own records only, and {table} lies outside it.",
    "Put the indicator into the workbook of the programme.",
)
TABLE_MISSING = Remark(
    "Nothing says where the rows come from.",
    "Write a form, a repeat as form/repeat, entities/ or places/ with a name, or figures. Forms: {known}.",
)
FORM_UNKNOWN = Remark(
    "The project has no published form {name}.",
    "Publish it first, or name one of: {known}.",
)
LIST_UNKNOWN = Remark(
    "The project has no entity list {name}.",
    "Publish the form that fills it first, or name one of: {known}.",
)
LEVEL_UNKNOWN = Remark(
    "“{name}” is no level of places.",
    "Use one of: {known}.",
)
WHEN_UNREADABLE = Remark(
    "“{when}” names no decision and its option.",
    "Write it as decision=option, or leave the cell empty.",
)
DECISION_UNKNOWN = Remark(
    "The sheet decisions has no {decision}.",
    "Add it there, or name one of: {known}.",
)
OPTION_UNKNOWN = Remark(
    "“{option}” is no option of {decision}.",
    "Use one of: {known}.",
)
OPTIONS_MISSING = Remark(
    "There is nothing to decide between.",
    "Write the codes of at least two options, separated by spaces.",
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
DIVIDED_BY_ZERO = Remark(
    "At character {character}, something is divided by 0.",
    "Divide by what can be more than 0, or remove the division.",
)
DENOMINATOR_ZERO = Remark(
    "The denominator is 0 whatever is counted, and nothing can be divided by it.",
    "Write what is counted below the line; for a plain count, leave the cell empty.",
)
DENOMINATOR_MISSING = Remark(
    "This column narrows a denominator, and there is none.",
    "Fill in the column denominator, or empty this cell.",
)
KEY_IS_CONDITION = Remark(
    "A condition tells no units apart.",
    "Name what does, as in ${{centre_id}}.",
)
LATEST_OF_RECORDS = Remark(
    "Only the records of a form follow each other; a list and the places are as they are.",
    "Empty the cell.",
)
FIGURES_ONLY_ADDED = Remark(
    "Figures are added and taken away as they are, and nothing narrows them.",
    "Empty the cell, or narrow the indicators that are added.",
)
BASE_WRONG = Remark(
    "“{base}” is no distance in years.",
    "Write it as 1 year: growth over the same period a year before.",
)
BASE_AND_DENOMINATOR = Remark(
    "Growth is over the earlier figure, which leaves no room for a denominator.",
    "Empty the column base or the column denominator.",
)
PERIODS_UNKNOWN = Remark(
    "“{period}” is no kind of period.",
    "Use some of: {known}.",
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
SPLIT_UNREADABLE = Remark(
    "“{text}” cannot be split by.",
    "Name questions, bands as in age(15..25 26..60), or classes of communes as in @border.",
)
SPLIT_TWICE = Remark(
    "{name} is there twice, in other bands.",
    "Keep one of the two.",
)
SPLIT_OF_FIGURES = Remark(
    "{name} cannot be asked of a sum of other figures.",
    "Split it by a class of communes, as in @border, or split the figures it is made of.",
)
SPLIT_OVER_TWO_TABLES = Remark(
    "{name} is not asked in the table of the denominator, so its parts would have none.",
    "Split by what both tables ask, or by a class of communes, as in @border.",
)
CLASS_UNKNOWN = Remark(
    "{name} is no class of communes.",
    "Use one of: {known}; without bands.",
)
BANDS_WRONG = Remark(
    "The bands “{bands}” are not whole numbers in order.",
    "Write them from low to high without overlap, as in 0..14 15..25 26..60 61..",
)
BANDS_OF_TEXT = Remark(
    "{name} is no whole number, and cannot be put into bands.",
    "Split by its answers, or compute a whole number in a calculate question.",
)
FIGURE_UNKNOWN = Remark(
    "There is no indicator {name}.",
    "The nearest one is {nearest}.",
)
PROPERTY_UNKNOWN = Remark(
    "The list has no property {name}.",
    "The nearest one is {nearest}.",
)
ATTRIBUTE_UNKNOWN = Remark(
    "A place has no attribute {name}.",
    "The nearest one is {nearest}.",
)
CIRCLE = Remark(
    "The figure rests on itself: {circle}.",
    "Define one of them from a form, a list or the places.",
)
CODE_OF_FORM = Remark(
    "The code {code} is already that of an indicator of the form {form}.",
    "Give it another code, or remove one of the two.",
)
CODE_OF_PROGRAMME = Remark(
    "The code {code} is already that of an indicator of the programme.",
    "Give it another code, or remove one of the two.",
)
TOO_RICH_FOR_COMMUNES = Remark(
    "What a commune is can only be compared with a text.",
    "Write it as ${{border}} = '1' and ${{zone}} != 'I', with and, or and not().",
)
INDICATOR_UNKNOWN = Remark(
    "There is no indicator {indicator}.",
    "Define it on the sheet indicators; the nearest one is {nearest}.",
)
PLAN_MISSING = Remark(
    "Nothing says whose target it is.",
    "Write the plan, as in TH or LC: a target belongs to its plan.",
)
AREA_UNKNOWN = Remark(
    "There is no place with the code {area}.",
    "Write the official code, such as 38 or 14890, or * for everywhere.",
)
PERIOD_UNREADABLE = Remark(
    "“{period}” is no period.",
    "Write it as one of: {known}.",
)
DAY_UNREADABLE = Remark(
    "“{day}” is no day.",
    "Write year-month-day, as in 2030-12-31.",
)
COMPARISON_UNKNOWN = Remark(
    "“{comparison}” is no comparison.",
    "Use one of: {known}.",
)
VALUE_UNREADABLE = Remark(
    "“{value}” is no number.",
    "Write a number such as 90, or leave the cell empty for a duty.",
)
VALUE_OF_DUTY = Remark(
    "A row compared as {comparison} has no value.",
    "Empty the cell, or write how the figure is compared with it, as at_least.",
)
TARGET_TWICE = Remark(
    "The same plan, area and period already have a value for {indicator}, in row {first}.",
    "Keep one of the two.",
)
TARGET_LEVEL_UNKNOWN = Remark(
    "“{level}” is no level of places.",
    "Use one of: {known}; or leave the cell empty.",
)
BINDING_UNKNOWN = Remark(
    "“{binding}” says not how much a target binds.",
    "Use one of: {known}.",
)
MILESTONE_UNREADABLE = Remark(
    "“{milestone}” is neither yes nor no.",
    "Write 1 for a step on the way, else leave the cell empty.",
)
BASELINE_HALF = Remark(
    "A baseline is a value and its day, and one of the two is missing.",
    "Fill in both baseline and baseline_on, or neither.",
)
STANDARD_UNKNOWN = Remark(
    "“{standard}” is no standard of literacy.",
    "Use one of: {known}.",
)
UNIT_UNKNOWN = Remark(
    "“{unit}” is no unit that is recognised.",
    "Use one of: {known}.",
)
BELOW_UNKNOWN = Remark(
    "“{of}” is not what such a unit is judged by.",
    "Use one of: {known}; for a commune, leave the cell empty and write the ages.",
)
DAYS_TURNED = Remark(
    "The row ends before it begins.",
    "Correct one of the two days.",
)
AGES_WRONG = Remark(
    "The ages are missing, or not in order.",
    "Write the first and the last age, both included, as in 15 and 35.",
)
SHARE_WRONG = Remark(
    "The share is missing, or not between 0 and 100.",
    "Write it in percent, as in 90.",
)
REMARKS = (
    COLUMN_UNKNOWN,
    CODE_MISSING,
    CODE_WRONG,
    CODE_TWICE,
    LABEL_MISSING,
    TABLE_UNKNOWN,
    TABLE_AMBIGUOUS,
    TABLE_OF_PROGRAMME,
    TABLE_MISSING,
    FORM_UNKNOWN,
    LIST_UNKNOWN,
    LEVEL_UNKNOWN,
    WHEN_UNREADABLE,
    DECISION_UNKNOWN,
    OPTION_UNKNOWN,
    OPTIONS_MISSING,
    NUMERATOR_MISSING,
    NO_CONDITION,
    DATES_SUMMED,
    CODES_SUMMED,
    TEXT_SUMMED,
    DIVIDED_BY_ZERO,
    DENOMINATOR_ZERO,
    DENOMINATOR_MISSING,
    KEY_IS_CONDITION,
    LATEST_OF_RECORDS,
    FIGURES_ONLY_ADDED,
    BASE_WRONG,
    BASE_AND_DENOMINATOR,
    PERIODS_UNKNOWN,
    FACTOR_WRONG,
    DIRECTION_UNKNOWN,
    SPLIT_BY_LIST,
    SPLIT_BY_MEASURE,
    SPLIT_BY_FREE_TEXT,
    SPLIT_UNREADABLE,
    SPLIT_TWICE,
    SPLIT_OF_FIGURES,
    SPLIT_OVER_TWO_TABLES,
    CLASS_UNKNOWN,
    BANDS_WRONG,
    BANDS_OF_TEXT,
    FIGURE_UNKNOWN,
    PROPERTY_UNKNOWN,
    ATTRIBUTE_UNKNOWN,
    CIRCLE,
    CODE_OF_FORM,
    CODE_OF_PROGRAMME,
    TOO_RICH_FOR_COMMUNES,
    INDICATOR_UNKNOWN,
    PLAN_MISSING,
    AREA_UNKNOWN,
    PERIOD_UNREADABLE,
    DAY_UNREADABLE,
    COMPARISON_UNKNOWN,
    VALUE_UNREADABLE,
    VALUE_OF_DUTY,
    TARGET_TWICE,
    TARGET_LEVEL_UNKNOWN,
    BINDING_UNKNOWN,
    MILESTONE_UNREADABLE,
    BASELINE_HALF,
    STANDARD_UNKNOWN,
    UNIT_UNKNOWN,
    BELOW_UNKNOWN,
    DAYS_TURNED,
    AGES_WRONG,
    SHARE_WRONG,
)
"""Everything this file may say."""
