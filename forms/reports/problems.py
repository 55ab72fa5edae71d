"""What is wrong with an office's own file: where, what, what now."""

from __future__ import annotations

from forms.problems import Problem


class PlaceholderUnknown(Problem):
    """A file names what is no figure and no fact of a report."""

    sentence = (
        "The file names {names}, which is nothing a report knows. The list of placeholders says what may "
        "stand there; check the spelling."
    )


class TemplateTooLarge(Problem):
    """A file that unfolds to more than a report ever needs."""

    sentence = (
        "The file is too large: unpacked it may have {megabytes} MB at most. Take pictures out, or make them "
        "smaller."
    )


class TemplateUnreadable(Problem):
    """A file that is no Word or Excel file, or a damaged one."""

    sentence = (
        "The file cannot be read as {wanted}. Open it in Office, save it again in that format, send it again."
    )


class TemplateDoesTooMuch(Problem):
    """A placeholder that asks for more than a name, a field, a loop over the places or a condition."""

    sentence = (
        "In the file stands what no placeholder may do: {what}. Allowed are names, names with a field, "
        "“for place in places” and “if”."
    )
