"""Volunteers from a spreadsheet: what is understood, what is refused and where, what is taken back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import select

from collector.actions import pins, volunteers
from collector.actions.volunteers import Checked, Import
from collector.cli import main
from forms.problems import FormRefused
from forms.volunteers import HEADINGS, phone_number, read_volunteers, sample_workbook, split
from storage.database import db, transaction
from storage.models import Actor, AppUser, Batch
from storage.problems import NotSignedIn, TooManyAttempts
from storage.queries import actors
from storage.queries import volunteers as queries
from tests.collector.openrosa.sending import Volunteer
from tests.collector.peopled import HEADER, book, settle
from tests.collector.v1.program import filled, simple
from tests.office import NOW, GivenPhone, Office

NUMBERS = {
    "0912345678": "0912345678",
    "0912 345.678": "0912345678",
    "912345678": "0912345678",  # Excel takes the 0 off
    "+84 912 345 678": "0912345678",
    "84912345678": "0912345678",
    "0084912345678": "0912345678",
    "02193861234": "02193861234",
    "091234567": None,
    "09123456789": None,
    "01234567890": None,
    "mượn của chồng": None,
}


def test_phone_numbers_are_written_in_one_way() -> None:
    assert {text: phone_number(text) for text in NUMBERS} == NUMBERS


def test_a_cell_may_name_several_villages() -> None:
    assert split("Nà Tông; Bản Pho,Nà Tông\n 08926-001 ;") == ("Nà Tông", "Bản Pho", "08926-001")


def understood(office: Office, data: bytes, name: str = "danh sach.xlsx") -> Checked:
    with office.app.app_context():
        return volunteers.check(db.session(), 1, data, name)


def told(checked: Checked) -> list[str]:
    """The errors, in English, with row and column."""
    return [str(remark) for remark in checked.errors]


def entered(office: Office, data: bytes, ticket: str = "") -> int:
    checked = understood(office, data)
    assert told(checked) == []
    tokens = volunteers.seal_tokens(checked.people, office.parts.vault)
    wanted = Import(1, office.admin_id, "danh sach.xlsx", ticket, now=NOW)
    with office.app.app_context(), transaction() as session:
        return volunteers.enter(session, checked.people, tokens, wanted).id


def given(office: Office, name: str) -> GivenPhone:
    """The phone of somebody who was entered."""
    with office.app.app_context():
        [line] = [one for one in queries.phone_lines(db.session(), 1) if one.name == name]
        held = actors.get_app_user(db.session(), 1, line.actor_id)
        assert held is not None
        token = office.parts.vault.open(held.token_sealed or b"")
    return GivenPhone(line.actor_id, token, f"/v1/key/{token}/projects/1")


def test_a_list_is_understood_as_it_is_written(office: Office) -> None:
    settle(office)
    form = office.publish(simple(), filename="simple.xml")
    data = book(
        ("Lò  Thị Mỷ", 912345678, "Đoàn Thanh niên", "Mường Lai", "Nà Tông; bản pho", None),
        ("Giàng A Páo", "0387 654 321", "Hội Nông dân", None, "08953-002", "SIMPLE"),
        (None, None, None, None, None, None),
        ("Vừ Thị Dợ", "0987654321", None, "xã tân lĩnh", None, None),
        above=2,
    )
    checked = understood(office, data)
    assert told(checked) == []
    assert [(one.row, one.name, one.phone, list(one.places), one.forms) for one in checked.people] == [
        (4, "Lò Thị Mỷ", "0912345678", ["08926-001", "08926-002"], None),
        (5, "Giàng A Páo", "0387654321", ["08953-002"], (form.id,)),
        (7, "Vừ Thị Dợ", "0987654321", ["08953"], None),
    ]


WRONG = (
    ((None, "0912345678", "", "", "08926-001", ""), "Row 2, column Họ và tên: The name is missing."),
    (
        ("A", "12", "", "", "08926-001", ""),
        "Row 2, column Số điện thoại: “12” is not a Vietnamese phone number.",
    ),
    (("A", "01234567890", "", "", "08926-001", ""), "is an old number of 11 digits"),
    (("A", "", "", "", "", ""), "Row 2, column Thôn, bản: It is not said where this person works."),
    (("A", "", "", "Mường Lai", "Na Tong1", ""), "Did you mean: “Thôn Nà Tông”?"),
    (("A", "", "", "", "Ở đâu đó", ""), "There is no place “Ở đâu đó” here."),
    (
        ("A", "", "", "", "Bản Pho", ""),
        "several places “Bản Pho”: Bản Pho, Xã Mường Lai (08926-002); Bản Pho, Xã Tân Lĩnh (08953-001)",
    ),
    (("A", "", "", "Mường La", "Nà Tông", ""), "Row 2, column Xã: There is no place “Mường La” here."),
    (("A", "", "", "", "08926-001", "f99"), "Row 2, column Mẫu phiếu: There is no form “f99”"),
)


def test_what_is_wrong_is_said_by_row_and_column(office: Office) -> None:
    settle(office)
    office.publish(simple(), filename="simple.xml")
    for row, said in WRONG:
        [error] = told(understood(office, book(row)))
        assert said in error, (row, error)
    office.phone("Lan")
    twice = told(understood(office, book(*[(name, "0912345678", "", "", "08926-001", "") for name in "AB"])))
    assert ["stands in row 2 too" in one for one in twice] == [True]


def test_a_number_that_has_access_already_is_named_with_its_holder(office: Office) -> None:
    settle(office)
    entered(office, book(("Mai", "0912345678", "", "", "08926-001", "")))
    [error] = told(understood(office, book(("Lan", "0912345678", "", "", "08926-001", ""))))
    assert "Mai already has access with the number 0912345678" in error


def test_merged_cells_are_named(office: Office) -> None:
    settle(office)
    rows = [("A", "", "Đoàn", "", "08926-001", ""), ("B", "", "", "", "08926-001", "")]
    [error] = told(understood(office, book(*rows, merge="C2:C3")))
    assert error.startswith("Row 2: The cells C2:C3 are merged")
    assert told(understood(office, book(*rows, above=1, merge="A1:F1"))) == []


REFUSED = (
    (b"PK\x03\x04 broken", "x.xlsx", "cannot be opened"),
    (b"hello", "x.doc", "neither an Excel workbook"),
    (
        "Họ và tên;Thôn\nLò Thị Mỷ;Nà Tông".encode("utf-16-le")[1:],
        "x.csv",
        "encoding this server does not know",
    ),
    (book(("A",), header=("Số thứ tự",)), "x.xlsx", "headings of the list are not found: “Họ và tên”"),
    (book(("A", "B"), header=("Tên", "Họ và tên", "", "", "Thôn", "")), "x.xlsx", "Two columns"),
    (book(*([("A", "", "", "", "x", "")] * 1001)), "x.xlsx", "more than 1000 rows"),
)


@pytest.mark.parametrize(("data", "name", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_a_file_that_is_no_list_is_refused(data: bytes, name: str, said: str) -> None:
    with pytest.raises(FormRefused, match=said):
        read_volunteers(data, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_however_excel_writes_it(encoding: str, separator: str) -> None:
    lines = ("Họ và tên", "Số điện thoại", "Thôn"), ("Lò Thị Mỷ", "0912345678", "Nà Tông")
    text = "\r\n".join(separator.join(line) for line in lines)
    [person] = read_volunteers(text.encode(encoding), "ds.csv").people
    assert (person.name, person.phone, person.villages) == ("Lò Thị Mỷ", "0912345678", ("Nà Tông",))


def test_the_sample_can_be_filled_in_and_read() -> None:
    data = sample_workbook([("f01", "Phiếu hộ")], [("08926-001", "Nà Tông", "Xã Mường Lai")])
    assert [one.phone for one in read_volunteers(data, "mau.xlsx").people] == ["0912345678", "0387654321"]
    sheets = load_workbook(io.BytesIO(data)).worksheets
    assert [cell.value for cell in sheets[0][1]] == [names[0] for names in HEADINGS.values()] == list(HEADER)
    assert [cell.value for cell in sheets[2][2]] == ["08926-001", "Nà Tông", "Xã Mường Lai"]


def test_people_are_entered_with_places_and_forms(office: Office) -> None:
    settle(office)
    form = office.publish(simple(), filename="simple.xml")
    office.publish(simple().replace(b'id="simple"', b'id="other"'), filename="other.xml")
    entered(office, book(("Mai", "0912345678", "Hội Phụ nữ", "", "08926-001;08926-002", "simple")))
    phone = given(office, "Mai")
    assert list(Volunteer(office, phone, form=form).collect.sync()) == ["simple"]
    with office.app.app_context():
        held = actors.get_app_user(db.session(), 1, phone.actor_id)
        assert held is not None
        assert (held.phone, held.organisation, held.place_codes, held.pin_hash) == (
            "0912345678",
            "Hội Phụ nữ",
            ["08926-001", "08926-002"],
            None,
        )


def test_taking_a_file_back_spares_who_has_sent_something(office: Office) -> None:
    settle(office)
    form = office.publish(simple(), filename="simple.xml")
    number = entered(office, book(*[(name, "", "", "", "08926-001", "") for name in ("Mai", "Lan", "Tú")]))
    Volunteer(office, given(office, "Lan"), form=form).send(filled("uuid:1", "Lan", 30))
    with office.app.app_context():
        with transaction() as session:
            batch = session.get_one(Batch, number)
            done = volunteers.undo(session, batch, actor_id=office.admin_id, now=NOW)
        assert (done.taken_back, done.kept) == (2, 1)
        session = db.session()
        assert [line.name for line in queries.phone_lines(session, 1)] == ["Lan"]
        gone = session.scalars(
            select(AppUser).where(AppUser.actor.has(Actor.display_name.in_(["Mai", "Tú"])))
        ).all()
        assert {(one.token_hash, one.token_sealed, one.revoked_at) for one in gone} == {(None, None, NOW)}


def test_a_thousand_people_are_entered_at_once(office: Office) -> None:
    settle(office)
    rows = [(f"Người {n}", f"09{n:08}", "Đoàn", "", "08926-001;08926-002", "") for n in range(1000)]
    checked = understood(office, book(*rows))
    tokens = volunteers.seal_tokens(checked.people, office.parts.vault)
    with office.app.app_context():
        with transaction() as session:
            volunteers.enter(session, checked.people, tokens, Import(1, None, "x", now=NOW))
        assert len(queries.phone_lines(db.session(), 1)) == 1000


def test_a_pin_opens_only_its_own_number(office: Office) -> None:
    settle(office)
    entered(
        office,
        book(("Mai", "0912345678", "", "", "08926-001", ""), ("Lan", "0387654321", "", "", "08926-001", "")),
    )
    mai, lan = given(office, "Mai").actor_id, given(office, "Lan").actor_id
    vault = office.parts.vault
    with office.app.app_context():
        fresh = pins.hashed(vault, [mai, lan])
        with transaction() as session:
            pins.give(session, fresh)
        pin = fresh[mai][0]
        assert len(pin) == 6
        assert pin.isdigit()
        assert pins.fetch("+84 912 345 678", f" {pin} ", "10.0.0.1", vault, now=NOW) == [mai]
        held = db.session.get_one(AppUser, mai)
        assert (held.pin_hash or "").startswith("$argon2id$")
        assert pin not in (held.pin_hash or "")
        for number, said in (("0387654321", pin), ("0900000000", pin), ("0912345678", "x"), ("", "")):
            with pytest.raises(NotSignedIn):
                pins.fetch(number, said, "10.0.0.1", vault, now=NOW)


def test_whoever_guesses_pins_has_to_wait(office: Office) -> None:
    settle(office)
    entered(office, book(("Mai", "0912345678", "", "", "08926-001", "")))
    mai, vault = given(office, "Mai").actor_id, office.parts.vault
    with office.app.app_context():
        fresh = pins.hashed(vault, [mai])
        with transaction() as session:
            pins.give(session, fresh)

        def wrong(address: str, number: str = "0912345678") -> None:
            with pytest.raises(NotSignedIn):
                pins.fetch(number, "wrong", address, vault, now=NOW)

        for _ in range(10):
            wrong("10.0.0.1")
        with pytest.raises(TooManyAttempts):
            pins.fetch("0912345678", fresh[mai][0], "10.0.0.1", vault, now=NOW)
        assert pins.fetch("0912345678", fresh[mai][0], "10.0.0.2", vault, now=NOW) == [mai]
        # A number nobody has is counted just so: nothing tells the two apart.
        for _ in range(10):
            wrong("10.0.0.1", "0900000000")
        with pytest.raises(TooManyAttempts):
            pins.fetch("0900000000", "x", "10.0.0.1", vault, now=NOW)
        for address in range(20):
            wrong(f"10.0.1.{address}")
        with pytest.raises(TooManyAttempts):
            pins.fetch("0912345678", fresh[mai][0], "10.0.2.1", vault, now=NOW)


def test_text_of_the_old_fonts_is_read(office: Office) -> None:
    settle(office)
    data = book(
        ("Lß ThÞ Mû", "0912345678", "§oµn Thanh niªn", "M­êng Lai", "B¶n Pho", ""),
        ("Giµng A P¸o", "0387654321", "Héi N«ng d©n", "M­êng Lai", "Nµ T«ng", ""),
    )
    checked = understood(office, data)
    assert told(checked) == []
    assert [(one.name, one.organisation, list(one.places)) for one in checked.people] == [
        ("Lò Thị Mỷ", "Đoàn Thanh niên", ["08926-002"]),
        ("Giàng A Páo", "Hội Nông dân", ["08926-001"]),
    ]
    assert any("written with an old font (TCVN3)" in str(one) for one in checked.remarks)
    lines = "Hä vµ tªn;Sè ®iÖn tho¹i;Th«n\r\nLß ThÞ Mû;0912345678;Nµ T«ng".encode("cp1252")
    [person] = read_volunteers(lines, "cu.csv").people
    assert (person.name, person.villages) == ("Lò Thị Mỷ", ("Nà Tông",))


def test_the_command_enters_a_file_and_takes_it_back(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(office)
    for name, value in office.environment.items():
        monkeypatch.setenv(name, value)
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(
        book(("Mai", "0912345678", "", "", "08926-001", ""), ("Lan", "", "", "", "08926-001", ""))
    )
    bad.write_bytes(book(("Mai", "1", "", "", "08926-001", "")))

    def run(*line: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["volunteers", *line, "--project", "1"])
        return done.exit_code, done.output

    status, said = run("import", str(bad))
    assert (status, "nothing of it was entered" in said) == (1, True)
    assert "Row 2, column Số điện thoại: “1” is not a Vietnamese phone number." in said
    assert "2 people can be entered." in run("import", str(good), "--check")[1]
    status, said = run("import", str(good))
    assert (status, "2 people entered as batch 1." in said) == (0, True)
    assert "Row 3" in said, "what is worth knowing is told too"
    assert run("undo", "1") == (0, "2 people taken back; 0 have sent something and keep their access.\n")
    assert run("undo", "1")[0] == run("undo", "9")[0] == 1
