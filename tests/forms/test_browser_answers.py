"""Answers as the engine of the browser writes them become the same rows as a phone's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from tests.forms.laid import laid
from tests.forms.test_rows import root


@pytest.mark.parametrize("kind", ["int", "decimal", "date"])
@pytest.mark.parametrize("sent", ["NaN", " NaN "])
def test_what_a_browser_writes_for_no_number_is_blank(kind: str, sent: str) -> None:
    flat = laid(f"<q>{sent}</q>", f"/q {kind}")
    assert root(flat) == {"blank": "q"}
    assert flat.findings == []


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("int", "-7", {"q": -7}),
        ("decimal", "12000000", {"q": 12000000.0}),
        ("decimal", "0.1", {"q": 0.1}),
        ("date", "2026-11-22", {"q": date(2026, 11, 22)}),
        ("time", "14:05:00.000+07:00", {"q_at": time(14, 5)}),
        ("dateTime", "2026-11-22T14:05:00.000+07:00", {"q_at": datetime(2026, 11, 22, 7, 5, tzinfo=UTC)}),
        ("dateTime", "2026-11-22T14:05:07+07:00", {"q_at": datetime(2026, 11, 22, 7, 5, 7, tzinfo=UTC)}),
        ("geopoint", "21.028511 105.804817", {"q_lat": 21.028511, "q_lon": 105.804817}),
        ("geopoint", "21.02 105.8 0 12.5", {"q_lat": 21.02, "q_lon": 105.8, "q_alt": 0.0, "q_acc": 12.5}),
    ],
)
def test_answers_as_a_browser_writes_them_are_read(kind: str, sent: str, kept: dict[str, object]) -> None:
    flat = laid(f"<q>{sent}</q>", f"/q {kind}")
    assert flat.findings == []
    assert kept.items() <= root(flat).items()


@pytest.mark.parametrize("name", ["ảnh nhà-14_5_7.jpg", "a b (1)-0_0_0.png", "drawing-9_30_1.png"])
def test_files_as_a_browser_names_them_are_expected(name: str) -> None:
    flat = laid(f'<q type="file">{name}</q>', "/q binary")
    assert (flat.files, flat.findings) == ([name], [])
