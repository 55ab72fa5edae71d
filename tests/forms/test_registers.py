"""Old registers as offices keep them: what their headings, words and rows are taken for."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook

from forms.problems import FormRefused
from forms.register_rows import Entries, date_of, person_name, read_rows, same_person, whole_of, year_of
from forms.register_words import COMMUNE, IGNORED, LABEL, VILLAGE, Field, Meanings
from forms.registers import Register, read_register
from forms.schema import Choice
from forms.vietnamese import folded


def choices(**several: str) -> tuple[Choice, ...]:
    """A choice list: code to label, the codes without the underscore before them."""
    return tuple(Choice(code.lstrip("_"), {"Tiếng Việt (vi)": label}) for code, label in several.items())


ETHNIC = choices(
    _01="Kinh (Việt)",
    _03="Thái",
    _08="HMông (Mèo)",
    _09="Dao",
    _15="Sán Chay (Cao Lan – Sán Chỉ)",
    _22="Xtiêng",
    _29="Khơ-mú",
    _99="Không xác định",
)
LITERACY = choices(
    mc1="Mù chữ mức độ 1 (chưa đạt chuẩn biết chữ mức độ 1)",
    tmc="Tái mù chữ (đã đạt chuẩn nhưng nay không đọc, viết được)",
    mc2="Đạt chuẩn mức độ 1, chưa đạt mức độ 2 (mù chữ mức độ 2)",
    bc2="Đạt chuẩn biết chữ mức độ 2",
)
LEARNERS = {
    "full_name": Field("full_name"),
    "sex": Field("sex", "one", "Giới tính", choices(_1="Nam", _2="Nữ")),
    "birth_year": Field("birth_year", "year", "Năm sinh"),
    "ethnic": Field("ethnic", "one", "Dân tộc", ETHNIC),
    "lit_status": Field("lit_status", "one", "Tình trạng", LITERACY),
    "phase_due": Field("phase_due"),
}
HOUSEHOLDS = {
    "head_name": Field("head_name", "text", "Họ và tên chủ hộ"),
    "head_birth_year": Field("head_birth_year", "year"),
    "head_ethnic": Field("head_ethnic", "one", "Dân tộc của chủ hộ", ETHNIC),
    "members_n": Field("members_n", "whole"),
    "last_visit": Field("last_visit", "date"),
}
Row = Sequence[object]


def book(*rows: Row, merge: Sequence[str] = ()) -> bytes:
    """An .xlsx of these rows."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in merge:
        sheet.merge_cells(cells)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def learners(data: bytes, name: str = "so.xlsx") -> Register:
    """A file read for the list of learners."""
    return read_register(data, name, Meanings(LEARNERS))


def targets(register: Register) -> list[str]:
    """What the columns are taken for."""
    return [one.target for one in register.columns]


def entries(
    register: Register, fields: dict[str, Field] | None = None, words: dict[str, str] | None = None
) -> Entries:
    """The rows, each column taken for what it likely is."""
    return read_rows(
        register, {one.number: one.target for one in register.columns}, fields or LEARNERS, words or {}
    )


def told(found: Entries | Register) -> list[str]:
    """What is said, in English."""
    return [str(remark) for remark in found.remarks]


@pytest.mark.parametrize(
    ("lines", "meant"),
    [
        (["Họ và tên"], "full_name"),
        (["HỌ VÀ TÊN\n(viết hoa)"], "full_name"),
        (["Năm sinh"], "birth_year"),
        (["Ngày, tháng, năm sinh"], "birth_year"),
        (["Ngày sinh", "Năm"], "birth_year"),
        (["Năm sinh", "Nam"], "sex=1"),
        (["Năm sinh", "Nữ"], "sex=2"),
        (["Nữ"], "sex=2"),
        (["Năm"], "birth_year"),
        (["Dân tộc"], "ethnic"),
        (["Mức độ biết chữ"], "lit_status"),
        (["Mù chữ", "Mức độ 1"], "lit_status=mc1"),
        (["Trong đó", "Tái mù chữ"], "lit_status=tmc"),
        (["Thôn/bản"], VILLAGE),
        (["Nơi ở", "Xã"], COMMUNE),
        (["STT"], IGNORED),
        (["Ghi chú"], ""),
        (["Trình độ"], ""),
        ([""], ""),
        (["2024"], ""),
    ],
)
def test_a_heading_means_a_property(lines: list[str], meant: str) -> None:
    assert Meanings(LEARNERS).of(lines) == meant


def test_a_heading_means_what_the_list_has() -> None:
    assert Meanings(HOUSEHOLDS).of(["Họ và tên"]) == "head_name"
    assert Meanings({}).of(["Tên trung tâm"]) == LABEL
    assert Meanings({}).of(["Họ và tên"]) == ""


def test_what_an_officer_chose_before_holds() -> None:
    earlier = {folded("Ghi chú"): "ethnic", folded("Tổ"): "gone_property"}
    assert Meanings(LEARNERS, earlier).of(["Ghi chú"]) == "ethnic"
    assert Meanings(LEARNERS, earlier).of(["Tổ"]) == ""


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("Mông", "08"), ("H'mông", "08"), ("HMông", "08"), ("H’Mông", "08"), ("Mèo", "08"), ("MÔNG", "08")),
        *(("Kinh", "01"), ("Việt", "01"), ("01", "01"), ("1", "01"), ("Cao Lan", "15"), ("Sán Chỉ", "15")),
        *(("Khơ mú", "29"), ("Khơmú", "29"), ("S'tiêng", "22"), ("Mán", "09"), ("Thái đen", "03")),
        ("Thaí lan", None),
        ("", None),
    ],
)
def test_a_people_by_its_names(word: str, code: str | None) -> None:
    assert LEARNERS["ethnic"].code(word) == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Mù chữ mức độ 1", "mc1"),
        ("mù chữ mức 1", "mc1"),
        ("MC MĐ1", None),
        ("Mức 2", "mc2"),
        ("MĐ 1", "mc1"),
        ("1", "mc1"),
        ("tái mù", "tmc"),
        ("mc2", "mc2"),
        ("Đạt chuẩn biết chữ mức độ 2", "bc2"),
    ],
)
def test_a_level_of_literacy_by_its_names(word: str, code: str | None) -> None:
    assert LEARNERS["lit_status"].code(word) == code


@pytest.mark.parametrize(
    ("text", "year"),
    [
        *(("1985", "1985"), ("12/05/1985", "1985"), ("1985-05-12", "1985"), ("5/1985", "1985")),
        *(
            ("1985-05-12 10:00:00", "1985"),
            ("12.5.1985", "1985"),
            ("85", None),
            ("1785", None),
            ("khoảng 1985", None),
        ),
    ],
)
def test_years(text: str, year: str | None) -> None:
    assert year_of(text) == year


def test_days_numbers_and_names() -> None:
    assert date_of("05/09/2026") == "2026-09-05"
    assert date_of("5-9-2026") == "2026-09-05"
    assert date_of("2026-09-05") == "2026-09-05"
    assert date_of("31/02/2026") is None
    assert date_of("tháng 9") is None
    assert whole_of("1.250") == "1250"
    assert whole_of("12") == "12"
    assert whole_of("1.5") is None
    assert person_name("LÒ  THỊ MỶ") == "Lò Thị Mỷ"
    assert person_name("Giàng A Páo") == "Giàng A Páo"
    assert same_person(("lo thi my", "1985"), ("lo thi my", "1986"))
    assert not same_person(("lo thi my", "1985"), ("lo thi my", "1987"))
    assert same_person(("lo thi my", ""), ("lo thi my", "1987"))


NOT_TAKEN = (
    "Column Ghi chú: The column “Ghi chú” has no property in this list; its 1 filled cells are not "
    "entered. Choose what it means, or leave it."
)
TITLE: tuple[Row, ...] = (["UBND XÃ MƯỜNG LAI"], ["DANH SÁCH NGƯỜI MÙ CHỮ NĂM 2024"], [])


def test_a_register_with_titles_two_lines_of_headings_villages_and_totals() -> None:
    register = learners(
        book(
            *TITLE,
            ["STT", "Họ và tên", "Năm sinh", None, "Dân tộc", "Mù chữ", None, "Ghi chú"],
            [None, None, "Nam", "Nữ", None, "Mức độ 1", "Mức độ 2", None],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
            ["Thôn Nà Tông"],
            [1, "LÒ THỊ MỶ", None, 1985, "Thái", "x", None, "Đi làm xa"],
            [2, "Giàng A Páo", "12/03/1979", None, "Mông", None, "x", None],
            ["II", "Bản Pho"],
            [1, "Vàng Thị Dợ", None, 1990, "H'mông", "X", None, None],
            ["Tổng cộng", None, 1, 2, None, 2, 1],
            [None, None, None, None, None, "Người lập biểu"],
            merge=["A1:H1", "A2:H2", "C4:D4", "F4:G4", "A4:A5", "B4:B5", "E4:E5", "H4:H5", "A7:H7"],
        )
    )
    assert targets(register) == [
        IGNORED, "full_name", "sex=1", "sex=2", "ethnic", "lit_status=mc1", "lit_status=mc2", "",
    ]  # fmt: skip
    assert register.commune == "XÃ MƯỜNG LAI"
    found = entries(register)
    assert [(one.row, one.label, one.village) for one in found.rows] == [
        (8, "Lò Thị Mỷ (1985)", "Thôn Nà Tông"),
        (9, "Giàng A Páo (1979)", "Thôn Nà Tông"),
        (11, "Vàng Thị Dợ (1990)", "Bản Pho"),
    ]
    who = {"full_name": "Giàng A Páo", "birth_year": "1979", "sex": "1", "ethnic": "08"}
    assert found.rows[1].values == {**who, "lit_status": "mc2", "phase_due": "2"}
    assert told(found) == [NOT_TAKEN]
    assert told(register) == [
        "Row 12: “Tổng cộng” is a total and is left out.",
        "Row 13: “Người lập biểu” is no entry of the register and is left out.",
    ]


def test_where_only_women_are_crossed_the_others_are_men() -> None:
    found = entries(
        learners(
            book(
                ["STT", "Họ tên", "Nữ", "Năm sinh"],
                [1, "Lò Thị Mỷ", "x", 1985],
                [2, "Giàng A Páo", None, 1979],
            )
        )
    )
    assert [one.values["sex"] for one in found.rows] == ["2", "1"]
    assert told(found) == [
        (
            "Column Nữ: Where the column “Nữ” is empty, “Nam” is entered. "
            "Choose that the column is not taken if this is not so."
        )
    ]


def test_names_in_two_columns_are_put_together() -> None:
    found = entries(learners(book(["Họ và chữ đệm", "Tên", "Ngày sinh"], ["LÒ THỊ", "MỶ", "12/05/1985"])))
    assert found.rows[0].label == "Lò Thị Mỷ (1985)"


def test_cells_nobody_can_read_are_named_by_row_and_column() -> None:
    found = entries(
        learners(
            book(
                ["Họ tên", "Giới tính", "Năm sinh", "Dân tộc"],
                ["Lò Thị Mỷ", "Nữ", "85", "Thai"],
                [None, "Nam", 1980, "Dao đỏ"],
                ["Giàng A Páo", "?", 1979, "Thaí đen lắm"],
            )
        )
    )
    assert told(found) == [
        (
            "Row 2, column Năm sinh: “85” is no year of birth. "
            "Write four digits, for example 1985, or the date."
        ),
        "Row 3, column Dân tộc: “Dao đỏ” is none of the answers of “Dân tộc”. Did you mean: Dao?",
        "Row 3, column Họ tên: The label is missing. Write the name that people choose this member by.",
        (
            "Row 4, column Giới tính: “?” is none of the answers of “Giới tính”. "
            "Choose below what it stands for."
        ),
        (
            "Row 4, column Dân tộc: “Thaí đen lắm” is none of the answers of “Dân tộc”. "
            "Choose below what it stands for."
        ),
    ]
    assert [(one.name, one.word, one.times) for one in found.unknown] == [
        ("ethnic", "Dao đỏ", 1), ("sex", "?", 1), ("ethnic", "Thaí đen lắm", 1),
    ]  # fmt: skip


def test_an_officer_says_what_a_word_stands_for() -> None:
    register = learners(book(["Họ tên", "Dân tộc"], ["Lò Thị Mỷ", "Dao đỏ"], ["Tẩn A Sử", "người lạ"]))
    found = entries(register, words={"ethnic:daodo": "09", "ethnic:nguoila": ""})
    assert [one.values.get("ethnic") for one in found.rows] == ["09", None]
    assert told(found) == []


def test_two_crosses_that_differ_and_two_columns_of_the_same() -> None:
    found = entries(
        learners(book(["Họ tên", "Nam", "Nữ"], ["Lò Thị Mỷ", "x", "x"], ["Vàng A Dơ", "có lẽ", ""]))
    )
    assert "Row 2, column Nữ: Two columns say different things: “Nam” and “Nữ”." in told(found)[0]
    assert "“có lẽ” is neither a cross nor empty" in told(found)[1]
    twice = told(entries(learners(book(["Họ tên", "Năm sinh", "Ngày sinh"], ["Lò Thị Mỷ", 1985, 1985]))))
    assert "mean the same" in twice[0]


def test_merged_cells_below_the_heading() -> None:
    register = learners(
        book(
            ["Họ tên", "Năm sinh", "Thôn/bản"],
            ["Lò Thị Mỷ", 1985, "Bản Pho"],
            ["Giàng A Páo", 1979, None],
            ["Tẩn A Sử 1980", None, "Bản Pho"],
            merge=["C2:C3", "A4:B4"],
        )
    )
    assert [one.village for one in entries(register).rows] == ["Bản Pho"] * 3
    assert told(register) == [
        (
            "Row 2: The cells C2:C3 are merged; their value is taken for each of these rows. "
            "Look whether it is so for all of them."
        ),
        (
            "Row 4: The cells A4:B4 are merged across columns: only the first has a value. "
            "Unmerge them in Excel and fill in each column."
        ),
    ]


def test_a_household_register_of_another_kind() -> None:
    register = read_register(
        book(["TT", "Họ tên chủ hộ", "Số khẩu", "last_visit"], [1, "Lò Văn A", "1.004", "05/09/2025"]),
        "ho.xlsx",
        Meanings(HOUSEHOLDS),
    )
    assert entries(register, HOUSEHOLDS).rows[0].values == {
        "head_name": "Lò Văn A",
        "members_n": "1004",
        "last_visit": "2025-09-05",
    }


LINES = "Họ và tên;Năm sinh;Nữ;Thôn/bản\r\nLò Thị Mỷ;1985;x;Bản Pho\r\nGiàng A Páo;1979;;Nà Tông\r\n"
TCVN3_TO = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
TCVN3_FROM = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"


def old_font(text: str) -> str:
    """As somebody typed it with a .VnTime font."""
    return text.translate(str.maketrans(TCVN3_TO, TCVN3_FROM))


@pytest.mark.parametrize(
    "data",
    [
        LINES.encode("utf-16"),
        LINES.encode("utf-8-sig"),
        old_font(LINES).encode("cp1252"),
        book(*(line.split(";") for line in old_font(LINES).split("\r\n")[:-1])),
    ],
    ids=["utf-16", "utf-8", "tcvn3", "tcvn3.xlsx"],
)
def test_text_as_old_computers_wrote_it(data: bytes) -> None:
    register = learners(data, "so.xlsx" if data.startswith(b"PK") else "so.csv")
    assert targets(register) == ["full_name", "birth_year", "sex=2", VILLAGE]
    found = entries(register)
    assert [(one.label, one.village, one.values["sex"]) for one in found.rows] == [
        ("Lò Thị Mỷ (1985)", "Bản Pho", "2"),
        ("Giàng A Páo (1979)", "Nà Tông", "1"),
    ]


def test_what_is_no_register() -> None:
    with pytest.raises(FormRefused) as refused:
        learners(book(["a", "b"], [1, 2]))
    assert "headings of the register are not found" in str(refused.value.remarks[0])
    assert told(learners(book(["Họ tên", "Năm sinh"]))) == [
        "The list has no rows. Fill in one row for each entry under the headings."
    ]


def test_rows_numbered_beforehand_and_headings_of_each_page_are_nobody() -> None:
    heading = ["STT", "Họ tên", "Năm sinh"]
    register = learners(book(heading, [1, "Lò Thị Mỷ", 1985], heading, [2, "Cộng A Tống", 1980], [3], [4]))
    assert [one.row for one in register.rows] == [2, 4]
    assert told(register) == []
