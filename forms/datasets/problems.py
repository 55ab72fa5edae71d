"""What is refused about files in the columns of other systems."""

from __future__ import annotations

from forms.problems import Problem


class UploadFileUnknown(Problem):
    """A file that no column map describes."""

    sentence = "There is no file “{id}” for another system. There are: {known}."


class ColumnsUnknown(Problem):
    """A column map that names questions its form does not have."""

    sentence = (
        "The columns of the file “{id}” name {names}, which the form {form} does not ask. Correct the file "
        "uploads.csv of the programme."
    )
