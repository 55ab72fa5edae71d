"""Somebody at the office with a browser: reads pages, fills the forms on them, follows where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from lxml import html
from werkzeug.test import TestResponse

from collector.accounts.authentication import COOKIE
from tests.office import ADMIN, Office

Field = str | list[str] | tuple[BytesIO, str] | list[tuple[BytesIO, str]]


class Page:
    """An answer, read as a person does."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.source = response.text
        self._tree = html.document_fromstring(self.source or "<html></html>")

    @property
    def text(self) -> str:
        """What stands on it, spaces folded."""
        return " ".join(self._tree.text_content().split())

    @property
    def main(self) -> str:
        """What stands between head and foot."""
        return " ".join(" ".join(part.text_content().split()) for part in self.find("//main"))

    def find(self, path: str) -> list[html.HtmlElement]:
        """The elements at an XPath."""
        return list(self._tree.xpath(path))

    def links(self, path: str = "//main//a") -> list[str]:
        """Where the links lead."""
        return [str(link.get("href")) for link in self.find(path)]

    def texts(self, path: str) -> list[str]:
        """The texts of the elements at an XPath."""
        return [" ".join(found.text_content().split()) for found in self.find(path)]


class Reader:
    """A browser; signed in with the session of an account unless `username` is empty."""

    def __init__(
        self, office: Office, username: str = ADMIN, role: int | None = None, *, language: str = "en"
    ) -> None:
        self.client = office.client()
        self.client.set_cookie("collector_language", language)
        if username:
            self.client.set_cookie(COOKIE, office.session_token(username, role))

    def get(self, path: str, **more: Any) -> TestResponse:
        """Any answer."""
        return self.client.get(path, buffered=True, **more)

    def page(self, path: str, status: int = 200) -> Page:
        """The page at a path."""
        response = self.get(path)
        assert response.status_code == status, (response.status_code, response.text)
        return Page(response)

    @property
    def secret(self) -> str:
        """What a page puts into its forms, so that no other site can send them."""
        for path in ("/account", "/signin"):
            for field in Page(self.get(path)).find("//input[@name='csrf_token']"):
                return str(field.get("value"))
        raise AssertionError("no form on the page")

    def post(self, path: str, fields: Mapping[str, Field] | None = None, **more: Any) -> TestResponse:
        """Send a form."""
        data = {"csrf_token": self.secret, **(fields or {})}
        return self.client.post(path, data=data, buffered=True, **more)

    def send(self, path: str, fields: Mapping[str, Field] | None = None) -> Page:
        """Send a form that is taken, and read the page it leads to."""
        response = self.post(path, fields)
        assert response.status_code == 303, (response.status_code, response.text)
        return self.page(response.headers["Location"])

    def refused(self, path: str, fields: Mapping[str, Field] | None = None, *, status: int = 400) -> Page:
        """Send a form that is not taken, and read what the page says."""
        response = self.post(path, fields)
        assert response.status_code == status, (response.status_code, response.text)
        return Page(response)


def file(name: str, data: bytes | str) -> tuple[BytesIO, str]:
    """A file for a form."""
    return BytesIO(data.encode() if isinstance(data, str) else data), name
