"""A body that breaks off or is chunked wrongly is the client's mistake at every door, never the server's."""

from __future__ import annotations

import pytest

from tests.collector.v1.program import Program, filled, simple
from tests.collector.v1.shared import bearer
from tests.office import Office

FORM = "/v1/projects/1/forms/simple"


class NoChunk(Exception):
    """How a web server says that a chunk is none: with an error of its own."""


class Broken:
    """A body whose second piece cannot be read."""

    def __init__(self) -> None:
        self._sent = False

    def read(self, _size: int = -1) -> bytes:
        """A beginning, then never more."""
        if self._sent:
            raise NoChunk
        self._sent = True
        return b"<data"

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(scope="module")
def program(kept_office: Office, kept_program: Program) -> Program:
    """There is a form, and a record that awaits a file."""
    kept_office.publish(simple(), filename="simple.xml")
    kept_program.post(
        "projects/1/forms/simple/submissions", data=filled("uuid:1", "Lan", 30), content_type="text/xml"
    )
    kept_program.post("projects/1/datasets", json={"name": "homes"})
    return kept_program


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/v1/sessions", 400, 400),
        ("/api/keys", 400, 401),
        (f"{FORM}/submissions", 400, 401),
        ("/v1/projects/1/datasets/homes/entities", 400, 401),
        ("/v1/projects/1/forms", 400, 401),
    ],
)
def test_a_body_that_breaks_off_is_refused(
    kept_office: Office, program: Program, path: str, known: int, unknown: int
) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    client = kept_office.client()
    for headers, status in ((bearer(program.token), known), ({}, unknown)):
        # The body is put in by hand, as one that cannot be measured.
        answer = client.post(path, headers=headers, environ_overrides={"wsgi.input": Broken(), **chunked})
        assert (answer.status_code, answer.json is not None) == (status, True), answer.text
