"""Records get the same place and day when they come, when they are rebuilt, and after an upgrade."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from collector.actions.settling import settle_records
from storage.database import db, transaction
from storage.models import Finding, Submission
from storage.projection.rebuild import Rebuild
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office
from tests.tree import HERE_UUID, HERE_VILLAGE

SHEET = """
| survey |
| | type | name | label | unit |
| | date | held | Held on | date |
| | text | village | Village | place |
| settings |
| | form_id | version |
| | visits | 1 |
"""


def kept() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Where and when each record counts, and what was found odd."""
    columns = (Submission.place_sent, Submission.place_code, Submission.reported_on)
    session = db.session()
    places = session.execute(select(*columns).order_by(Submission.id)).all()
    odd = session.execute(select(Finding.submission_id, Finding.check, Finding.value).order_by(Finding.id))
    found = [tuple(row) for row in places], [tuple(row) for row in odd.all()]
    session.rollback()
    return found


def test_at_receipt_at_a_rebuild_and_after_an_upgrade(office: Office) -> None:
    with office.app.app_context(), transaction() as session:
        tree.plant(session)
    form = office.publish(SHEET)
    volunteer = Volunteer(office, form=form)
    for number, (village, held) in enumerate((
        (HERE_UUID, "2026-03-01"), ("99999", "2026-03-02"), ("", ""), (HERE_VILLAGE, "2062-03-01"),
    )):  # fmt: skip
        answers = f"<held>{held}</held><village>{village}</village>"
        assert (
            volunteer.post(answered("visits", "1", answers, instance_id=f"uuid:{number}")).status_code == 201
        )
    with office.app.app_context():
        first = kept()
        assert [(sent, code) for sent, code, _day in first[0]] == [
            (HERE_VILLAGE, HERE_VILLAGE), ("99999", None), (None, None), (HERE_VILLAGE, HERE_VILLAGE),
        ]  # fmt: skip
        assert [check for _number, check, _value in first[1]] == [
            "place_unknown", "place_missing", "date_too_late",
        ]  # fmt: skip
        Rebuild(form.id, office.parts.blobs).run()
        assert kept() == first
        with transaction() as session:
            session.execute(update(Submission).values(place_sent=None, place_code=None, reported_on=None))
            session.execute(delete(Finding))
        seen: list[tuple[int, int]] = []
        assert settle_records(lambda done, every: seen.append((done, every))) == 4
        assert kept() == first
        assert (settle_records(), seen) == (0, [(4, 4)])
