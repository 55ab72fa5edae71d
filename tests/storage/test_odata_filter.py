"""A `$filter` picks the same records on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from collector.actions.incoming import Address as To
from collector.actions.incoming import Delivery, Sender
from storage.cuts import within
from storage.database import transaction
from storage.models import Form, Submission
from storage.queries.odata_filter import submissions_filter
from storage.scope import Scope
from tests.asked import answered, asked
from tests.kept import looking
from tests.office import NOW, Office

QUESTIONS = "head age:int share:decimal born:date seen:dateTime here:geopoint poor:boolean g/sex m*/age:int"
ANSWERS = {
    "a": "<head>Lò Thị A</head><age>15</age><share>0.5</share><born>1990-02-28</born><poor>true</poor>",
    "b": "<head/><age>30</age><share>2</share><seen>2026-01-01T06:00:00.000+07:00</seen><g><sex>1</sex></g>",
    "c": "<head>lò văn C</head><age>mười</age><born>2026-12-31</born><poor>0</poor><g><sex>2</sex></g>",
    "d": "<here>21.5 105.1 3 4</here><seen>2026-08-03T09:30:15.250+07:00</seen><head>100%_\\</head>",
}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    return kept_office


@pytest.fixture(scope="module")
def form(office: Office) -> Form:
    """A form with four records: b approved, d deleted; each came a day after the one before."""
    form = office.publish(asked("ho", "1", QUESTIONS), filename="ho.xml")
    for day, (name, answers) in enumerate(ANSWERS.items()):
        xml = answered("ho", "1", answers, instance_id=name)
        with office.app.app_context():
            now = NOW + timedelta(days=day)
            office.parts.intake.receive(Delivery(xml, {}, Sender(), now), To((1,)))
    with office.app.app_context(), transaction() as session:
        by_name = {one.instance_id: one for one in session.scalars(select(Submission))}
        by_name["b"].review_state = "approved"
        by_name["d"].deleted_at = NOW
    return form


def meant(office: Office, form: Form, text: str) -> str:
    with looking(office) as session:
        found = submissions_filter(session, form, text, now=NOW + timedelta(days=1))
        query = select(Submission.instance_id).where(found.condition).order_by(Submission.id)
        if not found.asks_deleted:
            query = query.where(Submission.deleted_at.is_(None))
        return "".join(session.scalars(query))


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("", "abc"),
        ("age eq 15", "a"),
        ("age ne 15", "bc"),
        ("age gt 15.5", "b"),
        ("not (age gt 15)", "ac"),
        ("age eq null", "c"),
        ("age in (15, 30)", "ab"),
        ("share le 0.5", "a"),
        ("head eq null", "b"),
        ("head ne null and head lt 'M'", "a"),
        ("head eq 'Lò Thị A'", "a"),
        ("contains(head, 'Thị')", "a"),
        ("contains(head, '%_\\') and __system/deletedAt ne null", "d"),
        ("startswith(head, 'lò') or endswith(head, 'A')", "ac"),
        ("not contains(head, 'Thị')", "bc"),
        ("length(head) eq 8", "ac"),
        ("trim(head) eq 'lò văn C'", "c"),
        ("born eq 1990-02-28", "a"),
        ("born gt 1990-02-28", "c"),
        ("year(born) eq 2026 and month(born) eq 12 and day(born) eq 31", "c"),
        ("seen lt 2026-01-01", "b"),
        ("hour(seen) eq 23 and minute(seen) eq 0", "b"),
        ("second(seen) eq 15 and __system/deletedAt ne null", "d"),
        ("here ne null and __system/deletedAt ne null", "d"),
        ("here eq null", "abc"),
        ("poor", "a"),
        ("poor eq true", "a"),
        ("poor eq false", "bc"),
        ("(age eq 15) eq true", "a"),
        ("g/sex eq '2'", "c"),
        ("g/sex ne '2'", "ab"),
        ("g/sex eq head", ""),
        ("null eq null and true", "abc"),
        ("__id eq 'b'", "b"),
        ("__system/submissionDate ge 2026-08-04", "bc"),
        ("__system/submissionDate lt now()", "a"),
        ("year(__system/submissionDate) eq year(now())", "abc"),
        ("__system/reviewState eq 'approved'", "b"),
        ("__system/reviewState eq null", "ac"),
        ("$root/Submissions/__system/reviewState ne null and $root/Submissions/age eq 30", "b"),
        ("__system/submitterId eq 77 or __system/submitterName eq 'x'", ""),
        ("__system/formVersion eq '1' and __system/status eq null", "abc"),
        ("__system/edits eq 0 and __system/attachmentsExpected eq 0", "abc"),
        ("__system/deletedAt ne null", "d"),
        ("__system/deletedAt eq null or __system/deletedAt le now()", "abcd"),
    ],
)
def test_case_23_a_filter_picks_its_records(office: Office, form: Form, text: str, records: str) -> None:
    assert meant(office, form, text) == records


def test_a_filter_never_shows_more_than_its_asker_sees(office: Office, form: Form) -> None:
    with looking(office) as session, within(Scope(("38",), 1)):
        found = submissions_filter(session, form, "age gt 0 or __system/submitterName ne 'x'", now=NOW)
        assert session.scalars(select(Submission.instance_id).where(found.condition)).all() == []
