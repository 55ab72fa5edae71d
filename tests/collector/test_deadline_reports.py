"""At a deadline a release is frozen with its reports; both are nothing until somebody approves of them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from docx import Document
from pypdf import PdfReader
from sqlalchemy import select

from collector.accounts.permissions import VIEWER
from collector.accounts.secrets import Vault
from collector.actions import file_links, release_making, releases
from collector.actions.campaigns import NewCampaign
from collector.actions.campaigns import create as campaign
from collector.actions.extracts import Making, Means
from collector.actions.releases import Maker, Wanted
from forms.reports import wording
from storage.audits import acting
from storage.database import db, transaction
from storage.models import Audit, Extract, ExtractFile, Release
from storage.queries import releases as queries
from storage.release_problems import ExtractFileNotFound
from tests.collector.desk.reader import Reader
from tests.collector.desk.test_indicators import worked_out
from tests.figured import Survey
from tests.kept import looking
from tests.office import Office
from tests.tree import HERE, PROVINCE, THERE

DUE = date(2026, 12, 10)
OVER = datetime(2026, 12, 10, 17, 0, tzinfo=UTC)
"""Midnight after the last day, where the office is."""
ADDRESS = "https://khaosat.example"


@pytest.fixture
def survey(office: Office) -> Survey:
    """Two households of different communes, worked out."""
    return worked_out(office)


def _plan(office: Office, key: str, places: tuple[str, ...] = ()) -> None:
    with office.app.app_context(), transaction() as session:
        wanted = NewCampaign(
            "Sở báo cáo", PROVINCE, DUE, DUE, DUE, DUE, {"f01_hh_survey": "village"}, key=key
        )
        campaign(session, 1, wanted, now=OVER)
        plan = Wanted("", forms=("f01_hh_survey",), formats=("csv",), places=places)
        release_making.plan(session, 1, release_making.Line(key), plan, Maker(office.admin_id, OVER))


def _pass(office: Office, now: datetime) -> int:
    """What the worker does at a moment; returns how many releases it made."""
    parts = office.parts
    means = Means(parts.blobs, parts.shelf, Vault("x"))
    with office.app.app_context():
        made = release_making.make_due(now)
        making = Making(means, office.settings.home, lambda: now, PROVINCE, ADDRESS)
        while making.make_next(now):
            pass
        release_making.look(parts.blobs, office.settings.home)
        db.session.remove()
    return made


def _reports(office: Office) -> dict[str, ExtractFile]:
    """The files of reports by format."""
    with looking(office) as session:
        query = select(ExtractFile).join(Extract, Extract.id == ExtractFile.extract_id)
        found = {one.format: one for one in session.scalars(query.where(Extract.kind == "reports"))}
        session.expunge_all()
        return found


def _bytes(office: Office, file: ExtractFile) -> bytes:
    with office.parts.blobs.open(file.blob_sha256) as handle:
        return handle.read()


def _words(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    heads = [one.text for section in document.sections for one in section.header.paragraphs]
    return "\n".join([*heads, *(one.text for one in document.paragraphs)])


def _release(office: Office) -> Release:
    with looking(office) as session:
        [found] = session.scalars(select(Release)).all()
        session.expunge_all()
        return found


def test_a_deadline_makes_one_release_with_its_report_though_the_server_was_off(survey: Survey) -> None:
    office = survey.office
    _plan(office, "cycle_checks")
    assert _pass(office, OVER - timedelta(seconds=1)) == 0
    # The power was cut for three days; then two workers look, one after the other.
    assert _pass(office, OVER + timedelta(days=3)) == 1
    assert _pass(office, OVER + timedelta(days=3)) == 0
    assert _pass(office, OVER + timedelta(days=4)) == 0
    release, files = _release(office), _reports(office)
    assert (release.state, release.due_id, release.due_on) == ("waiting", "cycle_checks", "2026-12-10")
    assert sorted(files) == ["docx", "draft-docx", "draft-pdf", "pdf"]
    assert files["draft-pdf"].name == "doet_annual_tuyen-quang_2026_ban-so-lieu-1_cho-duyet.pdf"
    assert files["docx"].name == "doet_annual_tuyen-quang_2026_ban-so-lieu-1.docx"
    marked, final = (_bytes(office, files[one]) for one in ("draft-pdf", "pdf"))
    assert all(wording.PROVISIONAL in page.extract_text() for page in PdfReader(io.BytesIO(marked)).pages)
    assert wording.PROVISIONAL not in "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(final)).pages
    )
    waits, stands = (_words(_bytes(office, files[one])) for one in ("draft-docx", "docx"))
    cited = f"bản số liệu số 1 “Sở báo cáo”, chốt ngày 14/12/2026, mã kiểm tra SHA-256: {release.digest}."
    assert cited in waits
    assert "đang chờ duyệt" in waits
    assert wording.PROVISIONAL in waits
    assert cited in stands
    assert wording.PROVISIONAL not in stands
    assert "đang chờ duyệt" not in stands
    links = [
        one.target_ref
        for one in Document(io.BytesIO(_bytes(office, files["docx"]))).part.rels.values()
        if one.is_external
    ]
    assert links
    assert all(one.startswith(f"{ADDRESS}/indicators/") for one in links)


def test_who_decides_reads_the_marked_report_and_everybody_the_approved_one(survey: Survey) -> None:
    office = survey.office
    _plan(office, "cycle_checks")
    _pass(office, OVER)
    files = {code: f"/downloads/files/{one.id}" for code, one in _reports(office).items()}
    chief, viewer = Reader(office), Reader(office, "xem", VIEWER)

    def answers(reader: Reader) -> dict[str, int]:
        return {code: reader.get(path).status_code for code, path in sorted(files.items())}

    assert answers(chief) == {"docx": 404, "draft-docx": 200, "draft-pdf": 200, "pdf": 404}
    assert answers(viewer) == {"docx": 404, "draft-docx": 404, "draft-pdf": 404, "pdf": 404}
    told = chief.page("/").texts("//main//a")
    assert "A release and its reports wait for your approval: Sở báo cáo" in " ".join(told)
    page = chief.page("/releases/1")
    listed = page.links("//section[@aria-labelledby='reports']//a")
    assert sorted(listed) == sorted(files[one] for one in ("draft-docx", "draft-pdf"))
    with office.app.app_context(), transaction() as session:
        found = queries.file_of(session, 1, _reports(office)["draft-pdf"].id)
        with pytest.raises(ExtractFileNotFound):
            file_links.make(session, office.parts.vault, found, 1, Maker(office.admin_id, OVER))
    with office.app.app_context(), acting(office.admin_id, OVER), transaction() as session:
        release = queries.get_release(session, 1, 1)
        releases.issue(session, release, Maker(office.admin_id, OVER))
    assert answers(viewer) == {"docx": 200, "draft-docx": 404, "draft-pdf": 404, "pdf": 200}
    listed = viewer.page("/releases/1").links("//section[@aria-labelledby='reports']//a")
    assert sorted(listed) == sorted(files[one] for one in ("docx", "pdf"))
    with looking(office) as session:
        assert (
            session.scalar(select(Audit.actor_id).where(Audit.action == "release.issue")) == office.admin_id
        )


def test_a_report_that_was_declined_is_handed_to_nobody_and_made_anew_with_its_release(
    survey: Survey,
) -> None:
    office = survey.office
    _plan(office, "cycle_checks")
    _pass(office, OVER)
    with office.app.app_context(), transaction() as session:
        releases.decline(
            session, queries.get_release(session, 1, 1), "Thiếu xã", Maker(office.admin_id, OVER)
        )
    files = _reports(office)
    assert Reader(office).get(f"/downloads/files/{files['pdf'].id}").status_code == 404
    assert Reader(office, "xem", VIEWER).get(f"/downloads/files/{files['pdf'].id}").status_code == 404
    with office.app.app_context(), transaction() as session:
        releases.reissue(session, queries.get_release(session, 1, 1), Maker(office.admin_id, OVER))
    _pass(office, OVER)
    with looking(office) as session:
        again = session.scalars(select(Release).where(Release.number == 2)).one()
        made = queries.with_files(session, queries.extracts_of(session, again))
        assert again.state == "waiting"
        assert [len(one.files) for one in made if one.extract.kind == "reports"] == [4]


def test_communes_have_their_reports_in_one_archive_and_a_commune_alone_its_own(survey: Survey) -> None:
    office = survey.office
    _plan(office, "cycle_commune_report")
    _pass(office, OVER)
    files = _reports(office)
    assert sorted(files) == ["draft-zip", "zip"]
    assert files["zip"].name == "commune_annual_2026_ban-so-lieu-1.zip"
    with zipfile.ZipFile(io.BytesIO(_bytes(office, files["zip"]))) as archive:
        names = archive.namelist()
        texts = {name: _words(archive.read(name)) for name in names if name.endswith(".docx")}
    assert sorted(name.partition("_")[0] for name in names) == sorted([HERE, HERE, THERE, THERE])
    here = next(text for name, text in texts.items() if name.startswith(HERE))
    assert "Xã Lũng Cú".lower() in here.lower()
    _plan(office, "lc_units_to_doet", places=(HERE,))
    _pass(office, OVER)
    with looking(office) as session:
        latest = session.scalars(select(Extract.id).where(Extract.kind == "reports")).all()[-1]
        query = select(ExtractFile.format, ExtractFile.name).where(ExtractFile.extract_id == latest)
        alone = {row[0]: row[1] for row in session.execute(query.order_by(ExtractFile.format))}
    assert sorted(alone) == ["docx", "draft-docx", "draft-pdf", "pdf"]
    assert alone["docx"].startswith("commune_year_xa-lung-cu_2026")
