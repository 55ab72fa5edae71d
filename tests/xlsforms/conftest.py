"""One process of the form engine for all the tests of the surveys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.javarosa.engine import Engine, Form
from tests.xlsforms.surveys import Row, converted, media

Load = Callable[..., Form]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine of the phones."""
    with Engine() as running:
        yield running


@pytest.fixture(scope="session")
def load(engine: Engine) -> Load:
    """`load("f02_village_count", villages=[…])` is that survey on the phone, with other rows in a list."""
    known: dict[str, Form] = {}

    def loaded(form_id: str, **other: Sequence[Row]) -> Form:
        key = f"{form_id} {other!r}"
        if key not in known:
            known[key] = engine.load(converted(form_id).xform, media(form_id, **other))
        return known[key]

    return loaded
