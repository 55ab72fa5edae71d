"""The phone's own log of how a form was filled in: OR-79."""

from __future__ import annotations

import csv
import io

import pytest

from forms.exports.csv_text import AUDIT, audit_csv
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import files, record, versions
from tests.office import Office

PLAIN = b"event,node,start,end\nform start,,1785722400000,\nquestion,/data/head,1785722400100,1785722401000\n"
LOCATED = b"event,node,start,end,latitude,longitude,accuracy\nquestion,/data/head,1,2,21.5,105.1,4.2\n"
CHANGES = 'event,node,start,end,old-value,new-value\nquestion,/data/m[2]/name,1,2,Sử,"Sử, Giàng A"\n'.encode()
FULL = (
    "event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason\n"
    "change reason,,3,,21.5,105.1,4.2,,,Mỷ,nhập sai\n"
).encode()


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone keeps a log."""
    return Volunteer(office, form=office.publish(asked("house", "1", "head"), filename="house.xml"))


def house(instance_id: str, *, replaces: str | None = None, log: bool = True) -> bytes:
    meta = "<audit>audit.csv</audit>" if log else "<audit/>"
    return answered("house", "1", "<head>A</head>", instance_id=instance_id, replaces=replaces, meta=meta)


def logs(volunteer: Volunteer, first: str) -> list[dict[str, bytes | None]]:
    """The files of each version, oldest first."""
    found = versions(volunteer.office, record(volunteer.office, first).id)
    return [files(volunteer.office, version.id) for version in found]


def test_or_79_a_log_of_any_columns_is_stored_as_it_came(volunteer: Volunteer) -> None:
    for log in (PLAIN, LOCATED, CHANGES, FULL):
        instance = new_id()
        volunteer.send(house(instance), {"audit.csv": log})
        assert logs(volunteer, instance) == [{"audit.csv": log}]


def test_or_79_logs_of_different_columns_become_one_file(volunteer: Volunteer) -> None:
    sent = {new_id(): log for log in (PLAIN, LOCATED, CHANGES, FULL)}
    for instance, log in sent.items():
        volunteer.send(house(instance), {"audit.csv": log})
    stored = [(instance, logs(volunteer, instance)[0]["audit.csv"] or b"") for instance in sent]
    lines = list(csv.reader(io.StringIO(b"".join(audit_csv(stored)).decode())))
    assert lines[0] == ["instance ID", *AUDIT]
    assert [line[0] for line in lines[1:]] == [list(sent)[number] for number in (0, 0, 1, 2, 3)]
    assert lines[4][3:] == ["1", "2", "", "", "", "Sử", "Sử, Giàng A", "", ""]
    assert lines[5][-2:] == ["Mỷ", "nhập sai"]


def test_or_79_a_form_without_its_log_is_taken(volunteer: Volunteer) -> None:
    awaited, none = new_id(), new_id()
    assert volunteer.send(house(awaited)).status == 201
    assert volunteer.send(house(none, log=False)).status == 201
    assert logs(volunteer, awaited) == [{"audit.csv": None}]
    assert logs(volunteer, none) == [{}]


def test_or_79_an_edit_has_a_log_of_its_own(volunteer: Volunteer) -> None:
    a, b = new_id(), new_id()
    volunteer.send(house(a), {"audit.csv": PLAIN})
    edit = house(b, replaces=a)
    volunteer.send(edit)
    assert logs(volunteer, a) == [{"audit.csv": PLAIN}, {"audit.csv": None}]
    volunteer.send(edit, {"audit.csv": CHANGES})
    volunteer.send(house(a), {"audit.csv": PLAIN})
    assert logs(volunteer, a) == [{"audit.csv": PLAIN}, {"audit.csv": CHANGES}]
