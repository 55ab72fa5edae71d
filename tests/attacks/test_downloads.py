"""Files asked for that would keep the worker busy, fill the disk, or decide on a release twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from collector.accounts.identity import Grant, Identity
from collector.accounts.permissions import ADMINISTRATOR
from collector.actions import release_making, releases, report_templates, taking_away
from collector.actions.extracts import Making, Means
from collector.actions.releases import Maker, Wanted
from collector.desk.extracts import asked_days
from collector.saying import say_in
from forms.reports.problems import TemplateNotFound
from storage.audits import acting
from storage.database import db, transaction
from storage.models import Blob, Extract, Release
from storage.queries import releases as queries
from storage.queries.report_templates import DOCUMENT, Slot, Stored
from storage.release_problems import ExtractUnusable, ReleaseStateWrong, TooManyExtracts, TooMuchKept
from tests.collector.test_releases import FORM
from tests.office import NOW, Office


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    kept_office.publish(FORM)
    return kept_office


@pytest.fixture(autouse=True)
def _inside(office: Office) -> Iterator[None]:
    with office.app.app_context(), acting(office.admin_id, NOW):
        yield


def ask(office: Office, **wanted: Any) -> int:
    """Ask for files of the survey as somebody who may read them; the number of the extract."""
    said = Wanted("", **{"forms": ("hh",), "formats": ("csv",), **wanted})
    everything = Identity(office.admin_id, grants=(Grant(ADMINISTRATOR, None),))
    with transaction() as session:
        return taking_away.ask(session, everything, 1, said, Maker(office.admin_id, NOW)).id


def made(office: Office, **wanted: Any) -> int:
    """A release that waits for approval; its id."""
    said = Wanted("Bản", **{"figures": True, "approve": True, **wanted})
    with transaction() as session:
        number = releases.make(session, 1, said, Maker(office.admin_id, NOW)).id
    work(office)
    return number


def work(office: Office) -> None:
    """Make what waits."""
    parts = office.parts
    making = Making(Means(parts.blobs, parts.shelf, parts.vault), office.settings.home, lambda: NOW)
    while making.make_next(NOW):
        pass
    release_making.look(parts.blobs, office.settings.home)


def test_a_format_asked_for_many_times_is_made_once(office: Office) -> None:
    number = ask(office, formats=("csv",) * 200)
    work(office)
    extract = db.session.get_one(Extract, number)
    [found] = queries.with_files(db.session(), [extract])
    assert extract.problem is None
    assert [one.format for one in found.files] == ["csv"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"formats": ()},
        {"formats": ("exe",)},
        {"start": "0001-01-01"},
        {"end": "9999-12-31"},
        {"language": "../../etc"},
        {"language": "x" * 100_000},
        {"period": "'; drop"},
        {"period": "x" * 100_000},
        {"protection": "NONE" * 1000},
    ],
)
def test_what_cannot_be_made_is_told_before_anybody_waits(office: Office, wanted: dict[str, Any]) -> None:
    with pytest.raises(ExtractUnusable) as refused:
        ask(office, **wanted)
    assert len(str(refused.value.details["value"])) <= 40


def test_one_person_does_not_fill_the_disk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(office)
    work(office)
    monkeypatch.setattr(taking_away, "MOST_KEPT_BYTES", 100)
    with pytest.raises(TooMuchKept):
        ask(office)
    monkeypatch.setattr(taking_away, "MOST_KEPT_BYTES", 2**40)
    count, _size = queries.kept(db.session(), office.admin_id)
    monkeypatch.setattr(taking_away, "MOST_KEPT", count + 1)
    ask(office)
    with pytest.raises(TooMuchKept):
        ask(office)
    # What somebody else keeps does not count.
    assert queries.kept(db.session(), None) == (0, 0)


def test_releases_are_not_asked_for_by_the_hundred(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "MOST_MAKING", 1)
    with transaction() as session:
        releases.make(session, 1, Wanted("Một"), Maker(office.admin_id, NOW))
    with pytest.raises(TooManyExtracts), transaction() as session:
        releases.make(session, 1, Wanted("Hai"), Maker(office.admin_id, NOW))
    work(office)


@pytest.mark.parametrize("deed", ["decline", "issue", "withdraw"])
def test_whoever_decides_late_decides_on_what_the_release_has_become(office: Office, deed: str) -> None:
    number = made(office)
    by = Maker(office.admin_id, NOW)
    before, after = ("issued", "withdrawn") if deed == "withdraw" else ("waiting", "issued")
    become = text("UPDATE releases SET state = :state WHERE id = :id")
    with transaction() as session:
        session.connection().execute(become, {"id": number, "state": before})
    with transaction() as session:
        release = session.get_one(Release, number)
        assert release.state == before
        # Somebody else was quicker, after this one was read.
        session.connection().execute(become, {"id": number, "state": after})
        with pytest.raises(ReleaseStateWrong):
            _decide(session, release, deed, by)


def _decide(session: Session, release: Release, deed: str, by: Maker) -> None:
    if deed == "issue":
        releases.issue(session, release, by)
    else:
        getattr(releases, deed)(session, release, "nhầm", by)


@pytest.mark.parametrize("typed", ["²", "-1", "٣x", "", "9" * 5000])
def test_days_of_a_link_that_are_no_number_are_one_day(typed: str) -> None:
    assert asked_days(typed) == 1


def test_a_file_of_the_office_whose_bytes_are_gone_is_not_put_back() -> None:
    slot, stored = Slot(1, DOCUMENT, "doet_annual", "m.docx"), Stored("0" * 64, 1, None, NOW)
    assert db.session.get(Blob, stored.sha256) is None
    with pytest.raises(TemplateNotFound), transaction() as session:
        report_templates.put_back(session, slot, stored)


def test_languages_nobody_translated_are_not_kept_for_ever() -> None:
    for number in range(100):
        assert say_in(f"x{number}")("a sentence") == "a sentence"
    assert say_in.cache_info().currsize < 100
