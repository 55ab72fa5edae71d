"""A server with two communes and their villages, and lists of people as offices send them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook

from forms.vietnamese import folded
from storage.database import transaction
from storage.models import Place, PlacePath
from tests.office import Office

PROVINCE = ("08", "Tỉnh Tuyên Quang")
COMMUNES = (("08926", "Xã Mường Lai"), ("08953", "Xã Tân Lĩnh"))
VILLAGES = (
    ("08926-001", "Thôn Nà Tông"),
    ("08926-002", "Bản Pho"),
    ("08926-003", "Bản Pho Mới"),
    ("08953-001", "Bản Pho"),
    ("08953-002", "Thôn 1"),
)
HEADER = ("Họ và tên", "Số điện thoại", "Tổ chức", "Xã", "Thôn, bản", "Mẫu phiếu")


def settle(office: Office) -> None:
    """Enter the places, in force today, with their closure."""
    above = {code: PROVINCE[0] for code, _ in COMMUNES} | {code: code[:5] for code, _ in VILLAGES}
    rows = [("province", *PROVINCE), *(("commune", *one) for one in COMMUNES)]
    rows += [("village", *one) for one in VILLAGES]
    with office.app.app_context(), transaction() as session:
        for level, code, name in rows:
            session.add(
                Place(code=code, level=level, name=name, parent_code=above.get(code), folded=folded(name))
            )
            session.flush()
        for _level, code, _name in rows:
            ancestor: str | None = code
            depth = 0
            while ancestor:
                session.add(PlacePath(ancestor=ancestor, descendant=code, depth=depth))
                ancestor, depth = above.get(ancestor), depth + 1


def book(
    *rows: Sequence[object], header: Sequence[object] = HEADER, merge: str = "", above: int = 0
) -> bytes:
    """An .xlsx with these rows under the headings."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for number in range(above):
        sheet.append([f"Danh sách tình nguyện viên {number}"])
    for row in (header, *rows):
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
