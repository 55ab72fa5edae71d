"""A first start makes everything once; a later one changes nothing, and brings news only as drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from collector.actions import start
from collector.actions.form_trash import delete_form
from collector.actions.publish import Author
from collector.app import create_app
from collector.parts import parts
from collector.settings import Settings
from storage.database import db, transaction
from storage.models import Form, FormVersion, Place
from storage.queries.forms import get_form
from tests.begun import FirstStart, begun_server, counted, first_start
from tests.copies import KINDS
from tests.office import NOW, Office, surroundings

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Begun:
    """A server some time after its first start: what that told, and how many of each kind there were then."""

    settings: Settings
    first: FirstStart


@pytest.fixture(scope="module", params=KINDS)
def begun(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf: Path
) -> Iterator[Begun]:
    """On both databases, once for these tests."""
    folder = tmp_path_factory.mktemp("start")
    with begun_server(request.param, folder, shelf) as url:
        home = folder / "home"
        settings = Settings.from_environment(surroundings(home, url))
        yield Begun(settings, first_start(home))


def begin(settings: Settings) -> tuple[start.Started, dict[str, int], dict[str, int]]:
    """Start once more: what that told, how many there were of each kind before, and after."""
    with create_app(settings).app_context():
        before = counted()
        started = start.start(settings, parts().vault, parts().blobs, now=NOW)
        after = counted()
        db.session.remove()
        db.engine.dispose()
    return started, before, after


def test_a_first_start_makes_everything_once_and_a_second_changes_nothing(begun: Begun) -> None:
    made = begun.first.made
    assert begun.first.told.admin_password
    assert begun.first.told.phone_token
    assert made["Project"] == made["User"] == made["AppUser"] == 1
    assert made["Form"] == made["FormVersion"] == 11
    # 34 provinces; 3,321 communes, each with its «not on the list yet»; 12 villages.
    assert made["Place"] == 34 + 2 * 3_321 + 12
    second, before, after = begin(begun.settings)
    assert second == start.Started()
    assert after == before
    # What was before the reform is learnt beside; it adds only places.
    assert before | {"Place": made["Place"]} == made


def test_without_the_country_nothing_of_before_the_reform_is_entered(office: Office) -> None:
    """An office that brings its own few places keeps them: a province of before would end some."""
    with office.app.app_context():
        assert start.learn_earlier_places(NOW) == 0
        assert db.session().scalar(select(func.count()).select_from(Place)) == 0
        db.session.remove()


def ship(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Let the server come with another version of the household survey, and with no other survey."""
    shipped = folder / "xlsforms" / "f01_hh_survey"
    shipped.mkdir(parents=True)
    workbook = load_workbook(ROOT / "xlsforms" / "f01_hh_survey" / "f01_hh_survey.xlsx")
    sheet = workbook["settings"]
    column = next(cell.column for cell in sheet[1] if cell.value == "version")
    sheet.cell(2, column).value = version
    workbook.save(shipped / "f01_hh_survey.xlsx")
    monkeypatch.setattr(start, "surveys_folder", lambda: shipped.parent)


def test_a_newer_shipped_survey_waits_as_a_draft(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(tmp_path, monkeypatch, "2099010101")
    for _again in range(2):
        _started, _before, after = begin(begun.settings)
        assert after["FormVersion"] == begun.first.made["FormVersion"] + 1
    with create_app(begun.settings).app_context():
        form = db.session().scalars(select(Form).where(Form.xml_form_id == "f01_hh_survey")).one()
        draft = db.session().get_one(FormVersion, form.draft_id)
        live = db.session().get_one(FormVersion, form.current_id)
        assert (draft.version, draft.published_at) == ("2099010101", None)
        assert live.version != draft.version
        db.session.remove()
        db.engine.dispose()


def test_a_shipped_survey_in_the_trash_stays_there(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(tmp_path, monkeypatch, "2099010102")
    with create_app(begun.settings).app_context():
        with transaction() as session:
            form = get_form(session, 1, "f01_hh_survey")
            delete_form(session, form, Author(None, NOW))
        before = db.session().scalar(select(func.count()).select_from(FormVersion))
        db.session.remove()
        db.engine.dispose()
    _started, _before, after = begin(begun.settings)
    assert (after["Form"], after["FormVersion"]) == (begun.first.made["Form"], before)
