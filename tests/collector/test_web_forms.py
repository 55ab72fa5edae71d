"""A form for the browser is made when its draft is saved, kept with it, and made anew when outdated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.actions import publish as publishing
from collector.actions import web_forms
from collector.problems import WebFormsNotBuilt
from forms.remarks import Weight
from forms.webform.problems import WebFormUnmade
from storage.database import db, transaction
from storage.models import Form
from storage.queries import forms
from storage.queries import web_forms as keeping
from storage.queries.web_forms import Kept
from tests.forms.webform.tricky import form as small_form
from tests.office import NOW, Office

FORM = """
| survey |
| | type | name | label | parameters |
| | barcode | ma | Mã **hộ** | |
| settings |
| | form_title | form_id | version | style |
| | Thử | thu | 1 | pages |
"""


def version_of(form: Form) -> int:
    """The number of the version a form has now: its draft's, else the published one's."""
    found = db.session.get_one(Form, form.id)
    return found.draft_id or found.current_id or 0


def kept(version_id: int) -> Kept | None:
    """What is kept of a version."""
    return keeping.kept(db.session(), version_id)


@pytest.fixture
def here(office: Office) -> Iterator[Office]:
    """The office, inside its application."""
    with office.app.app_context():
        yield office


def test_a_draft_brings_its_web_form_and_publishing_keeps_it(here: Office) -> None:
    form = here.draft(FORM)
    draft = version_of(form)
    made = web_forms.of_version(draft, NOW)
    assert kept(draft) == web_forms.packed(made)
    web = web_forms.shown(made)
    assert "<strong>hộ</strong>" in web.form
    assert (web.pages, web.languages, made.hard) == (True, (), False)
    assert [(lack.feature, lack.question) for lack in made.told] == [("barcode", "ma")]
    with transaction() as session:
        publishing.publish(session, forms.get_form(session, 1, "thu"), here.author)
    assert version_of(form) == draft
    assert web_forms.of_version(draft, NOW) == made


def test_the_author_is_told_with_the_other_remarks() -> None:
    prepared = publishing.prepare(publishing.Definition(FORM.encode(), "f.md"), check=False)
    told = [remark for remark in prepared.remarks if "barcode" in remark.cause]
    assert [(remark.weight, remark.details["question"]) for remark in told] == [(Weight.NOTICE, "ma")]


def test_another_version_at_publish_is_made_anew_with_it(here: Office) -> None:
    form = here.draft(FORM)
    with transaction() as session:
        publishing.publish(session, forms.get_form(session, 1, "thu"), here.author, version="2")
    live = version_of(form)
    assert kept(live) is None
    assert 'version="2"' in web_forms.shown(web_forms.of_version(live, NOW)).model
    assert kept(live) is not None


def test_what_was_made_with_something_else_is_made_again(here: Office) -> None:
    draft = version_of(here.draft(FORM))
    with transaction() as session:
        keeping.keep(session, draft, Kept("older", b"no longer read"), NOW)
    assert "Mã" in web_forms.shown(web_forms.of_version(draft, NOW)).form
    again = kept(draft)
    assert again is not None
    assert again.made_with == web_forms.sheets().made_with


def test_a_form_the_browser_cannot_show_is_kept_with_the_reason(here: Office) -> None:
    choices = "<item><label>A</label><value>a b</value></item>"
    xform = small_form(
        "<a/>", "", f'<select ref="/data/a" appearance="minimal"><label>A</label>{choices}</select>'
    )
    draft = version_of(here.draft(xform, filename="f.xml"))
    made = web_forms.of_version(draft, NOW)
    assert made == web_forms.unpacked(web_forms.packed(made))
    assert (made.hard, [lack.feature for lack in made.told]) == (True, ["unmade"])
    with pytest.raises(WebFormUnmade, match="contains spaces"):
        web_forms.shown(made)


def test_without_the_front_end_forms_are_published_and_whoever_asks_is_told(
    here: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(web_forms, "BUILT", tmp_path)
    draft = version_of(here.draft(FORM))
    assert kept(draft) is None
    with pytest.raises(WebFormsNotBuilt, match="make web"):
        web_forms.of_version(draft, NOW)
    monkeypatch.undo()
    assert web_forms.of_version(draft, NOW).web is not None
