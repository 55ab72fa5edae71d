"""What somebody tries who means harm, and what comes of it."""

from __future__ import annotations

import logging
import os
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from collector.actions.attempts import MOST_FAILURES
from collector.cli import main
from collector.logs import Redact
from collector.serving import LONGEST_ADDRESS
from storage.database import db
from tests.asked import answered, asked
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.live import serving
from tests.office import ADMIN, ADMIN_PASSWORD, Office

HTTPS = "https://survey.example"
XHTML = "http://www.w3.org/1999/xhtml"
SCRIPT = "/v1/projects/1/forms/visit/submissions/uuid:1/attachments/evil.js"


def test_a_script_in_an_answer_runs_in_nobodys_browser(office: Office) -> None:
    # The XML is one of ours to the browser, and so is the file beside it that the phone sent too.
    form = office.publish(asked("visit", "1", "doc:binary note"), filename="visit.xml")
    script = f'<s:script xmlns:s="{XHTML}" src="{SCRIPT}"/>'
    xml = answered("visit", "1", f"<doc>evil.js</doc><note>{script}</note>", instance_id="uuid:1")
    assert Volunteer(office, form=form).post(xml, {"evil.js": b"fetch('/account')"}).status_code == 201
    officer = Reader(office)
    for path in (
        "/v1/projects/1/forms/visit/submissions/uuid:1.xml",
        "/v1/projects/1/forms/visit/submissions/uuid:1/versions/uuid:1.xml",
        "/v1/projects/1/forms/visit.xml",
    ):
        answer = officer.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    for path in (SCRIPT, "/surveys/visit/submissions/uuid:1/files/evil.js"):
        answer = officer.get(path)
        assert (answer.status_code, answer.content_type) == (200, "application/octet-stream")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", ["/v1/projects", "/formList"])
def test_guessing_passwords_is_slow_at_every_door(office: Office, path: str) -> None:
    office.publish(simple(), filename="simple.xml")
    client = office.client()

    def tried(password: str, address: str) -> int:
        said = "Basic " + b64encode(f"{ADMIN}:{password}".encode()).decode()
        environ = {"REMOTE_ADDR": address}
        headers = {"Authorization": said, "X-OpenRosa-Version": "1.0"}
        return client.get(path, base_url=HTTPS, headers=headers, environ_overrides=environ).status_code

    # With IPv6 one line has more addresses than there are passwords.
    wrong = [tried("wrong password", f"2001:db8::{number:x}") for number in range(MOST_FAILURES + 1)]
    assert wrong == [401] * MOST_FAILURES + [429]
    assert tried(ADMIN_PASSWORD, "2001:db8::ffff") == 429
    assert (
        client.post(
            "/v1/sessions",
            json={"email": ADMIN, "password": ADMIN_PASSWORD},
            environ_overrides={"REMOTE_ADDR": "2001:db8::1"},
        ).status_code
        == 429
    )
    assert tried(ADMIN_PASSWORD, "2001:db8:0:1::1") == 200


def test_another_site_cannot_sign_a_reader_in_under_a_name_of_its_own(office: Office) -> None:
    said = {"email": ADMIN, "password": ADMIN_PASSWORD}
    for origin, kept in (("https://evil.example", False), ("null", False), ("http://localhost", True)):
        response = office.client().post("/v1/sessions", json=said, headers={"Origin": origin})
        assert response.status_code == 200
        assert ("Set-Cookie" in response.headers) is kept


@pytest.mark.parametrize("path", ["/v1/key/s3cret/projects/1", "//v1//key//s3cret/x", "/v1/test/s3cret?a"])
def test_no_token_is_in_the_log(path: str) -> None:
    record = logging.LogRecord("gunicorn", logging.ERROR, "", 0, "Error handling request %s", (path,), None)
    Redact().filter(record)
    assert "s3cret" not in record.getMessage()


def test_no_answer_is_in_the_log(office: Office) -> None:
    with office.app.app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": "Hoàng Thị Lan"})
    assert "Lan" not in str(failed.value)


def test_what_the_server_writes_is_for_its_own_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLECTOR_HOME", str(tmp_path))
    before = os.umask(0o022)
    try:
        assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    finally:
        os.umask(before)
    assert tmp_path.joinpath("collector.db").stat().st_mode & 0o007 == 0
    assert tmp_path.joinpath("blobs").stat().st_mode & 0o007 == 0


def test_an_address_without_end_keeps_nobody_waiting(office: Office) -> None:
    with serving(office) as live, live.connect() as line:
        # The end of the line never comes: who waits for it makes this time out.
        try:
            line.sendall(b"GET /healthz?" + b"a" * (2 * LONGEST_ADDRESS))
            answer = line.recv(1024)
        except ConnectionError:
            answer = b""  # hung up on
        assert answer == b"" or answer.startswith(b"HTTP/1.1 414 ")


def test_one_form_too_many_is_read_by_no_phone(office: Office) -> None:
    ours, others = (
        office.publish(simple(), filename="simple.xml"),
        office.publish(asked("visit", "1", "a"), filename="v.xml"),
    )
    given = office.phone(only=(ours,))
    client = office.client()
    for path in (
        "forms/visit.xml",
        "forms/visit/manifest",
        "forms/visit/attachments/x",
        "forms/visit/versions/1.xml",
    ):
        assert client.get(f"{given.path}/{path}").status_code == 403, path
    assert b"visit" not in client.get(f"{given.path}/formList").data
    every = office.phone("Điện thoại 2")
    assert b"visit" in client.get(f"{every.path}/formList").data
    assert b"visit" not in client.get(f"{given.path}/formList").data
    sent = Volunteer(office, every, form=others)
    assert sent.post(answered("visit", "1", "<a>1</a>", instance_id="uuid:1")).status_code == 201
    refused = Volunteer(office, given, form=others).post(
        answered("visit", "1", "<a>2</a>", instance_id="uuid:2")
    )
    assert refused.status_code == 403
    assert Volunteer(office, given, form=ours).post(filled("uuid:3", "Lan", 3)).status_code == 201


def test_the_collect_password_lies_on_phones_and_opens_their_door_only(office: Office) -> None:
    password = office.collect_password()
    secure = {"base_url": "https://localhost", "auth": (ADMIN, password)}
    assert office.client().get("/formList", **secure).status_code == 200
    for path in ("/v1/projects", "/v1/users/current", "/api/indicators"):
        assert office.client().get(path, **secure).status_code == 401
    signed_in = {"base_url": "https://localhost", "auth": (ADMIN, ADMIN_PASSWORD)}
    assert office.client().get("/v1/projects", **signed_in).status_code == 200
