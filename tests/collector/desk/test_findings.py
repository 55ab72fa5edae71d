"""The queue of what to mend: read, answered, given to somebody, sent back, undone; by page and by program."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from collector.accounts.permissions import REVIEWER, VIEWER
from forms.checks.found import Found
from storage.database import transaction
from storage.findings.reporting import report
from storage.models import Assignment, Finding, Form
from storage.queries import actors
from tests.asked import answered
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.kept import looking, record
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, THERE_VILLAGE, plant

FORM = """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | unit |
| | text | village | Mã thôn | Village | place |
| | text | head | Chủ hộ | Head | |
| | integer | n | Số người | People | |
| | select_one sex | sex | Giới tính | Sex | |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | sex | 1 | Nam | Male |
| | sex | 2 | Nữ | Female |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ gia đình | ho | 1 | ${head} |
| checks |
| | code | severity | constraint | message::Tiếng Việt (vi) | message::English (en) |
| | crowded | error | ${n} < 20 or ${n} = '' | Hộ ${head} có ${n} người? | ${n} people with ${head}? |
| | alone | | ${n} != 1 or ${sex} != '2' | Một mình? | A woman alone? |
"""
LIST = "/findings"
SENTENCES = "//table//td[1]/a[contains(@href, '/findings/')]"


@pytest.fixture
def form(office: Office) -> Form:
    with office.app.app_context(), transaction() as session:
        plant(session)
    return office.publish(FORM)


@pytest.fixture
def phone(office: Office, form: Form) -> Volunteer:
    return Volunteer(office, form=form)


def send(phone: Volunteer, name: str, n: str, village: str = HERE_VILLAGE, before: str | None = None) -> None:
    answers = f"<village>{village}</village><head>Hộ {name}</head><n>{n}</n><sex>2</sex>"
    more = {} if before is None else {"replaces": f"uuid:{before}"}
    assert phone.post(answered("ho", "1", answers, instance_id=f"uuid:{name}", **more)).status_code == 201


def officer(office: Office, name: str = "xa", code: str = HERE) -> Reader:
    """Somebody who looks after one commune."""
    reader = Reader(office, name, REVIEWER)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, name)
        assert user is not None
        session.scalars(
            select(Assignment).where(Assignment.actor_id == user.actor_id)
        ).one().place_code = code
    return reader


def number(office: Office, check: str) -> int:
    with looking(office) as session:
        return session.scalars(select(Finding.id).where(Finding.check == check).order_by(Finding.id)).all()[0]


def states(office: Office) -> Mapping[str, str]:
    with looking(office) as session:
        return {one.check: one.state for one in session.scalars(select(Finding))}


def answers(page: Page) -> dict[str, str]:
    return dict(zip(page.texts("//dl/div/dt"), page.texts("//dl/div/dd"), strict=True))


def test_the_worst_comes_first_and_mending_takes_it_off_the_list(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    send(phone, "b", "40")
    reader = Reader(office)
    assert reader.page(LIST).texts(SENTENCES) == ["40 people with Hộ b?", "A woman alone?"]
    assert "2 things to mend" in reader.page("/").main
    send(phone, "c", "4", before="b")
    assert reader.page(LIST).texts(SENTENCES) == ["A woman alone?"]
    assert reader.page(f"{LIST}?state=fixed").texts(SENTENCES) == ["40 people with Hộ b?"]
    assert "Mended" in reader.page(f"{LIST}/{number(office, 'crowded')}").main


def test_a_finding_is_read_in_the_words_of_the_form(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    vietnamese = Reader(office, language="vi").page(f"{LIST}/{number(office, 'alone')}")
    assert vietnamese.texts("//h2")[0] == "Một mình?"
    assert answers(vietnamese) == {"Số người": "1", "Giới tính": "Nữ"}
    page = Reader(office).page("/surveys/ho/submissions/uuid:a")
    assert page.texts("//section[@aria-labelledby='findings']//li") == ["People: A woman alone? 1 answer it"]


def test_what_is_right_as_it_is_needs_a_reason_and_goes_on_to_the_next(
    office: Office, phone: Volunteer
) -> None:
    send(phone, "a", "1")
    send(phone, "b", "40")
    reader, first = Reader(office), number(office, "crowded")
    refused = reader.send(f"{LIST}/{first}/judge", {"verdict": "accepted", "reason": " "})
    assert "Say why it is right as it is" in refused.text
    assert states(office)["crowded"] == "open"
    following = reader.send(f"{LIST}/{first}/judge", {"verdict": "accepted", "reason": "Nhà dài, ba đời"})
    assert following.texts("//h2")[0] == "A woman alone?"
    told = reader.page("/surveys/ho/submissions/uuid:b").main
    assert "right as it is Nhà dài, ba đời" in told
    send(phone, "c", "40", before="b")
    assert states(office) == {"crowded": "accepted", "alone": "open"}
    opened = reader.send(f"{LIST}/{first}/judge", {"verdict": "open"})
    assert "It is open again." in opened.text
    assert states(office)["crowded"] == "open"


def test_no_fault_needs_no_reason_and_stays_away(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    Reader(office).send(f"{LIST}/{number(office, 'alone')}/judge", {"verdict": "rejected"})
    send(phone, "b", "1", before="a")
    assert states(office) == {"alone": "rejected"}
    assert "Nothing here." in Reader(office).page(LIST).main


def test_a_state_nobody_gives_is_refused(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    page = Reader(office).refused(f"{LIST}/{number(office, 'alone')}/judge", {"verdict": "fixed"})
    assert "cannot be made “fixed”" in page.text


def test_one_answer_for_many_is_looked_at_first_and_can_be_undone(office: Office, phone: Volunteer) -> None:
    for name in "abc":
        send(phone, name, "1")
    send(phone, "d", "40")
    reader = Reader(office)
    many = f"{LIST}/many?check=alone"
    assert "3 findings get the same answer." in reader.page(many).main
    assert "Say why" in reader.refused(many, {"verdict": "accepted"}).main
    done = reader.send(f"{LIST}/many", {"check": "alone", "verdict": "accepted", "reason": "Đã hỏi thôn"})
    assert "3 findings are answered." in done.text
    assert done.texts(SENTENCES) == ["40 people with Hộ d?"]
    one = number(office, "alone")
    reader.send(f"{LIST}/{one}/judge", {"verdict": "rejected"})
    [undo] = [form.get("action") for form in done.find("//form[contains(@action, '/undo')]")]
    back = reader.send(str(undo))
    assert "2 findings are as before." in back.text
    assert len(back.texts(SENTENCES)) == 3
    assert reader.post(str(undo)).status_code == 409


def test_somebody_looks_after_a_finding(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    xa, one = officer(office), number(office, "alone")
    with looking(office) as session:
        me = actors.user_by_name(session, "xa")
        mine = me.actor_id if me else 0
    assert xa.page(f"{LIST}?owner=me").texts(SENTENCES) == []
    xa.send(f"{LIST}/{one}/assign", {"to": str(mine)})
    assert xa.page(f"{LIST}?owner=me").texts(SENTENCES) == ["A woman alone?"]
    assert xa.page(f"{LIST}?owner=nobody").texts(SENTENCES) == []
    assert xa.refused(f"{LIST}/{one}/assign", {"to": "999999"}).status == 400
    xa.send(f"{LIST}/{one}/assign", {"to": ""})
    assert xa.page(f"{LIST}?owner=nobody").texts(SENTENCES) == ["A woman alone?"]


def test_a_finding_goes_back_to_the_volunteer(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    reader = Reader(office)
    page = reader.page(f"{LIST}/{number(office, 'alone')}")
    [form] = page.find("//form[contains(@action, '/send-back')]")
    fields = {str(one.get("name")): str(one.get("value")) for one in form.findall(".//input")}
    [text] = page.texts("//form[contains(@action, '/send-back')]//textarea")
    assert text == "A woman alone? (People: 1)"
    back = reader.send(str(form.get("action")), {**fields, "reason": text})
    assert "Sent back to whoever filled it in: uuid:a" in back.main
    assert reader.page(LIST).texts(SENTENCES) == []
    assert reader.page(f"{LIST}?state=waiting").texts(SENTENCES) == ["A woman alone?"]
    assert "A woman alone? (People: 1)" in reader.page("/sent-back").main


def test_two_records_stand_side_by_side(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "4")
    send(phone, "b", "5")
    pair = Found("place_unknown", tuple(record(office, f"uuid:{one}").id for one in "ab"))
    with office.app.app_context():
        report(1, ("place_unknown",), [pair], NOW)
    page = Reader(office).page(f"{LIST}/{number(office, 'place_unknown')}")
    cells = page.texts("//section[@aria-labelledby='beside']/table//td")
    assert cells == ["Head", "Hộ a", "Hộ b", "People", "4", "5"]
    assert page.texts("//section[@aria-labelledby='beside']//summary") == ["2 answers are the same"]
    elsewhere = Found("place_unknown", (record(office, "uuid:a").id,), variant="2")
    assert elsewhere.fingerprint != pair.fingerprint


def test_an_officer_finds_what_is_his_and_what_has_no_place_is_for_who_sees_all(
    office: Office, phone: Volunteer
) -> None:
    send(phone, "a", "40")
    send(phone, "b", "41", village=THERE_VILLAGE)
    send(phone, "c", "42", village="")
    xa = officer(office)
    assert xa.page(LIST).texts(SENTENCES) == ["40 people with Hộ a?"]
    assert "1 thing to mend" in xa.page("/").main
    with looking(office) as session:
        numbers = session.scalars(select(Finding.id).where(Finding.value.in_(("41", "42")))).all()
    for one in numbers:
        assert xa.page(f"{LIST}/{one}", 404).status == 404
        assert xa.post(f"{LIST}/{one}/judge", {"verdict": "rejected"}).status_code == 404
    xa.send(f"{LIST}/many", {"verdict": "rejected"})
    assert len(Reader(office).page(f"{LIST}?check=crowded").texts(SENTENCES)) == 2
    assert Reader(office, "sep", VIEWER).get(LIST).status_code == 403


def test_what_is_deleted_needs_no_mending(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "40")
    reader = Reader(office)
    reader.send("/surveys/ho/submissions/uuid:a/delete")
    assert reader.page(LIST).texts(SENTENCES) == []
    reader.send("/surveys/ho/submissions/uuid:a/restore")
    assert reader.page(LIST).texts(SENTENCES) == ["40 people with Hộ a?"]


def test_the_list_goes_on_and_is_narrowed(
    office: Office, phone: Volunteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.desk.queue.A_PAGE", 2)
    for name in "abc":
        send(phone, name, "1")
    send(phone, "d", "40", village=THERE_VILLAGE)
    reader, seen = Reader(office), []
    page = reader.page(LIST)
    while True:
        seen += page.texts(SENTENCES)
        further = [link for link in page.links() if "after=" in link]
        if not further:
            break
        page = reader.page(further[0])
    assert seen == ["40 people with Hộ d?"] + ["A woman alone?"] * 3
    for narrow, found in (
        ("severity=error", 1),
        ("check=alone", 2),
        (f"place={HERE}", 2),
        ("where=Xã Lũng Cú", 2),
        ("form=ho", 2),
        ("form=no", 0),
        ("state=all&severity=info", 0),
        ("owner=nobody", 2),
    ):
        assert len(reader.page(f"{LIST}?{narrow}").texts(SENTENCES)) == found, narrow


def test_a_place_nobody_knows_is_said(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    page = Reader(office).page(f"{LIST}?where=Xã Không Có")
    assert page.texts("//p[@role='alert']") != []
    assert page.texts(SENTENCES) == ["A woman alone?"]


def test_keys_lead_to_the_one_before_and_the_one_after(office: Office, phone: Volunteer) -> None:
    for name in "abc":
        send(phone, name, "1")
    reader = Reader(office)
    [start] = [str(one.get("href")) for one in reader.page(LIST).find("//a[@data-key='n']")]
    [second] = [str(one.get("href")) for one in reader.page(start).find("//a[@data-key='n']")]
    page = reader.page(second)
    assert [str(one.get("href")) for one in page.find("//a[@data-key='p']")] == [start]
    last = reader.page(str(page.find("//a[@data-key='n']")[0].get("href")))
    assert last.find("//a[@data-key='n']") == []


# Programs ---------------------------------------------------------------------------------------


def asked(office: Office, path: str, *, method: str = "GET", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {office.session_token()}"}
    return office.client().open(f"/api{path}", method=method, headers=headers, buffered=True, **more)


def test_programs_list_read_and_answer_findings(office: Office, phone: Volunteer) -> None:
    send(phone, "a", "1")
    send(phone, "b", "40")
    told = asked(office, "/findings").json
    assert (told["open"], [one["check"] for one in told["findings"]]) == (2, ["crowded", "alone"])
    [only] = asked(office, "/projects/1/findings?check=alone").json["findings"]
    assert {name: only[name] for name in ("record", "question", "value", "place", "severity", "state")} == {
        "record": "uuid:a",
        "question": "/n",
        "value": "1",
        "place": HERE_VILLAGE,
        "severity": "warning",
        "state": "open",
    }
    path = f"/findings/{only['id']}"
    assert asked(office, path, method="PATCH", json={"state": "accepted"}).status_code == 400
    assert asked(office, path, method="PATCH", json={"state": "gone"}).status_code == 400
    assert asked(office, path, method="PATCH", json={"owner": 999999}).status_code == 400
    changed = asked(office, path, method="PATCH", json={"state": "accepted", "reason": "đúng"}).json
    assert (changed["state"], changed["reason"]) == ("accepted", "đúng")
    changed = asked(office, path, method="PATCH", json={"owner": office.admin_id}).json
    assert (changed["state"], changed["owner"]) == ("accepted", office.admin_id)
    assert asked(office, "/findings/999").status_code == 404
    assert asked(office, "/findings?limit=1").json["findings"][0]["check"] == "crowded"


def test_the_table_names_rule_and_record_and_is_harmless_in_a_spreadsheet(
    office: Office, phone: Volunteer
) -> None:
    send(phone, "a", "1")
    with office.app.app_context():
        report(1, ("place_unknown",), [Found("place_unknown", subject="=HYPERLINK(1)")], NOW)
    program = csv.DictReader(io.StringIO(asked(office, "/findings.csv").text))
    assert [(one["rule"], one["record"], one["status"], one["subject"]) for one in program] == [
        ("alone", "uuid:a", "open", ""),
        ("place_unknown", "", "open", "=HYPERLINK(1)"),
    ]
    people = Reader(office).get(f"{LIST}.csv")
    assert people.data.startswith(b"\xef\xbb\xbffinding,rule,")
    assert "'=HYPERLINK(1)" in people.text
