"""The figures of the server's own work: what is counted, who may read it, and that nobody pays for it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from collector.actions.signs import Signs
from collector.app import create_app
from collector.metering import meters as meters_file
from collector.metering.gauges import GAUGES, Seldom, memory, processes
from collector.metering.meters import COUNTERS, Meters
from collector.metering.page import written
from collector.numbered import door_of
from collector.settings import Settings
from storage.cells.marks import PLACES
from storage.database import db, transaction
from storage.models import FigureMark
from storage.queries import health
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import looking
from tests.office import NOW, Office

DOORS = {"phones", "webforms", "v1", "api", "files", "health", "desk"}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    return kept_office


def told(response: TestResponse) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and the values of its labels."""
    assert response.status_code == 200, response.text
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_what_phones_send_is_counted_by_what_became_of_it(office: Office) -> None:
    form = office.publish(asked("counted", "1", "head"), filename="counted.xml")
    before = told(office.client().get("/metrics"))
    volunteer = Volunteer(office, form=form)
    xml = answered("counted", "1", "<head>Lò Thị Pằn</head>", instance_id=new_id())
    for body in (xml, xml, b"<data/>"):
        volunteer.post(body)
    office.client().get("/no/such/page")
    answer = office.client().get("/metrics")
    after = told(answer)

    def grown(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert [grown("collector_submissions_total", what) for what in ("new", "again", "refused")] == [1, 1, 1]
    assert grown("collector_request_seconds_count", "phones", "2xx") >= 2
    assert grown("collector_request_seconds_count", "desk", "4xx") == 1
    assert grown("collector_received_bytes_total", "phones") > 2 * len(xml)
    elsewhere = {"collector_wal_bytes"} if office.settings.database_url.startswith("postgresql") else set()
    assert {name[0] for name in after} >= set(GAUGES) - _KNOWN_LATER - elsewhere
    assert after["collector_database_answers",] == 1
    assert {name[1] for name in after if name[0] == "collector_request_seconds_count"} <= DOORS
    assert volunteer.path.split("/")[3] not in answer.text
    assert "Pằn" not in answer.text


_KNOWN_LATER = {"collector_backup_age_seconds", "collector_worker_silent_seconds"}
"""Of a server that was never backed up, and whose worker never was at work."""


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("10.20.1.7", {}, 403),
        ("203.0.113.9", {}, 403),
        # A proxy on the same machine that no setting names: everybody would look like the machine itself.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 403),
    ],
)
def test_only_the_machine_itself_reads_them(
    office: Office, address: str, headers: dict[str, str], status: int
) -> None:
    answer = office.client().get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_a_network_that_is_named_reads_them_also_through_the_proxy(tmp_path: Path) -> None:
    app = create_app(
        Settings.from_environment({
            "COLLECTOR_HOME": str(tmp_path),
            "COLLECTOR_PROXY_COUNT": "1",
            "COLLECTOR_METRICS_NETWORKS": "10.20.0.0/16",
        })
    )
    client = app.test_client()
    for forwarded, status in (("10.20.1.7", 200), ("203.0.113.9", 403)):
        answer = client.get("/metrics", headers={"X-Forwarded-For": forwarded})
        assert answer.status_code == status, answer.text
    # No database there: what is counted is told all the same.
    assert (
        "collector_database_answers 0.0"
        in client.get("/metrics", headers={"X-Forwarded-For": "10.20.1.7"}).text
    )


def test_what_ended_processes_counted_is_added_up_and_their_files_go(tmp_path: Path) -> None:
    own = Meters(tmp_path)
    own.count("collector_submissions", "new", 2)
    counting = (
        "import sys; from pathlib import Path; from collector.metering.meters import Meters;"
        "meters = Meters(Path(sys.argv[1])); meters.count('collector_submissions', 'new');"
        "meters.request('phones', '2xx', 0.02)"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", counting, str(tmp_path)], check=True)
    assert len(list(tmp_path.glob("*.db"))) == 5
    assert own.totals()["collector_submissions"] == 4
    assert own.reap() == 4
    assert sorted(path.name for path in tmp_path.glob("*.db")) == [
        "counter_0.db", f"counter_{os.getpid()}.db", "histogram_0.db",
    ]  # fmt: skip
    text = written(own, {}).decode()
    assert 'collector_submissions_total{outcome="new"} 4.0' in text
    assert 'collector_request_seconds_count{door="phones",status="2xx"} 2.0' in text
    assert 'le="0.01",status="2xx"} 0.0' in text
    assert 'le="0.025",status="2xx"} 2.0' in text


def test_a_full_disk_stops_counting_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    meters = Meters(tmp_path)
    meters.count("collector_failures")
    meters.request("desk", "5xx", 1.0)


def test_all_labels_there_can_be_fit_into_the_room_of_a_file(tmp_path: Path) -> None:
    meters = Meters(tmp_path)
    for door in DOORS:
        for status in ("1xx", "2xx", "3xx", "4xx", "5xx", "503"):
            for seconds in meters_file.SECONDS:
                meters.request(door, status, seconds)
        meters.count("collector_received_bytes", door)
    for name, (label, _told) in COUNTERS.items():
        meters.count(name, "anything" if label else "")
    for path in tmp_path.glob("*.db"):
        assert path.stat().st_size == meters_file._ROOM[path.name.partition("_")[0]]


def test_since_when_the_oldest_change_waits_is_known_to_the_minute(office: Office) -> None:
    signs = Signs()
    with office.app.app_context():
        with transaction() as session:
            session.query(FigureMark).delete()
            session.add(FigureMark(project_id=1, source=PLACES))
        signs.look(NOW)
        with transaction() as session:
            session.add(FigureMark(project_id=1, source=PLACES))
        signs.look(NOW + timedelta(minutes=1))
        assert health.seen_at_work(db.session(), health.MARKS) == NOW
        with transaction() as session:
            oldest = session.query(FigureMark).order_by(FigureMark.id).first()
            session.delete(oldest)
        signs.look(NOW + timedelta(minutes=2))
        assert health.seen_at_work(db.session(), health.MARKS) == NOW + timedelta(minutes=1)
        with transaction() as session:
            session.query(FigureMark).delete()
    with looking(office) as session:
        assert health.marks_waiting(session) == 0


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/v1/key/abc/projects/1/submission", "phones"),
        ("/v1/projects/1/formList", "phones"),
        ("/submission", "phones"),
        ("/v1/projects/1/forms", "v1"),
        ("/w/key/abc/projects/1/shelf", "webforms"),
        ("/api/figures.csv", "api"),
        ("/records", "desk"),
        ("/", "desk"),
        ("/v1", "desk"),
    ],
)
def test_an_address_belongs_to_one_of_a_handful_of_doors(path: str, door: str) -> None:
    assert door_of(path) == door
    assert door in DOORS


def test_a_value_that_is_dear_is_worked_out_now_and_then() -> None:
    times, always = count(), count()
    seldom, often = Seldom(), Seldom(0.0)
    assert [seldom.get(lambda: next(times)) for _ in range(3)] == [0, 0, 0]
    assert [often.get(lambda: next(always)) for _ in range(3)] == [0, 1, 2]


def test_this_process_is_among_those_whose_memory_is_added() -> None:
    assert os.getpid() in processes()
    assert memory(os.getpid()) > 1_000_000
    assert memory(-1) == 0
