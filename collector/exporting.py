"""⑨ Files and feeds that are made while they are sent: so many at once, that phones always find a thread.

Why: a line that takes its answer slowly holds a thread for hours, and sixteen of a process answer all.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

from collector.accounts.guard import identity
from collector.parts import parts

_DRAFT_TOO = ("v1_exports.{}archive", "v1_exports.{}root", "v1_odata.{}table", "v1_odata.{}rows_below")
LONG: Final = frozenset({
    *(name.format(kind) for name in _DRAFT_TOO for kind in ("", "draft_")),
    "v1_submissions.listing",
    "v1_draft_submissions.listing",
    "v1_maps.every_record",
    "v1_maps.every_entity",
    "v1_entities.listing",
    "v1_datasets.table",
    "v1_datasets.deleted_table",
    "v1_odata_entities.table",
    "v1_audits.listing",
    "api_figures.table",
    "api_figures.sdmx",
    "desk.downloads.answers",
    "desk.record_views.table",
    "desk.figure_downloads.table",
    "desk.log.table",
})
"""The routes whose answers are made while they are sent."""


def install(app: Flask) -> None:
    """Let such a request begin when there is a turn for it; the end of its answer ends the turn."""
    app.before_request(_begin)
    app.after_request(_hand_over)
    app.teardown_request(_end)


def _begin() -> None:
    if request.endpoint in LONG:
        g.end_turn = parts().turns.take(identity().actor_id)


def _hand_over(response: Response) -> Response:
    """Whoever sends the pieces closes the answer: at its end, and when nobody takes it any more."""
    if "end_turn" in g and response.is_streamed:
        response.call_on_close(g.pop("end_turn"))
    return response


def _end(_error: BaseException | None) -> None:
    """Nothing is sent piece by piece: a refusal, a failure, news that there are none."""
    if "end_turn" in g:
        g.pop("end_turn")()
