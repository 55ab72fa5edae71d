"""Whatever a phone answers, the figures of everybody else are worked out."""

from __future__ import annotations

from tests.figured import Survey, Visit
from tests.office import Office
from tests.tree import HERE_VILLAGE


def test_a_day_at_the_edge_of_the_calendar_stops_no_figure(office: Office) -> None:
    survey = Survey(office)
    for day in ("0001-01-01", "0001-12-31", "9999-12-31"):
        survey.send(Visit(HERE_VILLAGE, day, day, 1.0, [("1", 40, day)]))
        survey.refresh()
    survey.send(Visit(HERE_VILLAGE, "2026-03-01", "A", 1.0, [("2", 40, "a")]))
    survey.refresh()
    found = survey.cells()
    assert survey.marks() == []
    # They count, for the day they came.
    assert found["people", "2026", HERE_VILLAGE, ""][0] == 4
    assert {period[:2] for _code, period, _place, _split in found} == {"20"}
    survey.rebuild()
    assert survey.cells() == found
