"""Refusals about forms in a browser."""

from __future__ import annotations

from forms.problems import Problem


class WebFormUnmade(Problem):
    """A form that the sheets cannot turn into one for a browser."""

    sentence = (
        "The form cannot be shown in a browser: {reason}. Correct it in the workbook and publish it again, "
        "or fill it in with the app."
    )
