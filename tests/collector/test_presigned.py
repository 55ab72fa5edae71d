"""Large files are fetched from the bucket itself where the operator wants it, by whoever may have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from werkzeug.test import TestResponse

from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer, new_id
from tests.office import Office
from tests.s3 import fresh_bucket

LARGE = JPEG + bytes(range(256)) * 5000
NAME = "ảnh nhà.jpg"


class Record:
    """A record with a large photo and a small one, and a program that may read it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        form = office.publish(asked("visit", "1", "large:binary small:binary"), filename="visit.xml")
        instance = new_id()
        said = f"<large>{NAME}</large><small>s.jpg</small>"
        Volunteer(office, form=form).send(
            answered("visit", "1", said, instance_id=instance), {NAME: LARGE, "s.jpg": JPEG}
        )
        self.path = f"/v1/projects/1/forms/visit/submissions/{instance}/attachments"
        self.token = office.session_token()

    def get(self, name: str = NAME, **headers: str) -> TestResponse:
        """What a program with a key is answered."""
        sent = {"Authorization": f"Bearer {self.token}"} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        return self.office.client().get(f"{self.path}/{name}", headers=sent)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """One for all of them."""
    home = tmp_path_factory.mktemp("home")
    settings = fresh_bucket() | {"COLLECTOR_S3_PRESIGNED": "1"}
    office = Office(home, f"sqlite:///{home / 'c.db'}", **settings)
    yield Record(office)
    office.close()


def test_whoever_may_have_a_large_file_is_sent_to_the_bucket_for_five_minutes(record: Record) -> None:
    sent_on = record.get()
    assert sent_on.status_code == 307
    assert sent_on.headers["Cache-Control"] == "private, no-store"
    address = sent_on.headers["Location"]
    assert "X-Amz-Expires=300" in address
    fetched = requests.get(address, timeout=30)
    assert fetched.content == LARGE
    assert fetched.headers["Content-Type"] == "image/jpeg"
    assert "filename*=UTF-8''%E1%BA%A3nh%20nh%C3%A0.jpg" in fetched.headers["Content-Disposition"]
    other = address.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert requests.get(other, timeout=30).status_code == 403


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        ("s.jpg", {}, 200),
        (NAME, {"Range": "bytes=5-9"}, 206),
        (NAME, {"Sec_Fetch_Mode": "no-cors"}, 200),
        (NAME, {"Sec_Fetch_Mode": "navigate"}, 307),
        (NAME, {"Authorization": "Bearer nobody"}, 401),
    ],
)
def test_small_files_parts_and_what_a_page_shows_stay_here(
    record: Record, name: str, headers: dict[str, str], status: int
) -> None:
    answer = record.get(name, **headers)
    assert answer.status_code == status
    assert ("Location" in answer.headers) == (status == 307)
    answer.close()


def test_the_head_of_a_file_stays_here_too(record: Record) -> None:
    answer = record.office.client().head(
        f"{record.path}/{NAME}", headers={"Authorization": f"Bearer {record.token}"}
    )
    assert (answer.status_code, answer.content_length) == (200, len(LARGE))
