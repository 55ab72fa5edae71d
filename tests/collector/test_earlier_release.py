"""A server of the release that knew no history of places is brought to this one with what it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from collector.actions import start
from storage.database import db
from storage.migrate import step_back
from storage.models import Place, PlacePath, PlaceSpan, Submission
from storage.places.closure import spans_of
from storage.queries import places
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.office import NOW, Office
from tests.tree import HERE, HERE_UUID, HERE_VILLAGE

ROUND = """
| survey |
| | type | name | label | unit |
| | text | place | Place | place |
| settings |
| | form_id | version |
| | rounds | 1 |
"""
OLD = (
    ("08", "province", "Tuyên Quang", None, "{}"),
    (HERE, "commune", "Xã Lũng Cú", "08", '{"valid_from": "2025-07-01"}'),
    (HERE_VILLAGE, "village", "Thôn Lô Lô Chải", HERE, f'{{"uuid": "{HERE_UUID}", "hh_total": "90"}}'),
)


def test_its_places_get_their_history_and_its_records_their_place(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What surveys come with a release is tested with the first start.
    monkeypatch.setattr(start, "surveys_folder", lambda: tmp_path / "none")
    volunteer = Volunteer(office, form=office.publish(ROUND))
    for number, given in enumerate((HERE_VILLAGE, HERE_UUID, HERE)):
        xml = answered("rounds", "1", f"<place>{given}</place>", instance_id=f"uuid:{number}")
        assert volunteer.post(xml).status_code == 201
    with office.app.app_context():
        db.session.remove()
        step_back(db.engine, "0002")
        with db.engine.connect().execution_options(collector_writes=True) as connection, connection.begin():
            insert = (
                "INSERT INTO places (code, level, name, parent_code, attributes) VALUES (:c, :l, :n, :p, :a)"
            )
            connection.execute(text(insert), [dict(zip("clnpa", one, strict=True)) for one in OLD])
        start.start(office.settings, office.parts.vault, office.parts.blobs, now=NOW)
        session = db.session()
        kept = session.get_one(Place, HERE_VILLAGE)
        assert (kept.uuid, kept.folded, kept.attributes) == (HERE_UUID, "thon lo lo chai", {"hh_total": "90"})
        assert len(spans_of(session, [HERE_VILLAGE])[HERE_VILLAGE]) == 1
        assert places.lies_in(session, HERE_VILLAGE, ["08"])
        assert [one.code for one in places.find(session, "lo lo chai")] == [HERE_VILLAGE]
        without = select(func.count()).select_from(Place).where(~Place.code.in_(select(PlaceSpan.code)))
        assert session.scalar(without) == 0
        pair = (PlacePath.ancestor, PlacePath.descendant, PlacePath.via, PlacePath.valid_from)
        assert session.execute(select(*pair).group_by(*pair).having(func.count() > 1)).all() == []
        settled = session.execute(
            select(Submission.place_sent, Submission.place_code).order_by(Submission.id)
        ).all()
        db.session.remove()
    assert [tuple(one) for one in settled] == [
        (HERE_VILLAGE, HERE_VILLAGE),
        (HERE_VILLAGE, HERE_VILLAGE),
        (HERE, HERE),
    ]
