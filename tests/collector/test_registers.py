"""Old registers entered into lists: places by name, who is there already, what is kept for the next file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from collector.actions import list_upload, register_import
from collector.actions import publish as publishing
from collector.actions.list_upload import Import
from collector.actions.register_import import Chosen, Looked
from collector.cli import main
from forms.register_words import fields_of
from storage.database import db, transaction
from storage.entities.lists import create_list, ensure_properties, list_by_name
from storage.models import Batch, Entity, Place
from tests.collector.openrosa.lists import Register as Kept
from tests.collector.openrosa.lists import values
from tests.collector.peopled import settle
from tests.forms.test_registers import Row, book
from tests.office import NOW, Office

SURVEYS = Path(__file__).parents[2] / "xlsforms"
PERSON = """
| survey |
| | type | name | label | save_to |
| | text | p_name | Họ và tên | full_name |
| | select_one sex | p_sex | Giới tính | sex |
| | integer | p_year | Năm sinh (dương lịch) | birth_year |
| | select_one ethnic | p_ethnic | Dân tộc | ethnic |
| | select_one lit_status | p_lit | Tình trạng | lit_status |
| | text | p_phase | Giai đoạn | phase_due |
| | text | p_village | Thôn | village_code |
| | text | p_village_id | Thôn | village_id |
| | text | p_commune | Xã | commune_code |
| choices |
| | list_name | name | label |
| | sex | 1 | Nam |
| | sex | 2 | Nữ |
| | ethnic | 01 | Kinh (Việt) |
| | ethnic | 03 | Thái |
| | ethnic | 08 | HMông (Mèo) |
| | ethnic | 09 | Dao |
| | lit_status | mc1 | Mù chữ mức độ 1 (chưa đạt chuẩn biết chữ mức độ 1) |
| | lit_status | mc2 | Đạt chuẩn mức độ 1, chưa đạt mức độ 2 (mù chữ mức độ 2) |
| settings |
| | form_id | version | form_title |
| | person | 1 | Người học |
| entities |
| | list_name | label |
| | learners | ${p_name} |
"""
HOME = """
| survey |
| | type | name | label | save_to |
| | text | head | Họ và tên chủ hộ | head_name |
| | integer | year | Năm sinh của chủ hộ | head_birth_year |
| | integer | size | Số nhân khẩu | members_n |
| | text | village | Thôn | village_code |
| settings |
| | form_id | version | form_title |
| | home | 1 | Hộ |
| entities |
| | list_name | label |
| | households | ${head} |
"""
HEADING = ("STT", "Họ và tên", "Năm sinh", "Nữ", "Dân tộc", "Thôn/bản", "Xã", "Ghi chú")
MY = (1, "LÒ THỊ MỶ", 1985, "x", "Thái", "Nà Tông", "Mường Lai", "")
PAO = (2, "Giàng A Páo", "12/03/1979", "", "H'mông", "Bản Pho", "Xã Tân Lĩnh", "")


@pytest.fixture
def surveyed(office: Office) -> Office:
    """Two communes, and the surveys of households and villages with the lists they write."""
    settle(office)
    with office.app.app_context(), transaction() as session:
        place = session.get_one(Place, "08926-001")
        place.uuid = "5f3a1c58-1111-4aaa-8aaa-000000000001"
    office.publish(PERSON)
    office.publish(HOME)
    return office


@pytest.fixture
def context(surveyed: Office) -> Iterator[Office]:
    """The same, at work."""
    with surveyed.app.app_context():
        yield surveyed


def looked(data: bytes, of: str = "learners", name: str = "so.xlsx", **said: Any) -> Looked:
    """A file, looked at."""
    session = db.session()
    found = register_import.look(session, list_by_name(session, 1, of), data, name, Chosen(**said))
    session.rollback()
    return found


def entered(data: bytes, of: str = "learners", ticket: str = "t", **said: Any) -> int:
    """A file, entered."""
    found = looked(data, of, **said)
    assert found.checked.errors == ()
    number = list_by_name(db.session(), 1, of).id
    db.session().rollback()
    return register_import.enter(found, Import(number, 1, None, "so.xlsx", ticket, NOW))


def members(of: str = "learners") -> dict[str, dict[str, str]]:
    """What the list holds."""
    session = db.session()
    several = session.scalars(
        select(Entity)
        .where(Entity.list_id == list_by_name(session, 1, of).id, Entity.deleted_at.is_(None))
        .order_by(Entity.id)
    )
    found = {one.label: values(one.data) for one in several}
    session.rollback()
    return found


def told(found: Looked) -> list[str]:
    """What is said, in English."""
    return [str(remark) for remark in found.checked.remarks]


def people(*rows: Row) -> bytes:
    """A register of people to be taught."""
    return book(["DANH SÁCH NGƯỜI MÙ CHỮ"], HEADING, *rows)


@pytest.mark.usefixtures("context")
def test_a_register_is_entered_with_codes_and_places_and_taken_back() -> None:
    number = entered(people(MY, PAO))
    assert members() == {
        "Lò Thị Mỷ (1985)": {
            "full_name": "Lò Thị Mỷ",
            "birth_year": "1985",
            "sex": "2",
            "ethnic": "03",
            "village_code": "08926-001",
            "village_id": "5f3a1c58-1111-4aaa-8aaa-000000000001",
            "commune_code": "08926",
        },
        "Giàng A Páo (1979)": {
            "full_name": "Giàng A Páo",
            "birth_year": "1979",
            "sex": "1",
            "ethnic": "08",
            "village_code": "08953-001",
            "commune_code": "08953",
        },
    }
    assert list_upload.undo(number, actor_id=None, now=NOW) == 2
    assert members() == {}


@pytest.mark.usefixtures("context")
def test_a_village_that_several_communes_have_is_offered() -> None:
    found = looked(book(["Họ tên", "Thôn"], ["Lò Thị Mỷ", "Bản Pho"], ["Giàng A Páo", "Bản Phô Mới"]))
    assert told(found)[0].startswith("Row 2, column Thôn: There are several places “Bản Pho”: ")
    assert "Bản Pho, Xã Mường Lai (08926-002)" in told(found)[0]
    assert [one.word for one in found.doubtful] == ["Bản Pho"]
    assert "08926-003" in found.places[3].code
    offer = next(register_import.offers(found))
    assert [code for code, _ in offer.choices] == ["08926-002", "08953-001"]
    chosen = looked(
        book(["Họ tên", "Thôn"], ["Lò Thị Mỷ", "Bản Pho"], ["Giàng A Páo", "Bản Phô Mới"]),
        words={offer.key: "08953-001"},
    )
    assert chosen.checked.errors == ()
    assert chosen.places[2].code == "08953-001"


@pytest.mark.parametrize("commune", ["08926", "Mường Lai", "xã mường lai"])
@pytest.mark.usefixtures("context")
def test_the_commune_of_the_whole_file(commune: str) -> None:
    found = looked(book(["Họ tên", "Thôn"], ["Lò Thị Mỷ", "Pho"], ["Giàng A Páo", "Thôn 1"]), commune=commune)
    assert found.places[2].code == "08926-002"
    assert told(found) == [
        (
            "Row 3, column Thôn: There is no place “Thôn 1” here. "
            "Correct the name, or write the code of the village."
        ),
    ]
    assert {place.code for place in found.doubtful[0].offered} == {"08926-001", "08926-002", "08926-003"}


@pytest.mark.usefixtures("context")
def test_places_in_the_title_in_addresses_and_in_rows_of_their_own() -> None:
    titled = looked(book(["UBND xã Mường Lai"], ["Họ tên", "Năm sinh"], ["Bản Pho"], ["Lò Thị Mỷ", 1985]))
    assert titled.places[4].code == "08926-002"
    assert "Where no commune is said, “Xã Mường Lai” of the title is taken." in told(titled)
    addressed = looked(book(["Họ tên", "Địa chỉ"], ["Lò Thị Mỷ", "Bản Pho, xã Tân Lĩnh, tỉnh Tuyên Quang"]))
    assert addressed.places[2].code == "08953-001"
    nowhere = looked(book(["Họ tên", "Năm sinh"], ["Lò Thị Mỷ", 1985]))
    assert "It is not said in which village or commune this is." in told(nowhere)[0]
    assert "There is no place “Zz” here" in told(looked(people(MY), commune="Zz"))[0]


@pytest.mark.usefixtures("context")
def test_a_commune_that_was_closed_means_what_it_became() -> None:
    from datetime import date

    from storage.models import PlaceChange, PlaceLink, PlaceSpan

    with transaction() as session:
        session.add(
            Place(code="08930", level="commune", name="Xã Khánh Hòa", parent_code="08", folded="xa khanh hoa")
        )
        session.flush()
        place = session.get_one(Place, "08930")
        place.valid_to = date(2025, 6, 30)
        change = PlaceChange(kind="merge", effective_on=date(2025, 7, 1), created_at=NOW)
        session.add(change)
        session.flush()
        session.add(PlaceLink(change_id=change.id, old_code="08930", new_code="08926"))
        for code, level, name, until in (
            ("08930", "commune", "Xã Khánh Hòa", date(2025, 6, 30)),
            ("08926", "commune", "Xã Mường Lai", None),
        ):
            session.add(PlaceSpan(code=code, level=level, name=name, parent_code="08", valid_to=until))
    found = looked(book(["Họ tên", "Xã", "Thôn"], ["Lò Thị Mỷ", "Khánh Hòa", "Bản Pho"]))
    assert found.places[2].code == "08926-002"


@pytest.mark.usefixtures("context")
def test_who_is_there_already_is_left_out_unless_he_is_another() -> None:
    entered(people(MY))
    data = people((*MY[:2], 1986, *MY[3:]), PAO, (3, "Lò Thị Mỷ", 1999, *MY[3:]), (4, *PAO[1:]))
    found = looked(data)
    assert found.left_out == 1
    assert told(found)[1] == (
        "Row 3: “Lò Thị Mỷ (1985)” of Thôn Nà Tông is in the list already; this row is left out. "
        "Choose below that it is entered all the same, if these are two people."
    )
    assert told(found)[-1].startswith("Row 6: Row 4 has the same name, year of birth and place.")
    assert looked(data, again=True).left_out == 0
    again = looked(people(MY))
    assert [str(one) for one in again.checked.errors] == [
        "Nobody new is left to enter. Everybody of this file is in the list already."
    ]


@pytest.mark.usefixtures("context")
def test_what_a_column_means_is_kept_for_the_next_file() -> None:
    data = book(["Người học", "Sinh", "Diện", "Bản"], ["Lò Thị Mỷ", 1985, "chưa học", "Nà Tông"])
    said: dict[str, Any] = {
        "columns": {"nguoi hoc": "full_name", "sinh": "birth_year", "ban": "place:village"},
        "words": {"lit_status:chuahoc": "mc1"},
    }
    assert "none of the answers" in " ".join(told(looked(data)))
    number = entered(data, **said)
    assert db.session().get_one(Batch, number).summary["register"]["columns"] == {
        "nguoi hoc": "full_name",
        "sinh": "birth_year",
    }
    db.session().rollback()
    assert members()["Lò Thị Mỷ (1985)"]["lit_status"] == "mc1"
    assert members()["Lò Thị Mỷ (1985)"]["phase_due"] == "1"
    following = looked(book(["Người học", "Sinh", "Diện", "Bản"], ["Vàng A Dơ", 1990, "Chưa học", "Nà Tông"]))
    assert following.checked.errors == ()
    assert following.checked.rows[0].values["lit_status"] == "mc1"
    list_upload.undo(number, actor_id=None, now=NOW)
    assert looked(data).checked.errors != (), "what was taken back was perhaps chosen wrongly"


@pytest.mark.usefixtures("context")
def test_a_list_no_form_writes_and_without_places() -> None:
    with transaction() as session:
        made = create_list(session, 1, "centres", now=NOW)
        ensure_properties(session, made, ("centre_code", "status"), now=NOW)
    data = book(
        ["TT", "Tên trung tâm", "Mã trung tâm", "Tình trạng", "Thôn"],
        [1, "TTHTCĐ Mường Lai", "TT1", "tốt", "x"],
    )
    entered(data, "centres")
    assert members("centres") == {"TTHTCĐ Mường Lai": {"centre_code": "TT1", "status": "tốt"}}
    assert looked(data, "centres").left_out == 1


def test_households_of_a_survey_are_known_again(context: Office) -> None:
    Kept(context, "households").add(
        "Lò Văn A (1970)", head_name="Lò Văn A", head_birth_year="1970", village_code="08926-001"
    )
    found = looked(
        book(
            ["Họ tên chủ hộ", "Năm sinh", "Số khẩu", "Thôn"],
            ["LÒ VĂN A", 1971, 5, "Nà Tông"],
            ["Lò Văn B", 1960, "năm", "Nà Tông"],
        ),
        "households",
    )
    assert [one.label for one in found.checked.rows] == ["Lò Văn B (1960)"]
    assert "“năm” is no whole number" in " ".join(told(found))


@pytest.mark.usefixtures("context")
def test_two_thousand_rows_are_looked_at() -> None:
    kinds = ("Thái", "Mông", "Dao", "Kinh")
    rows = [
        (
            one,
            f"Lò Thị Mỷ {one}",
            1950 + one % 50,
            "x" if one % 2 else "",
            kinds[one % 4],
            "Nà Tông",
            "Mường Lai",
            "xa",
        )
        for one in range(2000)
    ]
    data = people(*rows)
    assert looked(data).checked.added == 2000


def test_from_the_command_line(surveyed: Office, tmp_path: Path) -> None:
    file = tmp_path / "so.xlsx"
    file.write_bytes(people(MY, PAO))
    own = surveyed.environment

    def said(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["register", *arguments], env=own)
        return result.exit_code, result.output

    where = (str(file), "--list", "learners")
    code, output = said("import", *where, "--look")
    assert code == 0, output
    assert "Họ và tên → full_name" in output
    assert "2 to enter, 0 left out, 0 errors." in output
    assert said("import", *where)[1].strip().endswith("Entered as number 1.")
    assert "Nothing was entered." in said("import", *where)[1]
    assert "2 to enter" in said("import", *where, "--again", "--look", "--column", "Ghi chú=full_name")[1]
    assert said("undo", "1")[1].strip() == "2 members are as before."
    other = tmp_path / "b.xlsx"
    other.write_bytes(book(["a"], ["b"]))
    assert "headings of the register are not found" in said("import", str(other), "--list", "learners")[1]


def test_the_surveys_give_their_questions_and_choices() -> None:
    name = "f02_village_count"
    data = (SURVEYS / name / f"{name}.xlsx").read_bytes()
    schema = publishing.prepare(publishing.Definition(data, f"{name}.xlsx"), check=False).schema
    saved = next(one.properties for one in schema.entities if one.list == "learners")
    found = fields_of(
        "learners", ("full_name", "sex", "ethnic", "lit_status", "birth_year", "note"), [(schema, saved)]
    )
    assert {name: one.kind for name, one in found.items()} == {
        "full_name": "text",
        "sex": "one",
        "ethnic": "one",
        "lit_status": "one",
        "birth_year": "year",
        "note": "text",
    }
    words = (
        "Mông",
        "H’mông",
        "Mèo",
        "Dao",
        "Kinh",
        "Hà Nhì",
        "La Hủ",
        "Cao Lan",
        "Khơ Mú",
        "Sán Dìu",
        "Gia Rai",
    )
    assert [found["ethnic"].code(word) for word in words] == [
        *("08", "08", "08", "09", "01", "35", "41", "15", "29", "18", "10"),
    ]  # fmt: skip
    assert found["lit_status"].code("tái mù chữ") == "tmc"
