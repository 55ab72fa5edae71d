"""A phone at the intake: whole submissions as Collect posts them, and single posts of any bytes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from werkzeug.test import TestResponse

from storage.models import Form
from tests.collector.openrosa.sheets import collect
from tests.office import GivenPhone, Office
from tests.phone import DEVICE_ID, USER_AGENT, Phone, Sent
from tests.phone_documents import read_message
from tests.phone_upload import Payload, Upload

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8
SUCCESS = "full submission upload was successful!"


def new_id() -> str:
    """An instance id as phones make them."""
    return f"uuid:{uuid.uuid4()}"


class Volunteer:
    """Somebody with a phone of project 1, for a form. `path` is where the phone posts to."""

    def __init__(self, office: Office, given: GivenPhone | None = None, *, form: Form) -> None:
        self.office = office
        self.form = form
        self.given = given or office.phone()
        self.path = f"{self.given.path}/submission"

    @property
    def collect(self) -> Phone:
        """Collect on that phone."""
        return collect(self.office, self.given)

    def send(
        self, xml: bytes, files: Mapping[str, Payload] | None = None, *, limit: int | None = None
    ) -> Sent:
        """Send a filled form with its files, all batches. Raises SendFailed."""
        return self.collect.send(xml, files, title="Khảo sát hộ", limit=limit)

    def post(self, xml: bytes, files: Mapping[str, bytes] | None = None) -> TestResponse:
        """One post, whatever becomes of it."""
        upload = Upload(xml, files or {}, xml_name="Khảo sát hộ_2026-08-03_09-00-00.xml")
        return self.post_bytes(upload.read(), upload.content_type)

    def post_bytes(
        self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """One post of these very bytes."""
        sent = {"X-OpenRosa-Version": "1.0", "User-Agent": USER_AGENT, **(headers or {})}
        return self.office.client().post(
            f"{self.path}?deviceID={DEVICE_ID.replace(':', '%3A')}",
            data=body,
            content_type=content_type,
            headers=sent,
        )


def message(response: TestResponse) -> str:
    """What the phone shows of an answer; it must be one that Collect can read."""
    said = read_message(response.data)
    assert said, response.data
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    assert not re.search(r"\{[a-z_]+\}", said), "a hole in the sentence was not filled"
    return said
