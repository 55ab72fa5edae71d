"""A small survey that gets cleaned, and who cleans it."""

from __future__ import annotations

import pytest

from storage.models import Form
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

FORM = """
| survey |
| | type | name | label | calculation | constraint | constraint_message |
| | text | head | Chủ hộ | | | |
| | integer | rooms | Số phòng | | . > 0 and . < 100 | Từ 1 đến 99 phòng |
| | select_one yn | poor | Hộ nghèo | | | |
| | begin_repeat | member | Người | | | |
| | text | name | Tên | | | |
| | integer | age | Tuổi | | | |
| | end_repeat | | | | | |
| | calculate | people | | count(${member}) | | |
| | calculate | oldest | | max(${age}) | | |
| | calculate | code | | pulldata('v', 'name', 'code', ${head}) | | |
| choices |
| | list_name | name | label |
| | yn | 1 | Có |
| | yn | 2 | Không |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ gia đình | ho | 1 | ${head} |
"""
LIST = "/surveys/ho/submissions"


def household(number: int, head: str = "Lò Văn Pỉnh", *, rooms: str = "3", poor: str = "1") -> bytes:
    """A filled form: a household with two people."""
    return f"""<data id="ho" version="1" xmlns:orx="http://openrosa.org/xforms">
    <head>{head}</head><rooms>{rooms}</rooms><poor>{poor}</poor>
    <member><name>Mỷ</name><age>40</age></member><member><name>Sử</name><age>14</age></member>
    <people>2</people><oldest>40</oldest><code>v1</code>
    <orx:meta><orx:instanceID>uuid:{number}</orx:instanceID><orx:instanceName>{head}</orx:instanceName></orx:meta>
    </data>""".encode()


def edited(number: int, of: str, head: str) -> bytes:
    """The same corrected on the phone."""
    id_ = b"<orx:instanceID>"
    return household(number, head).replace(id_, f"<orx:deprecatedID>{of}</orx:deprecatedID>".encode() + id_)


@pytest.fixture
def form(office: Office) -> Form:
    """The form, on the phones."""
    return office.publish(FORM)


@pytest.fixture
def volunteer(office: Office, form: Form) -> Volunteer:
    """Somebody with a phone."""
    return Volunteer(office, form=form)


@pytest.fixture
def officer(office: Office) -> Reader:
    """Somebody at the office."""
    return Reader(office)
