"""The same answers on the phone and in the web form make the same record; many more: make webform-parity."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.javarosa.engine import Engine
from tests.proofs.webform_parity import filled_by_chance, pair
from tests.web.filling import WebForms, beside, web_forms
from tests.xlsforms.surveys import converted

pytestmark = [pytest.mark.browser, pytest.mark.java]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The phones' engine."""
    with Engine() as running:
        yield running


@pytest.fixture(scope="module")
def web(chromium: Browser) -> Iterator[WebForms]:
    """The web forms' engine."""
    with web_forms(chromium) as running:
        yield running


@pytest.mark.parametrize(
    ("form_id", "seed"),
    [("f02_village_count", 1), ("f04_class_open", 2), ("f06_activity_log", 3)],
    ids=["repeats", "entities", "changes"],
)
def test_a_record_comes_out_the_same(engine: Engine, web: WebForms, form_id: str, seed: int) -> None:
    phone = engine.load(converted(form_id).xform, beside(form_id))
    filled = filled_by_chance(phone, form_id, seed)
    both, faults = pair(filled, web.form(converted(form_id).xform, beside(form_id)))
    assert faults == []
    assert both.comparison.compared > len(filled.answers)
