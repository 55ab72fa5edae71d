"""Records on the desk: listed, read as their form reads, shown with their files, deleted and put back."""

from __future__ import annotations

import pytest

from collector.desk.record_list import A_PAGE
from storage.models import Form
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.office import Office

FORM = """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | parameters |
| | start | start | | | |
| | begin_group | home | Nhà | Home | |
| | text | head | Chủ hộ | Head | |
| | select_one sex | sex | Giới tính | Sex | |
| | select_one_from_file villages.csv | village | Thôn | Village | |
| | image | photo | Ảnh nhà | House | max-pixels=1024 |
| | geopoint | gps | Vị trí | Place | |
| | end_group | | | | |
| | begin_repeat | member | Người | Member | |
| | text | name | Tên | Name | |
| | end_repeat | | | | |
| | text | remarks | Ghi chú | Remarks | |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | sex | 1 | Nam | Male |
| | sex | 2 | Nữ | Female |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ gia đình | ho_dan | 1 | ${head} |
"""
VILLAGES = "name,label\nv1,Thôn Nà Tông\n".encode()
LIST = "/surveys/ho_dan/submissions"


def record(number: int, head: str = "Lò Văn Pỉnh", *, photo: str = "", extra: str = "") -> bytes:
    """A filled form."""
    return f"""<data id="ho_dan" version="1" xmlns:orx="http://openrosa.org/xforms">
    <start>2026-08-03T08:00:00.000+07:00</start>
    <home><head>{head}</head><sex>2</sex><village>v1</village><photo>{photo}</photo>
    <gps>22.8034 104.9784 850.0 4.8</gps></home>
    <member><name>Vàng Thị Mỷ</name></member><member><name>Giàng A Sử</name></member>
    <remarks/>{extra}
    <orx:meta><orx:instanceID>uuid:{number}</orx:instanceID><orx:instanceName>{head}</orx:instanceName></orx:meta>
    </data>""".encode()


@pytest.fixture
def form(office: Office) -> Form:
    """The form, on the phones."""
    return office.publish(FORM, media={"villages.csv": VILLAGES})


@pytest.fixture
def volunteer(office: Office, form: Form) -> Volunteer:
    """Somebody with a phone."""
    return Volunteer(office, form=form)


def pairs(page: Page) -> dict[str, str]:
    """The answers on a record's page by the words of their questions."""
    return dict(zip(page.texts("//dl/div/dt"), page.texts("//dl/div/dd"), strict=True))


def test_a_record_reads_as_its_form_does(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1, photo="a.jpg"), {"a.jpg": JPEG})
    shown = Reader(office, language="vi").page(f"{LIST}/uuid:1")
    assert shown.texts("//h1") == ["Lò Văn Pỉnh"]
    assert shown.texts("//h2")[:2] == ["Nhà", "Người 2"]
    assert shown.texts("//main//summary")[:2] == ["1. Vàng Thị Mỷ", "2. Giàng A Sử"]
    told = pairs(shown)
    assert (told["Giới tính"], told["Thôn"], told["Ghi chú"]) == ("Nữ", "Thôn Nà Tông", "để trống")
    assert "sai số 4,8 m" in told["Vị trí"]
    assert [one.get("value") for one in shown.find("//input[@readonly]")] == ["22.803400, 104.978400"]
    assert "geo:22.803400,104.978400?q=22.803400,104.978400" in shown.links()
    assert "start" not in told
    everything = pairs(Reader(office, language="en").page(f"{LIST}/uuid:1?all=1"))
    assert (everything["Sex"], everything["start"]) == ("Female", "03/08/2026 08:00")


def test_where_a_household_lives_is_told_to_no_other_server(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1))
    shown = Reader(office).page(f"{LIST}/uuid:1")
    assert [link for link in shown.links() if link.startswith("http")] == []
    assert len(shown.find("//svg/polygon")) == 1
    assert not [one for one in shown.find("//@src | //link/@href") if not str(one).startswith("/")]


def test_a_photo_is_shown_when_it_is_there_and_announced_before(office: Office, volunteer: Volunteer) -> None:
    volunteer.post(record(1, photo="nhà &amp; vườn.jpg"))
    reader = Reader(office)
    assert "not received yet" in reader.page(f"{LIST}/uuid:1").main
    assert "files 0 of 1" in reader.page(LIST).main
    volunteer.send(record(1, photo="nhà &amp; vườn.jpg"), {"nhà & vườn.jpg": JPEG})
    [image] = reader.page(f"{LIST}/uuid:1").find("//main//img")
    [link] = reader.page(f"{LIST}/uuid:1").find("//main//a[.//img]")
    assert str(image.get("src")).endswith("small=1")
    shown = reader.get(str(link.get("href")))
    assert (shown.status_code, shown.data, shown.content_type) == (200, JPEG, "image/jpeg")
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert image.get("alt") == "Photo: House"


@pytest.mark.parametrize("name", ["x.svg", "x.html", "x.xml", "x.js"])
def test_a_file_that_could_run_is_only_offered(office: Office, volunteer: Volunteer, name: str) -> None:
    volunteer.send(record(1, photo=name), {name: b"<svg xmlns='http://www.w3.org/2000/svg'/>"})
    reader = Reader(office)
    shown = reader.page(f"{LIST}/uuid:1")
    assert shown.find("//main//img") == []
    [link] = shown.find(f"//a[text()='{name}']")
    answer = reader.get(str(link.get("href")))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_people_type_is_only_ever_text(office: Office, volunteer: Volunteer) -> None:
    evil = "<script>alert(1)</script>"
    typed = "&lt;script&gt;alert(1)&lt;/script&gt;"
    volunteer.send(record(1, typed, photo=f"{typed}.png", extra=f"<sex>{typed}</sex><odd>{typed}</odd>"))
    reader = Reader(office)
    reader.send("/phones", {"name": evil, "forms": "all"})
    for path in (LIST, f"{LIST}/uuid:1", f"{LIST}/uuid:1?all=1", "/phones"):
        shown = reader.page(path)
        assert evil in shown.text
        assert evil not in shown.source
        assert [one.get("src", "") for one in shown.find("//script")] == [
            one for one in (shown.find("//script")[0].get("src", ""),) if one.startswith("/looks/")
        ]


def test_findings_are_said_in_words(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1, extra="<odd>x</odd>").replace(b"22.8034 104.9784 850.0 4.8", b"up the hill"))
    reader = Reader(office)
    assert "2 things to look at" in reader.page(LIST).main
    [place, odd] = sorted(reader.page(f"{LIST}/uuid:1").texts("//section[@aria-labelledby='findings']//li"))
    said = "Place: The answer is not of the kind the question asks for; it is kept as sent. up the hill"
    assert place == f"{said} answer it"
    assert odd.startswith("odd: This question is not in the form")


def test_the_list_goes_on_where_a_page_ends(office: Office, volunteer: Volunteer) -> None:
    for number in range(A_PAGE + 2):
        volunteer.post(record(number, f"Hộ {number}"))
    reader = Reader(office)
    first = reader.page(LIST)
    names = first.texts("//tbody/tr/td[1]")
    assert (len(names), names[0]) == (A_PAGE, f"Hộ {A_PAGE + 1}")
    [older] = first.links("//a[@rel='next']")
    last = reader.page(older)
    assert last.texts("//tbody/tr/td[1]") == ["Hộ 1", "Hộ 0"]
    assert last.find("//a[@rel='next']") == []
    assert first.texts("//tbody/tr/td[3]")[0] == "Điện thoại 1"


def test_a_deleted_record_can_be_put_back(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1))
    reader = Reader(office)
    gone = reader.send(f"{LIST}/uuid:1/delete")
    assert "This record is deleted" in gone.main
    assert reader.page(LIST).find("//tbody") == []
    assert reader.page(f"{LIST}?deleted=1").texts("//tbody/tr/td[1]") == ["Lò Văn Pỉnh"]
    assert "1 deleted record" in reader.page("/surveys/ho_dan").main
    assert "The record is back" in reader.send(f"{LIST}/uuid:1/restore").main
    assert reader.page(LIST).texts("//tbody/tr/td[1]") == ["Lò Văn Pỉnh"]


def test_a_corrected_record_shows_both_versions(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1, "Lò Văn Pỉn"))
    edit = record(2).replace(
        b"<orx:instanceID>", b"<orx:deprecatedID>uuid:1</orx:deprecatedID><orx:instanceID>"
    )
    volunteer.send(edit)
    reader = Reader(office)
    now = reader.page(f"{LIST}/uuid:1")
    assert (now.texts("//h1"), pairs(now)["Head"]) == (["Lò Văn Pỉnh"], "Lò Văn Pỉnh")
    [earlier] = now.links("//a[text()='show']")
    before = reader.page(earlier)
    assert (before.texts("//h1"), pairs(before)["Head"]) == (["Lò Văn Pỉn"], "Lò Văn Pỉn")
    assert "earlier version" in before.main


def test_the_sent_file_is_downloaded_byte_for_byte(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(record(1))
    answer = Reader(office).get(f"{LIST}/uuid:1/xml")
    assert answer.data == record(1)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="1.xml"')


def test_a_large_record_is_read_from_its_blob(office: Office, volunteer: Volunteer) -> None:
    long = " ".join(f"chữ-{number}" for number in range(60_000))
    volunteer.send(record(1).replace(b"<remarks/>", f"<remarks>{long}</remarks>".encode()))
    assert pairs(Reader(office).page(f"{LIST}/uuid:1"))["Remarks"].endswith("chữ-59999")


def test_an_encrypted_record_says_so(office: Office, volunteer: Volunteer) -> None:
    volunteer.send(
        b'<data id="ho_dan" version="1" encrypted="yes"><base64EncryptedKey>x</base64EncryptedKey>'
        b"<meta><instanceID>uuid:1</instanceID></meta></data>"
    )
    assert "This record is encrypted" in Reader(office).page(f"{LIST}/uuid:1").main
