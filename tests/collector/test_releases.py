"""Releases: frozen under a number, compared, withdrawn, made anew; their files handed out to who may."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from collector.accounts.authentication import COOKIE
from collector.accounts.permissions import VIEWER
from collector.actions import extract_making, file_links, release_making, releases
from collector.actions.accounts import create_user, sign_in
from collector.actions.campaigns import NewCampaign
from collector.actions.campaigns import create as campaign
from collector.actions.extracts import Making, Means
from collector.actions.releases import Maker, Wanted
from collector.actions.sweep import ORPHAN_AGE, sweep
from collector.clock import moment
from storage.audits import acting
from storage.database import db, transaction
from storage.erasing.tombstones import Order
from storage.erasing.withdrawing import withdraw
from storage.models import Assignment, Audit, Blob, Extract, ExtractFile, Form, Release
from storage.purging.files import Files
from storage.queries import releases as queries
from storage.queries.actors import user_by_name
from storage.queries.forms import get_form
from storage.release_problems import (
    ExtractUnusable,
    LinkEnded,
    PurposeMissing,
    ReleaseFrozen,
    ReleaseReasonMissing,
    ReleaseStateWrong,
    ReleaseUnnamed,
)
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

FORM = """
| survey |
| | type | name | label | pii |
| | text | head | Chủ hộ | direct |
| | integer | people | Số người | none |
| settings |
| | form_id | version |
| | hh | 1 |
"""


@pytest.fixture(scope="module")
def full(kept_office: Office) -> Office:
    form = kept_office.publish(FORM)
    volunteer = Volunteer(kept_office, kept_office.phone(), form=form)
    for number in (1, 2):
        _send(volunteer, number)
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
    return kept_office


def _send(volunteer: Volunteer, number: int) -> None:
    answers = f"<head>Giàng A {number}</head><people>{number + 2}</people>"
    assert volunteer.post(answered("hh", "1", answers, instance_id=f"uuid:{number}")).status_code == 201


@pytest.fixture
def _inside(full: Office) -> Iterator[None]:
    with full.app.app_context(), acting(full.admin_id, NOW):
        yield


inside = pytest.mark.usefixtures("_inside")


def _made(office: Office, *, figures: bool = False, approve: bool = False, protection: str = "none") -> int:
    """A release whose files are made; its id."""
    wanted = Wanted(
        "Báo cáo Bộ",
        forms=("hh",),
        figures=figures,
        formats=("csv",),
        protection=protection,
        purpose="" if protection == "deidentified" else "kiểm tra",
        approve=approve,
    )
    with transaction() as session:
        number = releases.make(session, 1, wanted, Maker(office.admin_id, NOW)).id
    _work(office)
    return number


def _work(office: Office) -> None:
    means = Means(office.parts.blobs, office.parts.shelf, office.parts.vault)
    making = Making(means, office.settings.home, lambda: NOW)
    while making.make_next(NOW):
        pass
    release_making.look(office.parts.blobs, office.settings.home)


def _get(number: int) -> Release:
    db.session.expire_all()
    return db.session.get_one(Release, number)


def _file(number: int, kind: str = "csv") -> ExtractFile:
    [extract] = queries.extracts_of(db.session(), _get(number))
    [made] = queries.with_files(db.session(), [extract])
    return next(one for one in made.files if one.format == kind)


@inside
def test_a_release_is_numbered_and_issued_when_its_files_are_made(full: Office) -> None:
    first, second = _get(_made(full)), _get(_made(full))
    assert second.number == first.number + 1
    assert (first.state, first.issued_by, second.state) == ("issued", full.admin_id, "issued")
    assert first.digest is not None
    # The same rows under the same filter are the same release, whatever its number.
    assert first.digest == second.digest
    [made] = queries.with_files(db.session(), queries.extracts_of(db.session(), first))
    assert {one.format for one in made.files} == {"csv", "parquet"}


OTHER_FORM = FORM.replace("| hh |", "| village |")


def test_the_surveys_of_a_release_are_of_one_moment_though_records_come_between(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = {name: office.publish(form) for name, form in (("hh", FORM), ("village", OTHER_FORM))}
    phone = office.phone()

    def send(number: int) -> None:
        for name, form in several.items():
            answers = f"<head>Giàng A {number}</head><people>2</people>"
            sent = answered(name, "1", answers, instance_id=f"uuid:{name}{number}")
            assert Volunteer(office, phone, form=form).post(sent).status_code == 201

    laid = extract_making.lay
    read: list[str] = []

    def lay_then_send(session: Session, extract: Extract, *rest: Any) -> extract_making.Ready:
        ready = laid(session, extract, *rest)
        read.append(str(extract.spec["form"]))
        # Phones are not held up while a release is read.
        send(len(read) + 1)
        return ready

    send(1)
    wanted = Wanted("Hai phiếu", ("hh", "village"), figures=False, protection="none", purpose="kiểm tra")
    with office.app.app_context(), acting(office.admin_id, NOW):
        with transaction() as session:
            number = releases.make(session, 1, wanted, Maker(office.admin_id, NOW)).id
        with monkeypatch.context() as between:
            between.setattr(extract_making, "lay", lay_then_send)
            _work(office)
        assert read == ["hh", "village"]
        assert _get(number).state == "issued"
        several_made = queries.extracts_of(db.session(), _get(number))
        assert [one.manifest["tables"][0]["rows"] for one in several_made if one.manifest] == [1, 1]
        db.session.rollback()
        with transaction() as session:
            later = releases.make(session, 1, wanted, Maker(office.admin_id, NOW)).id
        _work(office)
        several_made = queries.extracts_of(db.session(), _get(later))
        assert [one.manifest["tables"][0]["rows"] for one in several_made if one.manifest] == [3, 3]


def test_the_files_of_a_release_are_there_all_at_once_or_not_at_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [office.publish(form) for form in (FORM, OTHER_FORM)]
    wanted = Wanted("Hai phiếu", ("hh", "village"), figures=False)
    written = extract_making.write

    def killed(ready: extract_making.Ready) -> extract_making.Made:
        made = written(ready)
        if ready.manifest["spec"]["form"] == "village":
            sys.exit(0)
        return made

    with office.app.app_context(), acting(office.admin_id, NOW):
        with transaction() as session:
            number = releases.make(session, 1, wanted, Maker(office.admin_id, NOW)).id
        with monkeypatch.context() as stopped:
            stopped.setattr(extract_making, "write", killed)
            with pytest.raises(SystemExit):
                _work(office)
        db.session.rollback()
        assert {one.state for one in queries.extracts_of(db.session(), _get(number))} == {"waiting"}
        assert db.session.scalars(select(ExtractFile)).all() == []
        db.session.rollback()
        _work(office)
        assert _get(number).state == "issued"
        assert [one.form_id for one in queries.extracts_of(db.session(), _get(number))] == [
            one.id for one in several
        ]


def test_somebody_erased_while_a_release_is_made_has_it_begin_again_as_a_whole(office: Office) -> None:
    first, _second = office.publish(FORM), office.publish(OTHER_FORM)
    wanted = Wanted("Hai phiếu", ("hh", "village"), figures=False)
    with office.app.app_context(), acting(office.admin_id, NOW):
        with transaction() as session:
            releases.make(session, 1, wanted, Maker(office.admin_id, NOW))
            session.execute(update(Extract).values(state="making", beat_at=NOW))
        with transaction() as session:
            withdraw(session, [first.id], Files(), Order("khoản 1", office.admin_id, NOW))
        assert set(db.session.scalars(select(Extract.state))) == {"waiting"}


@inside
def test_what_is_different_from_the_one_before_is_worked_out_from_the_files(full: Office) -> None:
    _made(full)
    _made(full)
    _send(Volunteer(full, full.phone("Máy khác"), form=_form()), 3)
    third = _get(_made(full))
    [table] = (third.changes or {})["tables"]
    assert (table["added"], table["removed"], table["changed"], table["same"]) == (1, 0, 0, 2)
    assert (table["questions_added"], table["questions_removed"]) == ([], [])


def _form() -> Form:
    found = get_form(db.session(), 1, "hh")
    db.session.expunge(found)
    return found


@inside
def test_what_is_issued_never_changes(full: Office) -> None:
    number = _made(full)
    extract = queries.extracts_of(db.session(), _get(number))[0].id
    file = _file(number).id

    def refused(change: Callable[[Session], object]) -> None:
        with pytest.raises(ReleaseFrozen), transaction() as session:
            change(session)

    refused(lambda session: setattr(session.get_one(Release, number), "name", "Tên khác"))
    refused(lambda session: setattr(session.get_one(Release, number), "digest", "0" * 64))
    refused(lambda session: session.delete(session.get_one(Release, number)))
    refused(lambda session: setattr(session.get_one(Extract, extract), "digest", "0" * 64))
    refused(lambda session: setattr(session.get_one(Extract, extract), "release_id", None))
    refused(lambda session: session.delete(session.get_one(Extract, extract)))
    refused(lambda session: setattr(session.get_one(ExtractFile, file), "blob_sha256", "0" * 64))
    refused(lambda session: session.delete(session.get_one(ExtractFile, file)))
    refused(lambda session: session.execute(update(Release).values(name="Tên khác")))
    refused(lambda session: session.execute(delete(ExtractFile).where(ExtractFile.id == file)))
    refused(lambda session: session.execute(update(Extract).where(Extract.id == extract).values(digest="")))
    refused(lambda session: session.execute(delete(Extract)))


@inside
def test_the_bytes_of_a_release_cannot_be_forgotten_and_survive_the_sweep(full: Office) -> None:
    sha256 = _file(_made(full)).blob_sha256
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(delete(Blob).where(Blob.sha256 == sha256))
    sweep(full.parts.blobs, now=moment() + 2 * ORPHAN_AGE)
    assert full.parts.blobs.exists(sha256)


@inside
def test_a_release_waits_for_approval_and_is_declined_with_a_reason(full: Office) -> None:
    by = Maker(full.admin_id, NOW)
    first, second = _made(full, approve=True), _made(full, approve=True)
    assert _get(first).state == "waiting"
    with transaction() as session:
        releases.issue(session, session.get_one(Release, first), by)
    with pytest.raises(ReleaseStateWrong), transaction() as session:
        releases.issue(session, session.get_one(Release, first), by)
    with pytest.raises(ReleaseReasonMissing), transaction() as session:
        releases.decline(session, session.get_one(Release, second), " ", by)
    with transaction() as session:
        releases.decline(session, session.get_one(Release, second), "Thiếu xã", by)
    assert (_get(first).state, _get(second).state, _get(second).reason) == ("issued", "declined", "Thiếu xã")
    assert [one.expires_at for one in queries.extracts_of(db.session(), _get(second))] == [
        NOW + releases.KEPT_DECLINED
    ]


@inside
def test_a_release_is_withdrawn_and_made_anew(full: Office) -> None:
    by = Maker(full.admin_id, NOW)
    number = _made(full)
    with pytest.raises(ReleaseFrozen), transaction() as session:
        releases.reissue(session, session.get_one(Release, number), by)
    with transaction() as session:
        releases.withdraw(session, session.get_one(Release, number), "Sai bộ lọc", by)
    with pytest.raises(ReleaseFrozen), transaction() as session:
        session.get_one(Release, number).state = "issued"
    with transaction() as session:
        fresh = releases.reissue(session, session.get_one(Release, number), by).id
    _work(full)
    assert (_get(fresh).state, _get(fresh).replaces_id) == ("issued", number)
    assert _get(fresh).spec == _get(number).spec
    said = db.session.scalars(
        select(Audit.action).where(Audit.actee_id == number, Audit.actee_kind == "release")
    )
    assert set(said) >= {"release.create", "release.issue", "release.withdraw"}


@inside
def test_a_release_without_a_name_or_a_purpose_is_refused(full: Office) -> None:
    by = Maker(full.admin_id, NOW)
    for wanted, problem in (
        (Wanted("  ", forms=("hh",)), ReleaseUnnamed),
        (Wanted("Bản", figures=False), ReleaseUnnamed),
        (Wanted("Bản", forms=("hh",), formats=("csv", "doc")), ExtractUnusable),
        (Wanted("Bản", forms=("hh",), protection="none"), PurposeMissing),
    ):
        with pytest.raises(problem), transaction() as session:
            releases.make(session, 1, wanted, by)


@inside
def test_a_link_ends_in_time_with_the_release_and_when_it_is_tampered_with(full: Office) -> None:
    number = _made(full)
    by, vault = Maker(full.admin_id, NOW), full.parts.vault
    with transaction() as session:
        found = queries.file_of(session, 1, _file(number).id)
        token, until = file_links.make(session, vault, found, 7, by)
        sha256 = found[0].blob_sha256
    assert until == NOW + timedelta(days=7)
    session = db.session()
    assert file_links.opened(session, vault, token, now=NOW)[0].blob_sha256 == sha256
    for wrong, at in ((token, until), (token[:-2], NOW), ("x", NOW), ("", NOW)):
        with pytest.raises(LinkEnded):
            file_links.opened(session, vault, wrong, now=at)
    with transaction() as session:
        releases.withdraw(session, session.get_one(Release, number), "Sai", by)
    with pytest.raises(LinkEnded):
        file_links.opened(db.session(), vault, token, now=NOW)


def test_a_link_opens_without_signing_in_only_where_nobody_is_in_the_file(full: Office) -> None:
    links = {}
    with full.app.app_context(), acting(full.admin_id, NOW):
        for protection in ("deidentified", "none"):
            number = _made(full, protection=protection)
            with transaction() as session:
                found = queries.file_of(session, 1, _file(number).id)
                links[protection] = file_links.make(
                    session, full.parts.vault, found, 30, Maker(full.admin_id, moment())
                )[0]
    stranger = full.client()
    assert stranger.get(f"/shared/{links['deidentified']}/a.zip", buffered=True).status_code == 200
    answer = stranger.get(f"/shared/{links['none']}/a.zip", buffered=True)
    assert (answer.status_code, answer.headers["Location"].startswith("/signin")) == (303, True)
    assert (
        _person(full, "lanhdao", VIEWER).get(f"/shared/{links['none']}/a.zip", buffered=True).status_code
        == 403
    )
    assert _person(full, ADMIN).get(f"/shared/{links['none']}/a.zip", buffered=True).status_code == 200


def _person(office: Office, name: str, role: int | None = None) -> FlaskClient:
    with office.app.app_context(), transaction() as session:
        user = user_by_name(session, name) or create_user(session, name, ADMIN_PASSWORD, now=NOW)
        if role is not None:
            session.add(Assignment(actor_id=user.actor_id, role=role, project_id=1))
        signed = sign_in(session, user, now=moment())
    browser = office.client()
    browser.set_cookie(COOKIE, signed.token)
    return browser


def test_files_of_a_release_with_people_in_them_ask_what_for(full: Office) -> None:
    with full.app.app_context(), acting(full.admin_id, NOW):
        file = _file(_made(full)).id
    admin = _person(full, ADMIN)
    assert admin.get(f"/downloads/files/{file}", buffered=True).status_code == 400
    assert admin.get(f"/downloads/files/{file}?purpose=r%C3%A0+so%C3%A1t", buffered=True).status_code == 200
    leader = _person(full, "lanhdao2", VIEWER)
    assert leader.get(f"/downloads/files/{file}?purpose=x", buffered=True).status_code == 403


@inside
def test_the_calendar_has_one_release_made_for_each_deadline(full: Office) -> None:
    with transaction() as session:
        day = NOW.date()
        wanted = NewCampaign("Báo cáo Sở", tree.PROVINCE, day, day, day, day, {"hh": "village"}, key="so")
        campaign(session, 1, wanted, now=NOW)
        plan = Wanted("", forms=("hh",), figures=False, formats=("csv",))
        release_making.plan(session, 1, release_making.Line("so", 1), plan, Maker(full.admin_id, NOW))
    assert [release_making.make_due(NOW + timedelta(days=ago)) for ago in (0, 1, 2, 3, 4)] == [0, 0, 1, 0, 0]
    _work(full)
    [release] = [one for one in queries.releases_of(db.session(), 1) if one.due_id == "so"]
    assert (release.name, release.state, release.due_on) == ("Báo cáo Sở", "waiting", NOW.date().isoformat())
    assert release in queries.waiting(db.session(), 1)
