"""A sample of `make fuzz`: whatever the documents of both doors allow or not, no answer is a 500."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok
from werkzeug.test import TestResponse

from collector.openapi.document import DOORS
from tests.collector.v1.shared import basic
from tests.copies import fresh_database
from tests.office import ADMIN, ADMIN_PASSWORD, Office, opened
from tests.proofs.fuzz import Ground, ground

EVERY = 15
"""One operation in as many is tried; `make fuzz` tries all."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("fuzz")
    with fresh_database("sqlite", folder, shelf, opened) as url:
        office = Office(folder / "home", url)
        office.parts.authentication._trusted = (ip_network("127.0.0.0/8"),)
        yield ground(office)
        office.close()


def sent(known: Ground, case: Any) -> TestResponse:
    """A request as schemathesis made it up, to the server in this process."""
    said = case.as_transport_kwargs(base_url="http://localhost")
    headers = {**said["headers"], **basic(ADMIN, ADMIN_PASSWORD)}
    body = said.get("data")
    if said.get("files"):
        body = {name: str(value) for name, value in said["files"]}
    return known.world.office.client().open(
        said["url"].removeprefix("http://localhost"),
        method=said["method"],
        headers=headers,
        query_string=said.get("params") or None,
        data=body if isinstance(body, str | bytes | dict) else None,
        json=said.get("json"),
        buffered=True,
    )


@pytest.mark.parametrize("door", DOORS)
def test_nothing_that_can_be_asked_is_answered_500(known: Ground, door: str) -> None:
    found = schemathesis.openapi.from_dict(known.document(door))
    wrong: list[str] = []
    for place, result in enumerate(found.get_all_operations()):
        assert isinstance(result, Ok), "the document is not understood"
        if place % EVERY:
            continue

        @seed(1)
        @settings(
            max_examples=2,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=result.ok().as_strategy())
        def ask(case: Any) -> None:
            answer = sent(known, case)
            if answer.status_code >= 500 and answer.status_code != 501:
                wrong.append(f"{case.method} {answer.request.path}: {answer.text[:200]}")

        ask()
    assert wrong == []
