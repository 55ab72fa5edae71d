"""Programs send records, correct, judge and take them out, over the wire and through the intake."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select

from collector.accounts.permissions import DATA_COLLECTOR, REVIEWER
from storage.database import db
from storage.models import FigureMark
from tests.asked import asked
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import EXTENDED, Program
from tests.collector.v1.shared import account, program
from tests.collector.v1.surveyed import XML, Survey
from tests.office import Office
from tests.phone import SendFailed


@pytest.fixture
def survey(kept_office: Office, kept_program: Program) -> Survey:
    """A form without records."""
    return Survey(kept_office, kept_program)


# Sending ------------------------------------------------------------------------------------------------


def test_a_program_sends_a_record(survey: Survey) -> None:
    headers = {"User-Agent": "robot/1", "ODK-Client": "pyodk/2"}
    made = survey.program.post(
        f"{survey.records}?deviceID=m%C3%A1y%3A1", data=survey.xml("one"), headers=headers, **XML
    )
    assert made == survey.program.get(f"{survey.records}/one")
    assert made["instanceId"] == made["currentVersion"]["instanceId"] == "one"
    assert made["submitterId"] == survey.office.admin_id
    assert (made["deviceId"], made["userAgent"]) == ("máy:1", "pyodk/2 robot/1")
    assert made["reviewState"] is None
    assert survey.program.ask("GET", f"{survey.records}/one.xml").data == survey.xml("one")
    longer = survey.program.post(survey.records, data=survey.xml("two"), headers=EXTENDED, **XML)
    assert longer["submitter"]["id"] == survey.office.admin_id


def test_what_a_record_says_of_itself_is_cut_where_it_is_too_long(survey: Survey) -> None:
    made = survey.program.post(
        f"{survey.records}?deviceID={'d' * 300}",
        data=survey.xml("one"),
        headers={"User-Agent": "a" * 300},
        **XML,
    )
    assert (len(made["deviceId"]), len(made["userAgent"])) == (255, 255)


def test_case_02_a_record_that_cannot_be_read_is_refused_and_nothing_is_kept(survey: Survey) -> None:
    form = survey.form_id
    for data, code in (
        (b"<data", 400.1),
        (b"", 400.1),
        (b"<data/>", 400.2),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><data id="x">&b;</data>', 400.1),
        (survey.xml("one", form_id="other"), 400.8),
    ):
        assert survey.program.refused("POST", survey.records, data=data, **XML) == (400, code), data
    said = survey.program.ask("POST", survey.records, data=survey.xml("one", form_id="other"), **XML).json
    assert said is not None
    assert form in said["message"]
    assert survey.program.refused("POST", survey.records, data=b"x" * 10_500_000, **XML)[0] == 413
    assert survey.ids() == []


def test_case_03_whether_a_form_is_there_and_open(survey: Survey) -> None:
    ask = survey.program
    gone = "projects/1/forms/nowhere/submissions"
    assert ask.refused("POST", gone, data=survey.xml("one", form_id="nowhere"), **XML) == (404, 404.1)
    unknown = survey.xml("one", version="9")
    assert ask.refused("POST", survey.records, data=unknown, **XML) == (404, 404.6)
    survey.office.publish(asked(survey.form_id, "2", survey.questions), filename="f.xml")
    survey.send("old")
    survey.send("new", version="2")
    survey.office.set_state(survey.form, "closing")
    survey.send("late")
    survey.office.set_state(survey.form, "closed")
    assert ask.refused("POST", survey.records, data=survey.xml("later"), **XML) == (409, 409.2)
    assert survey.ids() == ["late", "new", "old"]


def test_case_04_the_same_id_is_taken_once_whatever_it_says(survey: Survey) -> None:
    survey.send("one")
    for name in ("Lan", "Mai"):
        xml = survey.xml("one", name)
        assert survey.program.refused("POST", survey.records, data=xml, **XML) == (409, 409.3)
    # A phone that sends the same thing again is told yes, and another thing no.
    phone = Volunteer(survey.office, form=survey.form)
    assert phone.post(survey.xml("one")).status_code == 201
    assert phone.post(survey.xml("one", "Mai")).status_code == 409
    assert survey.ids() == ["one"]


# New versions -------------------------------------------------------------------------------------------


def test_case_08_a_new_version_names_the_one_it_replaces(survey: Survey) -> None:
    survey.send("one")
    made = survey.put("one", "two", "Mai")
    assert made["instanceId"] == "one"
    assert made["currentVersion"]["instanceId"] == "two"
    assert made["reviewState"] == "edited"
    assert made["updatedAt"] is not None
    address, ask = f"{survey.records}/one", survey.program
    assert ask.refused("PUT", address, data=survey.xml("three"), **XML) == (400, 400.19)
    late = survey.xml("three", replaces="one")
    assert ask.refused("PUT", address, data=late, **XML) == (409, 409.9)
    taken = survey.xml("one", replaces="two")
    assert ask.refused("PUT", address, data=taken, **XML) == (409, 409.8)
    again = survey.xml("two", replaces="two")
    assert ask.refused("PUT", address, data=again, **XML) == (409, 409.8)
    nobody = survey.xml("x", replaces="nobody")
    assert ask.refused("PUT", f"{survey.records}/nobody", data=nobody, **XML) == (404, 404.1)
    assert ask.refused("PUT", address, data=survey.xml("x", form_id="y"), **XML) == (400, 400.8)
    survey.put("one", "three", "An", replaces="two")
    assert [one["instanceId"] for one in ask.get(f"{address}/versions")] == ["three", "two", "one"]


def test_case_08_the_id_of_a_version_leads_to_its_place_under_the_record(survey: Survey) -> None:
    survey.send("one")
    survey.put("one", "uuid:2", "Mai")
    response = survey.program.ask("GET", f"{survey.records}/uuid%3A2.xml")
    assert response.status_code == 301
    where = f"/v1/{survey.records}/one/versions/uuid%3A2.xml"
    assert response.headers["Location"].endswith(where)
    assert survey.program.ask("GET", where).data == survey.xml("uuid:2", "Mai", replaces="one")


def test_case_07_an_edit_of_a_phone_meets_the_edit_of_a_program(survey: Survey) -> None:
    phone = Volunteer(survey.office, form=survey.form)
    phone.send(survey.xml("one"))
    survey.put("one", "two", "Mai")
    for replaced in ("one", "nobody"):
        with pytest.raises(SendFailed):
            phone.send(survey.xml("three", replaces=replaced))
    phone.send(survey.xml("three", replaces="two"))
    assert survey.program.get(f"{survey.records}/one")["currentVersion"]["instanceId"] == "three"


def test_case_09_what_each_version_changed(kept_office: Office, kept_program: Program) -> None:
    survey = Survey(kept_office, kept_program, "name:string m*/n:string m*/a:int")
    rows = "<n>An</n><a>1</a></m><m><n>Bi</n><a>2</a>"
    survey.send("one", "Lan", m=rows)
    survey.put("one", "two", "Mai", m=rows.replace("<a>2</a>", "<a>3</a>"))
    [changes] = kept_program.get(f"{survey.records}/one/diffs").values()
    assert sorted(changes, key=str) == [
        {"new": "one", "path": ["meta", "deprecatedID"]},
        {"old": "2", "new": "3", "path": [["m", 1], "a"]},
        {"old": "Lan", "new": "Mai", "path": ["name"]},
        {"old": "one", "new": "two", "path": ["meta", "instanceID"]},
    ]
    assert kept_program.refused("GET", f"{survey.records}/two/diffs") == (404, 404.1)
    assert kept_program.refused("GET", "projects/2/forms/x/submissions/one/diffs") == (404, 404.1)


# Judging, saying, taking out ------------------------------------------------------------------------------


def test_case_10_who_may_judge_and_who_may_comment(survey: Survey) -> None:
    survey.send("one")
    reviewer = program(survey.office, f"reviewer-{survey.form_id}", REVIEWER)
    collector = program(survey.office, f"collector-{survey.form_id}", DATA_COLLECTOR)
    record = f"{survey.records}/one"
    for state in ("hasIssues", "approved", "rejected", "edited", None):
        judged = reviewer.ask("PATCH", record, json={"reviewState": state})
        assert judged.status_code == 200
        assert judged.json is not None
        assert judged.json["reviewState"] == state
    for said, code in (({"reviewState": "good"}, 400.8), ({"reviewState": 3}, 400.11), ({}, 400.3)):
        assert reviewer.refused("PATCH", record, json=said) == (400, code)
    assert reviewer.refused("PATCH", f"{survey.records}/no", json={"reviewState": None}) == (404, 404.1)
    assert collector.refused("PATCH", record, json={"reviewState": "approved"}) == (403, 403.1)
    assert collector.refused("POST", f"{record}/comments", json={"body": "x"}) == (403, 403.1)
    made = reviewer.post(f"{record}/comments", json={"body": "đã gọi điện"})
    assert made.keys() == {"body", "actorId", "createdAt"}
    survey.program.post(f"{record}/comments", json={"body": "tốt"})
    listed = survey.program.get(f"{record}/comments", headers=EXTENDED)
    assert [one["body"] for one in listed] == ["tốt", "đã gọi điện"]
    assert listed[1]["actor"]["id"] == listed[1]["actorId"] == made["actorId"]
    assert reviewer.refused("POST", f"{record}/comments", json={"body": " "}) == (400, 400.3)
    assert reviewer.refused("POST", f"{record}/comments", json={}) == (400, 400.3)


def test_case_10_a_judgement_moves_figures_and_is_noted(survey: Survey) -> None:
    survey.send("one")
    before = _marks(survey)
    survey.program.ask("PATCH", f"{survey.records}/one", json={"reviewState": "rejected"})
    assert _marks(survey) == before + 1
    survey.program.ask("DELETE", f"{survey.records}/one")
    survey.program.post(f"{survey.records}/one/restore", headers={"X-Action-Notes": "nh%E1%BA%A7m"})
    told = survey.program.get(f"{survey.records}/one/audits", headers=EXTENDED)
    assert [one["action"].removeprefix("submission.") for one in told] == [
        "restore",
        "delete",
        "update",
        "create",
    ]
    assert told[0]["notes"] == "nhầm"
    assert told[2]["actor"]["id"] == survey.office.admin_id
    assert told[2]["details"]["reviewState"] == "rejected"
    assert {one["details"]["instanceId"] for one in told} == {"one"}


def _marks(survey: Survey) -> int:
    with survey.office.app.app_context():
        mine = FigureMark.source == f"form:{survey.form.id}"
        return len(db.session.scalars(select(FigureMark).where(mine)).all())


def test_case_11_a_record_taken_out_is_nowhere_until_it_is_put_back(survey: Survey) -> None:
    survey.send("one")
    survey.send("two")
    ask = survey.program
    assert ask.ask("DELETE", f"{survey.records}/one").json == {"success": True}
    assert survey.ids() == ["two"]
    assert survey.ids("?deleted=true") == ["one"]
    assert "one" not in ask.ask("GET", f"{survey.records}.csv").text
    for tail in ("", ".xml", "/attachments", "/versions", "/comments", "/diffs"):
        assert ask.refused("GET", f"{survey.records}/one{tail}") == (404, 404.1)
    assert ask.refused("PATCH", f"{survey.records}/one", json={"reviewState": None}) == (404, 404.1)
    assert ask.refused("POST", survey.records, data=survey.xml("one"), **XML) == (409, 409.18)
    newer = survey.xml("three", replaces="one")
    assert ask.refused("PUT", f"{survey.records}/one", data=newer, **XML) == (404, 404.1)
    assert ask.post(f"{survey.records}/one/restore") == {"success": True}
    assert survey.ids() == ["two", "one"]
    assert "one" in ask.ask("GET", f"{survey.records}.csv").text
    assert ask.ask("GET", f"{survey.records}/one.xml").data == survey.xml("one")


def test_records_are_chosen_by_a_filter(survey: Survey) -> None:
    for number in range(3):
        survey.send(f"r{number}", age=str(number))
    survey.program.ask("PATCH", f"{survey.records}/r1", json={"reviewState": "approved"})
    survey.program.ask("DELETE", f"{survey.records}/r0")

    def chosen(text: str) -> list[str]:
        return survey.ids(f"?%24filter={quote(text)}")

    assert chosen("__system/reviewState eq 'approved'") == ["r1"]
    assert chosen("age ge 2") == ["r2"]
    assert chosen("__system/deletedAt ne null") == ["r0"]
    assert survey.program.refused("GET", f"{survey.records}?%24filter=age+eq")[0] == 400


def test_who_sent_records_is_listed_once(survey: Survey) -> None:
    Volunteer(survey.office, survey.office.phone("An"), form=survey.form).send(survey.xml("one"))
    survey.send("two")
    survey.send("three")
    assert [one["displayName"] for one in survey.program.get(f"{survey.records}/submitters")] == [
        "An",
        "admin",
    ]


def test_the_page_to_correct_a_record_is_found(survey: Survey) -> None:
    survey.send("uuid:1")
    response = survey.program.ask("GET", f"{survey.records}/uuid:1/edit")
    assert response.status_code == 302
    assert f"/surveys/{survey.form_id}/submissions/uuid%3A1/correct" in response.headers["Location"]
    assert survey.program.refused("GET", f"{survey.records}/uuid:2/edit") == (404, 404.1)


# Drafts -------------------------------------------------------------------------------------------------


def test_case_12_test_records_stay_among_themselves(survey: Survey) -> None:
    survey.send("live")
    survey.office.draft(asked(survey.form_id, "2", f"{survey.questions} more:binary"), filename="f.xml")
    tests, ask = f"projects/1/forms/{survey.form_id}/draft/submissions", survey.program
    # The version a test names is not looked at.
    made = ask.post(tests, data=survey.xml("test", version="77", more="f.bin"), **XML)
    assert made["instanceId"] == "test"
    assert [one["instanceId"] for one in ask.get(tests)] == ["test"]
    assert ask.get(f"{tests}/test") == made
    assert [one["id"] for one in ask.get(f"{tests}/submitters")] == [survey.office.admin_id]
    assert ask.get(f"{tests}/keys") == []
    ask.post(f"{tests}/test/attachments/f.bin", data=b"x")
    assert ask.get(f"{tests}/test/attachments") == [{"name": "f.bin", "exists": True}]
    newer = survey.xml("test2", "Mai", replaces="test", more="f.bin")
    assert ask.ask("PUT", f"{tests}/test", data=newer, **XML).status_code == 200
    assert len(ask.get(f"{tests}/test/diffs")["test2"]) == 3
    assert ask.ask("GET", f"{tests}/test2.xml").headers["Location"].endswith("/test/versions/test2.xml")
    assert "test" in ask.ask("GET", f"{tests}.csv").text
    assert survey.ids() == ["live"]
    assert "test" not in ask.ask("GET", f"{survey.records}.csv").text
    assert ask.refused("GET", f"{survey.records}/test") == (404, 404.1)
    assert ask.refused("GET", f"{tests}/live") == (404, 404.1)


@pytest.mark.parametrize("end", ["publish", "replace", "copy", "abandon"])
def test_case_12_test_records_vanish_with_their_draft(survey: Survey, end: str) -> None:
    draft = f"projects/1/forms/{survey.form_id}/draft"
    newer = asked(survey.form_id, "2", survey.questions)
    survey.office.draft(newer, filename="f.xml")
    ask = survey.program
    ask.post(f"{draft}/submissions", data=survey.xml("test"), **XML)
    if end == "publish":
        ask.post(f"{draft}/publish")
    elif end == "abandon":
        assert ask.ask("DELETE", draft).status_code == 200
    else:
        ask.post(draft, data=newer if end == "replace" else b"", content_type="application/xml")
    if end in {"publish", "abandon"}:
        for method, data in (("GET", b""), ("POST", survey.xml("x"))):
            assert ask.refused(method, f"{draft}/submissions", data=data, **XML) == (404, 404.1)
        survey.office.draft(asked(survey.form_id, "3", survey.questions), filename="f.xml")
    assert ask.get(f"{draft}/submissions") == []
    assert survey.ids() == []


def test_case_12_a_closed_form_takes_test_records(survey: Survey) -> None:
    survey.office.set_state(survey.form, "closed")
    survey.office.draft(asked(survey.form_id, "2", survey.questions), filename="f.xml")
    tests = f"projects/1/forms/{survey.form_id}/draft/submissions"
    assert survey.program.post(tests, data=survey.xml("test"), **XML)["instanceId"] == "test"


def test_who_only_fills_in_sends_and_reads_nothing(survey: Survey) -> None:
    account(survey.office, f"filler-{survey.form_id}", DATA_COLLECTOR)
    filler = Program(survey.office, f"filler-{survey.form_id}", "mat khau cua ban")
    assert filler.post(survey.records, data=survey.xml("one"), **XML)["instanceId"] == "one"
    for tail in ("", "/one", "/one.xml", "/submitters", "/one/comments", "/one/diffs", "/one/edit"):
        assert filler.refused("GET", f"{survey.records}{tail}") == (403, 403.1)
