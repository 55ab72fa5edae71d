"""The phones' door as programs know it, in short: what it shows at length is in tests/collector/openrosa."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from collector.accounts.permissions import REVIEWER, VIEWER
from tests.asked import asked
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import Program
from tests.collector.v1.shared import program
from tests.collector.v1.surveyed import XML, Survey
from tests.office import Office
from tests.phone_upload import Upload

OPENROSA = {"X-OpenRosa-Version": "1.0"}
DOOR = "projects/1/submission"


@pytest.fixture
def survey(kept_office: Office, kept_program: Program) -> Survey:
    """A form without records."""
    return Survey(kept_office, kept_program)


def said(response: TestResponse) -> str:
    """The sentence of an OpenRosa answer, which has to be one."""
    assert response.content_type == "text/xml; charset=utf-8"
    [message] = etree.fromstring(response.data).findall("{http://openrosa.org/http/response}message")
    return message.text or ""


def sent(survey: Survey, xml: bytes, who: Program | None = None) -> TestResponse:
    """A record at the phones' door, by an account."""
    upload = Upload(xml, {}, xml_name="data.xml")
    return (who or survey.program).ask(
        "POST", DOOR, data=upload.read(), content_type=upload.content_type, headers=OPENROSA
    )


def test_case_01_a_phone_looks_before_it_sends(kept_program: Program) -> None:
    for method in ("HEAD", "GET"):
        response = kept_program.ask(method, DOOR, headers=OPENROSA)
        assert (response.status_code, response.data) == (204, b"")
        assert response.headers["X-OpenRosa-Version"] == "1.0"
        assert response.headers["X-OpenRosa-Accept-Content-Length"] == "100000000"
    without = kept_program.ask("POST", DOOR)
    assert without.status_code == 400
    assert "X-OpenRosa-Version" in said(without)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"<data/>", "text/xml"),
        (b"--x\r\nnothing", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"\r\n\r\n<data\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_case_02_what_is_no_whole_record_is_refused_in_xml(
    survey: Survey, data: bytes, content_type: str
) -> None:
    response = survey.program.ask("POST", DOOR, data=data, content_type=content_type, headers=OPENROSA)
    assert response.status_code == 400
    assert said(response)
    assert survey.ids() == []


def test_case_03_who_may_not_send_is_told_so_in_the_words_of_each_door(survey: Survey) -> None:
    office, xml = survey.office, survey.xml("one")
    viewer = program(office, f"viewer-{survey.form_id}", VIEWER)
    elsewhere = program(office, f"nobody-{survey.form_id}")
    for who in (viewer, elsewhere):
        assert sent(survey, xml, who).status_code == 401
        assert who.refused("POST", survey.records, data=xml, **XML) == (403, 403.1)
    upload = Upload(xml, {}, xml_name="data.xml")
    packed: dict[str, Any] = {"data": upload.read(), "content_type": upload.content_type}
    client = office.client()
    assert client.post(f"/v1/{DOOR}", headers=OPENROSA, **packed).status_code == 401
    assert client.post(f"/v1/{survey.records}", data=xml, **XML).status_code == 401
    unknown = client.post(f"/v1/key/{'x' * 64}/{DOOR}", headers=OPENROSA, **packed)
    assert unknown.status_code == 403
    assert said(unknown)
    assert survey.ids() == []


def test_case_03_the_same_states_and_versions_count_at_both_doors(survey: Survey) -> None:
    assert sent(survey, survey.xml("a", form_id="nowhere")).status_code == 404
    assert sent(survey, survey.xml("a", version="9")).status_code == 404
    survey.office.publish(asked(survey.form_id, "2", survey.questions), filename="f.xml")
    assert sent(survey, survey.xml("old")).status_code == 201
    survey.office.set_state(survey.form, "closing")
    assert sent(survey, survey.xml("late")).status_code == 201
    survey.office.set_state(survey.form, "closed")
    assert sent(survey, survey.xml("later")).status_code == 409
    assert survey.ids() == ["late", "old"]


def test_case_09_records_of_one_form_and_project_are_not_those_of_another(survey: Survey) -> None:
    other = Survey(survey.office, survey.program)
    survey.send("one")
    survey.put("one", "two", "Mai")
    ask = survey.program
    for tail in ("", ".xml", "/versions", "/versions/two", "/versions/two.xml", "/diffs", "/attachments"):
        assert ask.refused("GET", f"{other.records}/one{tail}") == (404, 404.1)
        assert ask.refused("GET", f"projects/2/forms/{survey.form_id}/submissions/one{tail}") == (404, 404.1)
    other.send("one", "An")
    assert ask.ask("GET", f"{survey.records}/one/versions/one.xml").data == survey.xml("one")
    assert [one["instanceId"] for one in ask.get(f"{survey.records}/one/versions")] == ["two", "one"]
    assert [one["instanceId"] for one in ask.get(f"{other.records}/one/versions")] == ["one"]
    assert ask.refused("GET", f"{other.records}/one/versions/two") == (404, 404.1)


def test_case_10_a_key_that_only_reads_says_nothing(survey: Survey) -> None:
    Volunteer(survey.office, form=survey.form).send(survey.xml("one"))
    owner = program(survey.office, f"owner-{survey.form_id}", REVIEWER)
    comments = f"/v1/{survey.records}/one/comments"
    for more, status in (({}, 403), ({"readOnly": False}, 200)):
        key = owner.ask("POST", "/api/keys", json={"name": "k", **more}).json
        assert key is not None
        headers = {"Authorization": f"Bearer {key['token']}"}
        client = survey.office.client()
        assert client.post(comments, json={"body": "x"}, headers=headers).status_code == status
        assert client.get(comments, headers=headers).status_code == 200
