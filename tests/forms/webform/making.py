"""The sheets the tests make forms with: those of the front end's build."""

from __future__ import annotations

import pytest

from collector.actions import web_forms
from collector.problems import WebFormsNotBuilt
from forms.webform import Sheets, WebForm, transform


def sheets() -> Sheets:
    """The sheets; fails the test with the line that builds them."""
    try:
        return web_forms.sheets()
    except WebFormsNotBuilt:
        pytest.fail("The front end is not built. Build it with: make web")


def made(xform: bytes) -> WebForm:
    """A form for the browser."""
    return transform(xform, sheets())
