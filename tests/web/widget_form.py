"""A made-up form with every kind of question the web forms draw themselves."""

from __future__ import annotations

_COLUMNS = "type | name | label | hint | required | constraint | constraint_message | appearance | parameters"
_QUESTIONS = """
| text | ten | Họ và tên | như trong căn cước | yes | | | | |
| text | ghi_chu | Ghi chú | | | string-length(.) <= 60 | Ngắn thôi | multiline | |
| integer | so | Số người | | | . < 30 | Nhiều quá | | |
| decimal | dt | Diện tích | | | | | | |
| integer | tien | Thu nhập | | | | | thousands-sep | |
| text | cccd | Số căn cước | | | | | numbers | |
| date | ngay | Ngày sinh | | yes | . <= today() | Ngày này chưa đến | | |
| date | thang | Tháng | | | | | month-year | |
| date | nam | Năm | | | | | year | |
| time | gio | Giờ | | | | | | |
| datetime | luc | Lúc | | | | | | |
| geopoint | diem | Vị trí nhà | | | | | | |
| geopoint | ruong | Vị trí ruộng | | | | | | capture-accuracy=50 |
| geoshape | vung | Ranh giới | | | | | | |
| image | anh | Ảnh nhà | | | | | | max-pixels=640 |
| image | ky | Chữ ký | | | | | signature | |
| audio | am | Tiếng nói | | | | | | |
| file | tep | Tệp kèm theo | | | | | | |
| select_one nha | m1 | Loại nhà | | | | | | |
| select_multiple nha | mn | Đồ dùng | | | | | | |
| select_one ban | m2 | Bản | | | | | minimal | |
| select_one ban | m3 | Bản bên | | | | | autocomplete | |
| select_one ban | m4 | Bản gốc | | | | | | |
| select_one nha | m5 | Cột | | | | | columns | |
| select_one nha | m6 | Mức hài lòng | | | | | likert | |
| rank nha | xep | Xếp hạng | | | | | | |
| range | muc | Mức | | | | | | start=0 end=10 step=1 |
| range | sao | Sao | | | | | rating | start=1 end=5 step=1 |
| begin_group | bang | Bảng | | | | | table-list | |
| select_one co | dien | Có điện | | | | | | |
| select_one co | nuoc | Có nước | | | | | | |
| end_group | | | | | | | | |
| begin_repeat | nguoi | Người trong hộ | | | | | | |
| text | ho_ten | Họ tên | | yes | | | | |
| date | sinh | Ngày sinh | | | | | | |
| end_repeat | | | | | | | | |
"""

_VILLAGES = ("Mường Lai", "Muồng Lái", "Bản Ỏ", "Nà Khoang", *(f"Thôn {number}" for number in range(1, 71)))


def workbook() -> str:
    """The form as a workbook in Markdown."""
    choices = [
        ("nha", "sat", "Sắt"),
        ("nha", "go", "Gỗ"),
        ("nha", "la", "Lá"),
        ("co", "y", "Có"),
        ("co", "n", "Không"),
    ]
    choices += [("ban", str(code), name) for code, name in enumerate(_VILLAGES, 1)]
    head = f"| survey |\n| | {_COLUMNS} |\n"
    rows = "".join(f"| {line}\n" for line in _QUESTIONS.strip().splitlines())
    listed = "".join(f"| | {' | '.join(choice)} |\n" for choice in choices)
    return f"{head}{rows}| choices |\n| | list_name | name | label |\n{listed}"
