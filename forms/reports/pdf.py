"""⑨ A report as PDF: pages as Decree 30/2020/NĐ-CP wants them, Noto Serif inside, figures that are links."""

from __future__ import annotations

from forms.reports.document import Report, plain
from forms.reports.typesetting import paper


def pdf(report: Report) -> bytes:
    """The file; the same bytes for the same report on any machine."""
    return paper("report.typ", plain(report))
