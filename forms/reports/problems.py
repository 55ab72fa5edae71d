"""What is refused about reports and an office's own files: where, what, what now."""

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


class ReportNotFound(Problem):
    """A report nobody described."""

    sentence = "There is no report “{id}”. The page of reports lists them all."


class ReportNotForPlace(Problem):
    """A commune's report asked for a province, or the other way round."""

    sentence = "“{title}” is no report of “{place}”. Choose another place."


class ReportPeriodMisfit(Problem):
    """A yearly report asked for a month."""

    sentence = "“{title}” is not told for the period “{period}”. Write it as {example}."


class ReleaseUnknown(Problem):
    """A report asked for a release that is not there, or was withdrawn."""

    sentence = "There is no release number {number} in force. The page of releases lists them all."


class ReleaseWithoutFigures(Problem):
    """A release that froze records only."""

    sentence = "This release holds no figures. Choose another one, or make one that holds the indicators."


class TemplateKindUnknown(Problem):
    """A file that is neither Word nor Excel."""

    sentence = (
        "“{name}” is neither a Word file (.docx) nor an Excel file (.xlsx). Save it as one of the two, and "
        "send it again."
    )


class TemplateNotFound(Problem):
    """An office's own file that is not there, or no more."""

    sentence = "There is no such file of your office. The page of the office’s own files lists them all."
