"""Entity lists on the desk: looked through, corrected, settled, filled from spreadsheets and back again."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from openpyxl import Workbook

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.actions import list_upload
from forms.member_rows import MemberRow
from storage.database import db, transaction
from storage.entities import lists
from storage.models import Assignment, Batch, Entity
from storage.queries import actors
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.lists import HOUSEHOLDS, map_planted, reading, register
from tests.collector.openrosa.sheets import collect
from tests.office import Office
from tests.tree import HERE, HERE_VILLAGE, THERE_VILLAGE

Rows = list[list[object]]


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at the desk."""
    return Reader(office)


def workbook(rows: Rows, *, merged: str = "") -> bytes:
    """An .xlsx with these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def looked_at(reader: Reader, rows: Rows | bytes, name: str = "ho.xlsx", **more: str) -> Page:
    """The preview of a file."""
    data = rows if isinstance(rows, bytes) else workbook(rows, **more)
    response = reader.post(f"/lists/{HOUSEHOLDS}/files", {"file": (BytesIO(data), name)})
    assert response.status_code in {200, 400}
    return Page(response)


def entered(reader: Reader, rows: Rows) -> Page:
    """The page of a file that was looked at and entered."""
    [ticket] = [str(field.get("value")) for field in looked_at(reader, rows).find("//input[@name='ticket']")]
    return reader.send(f"/lists/{HOUSEHOLDS}/files/enter", {"ticket": ticket})


def labels(office: Office) -> dict[str, tuple[int, dict[str, str]]]:
    """Label to version and values of the living members."""
    with office.app.app_context():
        several = db.session.query(Entity).filter(Entity.deleted_at.is_(None))
        return {one.label: (one.version, one.data) for one in several}


def test_a_list_is_made_and_forms_that_wait_for_it_get_it(office: Office, reader: Reader) -> None:
    reading(office, "f01")
    given = office.phone()
    assert collect(office, given).sync()["f01"].hashes == {}
    made = reader.send("/lists", {"name": HOUSEHOLDS, "properties": "village_code head_name"})
    assert made.texts("//h1") == ["Household list"]
    assert list(collect(office, given).sync()["f01"].hashes) == [f"{HOUSEHOLDS}.csv"]
    assert HOUSEHOLDS in reader.page("/lists").main


@pytest.mark.parametrize("name", ["", "1a", "__x", "a b", "a/b"])
def test_a_list_phones_could_not_keep_is_refused(reader: Reader, name: str) -> None:
    assert "cannot be the name" in reader.refused("/lists", {"name": name}).main


def test_a_column_is_added_and_approval_asked_for(office: Office, reader: Reader) -> None:
    register(office)
    page = reader.send(f"/lists/{HOUSEHOLDS}/properties", {"property": "cluster"})
    assert "cluster" in page.main
    assert "already has" in reader.send(f"/lists/{HOUSEHOLDS}/properties", {"property": "cluster"}).text
    assert "wait until" in reader.send(f"/lists/{HOUSEHOLDS}/approval", {"required": "1"}).main
    assert "at once" in reader.send(f"/lists/{HOUSEHOLDS}/approval", {}).main


def test_members_are_searched_paged_and_downloaded(office: Office, reader: Reader) -> None:
    households = register(office)
    for number in range(55):
        households.add(f"Hộ {number:02d}", head_name="=HYPERLINK()")
    page = reader.page(f"/lists/{HOUSEHOLDS}")
    assert "55 members" in page.main
    assert "Hộ 54" in page.main
    assert "Hộ 04" not in page.main
    [older] = [link for link in page.links() if "before=" in link]
    assert "Hộ 04" in reader.page(older).main
    found = reader.page(f"/lists/{HOUSEHOLDS}?q=hộ+17").main
    assert "Hộ 17" in found
    assert "Hộ 18" not in found
    table = reader.get(f"/lists/{HOUSEHOLDS}/table.csv").data.decode("utf-8")
    assert table.startswith('\ufeff"name","label","village_code","head_name"')
    assert '"\'=HYPERLINK()"' in table


def test_a_member_is_corrected_with_its_history(office: Office, reader: Reader) -> None:
    households = register(office)
    member = households.add("Hộ Lò Văn A", head_name="Lò Văn A")
    page = f"/lists/{HOUSEHOLDS}/members/{member}"
    shown = reader.send(page, {"_label": "Hộ Lò Văn Á", "_version": "1", "head_name": "Lò Văn Á"})
    assert shown.texts("//h1") == ["Hộ Lò Văn Á"]
    assert "head_name: Lò Văn A → Lò Văn Á" in shown.main
    assert labels(office) == {"Hộ Lò Văn Á": (2, {"head_name": "Lò Văn Á"})}
    assert "version 2 by now" in reader.refused(page, {"_label": "Hộ", "_version": "1"}, status=409).main
    assert reader.page(f"/lists/{HOUSEHOLDS}/members/{uuid.uuid4()}", 404).status == 404


def test_a_member_is_deleted_and_put_back(office: Office, reader: Reader) -> None:
    member = register(office).add("Hộ Lò Văn A")
    page = f"/lists/{HOUSEHOLDS}/members/{member}"
    assert "is deleted" in reader.send(f"{page}/delete", {}).main
    assert labels(office) == {}
    assert "Hộ Lò Văn A" in reader.page(f"/lists/{HOUSEHOLDS}?deleted=1").main
    assert "is deleted" not in reader.send(f"{page}/restore", {}).main
    assert list(labels(office)) == ["Hộ Lò Văn A"]


def test_a_conflict_stands_first_and_is_settled(office: Office, reader: Reader) -> None:
    households = register(office)
    member = households.add("Hộ có xung đột")
    households.add("Hộ khác")
    with office.app.app_context(), transaction() as session:
        session.query(Entity).filter(Entity.uuid == member).one().conflict = "hard"
    assert "1 conflict" in reader.page("/lists").main
    page = reader.page(f"/lists/{HOUSEHOLDS}").main
    assert page.index("Hộ có xung đột") < page.index("Hộ khác")
    shown = reader.page(f"/lists/{HOUSEHOLDS}/members/{member}")
    assert "Two people wrote this differently" in shown.main
    reader.send(f"/lists/{HOUSEHOLDS}/members/{member}/resolve", {})
    assert "conflict" not in reader.page("/lists").main
    assert labels(office)["Hộ có xung đột"][0] == 1


# Spreadsheets -----------------------------------------------------------------------------------


def test_a_file_makes_and_changes_members_and_is_taken_back(office: Office, reader: Reader) -> None:
    map_planted(office)
    households = register(office)
    known = households.add("Hộ cũ", head_name="Cũ", village_code=HERE_VILLAGE)
    rows: Rows = [
        ["Danh sách hộ"],
        ["name", "label", "village_code", "head_name"],
        [known, "Hộ cũ", "", "Mới"],
        ["", "Hộ thêm", HERE_VILLAGE, "Thêm"],
    ]
    preview = looked_at(reader, rows)
    assert "1 new member, 1 change" in preview.main
    assert list(labels(office)) == ["Hộ cũ"]
    page = entered(reader, rows)
    assert "1 new member" in page.main
    assert labels(office) == {
        "Hộ cũ": (2, {"head_name": "Mới", "village_code": HERE_VILLAGE}),
        "Hộ thêm": (1, {"head_name": "Thêm", "village_code": HERE_VILLAGE}),
    }
    [undo] = [str(form.get("action")) for form in page.find("//form") if "undo" in str(form.get("action"))]
    assert "2 members are as before" in reader.send(undo, {}).text
    assert labels(office) == {"Hộ cũ": (3, {"head_name": "Cũ", "village_code": HERE_VILLAGE})}


def test_a_file_sent_twice_is_entered_once(office: Office, reader: Reader) -> None:
    register(office)
    rows: Rows = [["label"], ["Hộ A"], ["Hộ B"]]
    [ticket] = [str(one.get("value")) for one in looked_at(reader, rows).find("//input[@name='ticket']")]
    for _again in range(2):
        reader.send(f"/lists/{HOUSEHOLDS}/files/enter", {"ticket": ticket})
    assert sorted(labels(office)) == ["Hộ A", "Hộ B"]
    assert "already there" in looked_at(reader, rows).main


WRONG: tuple[tuple[Rows, str, str], ...] = (
    ([["label", "village_code"], ["", HERE_VILLAGE]], "2", "The label is missing"),
    ([["name", "label"], ["khong-phai-uuid", "Hộ"]], "2", "“khong-phai-uuid” is not an id"),
    ([["name", "label"], [str(uuid.uuid5(uuid.NAMESPACE_DNS, "x")), "Hộ"]], "2", "is not an id"),
    ([["label", "villagecode"], ["Hộ", "1"]], "", "“villagecode” is no property"),
    ([["label", "village_code"], ["Hộ A", HERE_VILLAGE], ["Hộ", "99999-001"]], "3", "code “99999-001”"),
)


@pytest.mark.parametrize(("rows", "row", "said"), WRONG)
def test_what_is_wrong_is_said_by_row_and_column(
    office: Office, reader: Reader, rows: Rows, row: str, said: str
) -> None:
    map_planted(office)
    register(office)
    page = looked_at(reader, rows)
    assert page.status == 400
    assert said in page.main
    assert row in page.texts("//td[contains(@class, 'number')]")
    assert page.find("//input[@name='ticket']") == []
    assert labels(office) == {}


def test_merged_cells_twins_and_wrong_encodings_are_named(office: Office, reader: Reader) -> None:
    register(office)
    merged = looked_at(reader, [["label", "head_name"], ["Hộ A", "A"], ["Hộ B", "B"]], merged="A2:A3")
    assert "A2:A3 are merged" in merged.main
    one = str(uuid.uuid4())
    assert "stands in row 2 too" in looked_at(reader, [["name", "label"], [one, "A"], [one, "B"]]).main
    odd = looked_at(reader, "label\nHộ".encode("utf-16-le"), name="ho.csv").main
    assert "encoding" in odd or "not found" in odd
    assert "not found" in looked_at(reader, [["xyz"], ["A"]]).main
    assert labels(office) == {}


def test_an_entry_that_broke_off_leaves_nothing_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(office)
    monkeypatch.setattr(list_upload, "STEP", 2)
    data = workbook([["label"], ["Hộ 1"], ["Hộ 2"], ["Hộ 3"], ["Hộ 4"], ["Hộ 5"]])
    with office.app.app_context():
        where = lists.list_by_name(db.session(), 1, HOUSEHOLDS)
        checked = list_upload.check(db.session(), where, data, "ho.xlsx")
        broken = list_upload.Checked((*checked.rows[:4], MemberRow(9, "", "", {})), checked.columns, ())
        wanted = list_upload.Import(where.id, 1, office.admin_id, "ho.xlsx", "t", office.author.now)
        with pytest.raises(Exception, match="label"):
            list_upload.enter(broken, wanted)
        assert db.session.query(Batch).one().summary["taken_back"] == 4
    assert labels(office) == {}


def test_an_impatient_finger_enters_a_file_once_and_takes_nothing_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(office)
    monkeypatch.setattr(list_upload, "STEP", 2)
    rows: Rows = [[f"Hộ {number}"] for number in range(20)]
    data = workbook([["label"], *rows])
    with office.app.app_context():
        where = lists.list_by_name(db.session(), 1, HOUSEHOLDS)
        checked = list_upload.check(db.session(), where, data, "ho.xlsx")
        wanted = list_upload.Import(where.id, 1, office.admin_id, "ho.xlsx", "t", office.author.now)
        db.session.rollback()
        with transaction() as session:
            list_upload._batch(session, checked, wanted)

    def enter(_time: int) -> int:
        with office.app.app_context():
            return list_upload.enter(checked, wanted)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(enter, range(2))
    assert first == second
    assert len(labels(office)) == 20
    with office.app.app_context():
        assert db.session.query(Batch).one().undone_at is None


# Who may what -----------------------------------------------------------------------------------


def test_a_commune_officer_sees_and_corrects_his_own_and_no_others(office: Office) -> None:
    map_planted(office)
    households = register(office)
    mine = households.add("Hộ của tôi", village_code=HERE_VILLAGE)
    theirs = households.add("Hộ nơi khác", village_code=THERE_VILLAGE)
    officer = Reader(office, "xa", REVIEWER)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, "xa")
        assert user is not None
        session.query(Assignment).filter(Assignment.actor_id == user.actor_id).one().place_code = HERE
    page = officer.page(f"/lists/{HOUSEHOLDS}").main
    assert "Hộ của tôi" in page
    assert "Hộ nơi khác" not in page
    assert "Hộ nơi khác" not in officer.get(f"/lists/{HOUSEHOLDS}/table.csv").text
    assert officer.page(f"/lists/{HOUSEHOLDS}/members/{theirs}", 404).status == 404
    officer.send(f"/lists/{HOUSEHOLDS}/members/{mine}", {"_label": "Hộ sửa", "_version": "1"})
    assert "Hộ sửa" in labels(office)
    assert officer.get(f"/lists/{HOUSEHOLDS}/files").status_code == 403
    assert officer.post(f"/lists/{HOUSEHOLDS}/members/{mine}/delete", {}).status_code == 403


def test_a_leader_sees_no_names(office: Office) -> None:
    register(office).add("Hộ Lò Văn A")
    assert Reader(office, "lanhdao", VIEWER).get("/lists").status_code == 403
    assert Reader(office, "quanly", MANAGER).get(f"/lists/{HOUSEHOLDS}").status_code == 200


def test_a_record_names_what_was_chosen_from_a_list(office: Office, reader: Reader) -> None:
    map_planted(office)
    member = register(office).add("Hộ Lò Văn A")
    office.publish(
        "| survey |\n| | type | name | label |\n"
        "| | select_one_from_file households.csv | hh | Hộ nào |\n"
        "| | select_one_from_file communes.csv | commune | Xã nào |\n"
        "| settings |\n| | form_id | version | form_title |\n| | f01 | 1 | Khảo sát |\n"
    )
    assert "made by the server" in reader.page("/surveys/f01").main
    instance = "uuid:00000000-0000-4000-8000-000000000001"
    data = (
        f'<data id="f01" version="1"><hh>{member}</hh><commune>{HERE}</commune>'
        f"<meta><instanceID>{instance}</instanceID></meta></data>"
    )
    collect(office, office.phone()).send(data.encode())
    shown = reader.page(f"/surveys/f01/submissions/{instance}").main
    assert "Hộ Lò Văn A" in shown
    assert "Xã Lũng Cú" in shown
