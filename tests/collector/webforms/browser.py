"""A browser that fills forms, as the server meets it, and the forms it fills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import DATA_COLLECTOR
from collector.actions import pins, public_links
from collector.actions.accounts import NewPhone, create_app_user, create_user, sign_in
from collector.actions.public_links import NewLink
from collector.clock import moment
from storage.database import transaction
from storage.models import Assignment, Form
from tests.office import ADMIN_PASSWORD, NOW, GivenPhone, Office
from tests.tree import HERE_VILLAGE

PIN = "204816"
ASKS = {"X-Requested-With": "XMLHttpRequest"}
PHOTO = b"\xff\xd8\xff\xe0 a photo"


def house(version: str = "1", *, settings: str = "", answer: str = "") -> str:
    """A form in markdown that asks for a head and a photo; `settings` is `column: value` of its sheet."""
    column, _, value = settings.partition(":")
    more, said = (f" {column} |", f" {value.strip()} |") if column else ("", "")
    return (
        "| survey |\n| | type | name | label |\n| | text | head | Chủ hộ |\n| | image | photo | Ảnh |\n"
        f"{answer}\n| settings |\n| | form_id | version | form_title |{more}\n"
        f"| | house | {version} | Hộ |{said}\n"
    )


def record(
    number: int, head: str = "Lò Thị Mây", *, photo: str = "", replaces: int = 0, version: str = "1"
) -> bytes:
    """The answered form, the `number`th of this browser; `replaces` names the one it corrects."""
    before = f"<deprecatedID>{instance(replaces)}</deprecatedID>" if replaces else ""
    return (
        f'<data id="house" version="{version}"><head>{head}</head><photo>{photo}</photo>'
        f"<meta><instanceID>{instance(number)}</instanceID>{before}</meta></data>"
    ).encode()


def instance(number: int) -> str:
    """What the `number`th answered form calls itself."""
    return f"uuid:{number:08d}-0000-4000-8000-000000000000"


def told(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return answer.json


@dataclass
class Browser:
    """A browser; `way` is `me` or `key/<token>`."""

    office: Office
    way: str
    project: int = 1
    device: str = "collector:1"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        """Open it."""
        self.client = self.office.client()

    @property
    def base(self) -> str:
        """The address everything of the project lies under."""
        return f"/w/{self.way}/projects/{self.project}"

    def get(self, path: str, **headers: str) -> TestResponse:
        """What lies under the project."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"{self.base}/{path}", headers=named)

    def fetch(self, url: str) -> bytes:
        """The bytes of a file whose address the server gave."""
        answer = self.client.get(url, buffered=True)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def shelf(self) -> dict[str, Any]:
        """What it is offered."""
        answer = self.get("shelf")
        assert answer.status_code == 200, answer.text
        return dict(told(answer))

    def post(
        self, xml: bytes, files: Mapping[str, bytes] | None = None, headers: Mapping[str, str] = ASKS
    ) -> TestResponse:
        """Send an answered form, with files."""
        parts = {name: (BytesIO(data), name) for name, data in (files or {}).items()}
        data = {"xml_submission_file": (BytesIO(xml), "submission.xml", "text/xml"), **parts}
        address = f"{self.base}/submission?deviceID={self.device}"
        return self.client.post(address, data=data, headers=headers)

    def send(self, xml: bytes, files: Mapping[str, bytes] | None = None) -> dict[str, Any]:
        """Send one that is taken; returns what the server says of it."""
        answer = self.post(xml, files)
        assert answer.status_code == 201, answer.text
        return dict(told(answer))

    def put(
        self, uuid: str, said: Mapping[str, Any], xml: bytes, files: Mapping[str, bytes] | None = None
    ) -> TestResponse:
        """Keep a draft on the server."""
        parts = {name: (BytesIO(data), name) for name, data in (files or {}).items()}
        data = {"draft": json.dumps(said), "xml": xml.decode(), **parts}
        address = f"{self.base}/drafts/{uuid}"
        return self.client.put(address, data=data, headers=ASKS, content_type="multipart/form-data")

    def delete(self, path: str) -> TestResponse:
        """Delete what lies under the project."""
        return self.client.delete(f"{self.base}/{path}", headers=ASKS)


def with_phone(
    office: Office, *, places: tuple[str, ...] = (), only: tuple[Form, ...] | None = None
) -> Browser:
    """A browser with the token of a phone."""
    return Browser(office, f"key/{office.phone(places=places, only=only).token}")


def signed_in(
    office: Office, name: str = "thon", role: int = DATA_COLLECTOR, place: str | None = None
) -> Browser:
    """A browser in which an account of project 1 has signed in."""
    with office.app.app_context(), transaction() as session:
        user = create_user(session, name, ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=user.actor_id, role=role, project_id=1, place_code=place))
        token = sign_in(session, user, now=moment()).token
    made = Browser(office, "me")
    made.client.set_cookie(COOKIE, token)
    return made


def with_link(office: Office, form: Form, *, once: bool = False) -> Browser:
    """A browser with a public link to a form."""
    with office.app.app_context(), transaction() as session:
        link = public_links.make(
            session, session.get_one(Form, form.id), NewLink("Tờ rơi", once), office.parts.vault, now=NOW
        )
        token = office.parts.vault.open(link.token_sealed or b"")
    return Browser(office, f"key/{token}")


def village(office: Office, *, code: str = "abc234", place: str = HERE_VILLAGE) -> GivenPhone:
    """The access of a village, with a short code and PIN."""
    vault = office.parts.vault
    with office.app.app_context(), transaction() as session:
        new = NewPhone(1, "Thôn Lô Lô Chải", place_codes=(place,))
        made, token = create_app_user(session, new, vault, now=NOW)
        made.short_code, made.village = code, place
        made.pin_hash = pins._HASHER.hash(pins._keyed(vault, made.actor_id, PIN))
        return GivenPhone(made.actor_id, token, f"/w/v/{code}")
