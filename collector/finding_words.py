"""Findings in the reader's language: what a check is called, what it found, what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import get_locale, gettext

from collector.actions.reading import spoken
from collector.wording import fill
from forms.checks.catalogue import CHECKS
from forms.checks.row_checks import written
from forms.checks.rules import known_as
from storage.findings.messages import Messages
from storage.models import Finding


def title(check: str, form_id: int | None = None, own: Messages | None = None) -> str:
    """What a check is called: for one of a survey's own workbook its message, without any answers.

    The ids of the rules it stands for come first.
    """
    message = (own or {}).get((form_id or 0, check))
    if message:
        return written(_spoken(message), {}, blank="…")
    known = CHECKS.get(check)
    return " ".join([*known_as(check), fill(known.title, {})]) if known else check


def sentence(finding: Finding, own: Messages) -> str:
    """What was found; `own` are the messages of the row checks of its survey."""
    message = own.get((finding.form_id or 0, finding.check))
    if message:
        return written(_spoken(message), finding.details)
    known = CHECKS.get(finding.check)
    if known is None:
        return str(gettext("Please look at this answer (%(check)s).", check=finding.check))
    return _filled(known.sentence, finding.details)


def remedy(finding: Finding) -> str:
    """What to do about it; "" where the sentence says it."""
    known = CHECKS.get(finding.check)
    return _filled(known.remedy, finding.details) if known else ""


def _spoken(message: Mapping[str, str]) -> str:
    return spoken(message, tuple(message), str(get_locale() or "vi"))


class _Known(dict[str, str]):
    """Details of an earlier release may lack what the sentence of today names."""

    def __missing__(self, key: str) -> str:
        return "–"


def _filled(template: str, details: Mapping[str, str]) -> str:
    return str(gettext(template)).format_map(_Known(details)) if template else ""
