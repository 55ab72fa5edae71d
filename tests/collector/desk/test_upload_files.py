"""Files for other systems on the desk: listed, asked for with a purpose, given to who may read records."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from collector.accounts.permissions import REVIEWER, VIEWER
from collector.actions import upload_files
from collector.actions.extracts import Making, Means
from collector.clock import moment
from forms.datasets.column_maps import ColumnMap, read_maps
from storage.audits import acting
from storage.database import db, transaction
from storage.models import Audit, Extract
from tests import tree
from tests.asked import answered
from tests.collector.desk.reader import Reader
from tests.collector.desk.test_outlines import only_in
from tests.collector.openrosa.sending import Volunteer
from tests.coverage import ROOT
from tests.office import Office
from tests.test_coverage import FORMS, questions
from tests.tree import HERE

FORM = """
| survey |
| | type | name | label | pii | calculation |
| | text | head | Chủ hộ | direct | |
| | select_one sex | sex_in | Giới tính | none | |
| | calculate | sex | | none | ${sex_in} |
| choices |
| | list_name | name | label |
| | sex | 1 | Nam |
| | sex | 2 | Nữ |
| settings |
| | form_id | version |
| | hh | 1 |
"""
MAPS = """file,system,system_vi,title_vi,form,table,latest_by,heading_vi,value,format
heads,sector,Cơ sở dữ liệu ngành,Chủ hộ từng xã,hh,,,Mã trường,,
heads,sector,,,,,,Họ và tên,head,
heads,sector,,,,,,Giới tính,sex,like:sex_in
later,other,Hệ thống khác,Chưa có phiếu,nothing,,,A,b,
odd,other,,Cột lạ,hh,,,A,nobody,
"""
ASKED = {"file": "heads:csv", "purpose": "nhập vào cơ sở dữ liệu ngành", "year": "2026"}


@pytest.fixture(scope="module")
def full(kept_office: Office) -> Office:
    form = kept_office.publish(FORM)
    volunteer = Volunteer(kept_office, kept_office.phone(), form=form)
    answers = "<head>Giàng A Páo</head><sex_in>2</sex_in><sex>2</sex>"
    assert volunteer.post(answered("hh", "1", answers, instance_id="uuid:1")).status_code == 201
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
    return kept_office


@pytest.fixture(autouse=True)
def _maps(monkeypatch: pytest.MonkeyPatch) -> None:
    several: dict[str, ColumnMap] = {one.id: one for one in read_maps(MAPS.splitlines())}
    monkeypatch.setattr(upload_files, "maps", lambda: several)
    monkeypatch.setattr("collector.desk.extracts.FEW", -1)


def work(office: Office) -> None:
    with office.app.app_context():
        making = Making(
            Means(office.parts.blobs, office.parts.shelf, office.parts.vault),
            office.settings.home,
            moment,
        )
        while making.make_next(moment()):
            pass


def test_the_files_are_listed_by_system_with_what_there_is_to_fill_them(full: Office) -> None:
    reader = Reader(full)
    page = reader.page("/downloads/systems")
    assert page.texts("//section/h2")[1:] == ["Cơ sở dữ liệu ngành", "Hệ thống khác"]
    assert [one.get("value") for one in page.find("//button[@name='file']")] == [
        "heads:xlsx", "heads:csv", "odd:xlsx", "odd:csv",
    ]  # fmt: skip
    assert "the survey nothing is not published" in page.main
    assert "/downloads/systems" in reader.page("/downloads").links()


def test_a_file_is_made_in_its_columns_and_noted_with_what_for(full: Office) -> None:
    reader = Reader(full)
    answer = reader.post("/downloads/systems/make", ASKED)
    assert answer.status_code == 303
    work(full)
    page = reader.page(answer.headers["Location"])
    assert "Chủ hộ từng xã" in page.texts("//h1")
    [address] = [one for one in page.links() if "/downloads/files/" in one]
    sent = reader.get(address)
    assert "heads_" in sent.headers["Content-Disposition"]
    assert sent.data.decode("utf-8-sig").splitlines() == ["Mã trường,Họ và tên,Giới tính", ",Giàng A Páo,Nữ"]
    with full.app.app_context():
        noted = db.session.scalars(select(Audit).where(Audit.action == "extract.create")).all()[-1]
        assert noted.details is not None
        assert (noted.details["upload"], noted.notes) == ("heads", ASKED["purpose"])


def test_without_a_purpose_or_a_known_file_or_place_nothing_is_made(full: Office) -> None:
    reader = Reader(full)
    for wrong in ({"purpose": " "}, {"file": "nobody:csv"}, {"file": "later:csv"}, {"place": "Nơi lạ"}):
        assert reader.post("/downloads/systems/make", {**ASKED, **wrong}).status_code == 400, wrong
    with full.app.app_context():
        specs = db.session.scalars(select(Extract.spec)).all()
        assert all(spec["upload"] == "heads" for spec in specs)


def test_columns_that_a_survey_does_not_ask_are_told_on_the_page(full: Office) -> None:
    reader = Reader(full)
    answer = reader.post("/downloads/systems/make", {**ASKED, "file": "odd:xlsx"})
    work(full)
    assert "nobody" in reader.page(answer.headers["Location"]).main


def test_an_officer_gets_the_records_of_his_places_only(full: Office) -> None:
    officer = only_in(full, "xa.lungcu", REVIEWER, HERE)
    answer = officer.post("/downloads/systems/make", ASKED)
    work(full)
    [address] = [
        one for one in officer.page(answer.headers["Location"]).links() if "/downloads/files/" in one
    ]
    assert officer.get(address).data.decode("utf-8-sig").splitlines() == ["Mã trường,Họ và tên,Giới tính"]
    assert Reader(full).get(address).status_code == 404


def test_who_may_not_read_records_gets_none_of_them(full: Office) -> None:
    leader = Reader(full, "lanh.dao", VIEWER)
    assert leader.get("/downloads/systems").status_code == 403
    assert leader.post("/downloads/systems/make", ASKED).status_code == 403
    assert "/downloads/systems" not in leader.page("/downloads").links()


def test_every_name_in_the_table_of_files_is_asked_by_its_survey() -> None:
    ours = {"commune_code", "commune", "village_code", "village", "gps_latitude", "gps_longitude"}
    with (ROOT / "xlsforms" / "programme" / "uploads.csv").open(encoding="utf-8") as file:
        several = read_maps(file)
    for one in several:
        assert one.form in FORMS
        names = [column.value.removeprefix("root.") for column in one.columns if column.value]
        names += [column.format.removeprefix("like:") for column in one.columns if "like:" in column.format]
        assert {*names, *filter(None, (one.table, one.latest_by))} - ours <= questions(one.form), one.id


def test_what_the_command_writes_is_noted(full: Office) -> None:
    one = upload_files.map_of("heads")
    with full.app.app_context(), acting(None, moment()):
        with transaction() as session:
            upload_files.note_command(session, 1, one, (HERE,))
        noted = db.session.scalars(select(Audit).where(Audit.action == "form.upload_file")).one()
        assert noted.details == {"upload": "heads", "places": [HERE]}
        assert noted.place_code == HERE
