"""What is made of a form is what the engine's own transformer makes of it."""

from __future__ import annotations

import pytest
from lxml import etree

from forms.webform import draw, transform
from tests.forms.webform.goldens import FOLDER, declared, goldens, lines
from tests.forms.webform.making import sheets
from tests.forms.webform.tricky import cases
from tests.xlsforms.surveys import SURVEYS

SMALL = tuple(cases())


def compare(golden: dict[str, str]) -> None:
    """Both parts of a form, tree by tree."""
    xform = golden["xform"].encode()
    drawn = draw(xform, sheets())
    assert list(lines(drawn.form)) == list(lines(etree.fromstring(golden["form"])))
    ours, theirs = etree.fromstring(transform(xform, sheets()).model), etree.fromstring(golden["model"])
    assert list(lines(ours)) == list(lines(theirs))
    assert declared(ours) == declared(theirs)


@pytest.mark.parametrize("form_id", SURVEYS)
def test_a_survey_is_made_the_same(form_id: str) -> None:
    compare(goldens(form_id)[form_id])


@pytest.mark.parametrize("name", SMALL)
def test_a_small_form_is_made_the_same(name: str) -> None:
    golden = goldens("tricky")[name]
    assert golden["xform"].encode() == cases()[name], "make web-goldens"
    compare(golden)


def test_there_is_a_golden_for_every_form_and_none_besides() -> None:
    assert {path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.gz")} == {*SURVEYS, "tricky"}
    assert set(goldens("tricky")) == set(SMALL)


@pytest.mark.parametrize(("old", "new"), [("**", ""), ('"int"', '"date"'), ("<b/>", ""), ("B<", "C<")])
def test_the_comparison_sees_a_difference(old: str, new: str) -> None:
    golden = goldens("tricky")["label bold"]
    with pytest.raises(AssertionError):
        compare(golden | {"xform": golden["xform"].replace(old, new, 1)})
