"""Others are told what happens: signed, in order, again until they take it, never within our own walls."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from collector.actions import auditing, sending
from collector.actions.sending import SIGNATURE, is_public
from collector.actions.webhooks import GIVES_UP, Courier, Couriers, forget, pause
from collector.clock import moment
from storage.auditing.problems import WebhookAddressUnusable
from storage.database import db
from storage.models import WebhookDelivery
from storage.queries import webhooks
from tests.collector.v1.program import Program, filled, simple
from tests.office import Office


@dataclass
class Receiver:
    """Somebody else's server: what it was told, and how it answers now."""

    port: int = 0
    status: int = 200
    slow: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    told: list[tuple[dict[str, Any], str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    @property
    def events(self) -> list[tuple[str, str]]:
        """What it took: event and record."""
        return [(one["event"], one["instanceId"]) for one, _signature, _body in self.told]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server of somebody else's on this machine."""
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(one.slow)
            if one.status == 200:
                one.told.append((json.loads(body), self.headers[SIGNATURE], body))
            self.send_response(one.status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield one
    server.shutdown()
    server.server_close()


@dataclass
class Scene:
    """A server, its administrator, and a clock to be moved."""

    office: Office
    program: Program
    now: datetime

    def hook(self, url: str, **more: object) -> dict[str, Any]:
        """A webhook of project 1."""
        made: dict[str, Any] = self.program.post("/api/projects/1/webhooks", json={"url": url, **more})
        return made

    def send(self, instance_id: str, form: str = "simple") -> None:
        """A record comes in."""
        body = filled(instance_id, "Lan", 30).replace(b'id="simple"', f'id="{form}"'.encode())
        answer = self.program.ask(
            "POST",
            f"projects/1/forms/{form}/submissions",
            data=body,
            headers={"Content-Type": "application/xml"},
        )
        assert answer.status_code == 200, answer.text

    def pass_on(self, after: timedelta = timedelta(0), *, private: bool = True) -> int:
        """What the worker does: seal, and tell whoever is due; how many events were taken."""
        self.now = moment() + after
        courier = Courier(self.office.parts.vault, private, lambda: self.now)
        with self.office.app.app_context():
            auditing.keep_up(self.now)
            return sum(courier.serve(number) for number in webhooks.due(db.session(), self.now))

    def deliveries(self, hook: dict[str, Any]) -> list[dict[str, Any]]:
        """What became of its events, newest first."""
        several: list[dict[str, Any]] = self.program.get(f"/api/projects/1/webhooks/{hook['id']}")[
            "deliveries"
        ]
        return several


@pytest.fixture
def scene(office: Office) -> Scene:
    """A server with a form."""
    office.publish(simple(), filename="simple.xml")
    return Scene(office, Program(office), moment())


def test_events_come_signed_and_in_order(scene: Scene, receiver: Receiver) -> None:
    hook = scene.hook(receiver.url)
    scene.send("uuid:1")
    records = "projects/1/forms/simple/submissions"
    scene.program.ask("PATCH", f"{records}/uuid:1", json={"reviewState": "approved"})
    scene.program.ask("DELETE", f"{records}/uuid:1")
    scene.program.ask("POST", f"{records}/uuid:1/restore")
    assert scene.pass_on() == 4
    assert receiver.events == [(one, "uuid:1") for one in ("new", "reviewed", "deleted", "restored")]
    event, signed, body = receiver.told[0]
    assert set(event) == {"event", "project", "form", "instanceId", "place", "at", "id"}
    assert (event["project"], event["form"]) == (1, "simple")
    at, _, proof = signed.partition(",v1=")
    expected = hmac.new(hook["secret"].encode(), f"{at[2:]}.".encode() + body, hashlib.sha256).hexdigest()
    assert proof == expected
    assert scene.pass_on() == 0
    assert "secret" not in scene.program.get("/api/projects/1/webhooks")[0]


def test_only_what_was_asked_for_is_told(scene: Scene, receiver: Receiver) -> None:
    scene.office.publish(simple().replace(b'id="simple"', b'id="other"'), filename="simple.xml")
    scene.send("uuid:before")
    time.sleep(0.002)
    hook = scene.hook(receiver.url, events=["new"], form="simple")
    scene.send("uuid:1")
    scene.send("uuid:2", "other")
    scene.program.ask("DELETE", "projects/1/forms/simple/submissions/uuid:1")
    scene.pass_on()
    assert receiver.events == [("new", "uuid:1")]
    scene.program.ask("PATCH", f"/api/projects/1/webhooks/{hook['id']}", json={"paused": True})
    scene.send("uuid:3")
    assert scene.pass_on() == 0
    scene.program.ask("DELETE", f"/api/projects/1/webhooks/{hook['id']}")
    assert scene.program.get("/api/projects/1/webhooks") == []


def test_what_is_not_taken_is_tried_again_in_order_and_given_up_after_days(
    scene: Scene, receiver: Receiver
) -> None:
    hook = scene.hook(receiver.url)
    receiver.status = 500
    scene.send("uuid:1")
    scene.send("uuid:2")
    assert scene.pass_on() == 0
    assert [(one["attempts"], one["result"]) for one in scene.deliveries(hook)] == [(0, None), (1, "500")]
    # Not before its time, and the second one waits for the first.
    assert scene.pass_on(timedelta(seconds=10)) == 0
    assert [one["attempts"] for one in scene.deliveries(hook)] == [0, 1]
    receiver.status = 200
    assert scene.pass_on(timedelta(minutes=1)) == 1
    assert scene.pass_on(timedelta(minutes=1)) == 1
    assert receiver.events == [("new", "uuid:1"), ("new", "uuid:2")]
    receiver.status = 503
    scene.send("uuid:3")
    scene.pass_on()
    scene.pass_on(GIVES_UP + timedelta(hours=1))
    last = scene.deliveries(hook)[0]
    assert (last["state"], last["result"]) == ("given_up", "503")
    assert scene.program.get("/api/projects/1/webhooks")[0]["failingSince"]


def test_redirects_are_not_followed(scene: Scene, receiver: Receiver) -> None:
    hook = scene.hook(receiver.url)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    scene.send("uuid:1")
    assert scene.pass_on() == 0
    assert [one["result"] for one in scene.deliveries(hook)] == ["302"]


def test_whoever_answers_too_slowly_holds_up_nobody(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ALTOGETHER", 0.2)
    receiver.slow = 2.0
    hook = scene.hook(receiver.url)
    scene.send("uuid:1")
    now = moment()
    with scene.office.app.app_context():
        auditing.keep_up(now)
        couriers = Couriers(
            scene.office.app.app_context, Courier(scene.office.parts.vault, private=True, clock=moment)
        )
        # The worker goes on at once, and does not send the same twice.
        assert couriers.look(now) == 0
        assert couriers.look(now) == 0
    couriers.wait()
    assert [(one["attempts"], one["result"]) for one in scene.deliveries(hook)] == [(1, "no answer in time")]


def test_nothing_is_sent_into_this_servers_own_network(scene: Scene, receiver: Receiver) -> None:
    hook = scene.hook(receiver.url)
    scene.send("uuid:1")
    assert scene.pass_on(private=False) == 0
    assert receiver.told == []
    assert "own network" in scene.deliveries(hook)[0]["result"]
    tried = scene.program.post(f"/api/projects/1/webhooks/{hook['id']}/test")
    assert tried["taken"] is False
    assert receiver.told == []


def test_what_nobody_can_be_told_is_refused(scene: Scene) -> None:
    path = "/api/projects/1/webhooks"
    for url in ("ftp://example.vn/", "https://", "nonsense", "https://a:b@example.vn/", "https://x y/"):
        assert scene.program.ask("POST", path, json={"url": url}).status_code == 400, url
    answer = scene.program.ask("POST", path, json={"url": "https://example.vn", "events": ["born"]})
    assert answer.status_code == 400
    assert scene.program.ask("PATCH", f"{path}/9", json={"paused": True}).status_code == 404


def test_a_file_of_deliveries_is_forgotten_in_time(scene: Scene, receiver: Receiver) -> None:
    scene.hook(receiver.url)
    scene.send("uuid:1")
    scene.pass_on()
    with scene.office.app.app_context():
        assert forget(moment()) == 0
        assert forget(moment() + timedelta(days=31)) == 1
        assert db.session().query(WebhookDelivery).count() == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.1.2.3", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("192.0.0.8", False),
        ("fec0::1", False),
    ],
)
def test_addresses_of_our_own_are_known_in_every_spelling(address: str, public: bool) -> None:  # noqa: FBT001
    assert is_public(address) is public


def test_pauses_grow_up_to_six_hours() -> None:
    assert pause(1) == timedelta(seconds=30)
    assert pause(2) == timedelta(minutes=1)
    assert pause(400) == timedelta(hours=6)


def test_a_long_address_is_told_short() -> None:
    with pytest.raises(WebhookAddressUnusable):
        sending.checked("https://" + "a" * 3000)
