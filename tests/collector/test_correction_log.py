"""Every answer that was changed after it was sent: by whom, when, why; protected files tell less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from collector.actions.correction_log import CorrectionLog
from collector.saying import say_in
from forms.datasets.describing import Version, describe
from forms.datasets.description import Dataset, Pii
from forms.datasets.material import Correction
from storage.models import Form, Submission
from storage.queries import forms
from storage.snapshot import snapshot
from tests.collector.desk.cleaning import FORM, LIST, edited, household
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

HEAD, ROOMS, AGE = "answer:|/head", "answer:|/rooms", "answer:/member[2]|/member/age"


@pytest.fixture(scope="module")
def form(kept_office: Office) -> Form:
    """Households: one corrected twice at the office, two sent again, one as it came."""
    published = kept_office.publish(FORM)
    volunteer, officer = Volunteer(kept_office, form=published), Reader(kept_office)
    for number in (3, 2, 1):
        volunteer.send(household(number))
    officer.send(
        f"{LIST}/uuid:1/correct", {"base": "uuid:1", ROOMS: "4", AGE: "41", "reason": "asked", "words": ""}
    )
    [base] = officer.page(f"{LIST}/uuid:1/correct").find("//input[@name='base']")
    why = {"reason": "other", "words": "Lò Văn Pỉnh nói lại"}
    officer.send(f"{LIST}/uuid:1/correct", {"base": str(base.get("value")), HEAD: "Lò Văn Phịnh", **why})
    volunteer.send(edited(21, "uuid:2", "Lò Thị Mỷ"))
    # Of the last an age is corrected, then the row before it is taken out.
    first, second = "<age>40</age>", "<age>14</age>"
    gone = f"<member><name>Mỷ</name>{first}</member>"
    volunteer.send(household(5))
    volunteer.send(_again(51, "uuid:5", second, "<age>15</age>"))
    volunteer.send(_again(52, "uuid:51", f"{gone}<member><name>Sử</name>{second}", _SON))
    return published


_SON = "<member><name>Sử</name><age>15</age>"


def _again(number: int, of: str, before: str, after: str) -> bytes:
    return edited(number, of, "Lò Văn Pỉnh").replace(before.encode(), after.encode())


def _log(
    office: Office, form: Form, *, protected: bool = False, pii: Pii = "none", key: str = ""
) -> list[Correction]:
    with office.app.app_context(), snapshot() as session:
        stored = session.get_one(Form, form.id)
        xml = forms.version_xml(session, stored.current_id or 0)
        dataset = _classed(describe([Version(xml, "1")]), pii)
        numbers = session.scalars(select(Submission.id).order_by(Submission.instance_id)).all()
        parts = office.parts
        log = CorrectionLog(parts.blobs, parts.shelf, say_in("vi"), protected=protected)
        return list(log.of(session, stored, dataset, numbers, lambda one: f"{key}{one}"))


def _classed(dataset: Dataset, pii: Pii) -> Dataset:
    tables = tuple(
        replace(table, variables=tuple(replace(one, pii=pii) if one.path else one for one in table.variables))
        for table in dataset.tables
    )
    return replace(dataset, tables=tables)


def test_what_was_changed_stands_in_the_order_of_records_and_of_time(kept_office: Office, form: Form) -> None:
    found = [
        (one.key, one.table, one.variable, one.before, one.after, one.reason)
        for one in _log(kept_office, form)
        if not one.key.startswith("uuid:5")
    ]
    asked, other = "Đã hỏi lại hộ", "Lý do khác: Lò Văn Pỉnh nói lại"
    again = "Sửa và gửi lại từ cơ sở"
    # A new name of the record is no answer, and what the form worked out anew is nobody's correction.
    assert found == [
        ("uuid:1", "ho", "rooms", "3", "4", asked),
        ("uuid:1/member[2]", "member", "age", "14", "41", asked),
        ("uuid:1", "ho", "head", "Lò Văn Pỉnh", "Lò Văn Phịnh", other),
        ("uuid:2", "ho", "head", "Lò Văn Pỉnh", "Lò Thị Mỷ", again),
    ]


def test_a_row_is_named_as_it_is_called_today(kept_office: Office, form: Form) -> None:
    found = [
        (one.key, one.variable, one.before, one.after, one.reason)
        for one in _log(kept_office, form)
        if one.key.startswith("uuid:5")
    ]
    again = "Sửa và gửi lại từ cơ sở"
    gone = f"{again} (dòng đã bị xóa; đây là mã dòng lúc đó)"
    assert found == [
        # It was the second row when it was corrected.
        ("uuid:5/member[1]", "age", "14", "15", again),
        ("uuid:5/member[1]", "name", "Mỷ", "", gone),
        ("uuid:5/member[1]", "age", "40", "", gone),
    ]


def test_who_changed_it_is_named(kept_office: Office, form: Form) -> None:
    assert [bool(one.by) for one in _log(kept_office, form)] == [True] * 7
    assert len({one.by for one in _log(kept_office, form)}) == 2


@pytest.mark.parametrize("pii", ["", "none", "indirect", "direct", "sensitive"])
def test_a_protected_log_holds_no_answer(kept_office: Office, form: Form, pii: Pii) -> None:
    found = _log(kept_office, form, protected=True, pii=pii)
    assert len(found) == 7
    assert {(one.before, one.after, one.by) for one in found} == {(None, None, "")}
    assert "Lò" not in "".join(f"{one}" for one in found)


def test_a_protected_log_has_the_keys_of_the_file(kept_office: Office, form: Form) -> None:
    assert _log(kept_office, form, protected=True, key="x-")[0].key == "x-uuid:1"
