"""What the walk says to addresses that want to be told something: one of the tables beside `routes`."""

from __future__ import annotations

from collections.abc import Mapping

_REASONED = (
    "desk.releases.decline",
    "desk.releases.withdraw",
    "api_releases.decline",
    "api_releases.withdraw",
)

ONCE = frozenset({
    "api_releases.approve",
    "api_releases.decline",
    "api_releases.withdraw",
    "api_releases.reissue",
})
"""What can be done only once, so that one of its addresses is asked."""

NEWER = (
    b'<data id="hh" version="1"><head>X</head><photo>photo.jpg</photo><meta>'
    b"<deprecatedID>uuid:there</deprecatedID><instanceID>uuid:newer</instanceID></meta></data>"
)
"""A new version of the record elsewhere."""

FIELDS: Mapping[str, Mapping[str, str] | bytes] = {
    "v1_submissions.replace": NEWER,
    "v1_draft_submissions.replace": NEWER,
    "v1_submissions.judge": {"reviewState": "approved"},
    "v1_submissions.comment": {"body": "Đã xem"},
    "v1_app_users.change": {"displayName": "Máy"},
    "v1_entities.change": {"label": "Hộ khác"},
    "v1_public_links.change": {"displayName": "Đường dẫn"},
    "desk.phones.edit": {"name": "Máy", "place": "", "phone": "", "organisation": ""},
    "desk.lists.amend": {"_label": "Hộ khác"},
    "desk.corrections.take": {"base": "uuid:newer", "answer:|/head": "Chủ khác", "reason": "typing"},
    "desk.corrections.note": {"body": "Đã xem"},
    "desk.campaigns.amend": {"name": "Đợt khác", "due_on": "2030-12-31", "reason": "Sở gia hạn"},
    "desk.findings.judge": {"verdict": "accepted", "reason": "đúng thực tế"},
    "desk.deciding.send": {"reason": "Hỏi lại hộ"},
    **{one: {"reason": "Sai bộ lọc"} for one in _REASONED},
    "desk.extracts.link": {"days": "1"},
    # A body there has to be, if an empty one.
    "api_extracts.link": {},
    "api_findings.change": {"state": "rejected"},
}
"""What a form of a page, or a program, needs to say to be taken."""

QUERY: Mapping[str, str] = {
    "desk.downloads.answers": "?file=csv:hh",
    "desk.indicators.show": "?level=village&period=2026",
    "desk.indicators.records": "?period=2026",
    "desk.indicators.figure": "?period=2026",
    "desk.comparisons.places": "?period=2026",
    "desk.comparisons.periods": "?period=2026",
    "desk.standards.show": "?period=2026",
    "desk.reports.show": "?area=00715&period=2026",
    "desk.reports.word": "?area=00715&period=2026",
    "desk.reports.pdf": "?area=00715&period=2026",
    "desk.reports.placeholders": "?area=00715&period=2026",
    "desk.village_codes.table": "?commune=00745",
    "desk.findings.index": "?state=all",
    "desk.findings.table": "?state=all",
    "desk.findings.look": "?state=all",
    "api_findings.listing": "?state=all",
    # A word of villages of both communes.
    "desk.places.index": "?q=p%E1%BA%A3",
    "api_places.listing": "?search=pa",
    "api_indicators.figures": "?level=village",
    "api_indicators.series": "?level=village&periods=2024,2026",
    "api_figures.overview": "?period=2026",
    "api_figures.sdmx": "?by=all",
    "api_figures.records": "?period=2026",
    "v1_entities.change": "?force=true",
    "key_files.integrity": "?id=5f3a1c58-2222-4aaa-8aaa-000000000002",
    "project_files.integrity": "?id=5f3a1c58-2222-4aaa-8aaa-000000000002",
}
"""What an address has to ask to show the most."""
