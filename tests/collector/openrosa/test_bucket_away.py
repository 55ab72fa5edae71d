"""The bucket is away while phones send: nothing is acknowledged that is not kept; then it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.blobs import bucket
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, SUCCESS, Volunteer, message, new_id
from tests.kept import kept
from tests.office import Office
from tests.relay import Relay, relayed
from tests.s3 import endpoint, fresh_bucket


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Volunteer, Relay]]:
    """Somebody with a phone, and the line between the server and its bucket."""
    monkeypatch.setattr(bucket, "_REST", 0.0)
    with relayed(endpoint()) as (relay, address):
        settings = fresh_bucket() | {"COLLECTOR_S3_ENDPOINT": address}
        office = Office(tmp_path / "home", f"sqlite:///{tmp_path / 'c.db'}", **settings)
        form = office.publish(asked("visit", "1", "head photo:binary"), filename="visit.xml")
        with office.app.app_context():
            yield Volunteer(office, form=form), relay
        office.close()


def test_a_form_with_a_photo_waits_and_one_without_comes_in(served: tuple[Volunteer, Relay]) -> None:
    volunteer, relay = served
    instance = new_id()
    xml = answered("visit", "1", "<head>A</head><photo>p.jpg</photo>", instance_id=instance)
    before = kept(volunteer.office)
    relay.cut()
    refused = volunteer.post(xml, {"p.jpg": JPEG * 100})
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, "text/xml; charset=utf-8")
    assert "later" in message(refused) or "sau" in message(refused)
    plain = answered("visit", "1", "<head>B</head>", instance_id=new_id())
    assert volunteer.post(plain).status_code == 201
    relay.mend()
    between = kept(volunteer.office)
    assert (between.submissions, between.files) == (before.submissions + 1, before.files)
    assert between.staged == 0
    accepted = volunteer.post(xml, {"p.jpg": JPEG * 100})
    assert (accepted.status_code, message(accepted)) == (201, SUCCESS)
    after = kept(volunteer.office)
    assert (after.submissions, after.files) == (between.submissions + 1, between.files + 1)


def test_a_server_that_is_begun_starts_while_its_bucket_is_away(
    served: tuple[Volunteer, Relay], caplog: pytest.LogCaptureFixture
) -> None:
    from collector.actions.start import _prove_files

    volunteer, relay = served
    relay.cut()
    _prove_files(volunteer.office.parts.blobs, begun=True)
    assert "COLLECTOR_S3_ENDPOINT" in caplog.text
