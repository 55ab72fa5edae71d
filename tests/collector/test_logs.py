"""Nothing that opens a door and nothing somebody answered is in the log, whatever goes wrong with it."""

from __future__ import annotations

import errno
import io
import json
import logging
import re
import sqlite3
from collections.abc import Iterator

import pytest
from flask import request
from sqlalchemy.exc import IntegrityError, OperationalError

from collector import logs
from collector.accounts.authentication import account_identity
from collector.actions import keys, public_links, users
from collector.actions.keys import NewKey
from collector.actions.public_links import NewLink
from collector.asked import Asked
from collector.asked import begin as answering
from collector.clock import moment
from collector.logs import Lines, Objects, Redact, begin, told
from storage.database import transaction
from storage.models import Form, User
from tests.collector.v1.program import simple
from tests.collector.v1.shared import basic, bearer
from tests.office import ADMIN_PASSWORD, Office

PIN = "480215"
PERSON = "Lò Thị Pằn"
ANSWERS = (PERSON, "0912345678", "Pằn kể về gia đình", "21.4561 103.1234", "Bản Nà Tấu")
"""What people say of themselves, wherever a client may put it."""


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    return kept_office


@pytest.fixture(params=["text", "json"])
def written(
    office: Office, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[io.StringIO]:
    """What `collector serve` writes to standard error, when every route fails and quotes its request."""
    said = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", said)
    begin(logging.DEBUG, request.param)
    monkeypatch.setattr(office.app, "view_functions", dict.fromkeys(office.app.view_functions, fail))
    # Each request leaves its line, as COLLECTOR_LOG_REQUESTS has it.
    monkeypatch.setattr(office.app.wsgi_app, "_told", True)
    yield said
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)


def fail(**_named: object) -> str:
    """A route with a mistake in it, in an error whose cause says even more."""
    quoted = f"{request.url} {dict(request.headers)} {request.get_data(as_text=True)}"
    logging.getLogger("collector").error("asked for %s with %s", request.url, dict(request.headers))
    raise RuntimeError(quoted) from KeyError(quoted)


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
    client.get(f"/w/key/{phone.token}/projects/1/shelf")
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
    assert "/v1/key/…" in said or "/w/key/…" in said


def test_nothing_somebody_answered_is_in_the_log(office: Office, written: io.StringIO) -> None:
    xml = f'<data id="simple" version="1"><a>{" ".join(ANSWERS)}</a></data>'
    phone, client = office.phone(), office.client()
    files = {"xml_submission_file": (io.BytesIO(xml.encode()), f"{PERSON}.xml")}
    client.post(f"{phone.path}/submission", data=files)
    client.post(f"{phone.path}/submission", data=b"{xml}", content_type="text/xml")
    client.post(f"/w/key/{phone.token}/projects/1/submission", data={"x": ANSWERS[2]})
    bearing = bearer(office.session_token())
    client.post("/v1/projects/1/forms/simple/submissions", data=xml, headers=bearing)
    client.post("/v1/projects/1/datasets/households/entities", json={"label": PERSON}, headers=bearing)
    client.post("/api/projects/1/webhooks", json={"url": PERSON}, headers=bearing)
    client.post("/qr", data={"phone": ANSWERS[1], "pin": PIN})
    said = written.getvalue()
    assert said.count("RuntimeError") >= 5
    assert [one for one in ANSWERS if one in said] == []
    assert "\\u1eb1" not in said


def test_every_line_and_every_answer_carry_the_number_of_the_request(
    office: Office, written: io.StringIO
) -> None:
    answer = office.client().get("/signin")
    number = answer.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{4}-[0-9a-f]{4}", number)
    assert number in answer.get_data(as_text=True)
    assert number != office.client().get("/signin").headers["X-Request-Id"]
    lines = [line for line in written.getvalue().splitlines() if number in line]
    assert len(lines) >= 3
    if lines[0].startswith("{"):
        last = json.loads(lines[-1])
        assert last["time"].endswith("+00:00")
        del last["time"], last["ms"]
        assert last == {
            "level": "INFO",
            "logger": "collector.requests",
            "message": last["message"],
            "request": number,
            "door": "desk",
            "endpoint": "desk.signin.form",
            "status": 500,
        }
        assert "RuntimeError" in json.loads(lines[1])["trace"]
    else:
        assert lines[-1].endswith(f" ms [{number}]")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("GET /v1/sessions/abc$def!x HTTP/1.1", "GET /v1/sessions/… HTTP/1.1"),
        ("GET //v1//sessions//abc", "GET //v1//sessions//…"),
        ("GET /w/key/abc/projects/1", "GET /w/key/…/projects/1"),
        ("DELETE /v1/sessions/current", "DELETE /v1/sessions/current"),
        ("GET /reset/abc?x=1", "GET /reset/…?x=1"),
        ("/v1/projects/1?st=abc%24&b=2", "/v1/projects/1?st=…&b=2"),
        ("POST /v1/users/reset/verify", "POST /v1/users/reset/verify"),
        ("password=abc&x", "password=…&x"),
        ("Invalid request from ip=203.0.113.9: x", "Invalid request from ip=… x"),
        ("12 records of a form", "12 records of a form"),
    ],
)
def test_what_is_left_of_a_line(line: str, left: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (line,), None)
    assert Redact().filter(record)
    assert record.getMessage() == left


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left", f"/srv/{PERSON}.jpg"), "OSError: ENOSPC"),
        (
            OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked")),
            "OperationalError: database is locked",
        ),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError(f"UNIQUE {PERSON}")), "IntegrityError"),
        (ValueError(f"invalid literal: {PERSON}"), "ValueError"),
        (
            AttributeError("'str' object has no attribute 'id'"),
            "AttributeError: 'str' object has no attribute 'id'",
        ),
    ],
)
def test_the_words_of_an_error_are_told_where_they_cannot_be_an_answer(error: Exception, words: str) -> None:
    assert told(error) == words


def test_a_line_beside_requests_has_no_number() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "told", (), None)
    answering(None)
    assert "[" not in Lines().format(record)
    assert "request" not in json.loads(Objects().format(record))
    answering(Asked("3f9a-1c07", "phones", account=7))
    try:
        assert Lines().format(record).endswith("told [3f9a-1c07]")
        assert json.loads(Objects().format(record))["account"] == 7
    finally:
        answering(None)
    assert logs.FORMATS == ("text", "json")
