"""Nothing that opens a door is in the log, whichever way it is sent and whatever goes wrong with it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from flask import request

from collector.accounts.authentication import account_identity
from collector.actions import keys, public_links, users
from collector.actions.keys import NewKey
from collector.actions.public_links import NewLink
from collector.clock import moment
from collector.logs import Redact, begin
from storage.database import transaction
from storage.models import Form, User
from tests.collector.v1.program import simple
from tests.collector.v1.shared import basic, bearer
from tests.office import ADMIN_PASSWORD, Office

PIN = "480215"


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    return kept_office


@pytest.fixture
def written(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What `collector serve` writes to standard error, when every route fails and quotes its request."""
    said = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", said)
    begin(logging.DEBUG)

    def fail(**_named: object) -> str:
        raise RuntimeError(f"{request.url} {dict(request.headers)} {request.get_data(as_text=True)}")

    views = dict.fromkeys(office.app.view_functions, fail)
    monkeypatch.setattr(office.app, "view_functions", views)
    yield said
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)


def test_no_secret_is_in_the_log(office: Office, written: io.StringIO) -> None:
    form = office.publish(simple(), filename="simple.xml")
    draft = office.draft(simple("2"), filename="simple.xml")
    with office.app.app_context(), transaction() as session:
        admin = session.get_one(User, office.admin_id)
        owner = account_identity(session, admin)
        _key, key = keys.make(session, owner, NewKey("Power BI"), now=moment())
        link = public_links.make(
            session, session.get_one(Form, form.id), NewLink("Link"), office.parts.vault, now=moment()
        )
        link_token = office.parts.vault.open(link.token_sealed or b"")
        reset = users.allow_reset(session, admin, by=None, now=moment())
    phone, token, other = office.phone(), office.session_token(), office.session_token()
    draft_token = office.draft_token(draft)
    client = office.client()
    client.get(f"{phone.path}/formList")
    client.post(f"{phone.path}/submission", data=b"<data/>")
    client.get(f"/v1/test/{draft_token}/projects/1/forms/simple/draft/formList")
    client.get(f"/v1/projects/1/forms/simple?a=b&st={link_token}")
    client.get(f"/v1/projects/1/forms/simple.xml?st={link_token}")
    client.delete(f"/v1/sessions/{other}", headers=bearer(token))
    client.get("/v1/projects", headers=bearer(key))
    client.get("https://localhost/v1/projects", headers=basic("admin", ADMIN_PASSWORD))
    client.get("/v1/projects", headers=basic("any", key))
    client.get("/v1/projects", query_string={"key": key})
    client.get(f"/reset/{reset}")
    client.post("/v1/sessions", json={"email": "admin", "password": ADMIN_PASSWORD})
    client.post("/qr", data={"phone": "0912345678", "pin": PIN})
    client.set_cookie("collector_session", token)
    client.get("/account")
    said = written.getvalue()
    assert said.count("RuntimeError") > 8
    secrets = (phone.token, draft_token, link_token, token, other, key, reset, PIN, ADMIN_PASSWORD)
    packed = (basic("admin", ADMIN_PASSWORD), basic("any", key))
    assert [one for one in (*secrets, *(header["Authorization"] for header in packed)) if one in said] == []
    assert "/v1/key/…" in said


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("GET /v1/sessions/abc$def!x HTTP/1.1", "GET /v1/sessions/… HTTP/1.1"),
        ("GET //v1//sessions//abc", "GET //v1//sessions//…"),
        ("DELETE /v1/sessions/current", "DELETE /v1/sessions/current"),
        ("GET /reset/abc?x=1", "GET /reset/…?x=1"),
        ("/v1/projects/1?st=abc%24&b=2", "/v1/projects/1?st=…&b=2"),
        ("POST /v1/users/reset/verify", "POST /v1/users/reset/verify"),
        ("password=abc&x", "password=…&x"),
        ("12 records of a form", "12 records of a form"),
    ],
)
def test_what_is_left_of_a_line(line: str, left: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (line,), None)
    assert Redact().filter(record)
    assert record.getMessage() == left
