"""A small map for tests: one province, two communes with villages, and an old commune one has swallowed."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from storage.models import Place, PlacePath, PlaceSpan

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

_NAMES = {
    PROVINCE: ("province", "Tuyên Quang", None),
    DISTRICT: ("district", "Huyện Đồng Văn", PROVINCE),
    HERE: ("commune", "Xã Lũng Cú", PROVINCE),
    THERE: ("commune", "Xã Zzngoai", PROVINCE),
    OLD_HERE: ("commune", "Xã Má Lé", DISTRICT),
    HERE_VILLAGE: ("village", "Thôn Lô Lô Chải", HERE),
    OTHER_VILLAGE: ("village", "Thôn Thèn Pả", HERE),
    THERE_VILLAGE: ("village", "Thôn Zzngoai Pả", THERE),
}
_CLOSED = {DISTRICT, OLD_HERE}
_UUIDS = {HERE_VILLAGE: HERE_UUID, THERE_VILLAGE: THERE_UUID}


def plant(session: Session) -> None:
    """Put the map into the database, its closure included."""
    for code, (level, name, parent) in _NAMES.items():
        closed = BEFORE if code in _CLOSED else None
        session.add(
            Place(
                code=code,
                level=level,
                name=name,
                parent_code=parent,
                uuid=_UUIDS.get(code),
                valid_to=closed,
                attributes={"uuid": _UUIDS[code]} if code in _UUIDS else {},
            )
        )
        session.flush()
        session.add(
            PlaceSpan(code=code, level=level, name=name, parent_code=parent, valid_from=None, valid_to=closed)
        )
    session.flush()
    # Before the reform both communes lay in the district, and the second village in the old commune.
    for code in (HERE, THERE):
        _path(session, DISTRICT, code, 1, until=BEFORE)
    for code in _NAMES:
        _path(session, code, code, 0, until=BEFORE if code in _CLOSED else None)
    for above, below, depth in (
        (PROVINCE, HERE, 1),
        (PROVINCE, THERE, 1),
        (HERE, HERE_VILLAGE, 1),
        (THERE, THERE_VILLAGE, 1),
        (PROVINCE, HERE_VILLAGE, 2),
        (PROVINCE, THERE_VILLAGE, 2),
    ):
        _path(session, above, below, depth, since=REFORM if above == PROVINCE else None)
    for below, above in ((HERE_VILLAGE, HERE), (THERE_VILLAGE, THERE), (OTHER_VILLAGE, OLD_HERE)):
        _path(session, DISTRICT, below, 2, until=BEFORE)
        _path(session, PROVINCE, above, 2, until=BEFORE)
        _path(session, PROVINCE, below, 3, until=BEFORE)
    _path(session, DISTRICT, OLD_HERE, 1, until=BEFORE)
    _path(session, PROVINCE, DISTRICT, 1, until=BEFORE)
    _path(session, OLD_HERE, OTHER_VILLAGE, 1, until=BEFORE)
    _path(session, HERE, OTHER_VILLAGE, 1, since=REFORM)
    _path(session, PROVINCE, OTHER_VILLAGE, 2, since=REFORM)
    _path(session, HERE, OLD_HERE, 1, since=REFORM, via="link")
    _path(session, PROVINCE, OLD_HERE, 2, since=REFORM, via="link")
    session.flush()


def _path(
    session: Session,
    above: str,
    below: str,
    depth: int,
    *,
    since: date | None = None,
    until: date | None = None,
    via: str = "tree",
) -> None:
    session.add(
        PlacePath(ancestor=above, descendant=below, depth=depth, via=via, valid_from=since, valid_to=until)
    )
