"""What OData refuses, with the codes programs know from Central."""

from __future__ import annotations

from forms.problems import Problem


class FilterUnreadable(Problem):
    """A `$filter` or `$orderby` that is not in the language of OData; `character` counts from 1."""

    sentence = (
        "The expression “{text}” cannot be read at character {character}, at “{found}”. Compare a field with "
        "a value, as in age ge 15, and join such conditions with and, or, not."
    )


class FilterTooLong(Problem):
    """A `$filter` nobody could read."""

    sentence = "The expression has more in it than this server takes at once ({limit}). Ask in several steps."


class FilterMisfit(Problem):
    """Two values that cannot be compared, or one that is no condition."""

    sentence = (
        "In the expression, “{text}” at character {character} does not fit what it stands with. Write texts "
        "as 'a', numbers as 15, days as 2026-12-31, moments as 2026-12-31T17:00:00Z, and conditions as a "
        "comparison."
    )


class FilterUnsupported(Problem):
    """A part of the language this server leaves out; `at` counts from 0, as in Central."""

    sentence = (
        "This server does not know “{text}” at place {at} of the expression. It knows the functions {known}."
    )


class FieldUnknown(Problem):
    """A field that no row of the table has; `at` counts from 0, as in Central."""

    sentence = (
        "There is no field “{text}” in the rows of this table (place {at} of the expression). Write it as "
        "the rows do, with a slash after each group."
    )


class SelectUnknown(Problem):
    """A property to be selected that is not there."""

    sentence = "There is no property “{property}” to select. Write it as the rows do."


class SelectInsideRepeat(Problem):
    """A property of a repeat, selected from the table around it."""

    sentence = (
        "“{property}” is asked in a repeat, which is a table of its own. Select it from the table of that "
        "repeat."
    )


class FeatureUnsupported(Problem):
    """An option of OData this server does not know, so that another answer would come than was asked for."""

    sentence = "This server does not know {feature} at this address. Leave it out."


class ExpandUnsupported(Problem):
    """Only everything can be expanded."""

    sentence = "This server does not know $expand={text}. Write $expand=* for the rows of every repeat."


class SelectWithExpand(Problem):
    """Two options that exclude each other."""

    sentence = "$select and $expand cannot be used together. Leave one of them out."


class SkiptokenUnreadable(Problem):
    """A `$skiptoken` this server never made."""

    sentence = "The $skiptoken cannot be read. Take the address that came as @odata.nextLink."


class SkiptokenUnknown(Problem):
    """A `$skiptoken` of a row that is gone."""

    sentence = "The row after which to go on is not there any more. Begin with the first page."


class FormatUnacceptable(Problem):
    """Data asked for in a format it does not come in."""

    sentence = "This address answers as {allowed}, and {got} was asked for. Ask for one of these formats."
