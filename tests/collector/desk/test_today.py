"""The first page: what is due and where, for whom; the words and the picture that are sent on."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import event, select

from collector.accounts.permissions import DATA_COLLECTOR, MANAGER, REVIEWER, VIEWER
from collector.actions import campaigns
from collector.actions.campaigns import State
from collector.clock import moment
from collector.desk.today import signed_now
from collector.desk.today_picture import WIDTH, draw
from collector.desk.today_words import Table
from forms.values import HOME
from storage.database import db, transaction
from storage.models import (
    Approval,
    AppUser,
    Assignment,
    Campaign,
    Finding,
    Form,
    IndicatorCell,
    Project,
    Release,
    SentBack,
    Submission,
    SubmissionVersion,
)
from storage.queries import actors
from storage.queries.standing import AWAITED, LATE, RECEIVED, Asked, by_commune, by_unit
from tests.collector.desk.reader import Page, Reader
from tests.collector.test_campaigns import COUNT, a_province, send, wanted
from tests.office import NOW, Office

TASKS = "//section[@aria-labelledby='tasks']//li"
COMMUNE = "00001"
STATES = {State.RECEIVED: RECEIVED, State.LATE: LATE, State.MISSING: AWAITED, State.WAITING: AWAITED}


def day() -> date:
    return moment().astimezone(HOME).date()


def campaign(name: str, left: int, unit: str = "village", *, opens: int = -20) -> int:
    """One whose last day is so many days away; records of these weeks count for it."""
    days = {"opens_on": opens, "due_on": left, "period_from": -30, "period_to": 90}
    dated = {field: day() + timedelta(days=one) for field, one in days.items()}
    dated["due_on"] = max(dated["due_on"], dated["opens_on"])
    with transaction() as session:
        return campaigns.create(
            session, 1, wanted(name=name, key=name, forms={"count": unit}, **dated), now=NOW
        ).id


def officer(office: Office, name: str, role: int, code: str | None = COMMUNE) -> Reader:
    reader = Reader(office, name, role)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, name)
        assert user is not None
        held = select(Assignment).where(Assignment.actor_id == user.actor_id)
        session.scalars(held).one().place_code = code
    return reader


@pytest.fixture(scope="module")
def held(kept_office: Office) -> Office:
    """Two days are left: of Xã Một one village of two has sent, of Xã Hai none; another campaign is over."""
    with kept_office.app.app_context():
        a_province(kept_office)
        campaign("Rà soát", 2)
        campaign("Báo cáo năm", -5, "commune")
        campaign("Năm sau", 60, opens=30)
        send(kept_office, "00001-001", received=moment(), reported=day())
    return kept_office


@pytest.fixture(scope="module")
def leader(held: Office) -> Reader:
    return officer(held, "lanhdao", VIEWER, "08")


@pytest.fixture(scope="module")
def xa(held: Office) -> Reader:
    return officer(held, "xa", REVIEWER)


def rows(page: Page) -> list[str]:
    return page.texts("//table[@class='by-place']/tbody/tr")


def test_a_leader_sees_the_province_by_communes(leader: Reader) -> None:
    page = leader.page("/")
    assert page.texts(TASKS) == [
        "Rà soát: 3 of 4 have not sent 2 days left",
        "Báo cáo năm: 1 of 2 have not sent 5 days over",
    ]
    assert rows(page) == ["Xã Hai 0/2 – 2", "Xã Một 1/2 – 1"]
    assert page.texts("//section[@aria-labelledby='runs']//li") == ["Báo cáo năm 1/2"]
    assert "1 record came in today" in page.main
    assert "Tỉnh Tuyên Quang" in page.texts("//p[@class='facts']")[0]
    over = leader.page(page.links("//section[@aria-labelledby='runs']//a")[0].replace("?", "/?"))
    assert rows(over) == ["Xã Hai 0/1 – 1", "Xã Một 1/1 1 –"]
    assert {leader.get(link).status_code for link in page.links() if link.startswith("/")} == {200}


def test_an_officer_sees_the_villages_of_his_commune_and_of_no_other(xa: Reader) -> None:
    page = xa.page("/")
    assert page.texts(TASKS)[0] == "Rà soát: 1 of 2 have not sent 2 days left"
    assert rows(page) == ["Bản Bó 0/1 – 1"]
    message = page.texts("//textarea")[0]
    assert message.startswith("[Nhắc lần 2] Rà soát – Xã Một Hạn nộp")
    assert "Đã nộp 1/2, chưa nộp 1. Chưa nộp: Bản Bó." in message
    for other in ("Xã Hai", "Bản Cọ", "Bản Dền"):
        assert other not in page.source


def test_reports_are_to_be_made_once_the_release_of_a_deadline_is_issued(held: Office) -> None:
    of_place = {"places": ["08"], "due_id": "so"}
    for number, ago, state, more in (
        (1, 6, "issued", of_place),
        (2, 8, "issued", of_place),
        (3, 1, "withdrawn", of_place),
        (4, 1, "issued", {"places": ["08"]}),
        (5, 1, "issued", {**of_place, "spec": {"figures": False}}),
    ):
        said = {
            "spec": {"figures": True},
            "made_at": NOW,
            "issued_at": moment() - timedelta(days=ago),
            **more,
        }
        with held.app.app_context(), transaction() as session:
            session.add(Release(project_id=1, number=number, name=f"Số {number}", state=state, **said))
    chief = officer(held, "truong", MANAGER, None)
    page = chief.page("/")
    told = [one for one in page.texts(TASKS) if "release of the deadline" in one]
    assert told == ["Make the reports from the release of the deadline: Số 1"]
    [there] = page.links("//section[@aria-labelledby='tasks']//a[contains(., 'Số 1')]")
    assert there == "/reports?release=1&area=08"
    assert "release 1" in chief.page(there).main
    assert "Make the reports" not in officer(held, "nguoixem", VIEWER, "08").page("/").main


def test_the_picture_is_drawn_of_the_reader_s_places(leader: Reader, xa: Reader) -> None:
    def table(place: str, body: tuple[tuple[str, ...], ...], total: tuple[str, ...], hour: datetime) -> Table:
        due = day() + timedelta(days=2)
        return Table(
            "Rà soát",
            (place, f"Hạn nộp {due:%d/%m/%Y} (còn 2 ngày)."),
            ("Phải nộp", "Đã nộp", "Nộp muộn", "Chưa nộp"),
            body,
            ("Tổng", *total),
            f"Số liệu lúc {hour.hour} giờ ngày {hour:%d/%m/%Y}.",
        )

    before = moment().astimezone(HOME)
    his, whole = xa.get("/today.png"), leader.get("/today.png")
    hours = (before, moment().astimezone(HOME))
    villages = (("Bản Bó", "1", "0", "0", "1"), ("Bản Áng", "1", "1", "0", "0"))
    communes = (("Xã Hai", "2", "0", "0", "2"), ("Xã Một", "2", "1", "0", "1"))
    assert his.data in {draw(table("Xã Một", villages, ("2", "1", "0", "1"), one)) for one in hours}
    assert whole.data in {
        draw(table("Tỉnh Tuyên Quang", communes, ("4", "1", "0", "3"), one)) for one in hours
    }
    assert (his.content_type, Image.open(io.BytesIO(his.data)).width) == ("image/png", WIDTH)
    again = xa.get("/today.png", headers={"If-None-Match": his.headers["ETag"]})
    assert (again.status_code, his.headers["Cache-Control"]) == (304, "private, no-cache")


def test_only_who_may_see_campaigns_gets_a_picture(held: Office, leader: Reader) -> None:
    nobody = Reader(held, "tnv", DATA_COLLECTOR)
    assert nobody.get("/today.png").status_code == 403
    assert nobody.get("/projects/1/today").status_code == 403
    assert nobody.page("/").texts("//h1") == ["Forms to fill in"]
    assert leader.get("/today.png?campaign=999").status_code == 404
    assert leader.get("/?campaign=999").status_code == 404


def test_counts_are_those_of_the_board(held: Office) -> None:
    with held.app.app_context():
        session = db.session()
        for one in session.scalars(select(Campaign)).all():
            (board,) = campaigns.boards(session, one, now=moment())
            asked = Asked(one, board.asked, campaigns.deadline(one), moment() >= campaigns.deadline(one))
            told = {(line.unit.key, STATES[line.state]) for line in board.lines}
            assert {(unit.key, unit.state) for unit in by_unit(session, asked)} == told
            communes = {
                (code, STATES[state]): tally.of(state)
                for code, _name, tally in board.communes
                for state in State
                if tally.of(state)
            }
            assert {(part.key, part.state): part.number for part in by_commune(session, asked)} == communes


def test_a_morning_reads_no_table_from_end_to_end(held: Office, leader: Reader, xa: Reader) -> None:
    """Whatever there is of records, findings and figures: each is found by an index of places or days."""
    if not held.settings.database_url.startswith("sqlite"):
        pytest.skip("what SQLite plans without knowing how much there is")
    asked: list[tuple[str, object]] = []
    with held.app.app_context():
        engine = db.engine

    def note(_conn: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    for reader in (leader, xa, Reader(held)):
        assert reader.get("/").status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as raw:
        plans = [
            (row[3], statement)
            for statement, values in asked
            if statement.startswith("SELECT")
            for row in raw.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
        ]
    big = ("submissions", "findings", "indicator_cells", "submission_versions")
    bad = [plan for plan in plans if plan[0].startswith("SCAN") and plan[0].split()[1] in big]
    bad += [one for one in plans if "ix_submissions_form_id" in one[0] and "LIMIT" not in one[1]]
    assert bad == []
    assert any("ix_submissions_place_code_form_id_reported_on" in plan for plan, _statement in plans)


# What waits ------------------------------------------------------------------------------------------


@pytest.fixture
def busy(office: Office) -> Office:
    """Everything that can wait for somebody, waits."""
    with office.app.app_context():
        a_province(office)
        for village in ("00001-001", "00001-002"):
            send(office, village, received=moment(), reported=day())
        officer(office, "xa", REVIEWER)
        silent = office.phone("Lan").actor_id
        office.phone("Mai")
        office.draft(COUNT.replace("| 1       |", "| 2       |"))
        with transaction() as session:
            record, back = session.scalars(select(Submission).order_by(Submission.place_code)).all()
            form = session.scalars(select(Form)).one()
            back.review_state = "hasIssues"
            session.add(SentBack(submission_id=back.id, reason="Sai", created_at=moment()))
            session.get_one(AppUser, silent).last_used_at = moment() - timedelta(days=9)
            xa = actors.user_by_name(session, "xa")
            for owner in (xa.actor_id if xa else None, None):
                session.add(_finding(record, form, owner))
    return office


def _finding(record: Submission, form: Form, owner: int | None) -> Finding:
    return Finding(
        project_id=1,
        form_id=form.id,
        submission_id=record.id,
        check="odd",
        path="",
        key="",
        value=str(owner),
        place_code=record.place_code,
        owner_id=owner,
        created_at=NOW,
    )


def test_what_waits_stands_in_the_order_of_its_urgency_and_leads_there(busy: Office) -> None:
    manager, xa, leader = Reader(busy), Reader(busy, "xa"), Reader(busy, "lanhdao", VIEWER)
    page = manager.page("/")
    assert page.texts(TASKS) == [
        "2 things to mend",
        "Draft waiting to be published: Rà soát",
        "1 phone has sent nothing for 3 days",
        "1 phone was never in touch",
        "1 record sent back waits for its author",
    ]
    assert "No campaign is due today." in page.main
    assert "Make campaigns from the calendar of the plans" in page.main
    assert xa.page("/").texts(TASKS) == [
        "1 thing to mend is yours",
        "2 things to mend",
        "1 record sent back waits for its author",
    ]
    assert leader.page("/").texts(TASKS) == []
    with busy.app.app_context(), transaction() as session:
        back = session.scalars(select(SentBack)).one()
        version = session.scalars(
            select(SubmissionVersion).where(SubmissionVersion.submission_id == back.submission_id)
        ).one()
        version.created_at = moment() + timedelta(seconds=5)
        session.get_one(Submission, back.submission_id).review_state = "edited"
    assert "1 record sent back was corrected: look again" in xa.page("/").texts(TASKS)
    for reader in (manager, xa):
        links = reader.page("/").links(f"{TASKS}//a")
        assert {link: reader.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_without_anything_due_the_next_is_named(busy: Office) -> None:
    with busy.app.app_context():
        campaign("Học kỳ I", 30, opens=20)
    page = Reader(busy).page("/")
    assert "No campaign is due today. Next: Học kỳ I" in page.main
    with busy.app.app_context():
        campaign("Cả năm", 25)
    assert "Next: Cả năm" in Reader(busy).page("/").main


def test_a_new_server_is_told_how_to_begin_and_another_project_has_its_own_page(office: Office) -> None:
    reader = Reader(office)
    page = reader.page("/")
    assert page.texts("//h2")[0] == "What to do next"
    assert page.links("//ol//a") == ["/upload", "/phones"]
    assert "What to do next" not in Reader(office, "lanhdao", VIEWER).page("/").main
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Hai", created_at=NOW))
    assert reader.page("/").links("//p[@class='facts']/a") == ["/projects/2/today"]
    assert reader.page("/projects/2/today").links("//p[@class='facts']/a") == ["/projects/1/today"]


def test_figures_wait_to_be_signed_while_reports_are_due(busy: Office) -> None:
    period = signed_now(day())
    if period is None:
        pytest.skip("from March to October nothing is signed")
    xa, manager = Reader(busy, "xa"), officer(busy, "so", MANAGER, "08")
    with busy.app.app_context(), transaction() as session:
        for code in (COMMUNE, "08"):
            cell = {"project_id": 1, "code": "x", "period": period, "place_code": code, "split": ""}
            session.add(IndicatorCell(**cell, numerator=1, counted=1, computed_at=NOW))
    confirm, some = f"Confirm the figures of {period}", f"Figures of {period}: communes that have confirmed"
    assert confirm in xa.page("/").texts(TASKS)
    assert f"{some} 0/2" in manager.page("/").texts(TASKS)
    sign(busy, COMMUNE, period, "confirmed")
    assert confirm not in xa.page("/").texts(TASKS)
    assert f"{some} 1/2" in manager.page("/").texts(TASKS)
    sign(busy, "00002", period, "confirmed")
    assert f"All communes have confirmed: lock the figures of {period}" in manager.page("/").texts(TASKS)
    sign(busy, "08", period, "locked", changed=NOW)
    changed = f"Records behind the locked figures of {period} have changed"
    assert manager.page("/").texts(TASKS)[0] == changed


def sign(office: Office, code: str, period: str, state: str, *, changed: datetime | None = None) -> None:
    signed = {"project_id": 1, "place_code": code, "period": period, "state": state}
    with office.app.app_context(), transaction() as session:
        session.add(Approval(**signed, created_at=NOW, changed_at=changed))


@pytest.mark.parametrize(
    ("on", "period"),
    [("2026-10-31", None), ("2026-11-01", "2026"), ("2027-02-28", "2026"), ("2027-03-01", None)],
)
def test_figures_are_signed_around_the_turn_of_the_year(on: str, period: str | None) -> None:
    assert signed_now(date.fromisoformat(on)) == period
