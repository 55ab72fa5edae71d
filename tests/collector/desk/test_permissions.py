"""Who may see and do what on the pages, and that no other site can make a reader do it."""

from __future__ import annotations

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, REVIEWER, VIEWER
from collector.desk.page import LARGEST_PAGE
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import Office

FORM = "/surveys/simple"
RECORD = f"{FORM}/submissions/uuid:1"

LOOK = ("/", "/account", "/surveys", FORM, "/indicators")
"""What everybody at the office may look at."""

READ = (f"{FORM}/submissions", RECORD, "/sent-back", "/households")
"""What those may read who work with records; a leader sees no people."""

MANAGE = (
    "/upload",
    f"{FORM}/draft",
    f"{FORM}/draft/qr.svg",
    "/phones",
    "/phones/sheet",
    "/volunteers",
    f"{RECORD}/xml",
)
"""What only those may who run the survey."""

POSTS = {
    f"{FORM}/state": {"state": "closed"},
    f"{FORM}/files": {},
    f"{FORM}/draft/files": {},
    f"{FORM}/draft/publish": {"version": "3"},
    f"{FORM}/draft/abandon": {},
    "/upload": {},
    "/phones": {"name": "Lan", "forms": "all"},
    "/phones/sheet": {"pins": "1"},
    "/phones/1/edit": {},
    "/phones/1/pin": {},
    "/phones/1/renew": {},
    "/phones/1/revoke": {},
    "/volunteers": {},
    "/volunteers/enter": {"ticket": "x"},
    "/volunteers/1/undo": {},
    f"{RECORD}/delete": {},
    f"{RECORD}/restore": {},
}
"""Every form of the pages that changes a survey, with fields that would do it."""


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with a published form, a draft of its next version, and a record."""
    form = office.publish(simple(), filename="simple.xml")
    Volunteer(office, form=form).send(filled("uuid:1", "Lan", 30))
    office.draft(simple("2"), filename="simple.xml")
    return office


@pytest.mark.parametrize(
    ("role", "read", "manage"), [(MANAGER, 200, 200), (REVIEWER, 200, 403), (VIEWER, 403, 403)]
)
def test_an_office_role_sees_what_it_needs(busy: Office, role: int, read: int, manage: int) -> None:
    reader = Reader(busy, "can.bo", role)
    for paths, status in ((LOOK, 200), (READ, read), (MANAGE, manage)):
        assert {path: reader.get(path).status_code for path in paths} == dict.fromkeys(paths, status)
    # No page offers what another one refuses.
    offered = {link for path in LOOK for link in reader.page(path).links("//a") if link.startswith("/")}
    # Another door, whose page has to be built first.
    offered.discard("/w/")
    assert {link: reader.get(link).status_code for link in offered} == dict.fromkeys(offered, 200)


def test_a_data_collector_sees_what_to_fill_in_and_nothing_else(busy: Office) -> None:
    reader = Reader(busy, "tnv", DATA_COLLECTOR)
    assert reader.page("/").texts("//h1") == ["Forms to fill in"]
    closed = (*LOOK[2:], *READ, *MANAGE)
    assert {path: reader.get(path).status_code for path in closed} == dict.fromkeys(closed, 403)


@pytest.mark.parametrize("role", [REVIEWER, VIEWER, DATA_COLLECTOR])
def test_only_managers_change_anything(busy: Office, role: int) -> None:
    reader = Reader(busy, "can.bo", role)
    answers = {path: reader.post(path, dict(fields)).status_code for path, fields in POSTS.items()}
    assert answers == dict.fromkeys(POSTS, 403)


def test_a_role_in_one_project_opens_no_other(busy: Office) -> None:
    reader = Reader(busy, "can.bo", MANAGER)
    for path in ("/surveys/simple", "/phones", "/upload", "/indicators"):
        assert reader.get(f"/projects/2{path}").status_code == 403


def test_the_long_address_of_the_first_project_leads_to_the_short_one(busy: Office) -> None:
    response = Reader(busy).get("/projects/1/surveys/simple")
    assert response.status_code in {301, 308}
    assert response.headers["Location"].endswith("/surveys/simple")


def test_nobody_is_asked_to_sign_in_everywhere(busy: Office) -> None:
    reader = Reader(busy, "")
    for path in (*LOOK, *READ, *MANAGE):
        assert reader.get(path).headers["Location"].startswith("/signin?next=")


def test_a_form_without_its_secret_is_refused_and_changes_nothing(busy: Office) -> None:
    reader = Reader(busy)
    steps = {"form_id": "simple", "instance_id": "uuid:1", "name": "x"}
    adapter = busy.app.url_map.bind("localhost")
    for rule in busy.app.url_map.iter_rules():
        if rule.endpoint.startswith("desk.") and "POST" in (rule.methods or ()):
            values = {step: steps.get(step, 1) for step in rule.arguments}
            path = adapter.build(rule.endpoint, values, method="POST")
            answer = reader.client.post(path, data=POSTS.get(path, {}))
            assert answer.status_code == 400, path
            assert "open for too long" in answer.text
    assert reader.page(RECORD).find("//form[contains(@action, '/delete')]")
    assert reader.page("/phones").texts("//tbody/tr/td[1]") == ["Điện thoại 1"]


NOWHERE = ("/nowhere", "/surveys/none", f"{FORM}/submissions/none", "/phones/99")

ODD = (
    "/phones/99999999999",
    "/projects/99999999999/phones",
    f"{FORM}/submissions?before=99999999999999999999999",
    f"{FORM}/submissions?before=x",
    f"{FORM}/submissions/uuid:1?version=-1",
    f"{FORM}/versions/4294967296/xform",
    "/indicators/x?level=moon",
    f"{FORM}/files/x?draft=1",
    "/surveys/a%00b",
    f"{FORM}/submissions/%00",
    "/indicators/%00",
)


def test_what_is_not_there_is_a_page_too(busy: Office) -> None:
    reader = Reader(busy)
    for path in NOWHERE:
        missing = reader.page(path, status=404)
        assert missing.texts("//h1") == ["There is nothing here"]
        assert missing.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")


TOO_MUCH = str(2**70)
HUGE = (
    f"/?campaign={TOO_MUCH}",
    f"/today.png?campaign={TOO_MUCH}",
    f"/phones?batch={TOO_MUCH}",
    f"/phones/sheet?phone={TOO_MUCH}",
    f"/trash?page={2**63 - 1}",
    "/interviewers?place=%00",
    "/accounts?place=%00&q=%00",
    "/findings?check=%00",
    "/places?open=%00",
    "/downloads/file?file=csv:simple&place=%00",
)


def test_what_no_database_can_hold_is_no_mistake_of_ours(busy: Office) -> None:
    reader = Reader(busy)
    assert [path for path in HUGE if reader.get(path).status_code >= 500] == []
    for path, said in (
        ("/phones/many", {"phone": TOO_MUCH}),
        ("/phones/many", {"all": "1", "q": "a\0b"}),
        ("/lists", {"name": "a\0b"}),
        ("/campaigns/calendar", {"year": TOO_MUCH}),
        ("/account/keys", {"name": "Excel", "project": TOO_MUCH}),
        ("/account/keys", {"name": "Excel", "role": "x"}),
    ):
        assert (path, reader.post(path, said).status_code) == (path, 400)


def test_a_page_takes_no_more_than_a_page_needs(office: Office) -> None:
    reader = Reader(office, "")
    long = reader.client.post("/signin", data={"username": "x" * LARGEST_PAGE})
    assert (long.status_code, "larger than the server takes" in long.text) == (413, True)


def test_odd_addresses_are_answered(busy: Office) -> None:
    reader = Reader(busy)
    answers = {path: reader.get(path).status_code for path in ODD}
    assert {path: status for path, status in answers.items() if status not in {200, 400, 404}} == {}
