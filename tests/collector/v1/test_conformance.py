"""The forty cases in which this server behaves as ODK Central does: that none is missing, and the first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.collector.v1.program import Program, simple
from tests.office import Office

CASES = 40
ROSA = {"X-OpenRosa-Version": "1.0"}


def test_every_case_has_a_test_of_its_number() -> None:
    here = Path(__file__).parent
    named = {
        int(number)
        for file in here.glob("test_*.py")
        for number in re.findall(r"^def test_case_(\d\d)_\w", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named == set(range(1, CASES + 1))


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_case_01_a_phone_that_asks_before_it_sends_is_answered_204(office: Office, method: str) -> None:
    office.publish(simple(), filename="simple.xml")
    program, path = Program(office), "projects/1/submission"
    answer = program.ask(method, path, headers=ROSA)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == "100000000"

    refused = program.ask(method, path)
    assert refused.status_code == 400
    assert refused.mimetype == "text/xml"
    assert "X-OpenRosa-Version" in refused.headers
    if method == "GET":
        assert b'<message nature="error">' in refused.data
