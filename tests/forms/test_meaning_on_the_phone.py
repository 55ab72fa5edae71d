"""The table of meanings is right: JavaRosa, which runs in ODK Collect, gives the same values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest

from forms.xlsform import convert
from tests.forms.meaning import CASES, DEPARTURES, FORM, TYPES, record
from tests.javarosa.engine import Engine, Form

pytestmark = pytest.mark.java

ASKED = {"string": "text", "int": "integer"}
LISTS = {"one": "select_one kinds", "many": "select_multiple skills"}


def workbook() -> bytes:
    """The form of the table, as an author writes it."""
    survey = [
        f"| | {LISTS.get(name) or ASKED.get(kind, kind)} | {name} | {name} |" for name, kind in TYPES.items()
    ]
    lists = {"skills": [choice.name for choice in FORM.choices["skills"]], "kinds": ["1", "2"]}
    choices = [f"| | {name} | {choice} | {choice} |" for name, known in lists.items() for choice in known]
    return "\n".join([
        "| survey |",
        "| | type | name | label |",
        *survey,
        "| choices |",
        "| | list_name | name | label |",
        *choices,
        "| settings |",
        "| | form_id |",
        "| | meaning |",
    ]).encode()


@pytest.fixture(scope="module")
def phone() -> Iterator[Form]:
    with Engine() as engine:
        yield engine.load(convert(workbook(), "meaning.md").xform)


def test_the_phone_means_the_same(phone: Form) -> None:
    wrong = []
    for case, expected in [*((case, case.value) for case in CASES), *DEPARTURES]:
        answers = record(case.answers)
        phone.fill(1, answers={name: answers.get(name) or None for name in TYPES})
        reading = "boolean" if isinstance(expected, bool) else "number"
        path = re.sub(r"\$\{(\w+)\}", rf"/{phone.root}/\1", case.expression)
        found = phone.evaluate(f"{reading}({path})")
        value = None if isinstance(found, float) and math.isnan(found) else found
        if value != (expected if expected is None else pytest.approx(expected, rel=1e-12)):
            wrong.append((case, found))
    assert wrong == []
