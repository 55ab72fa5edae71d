"""Names of records are looked through every night, and the look ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from collector.actions import record_names
from collector.clock import moment
from storage.database import transaction
from storage.models import AuditReading, RecordName
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer
from tests.kept import looking
from tests.office import Office

LATER = timedelta(hours=1)


def line(office: Office) -> int:
    """The number of the version up to which all records are known to have their names."""
    with looking(office) as session:
        return session.scalars(
            select(AuditReading.through).where(AuditReading.source == "record_names")
        ).one()


def test_the_look_of_the_night_leaves_nothing_to_walk_through_by_day(office: Office) -> None:
    phone = Volunteer(office, form=office.publish(asked("house", "1", "head"), filename="house.xml"))
    for number in range(3):
        phone.post(answered("house", "1", f"<head>{number}</head>", instance_id=f"uuid:{number}"))
    with office.app.app_context():
        assert record_names.keep_up(moment() + LATER) == 3
        assert line(office) == 3
        assert record_names.begin_again(moment() + LATER) == 0
    assert line(office) == 3


def test_the_look_of_the_night_makes_names_that_are_missing(office: Office) -> None:
    phone = Volunteer(office, form=office.publish(asked("house", "1", "head"), filename="house.xml"))
    phone.post(answered("house", "1", "<head>A</head>", instance_id="uuid:1"))
    with office.app.app_context():
        record_names.keep_up(moment() + LATER)
        with transaction() as session:
            session.query(RecordName).delete()
        assert record_names.keep_up(moment() + LATER) == 0
        assert record_names.begin_again(moment() + LATER) == 1
