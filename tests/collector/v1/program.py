"""A program at the door: signed in by name and password, or by nobody's."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from collector.actions.accounts import create_user
from storage.database import transaction
from storage.models import Assignment
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

SIMPLE = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Simple</h:title><model>
<instance><data id="simple" version="VERSION"><meta><instanceID/></meta><name/><age/></data></instance>
<bind nodeset="/data/meta/instanceID" type="string"/><bind nodeset="/data/name" type="string"/>
<bind nodeset="/data/age" type="int"/></model></h:head><h:body>
<input ref="/data/name"><label>Name</label></input><input ref="/data/age"><label>Age</label></input>
</h:body></h:html>"""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENDED = {"X-Extended-Metadata": "true"}


def simple(version: str = "1") -> bytes:
    """The form every example of Central begins with."""
    return SIMPLE.replace("VERSION", version).encode()


def filled(instance_id: str, name: str, age: int | str, *, version: str = "1", replaces: str = "") -> bytes:
    """An answer to it."""
    before = f"<deprecatedID>{replaces}</deprecatedID>" if replaces else ""
    return (
        f'<data id="simple" version="{version}"><meta>{before}<instanceID>{instance_id}</instanceID></meta>'
        f"<name>{name}</name><age>{age}</age></data>"
    ).encode()


class Program:
    """A client with the session of an account."""

    def __init__(self, office: Office, name: str = ADMIN, password: str = ADMIN_PASSWORD) -> None:
        self._client = office.client()
        signed = self._client.post("/v1/sessions", json={"email": name, "password": password})
        assert signed.status_code == 200, signed.text
        # The cookie would prove nothing about the token.
        self._client = office.client()
        self.token = str(signed.json["token"]) if signed.json else ""
        self._headers = {"Authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """Any request, under `/v1/`, or with a slash before it anywhere."""
        headers = self._headers | dict(more.pop("headers", {}))
        # Buffered, so that a file that is sent is closed again.
        address = path if path.startswith("/") else f"/v1/{path}"
        return self._client.open(address, method=method, headers=headers, buffered=True, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON at an address that answers."""
        response = self.ask("GET", path, **more)
        assert response.status_code == 200, response.text
        return response.json

    def post(self, path: str, **more: Any) -> Any:
        """The JSON that answers a POST that is taken."""
        response = self.ask("POST", path, **more)
        assert response.status_code == 200, response.text
        return response.json

    def patch(self, path: str, **more: Any) -> Any:
        """The JSON that answers a PATCH that is taken."""
        response = self.ask("PATCH", path, **more)
        assert response.status_code == 200, response.text
        return response.json

    def problem(self, method: str, path: str, **more: Any) -> Any:
        """What a request that is refused is told: message, code, details."""
        response = self.ask(method, path, **more)
        assert response.status_code >= 400, response.text
        return response.json

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, float]:
        """The status and Central's code of a request that is refused."""
        response = self.ask(method, path, **more)
        assert response.json is not None, response.text
        assert response.json["message"]
        assert isinstance(response.json["details"], dict)
        return response.status_code, response.json["code"]

    def archive(self, path: str, **more: Any) -> dict[str, str]:
        """The entries of an archive, as text."""
        response = self.ask("GET", path, **more)
        assert response.status_code == 200, response.text
        assert response.content_type == "application/zip"
        with zipfile.ZipFile(BytesIO(response.data)) as opened:
            assert opened.testzip() is None
            return {
                entry.filename: opened.read(entry).decode(errors="replace") for entry in opened.infolist()
            }


def person(office: Office, role: int, *, project_id: int | None = None) -> Program:
    """Somebody with a role, signed in."""
    name = f"person-{role}-{project_id or 'all'}"
    with office.app.app_context(), transaction() as session:
        user = create_user(session, name, ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=user.actor_id, role=role, project_id=project_id))
    return Program(office, name)
