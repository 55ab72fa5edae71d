"""A small map for tests: one province, two communes with villages, and an old commune one has swallowed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from forms.place_tree import Link, Span, Unit
from storage.models import Place
from storage.places.loading import Reform, enter
from tests.office import NOW

PROVINCE, DISTRICT = "08", "026"
FOREIGN = "Zzngoai"
"""What stands in the name of whatever is none of his business."""
HERE, THERE = "00715", "00745"
"""A commune somebody works in, and one that is none of his business."""
OLD_HERE = "00718"
"""A commune that HERE has swallowed on the day of the reform."""
HERE_VILLAGE, OTHER_VILLAGE, THERE_VILLAGE = "00715-001", "00715-002", "00745-001"
HERE_UUID, THERE_UUID = "5f3a1c58-1111-4aaa-8aaa-000000000001", "5f3a1c58-1111-4aaa-8aaa-000000000002"
REFORM = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)

_UNITS = (
    Unit(PROVINCE, [Span("province", "Tuyên Quang", None)]),
    Unit(DISTRICT, [Span("district", "Huyện Đồng Văn", PROVINCE, None, BEFORE)]),
    Unit(
        HERE,
        [
            Span("commune", "Xã Lũng Cú", DISTRICT, None, BEFORE),
            Span("commune", "Xã Lũng Cú", PROVINCE, REFORM),
        ],
    ),
    Unit(
        THERE,
        [
            Span("commune", f"Xã {FOREIGN}", DISTRICT, None, BEFORE),
            Span("commune", f"Xã {FOREIGN}", PROVINCE, REFORM),
        ],
    ),
    Unit(OLD_HERE, [Span("commune", "Xã Má Lé", DISTRICT, None, BEFORE)]),
    Unit(HERE_VILLAGE, [Span("village", "Thôn Lô Lô Chải", HERE)], HERE_UUID),
    Unit(
        OTHER_VILLAGE,
        [
            Span("village", "Thôn Thèn Pả", OLD_HERE, None, BEFORE),
            Span("village", "Thôn Thèn Pả", HERE, REFORM),
        ],
    ),
    Unit(THERE_VILLAGE, [Span("village", f"Thôn {FOREIGN} Pả", THERE)], THERE_UUID),
)


def plant(session: Session) -> None:
    """Put the map into the database, with what it was before the reform."""
    enter(session, _UNITS, [Reform(REFORM, "1684/NQ-UBTVQH15", [Link(OLD_HERE, HERE, REFORM)])], now=NOW)
    for code, uuid in ((HERE_VILLAGE, HERE_UUID), (THERE_VILLAGE, THERE_UUID)):
        session.execute(update(Place).where(Place.code == code).values(attributes={"uuid": uuid}))
    session.flush()
