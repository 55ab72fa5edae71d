"""Who has opened a record is noted once a day, and told to whoever may read the log."""

from __future__ import annotations

from sqlalchemy import select

from collector.accounts.permissions import REVIEWER
from collector.actions.looks import KNOWN
from storage.models import RecordLook, Submission
from tests.asked import answered, asked
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program
from tests.kept import looking
from tests.office import Office

AT = "/surveys/ho/submissions/uuid:1"
OFFICER = "canbo.xa"


def test_opening_a_record_is_noted_once_a_day_and_shown_to_who_reads_the_log(office: Office) -> None:
    KNOWN.clear()
    form = office.publish(asked("ho", "1", "name"), filename="ho.xml")
    Volunteer(office, form=form).send(answered("ho", "1", "<name>Lò</name>", instance_id="uuid:1"))
    officer, admin = Reader(office, OFFICER, REVIEWER), Reader(office)
    admin.page("/surveys/ho/submissions")
    with looking(office) as session:
        assert session.scalars(select(RecordLook)).all() == []
    for _ in range(2):
        officer.page(AT)
        # Another process has not heard of the first look.
        KNOWN.clear()
    assert "Who has opened this record" not in officer.page(AT).main
    told = admin.page(AT).main
    assert OFFICER in told.partition("Who has opened this record")[2]
    assert Program(office).ask("GET", "projects/1/forms/ho/submissions/uuid:1.xml").status_code == 200
    with looking(office) as session:
        looks = session.scalars(select(RecordLook)).all()
        assert len(looks) == 2
        assert {one.submission_id for one in looks} == {session.scalars(select(Submission.id)).one()}
