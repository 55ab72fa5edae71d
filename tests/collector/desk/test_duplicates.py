"""Two records of one thing joined on the desk: one counts, what hangs on the other follows, all undone."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import db
from storage.models import Entity, EntityList, Submission
from storage.queries.counting import counting
from tests.collector.desk.cleaning import LIST, edited, form, household, officer, volunteer
from tests.collector.desk.reader import Field, Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

__all__ = ["form", "officer", "volunteer"]

REGISTER = """
| survey |
| | type | name | label | save_to |
| | text | head | Chủ hộ | head |
| settings |
| | form_id | version | instance_name |
| | hh | 1 | ${head} |
| entities |
| | list_name | label |
| | households | ${head} |
"""
LEARNER = """
| survey |
| | type | name | label | save_to |
| | text | learner | Tên | |
| | text | household | Hộ | household_id |
| settings |
| | form_id | version |
| | learner | 1 |
| entities |
| | list_name | label |
| | learners | ${learner} |
"""


def look(officer: Reader, one: int, other: int) -> Page:
    return officer.page(f"{LIST}/uuid:{one}/join?with=uuid:{other}")


def join(officer: Reader, looked: Page, *, keep: str = "one", take: tuple[str, ...] = ()) -> Page:
    [ticket] = looked.find("//input[@name='ticket']/@value")
    [action] = looked.find("//form[.//input[@name='ticket']]/@action")
    fields: dict[str, Field] = {"ticket": str(ticket), "keep": keep, "take": list(take), "reason": "twice"}
    return officer.send(str(action), fields)


def undo(officer: Reader, done: Page) -> Page:
    [action] = done.find("//form[contains(@action, '/undo')]/@action")
    return officer.send(str(action))


def counted(office: Office) -> list[str]:
    """The records that count somewhere."""
    with office.app.app_context():
        found = db.session.scalars(select(Submission.instance_id).where(counting()).order_by(Submission.id))
        return list(found)


def test_two_records_stand_side_by_side_and_one_counts(
    office: Office, volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    volunteer.send(household(2, rooms="4", poor="2"))
    page = officer.page(f"{LIST}/uuid:1/join")
    assert [one for one in page.links() if "with=uuid:2" in one or "with=uuid%3A2" in one]
    looked = look(officer, 1, 2)
    rows = [[" ".join(cell.text_content().split()) for cell in row][:3] for row in looked.find("//tbody/tr")]
    assert rows == [["Số phòng", "3", "4"], ["Hộ nghèo", "Có", "Không"]]
    done = join(officer, looked, take=("|/rooms",))
    assert counted(office) == ["uuid:1"]
    kept = officer.get(f"{LIST}/uuid:1/xml").data
    assert b"<rooms>4</rooms><poor>1</poor>" in kept
    gone = officer.page(f"{LIST}/uuid:2")
    assert "joined to another one" in gone.main
    assert gone.links("//a[text()='To the record that stays']") == [f"{LIST}/uuid%3A1"]
    assert "Entered twice" in officer.page(f"{LIST}/uuid:1").main
    assert "two records again" in undo(officer, done).main
    assert counted(office) == ["uuid:1", "uuid:2"]
    assert b"<rooms>3</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data


def test_the_other_one_may_stay(office: Office, volunteer: Volunteer, officer: Reader) -> None:
    volunteer.send(household(1))
    volunteer.send(household(2, rooms="4", poor="2"))
    join(officer, look(officer, 1, 2), keep="other", take=("|/poor",))
    assert counted(office) == ["uuid:2"]
    assert b"<rooms>4</rooms><poor>1</poor>" in officer.get(f"{LIST}/uuid:2/xml").data


def test_what_was_changed_since_it_was_looked_at_is_not_joined(
    office: Office, volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    volunteer.send(household(2))
    looked = look(officer, 1, 2)
    volunteer.send(edited(9, "uuid:2", "Người khác"))
    [ticket] = looked.find("//input[@name='ticket']/@value")
    told = officer.refused("/surveys/ho/join", {"ticket": str(ticket), "reason": "twice"}, status=409)
    assert "changed since you looked" in told.text
    assert counted(office) == ["uuid:1", "uuid:2"]


def test_a_record_is_joined_once_and_not_to_itself(volunteer: Volunteer, officer: Reader) -> None:
    for number in (1, 2, 3):
        volunteer.send(household(number))
    join(officer, look(officer, 1, 2))
    for one, other in ((1, 1), (1, 2), (3, 2)):
        told = officer.page(f"{LIST}/uuid:{one}/join?with=uuid:{other}", 409)
        assert "cannot be joined" in told.main


def test_undoing_keeps_what_was_corrected_later(
    office: Office, volunteer: Volunteer, officer: Reader
) -> None:
    volunteer.send(household(1))
    volunteer.send(household(2, rooms="4"))
    done = join(officer, look(officer, 1, 2), take=("|/rooms",))
    [base] = officer.page(f"{LIST}/uuid:1/correct").find("//input[@name='base']/@value")
    officer.send(f"{LIST}/uuid:1/correct", {"base": str(base), "answer:|/rooms": "9", "reason": "typing"})
    assert "1 was changed since and stays" in undo(officer, done).main
    assert counted(office) == ["uuid:1", "uuid:2"]
    assert b"<rooms>9</rooms>" in officer.get(f"{LIST}/uuid:1/xml").data


def entity(kind: str, uuid: str, label: str) -> str:
    return f"""<orx:meta><orx:instanceID>uuid:{uuid}</orx:instanceID>
    <entity dataset="{kind}" id="{uuid}" create="1"><label>{label}</label></entity></orx:meta></data>"""


def registered(uuid: str, head: str) -> bytes:
    start = '<data id="hh" version="1" xmlns:orx="http://openrosa.org/xforms">'
    return f"{start}<head>{head}</head>{entity('households', uuid, head)}".encode()


def learner(uuid: str, household_id: str) -> bytes:
    start = '<data id="learner" version="1" xmlns:orx="http://openrosa.org/xforms">'
    answers = f"<learner>Mỷ</learner><household>{household_id}</household>"
    return f"{start}{answers}{entity('learners', uuid, 'Mỷ')}".encode()


def ids(kind: str, number: int) -> str:
    return f"5f3a1c58-{kind}-4aaa-8aaa-{number:012}"


def lists(office: Office) -> tuple[list[str], list[str]]:
    """The households on the list, and where the learners belong."""
    with office.app.app_context():
        households = select(Entity.uuid).join(EntityList, EntityList.id == Entity.list_id)
        living = households.where(EntityList.name == "households", Entity.deleted_at.is_(None))
        learners = select(Entity.data["household_id"].as_string()).join(
            EntityList, EntityList.id == Entity.list_id
        )
        return (
            list(db.session.scalars(living.order_by(Entity.uuid))),
            list(db.session.scalars(learners.where(EntityList.name == "learners").order_by(Entity.uuid))),
        )


def test_the_learners_of_the_household_follow_and_come_back(office: Office, officer: Reader) -> None:
    homes, people = office.publish(REGISTER), office.publish(LEARNER)
    volunteer = Volunteer(office, form=homes)
    one, two = ids("1111", 1), ids("1111", 2)
    volunteer.send(registered(one, "Lò Văn Pỉnh"))
    volunteer.send(registered(two, "Lo Van Pinh"))
    sender = Volunteer(office, volunteer.given, form=people)
    for number, home in enumerate((one, two, two)):
        sender.send(learner(ids("2222", number), home))
    assert lists(office) == ([one, two], [one, two, two])
    looked = officer.page(f"/surveys/hh/submissions/uuid:{one}/join?with=uuid:{two}")
    done = join(officer, looked)
    assert lists(office) == ([one], [one, one, one])
    undo(officer, done)
    assert lists(office) == ([one, two], [one, two, two])
