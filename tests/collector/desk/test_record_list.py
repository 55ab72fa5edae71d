"""The list of records: narrowed by any question, searched without accents, sorted, kept as a view."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.actions import list_table
from collector.actions.accounts import create_user
from storage.database import transaction
from storage.models import Assignment, Submission
from storage.queries import actors, record_list, sheet_rows
from storage.queries.choosing import Filter
from tests import tree
from tests.collector.desk.reader import Page, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import ADMIN_PASSWORD, NOW, Office
from tests.tree import HERE, HERE_VILLAGE, THERE_VILLAGE

FORM = """
| survey |
| | type | name | label | pii | unit |
| | text | village | Mã thôn | | place |
| | text | head | Chủ hộ (đủ dấu) | direct | |
| | select_one yn | poor | Hộ nghèo | | |
| | select_multiple tongue | speaks | Nói tiếng | | |
| | integer | rooms | Số phòng | | |
| | date | moved | Ngày đến ở | | |
| | dateTime | met | Lúc gặp | | |
| | image | photo | Ảnh nhà | | |
| | begin_repeat | member | Người trong hộ | | |
| | text | name | Tên | direct | |
| | integer | age | Tuổi | | |
| | select_one sex | sex | Giới | | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label |
| | yn | 1 | Có |
| | yn | 2 | Không |
| | tongue | 1 | Mông |
| | tongue | 11 | Thái |
| | sex | f | Nữ |
| | sex | m | Nam |
| settings |
| | form_title | form_id | version | instance_name |
| | Hộ gia đình | hk | 1 | concat(${village}, ' – ', ${head}) |
"""
LIST = "/surveys/hk/submissions"
NAMES = "//table//tbody/tr/td[1]//a"
PAO, PINH, MY, AN = "Giàng A Páo", "Lò Thị Pỉnh", "Giàng Thị Mỷ", "Đỗ Ân"


def household(number: int, head: str, village: str, more: str) -> bytes:
    name = f"{village} – {head}"
    return f"""<data id="hk" version="1" xmlns:orx="http://openrosa.org/xforms">
    <village>{village}</village><head>{head}</head>{more}
    <orx:meta><orx:instanceID>uuid:{number}</orx:instanceID><orx:instanceName>{name}</orx:instanceName></orx:meta>
    </data>""".encode()


def member(name: str, age: int, sex: str) -> str:
    return f"<member><name>{name}</name><age>{age}</age><sex>{sex}</sex></member>"


FIRST = (
    "<poor>1</poor><speaks>1</speaks><rooms>2</rooms><moved>2020-05-01</moved>"
    "<met>2026-08-01T23:30:00.000+07:00</met>" + member("Giàng Thị Dợ", 70, "f") + member("Páo", 30, "m")
)
SECOND = (
    "<poor>2</poor><speaks>11</speaks><rooms>12</rooms><moved>2021-05-01</moved>"
    "<met>2026-08-02T00:30:00.000+07:00</met>" + member("Lò Văn Súng", 72, "m") + member("Ánh", 20, "f")
)


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    """Four households, one of them in the other commune, and an officer of a commune."""
    with kept_office.app.app_context(), transaction() as session:
        tree.plant(session)
        made = create_user(session, "xa-o-day", ADMIN_PASSWORD, now=NOW)
        session.add(Assignment(actor_id=made.actor_id, role=REVIEWER, project_id=1, place_code=HERE))
    phone = Volunteer(kept_office, form=kept_office.publish(FORM))
    phone.send(household(1, PAO, HERE_VILLAGE, FIRST))
    phone.send(household(2, PINH, HERE_VILLAGE, SECOND))
    phone.send(household(3, MY, THERE_VILLAGE, "<poor>1</poor><photo>nha.jpg</photo>"))
    phone.send(household(4, AN, HERE_VILLAGE, "<speaks>1 11</speaks><rooms>5</rooms>"))
    return kept_office


@pytest.fixture(scope="module")
def reader(office: Office) -> Reader:
    return Reader(office)


def heads(reader: Reader, **said: str | list[str]) -> list[str]:
    """The heads of the households of the list, in its order."""
    return shown(reader.page(f"{LIST}?{urlencode(said, doseq=True)}"))


def shown(page: Page) -> list[str]:
    return [text.partition(" – ")[2] for text in page.texts(NAMES)]


def test_names_are_found_without_accents_wherever_they_stand(reader: Reader) -> None:
    assert heads(reader, q="giang") == [MY, PAO]
    assert heads(reader, q="GIÀNG mỹ") == [MY]
    assert heads(reader, q="đo an") == heads(reader, q="do ân") == [AN]
    # A member of the household, in a repeat.
    assert heads(reader, q="sung") == [PINH]
    assert heads(reader, q="khong co ai") == []
    assert "Chủ hộ, Tên" in reader.page(LIST).main


def test_people_sort_by_given_name(reader: Reader) -> None:
    assert heads(reader, sort="name") == [AN, MY, PAO, PINH]
    assert heads(reader, sort="-name") == [PINH, PAO, MY, AN]
    assert heads(reader) == [AN, MY, PINH, PAO]
    assert heads(reader, sort="date") == [PAO, PINH, MY, AN]


def test_records_sort_by_place_and_by_state(reader: Reader) -> None:
    here, there = {PAO, PINH, AN}, [MY]
    by_place = heads(reader, sort="place")
    assert by_place == sorted(by_place, key=lambda head: (head in here) == (by_place[0] not in here))
    assert heads(reader, sort="-place") == by_place[::-1]
    assert there == [head for head in by_place if head not in here]
    assert sorted(heads(reader, sort="state")) == sorted([AN, MY, PINH, PAO])


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("/poor~is~1", [MY, PAO]),
        ("/poor~isnt~1", [AN, PINH]),
        ("/poor~blank", [AN]),
        ("/poor~answered", [MY, PINH, PAO]),
        # A choice of several, not a part of its code.
        ("/speaks~has~1", [AN, PAO]),
        ("/speaks~hasnt~11", [MY, PAO]),
        ("/rooms~gt~4", [AN, PINH]),
        ("/rooms~lt~5", [PAO]),
        ("/rooms~between~2~5", [AN, PAO]),
        ("/rooms~is~12,0", [PINH]),
        ("/head~has~GIANG", [MY, PAO]),
        ("/head~hasnt~giang", [AN, PINH]),
        ("/head~is~Đỗ Ân", [AN]),
        ("/moved~gt~01/05/2020", [PINH]),
        ("/moved~between~2020-01-01~2020-12-31", [PAO]),
        # Days begin at midnight in Viet Nam.
        ("/met~is~2026-08-01", [PAO]),
        ("/met~gt~2026-08-01", [PINH]),
        ("/met~lt~2026-08-02", [PAO]),
        ("/photo~answered", [MY]),
        # Any member of the household.
        ("/member/age~gt~70", [PINH]),
        ("/member/name~has~do", [PAO]),
    ],
)
def test_any_question_narrows_the_list(reader: Reader, condition: str, found: list[str]) -> None:
    assert heads(reader, where=condition) == found


def test_conditions_on_a_group_hold_of_one_and_the_same_person(reader: Reader) -> None:
    assert heads(reader, where=["/member/age~gt~60", "/member/sex~is~f"]) == [PAO]
    assert heads(reader, where=["/member/age~gt~60", "/poor~is~2"]) == [PINH]


def test_what_the_server_notes_narrows_the_list_too(reader: Reader) -> None:
    assert heads(reader, photos="1") == [MY]
    assert heads(reader, place=HERE) == [AN, PINH, PAO]
    assert heads(reader, place="khong dau ca") == []
    assert heads(reader, **{"from": "2020-01-01"}) == [AN, MY, PINH, PAO]
    assert heads(reader, to="2020-01-01") == []
    assert heads(reader, placeless="1") == heads(reader, findings="1", state="approved") == []


def test_a_condition_is_put_together_in_two_steps_without_a_script(reader: Reader) -> None:
    page = reader.page(f"{LIST}?ask=/poor&sort=name&do=where")
    assert page.texts("//select[@id='value']/option") == ["", "Có", "Không"]
    assert "is not" in page.texts("//select[@id='op']/option")
    went = reader.get(f"{LIST}?ask=/poor&sort=name&op=is&value=1")
    assert went.status_code == 302
    page = reader.page(went.headers["Location"])
    assert (shown(page), "Hộ nghèo is Có" in page.main) == ([MY, PAO], True)
    [away] = page.links("//ul[contains(@class, 'narrowings')]//li[1]/a")
    assert shown(reader.page(away)) == [AN, MY, PAO, PINH]


def test_a_value_of_the_wrong_kind_is_asked_for_again(reader: Reader) -> None:
    page = reader.page(f"{LIST}?ask=/rooms&op=gt&value=nhiều")
    assert "does not fit" in page.main
    assert page.find("//input[@id='value']")[0].get("value") == "nhiều"


def test_questions_stand_as_columns(reader: Reader) -> None:
    went = reader.get(f"{LIST}?where=/poor~is~1&ask=/poor&do=col").headers["Location"]
    page = reader.page(f"{went}&col=/moved")
    assert page.texts("//thead//th")[-2:] == ["Hộ nghèo", "Ngày đến ở"]
    assert page.texts("//tbody/tr/td[position() > 5]") == ["Có", "–", "Có", "01/05/2020"]


@pytest.mark.parametrize(
    "said",
    [
        {"where": ["/poor~is~1"] * 3 + [f"/rooms~gt~{number}" for number in range(10_000)]},
        {"where": "/nothing~is~1"},
        {"where": "/poor~like~1"},
        {"where": "/poor~is~7"},
        {"where": "/rooms~gt~nan"},
        {"where": "/rooms~gt~1e999"},
        {"where": "/rooms~between~1"},
        {"where": "/moved~is~2026-02-31"},
        {"where": "/member~is~1"},
        {"where": "~~~~"},
        {"col": "/member/age"},
        {"col": [f"/q{number}" for number in range(50)]},
        {"from": "yesterday"},
    ],
)
def test_an_address_that_means_nothing_gets_a_sentence(
    reader: Reader, said: dict[str, str | list[str]]
) -> None:
    address = f"{LIST}?{urlencode(said, doseq=True)}"
    for path in (address, address.replace("/submissions?", "/submissions.csv?")):
        response = reader.get(path)
        assert response.status_code in {400, 414} or "col" in said, path
        if response.status_code == 400:
            assert "the list" in response.text.lower() or "does not fit" in response.text


@pytest.mark.parametrize(
    "said",
    [
        "page=99999999999999999999", "page=-3", "page=x", "after=99999999999999999999", "after=1&sort=name",
        "sort=nothing", "q=%00", "q=%25_%27%22", "place=%00", "where=/head~has~%27;--", "where=/head~has~%25",
        "where=/head~is~%00a", "from=0001-01-01", "to=9999-12-31", "where=/met~gt~9999-12-31", "sender=%00",
        "where=/met~lt~0001-01-01", "where=/rooms~is~4611686018427387903", "state=nothing",
        "ask=/nothing&do=col",
    ],
)  # fmt: skip
def test_odd_addresses_are_answered(reader: Reader, said: str) -> None:
    response = reader.get(f"{LIST}?{said}", follow_redirects=True)
    assert response.status_code in {200, 400}, response.text


def test_an_officer_of_a_commune_never_sees_another_place(office: Office) -> None:
    officer = Reader(office, "xa-o-day")
    every = ["", "sort=name", "sort=-name", "sort=place", "sort=state", "q=giang", f"place={THERE_VILLAGE}"]
    every += ["where=/poor~is~1", "where=/member/age~blank", "photos=1", "page=1&after=999&sort=name"]
    for said in every:
        for path in (f"{LIST}?{said}", f"/surveys/hk/submissions.csv?{said}"):
            response = officer.get(path)
            assert (path, response.status_code, MY in response.text) == (path, 200, False)
    assert heads(officer, q="giang") == [PAO]


def test_no_page_begins_where_somebody_elses_record_stands(office: Office, reader: Reader) -> None:
    with office.app.app_context(), transaction() as session:
        foreign = session.scalars(select(Submission.id).where(Submission.instance_id == "uuid:3")).one()
    officer = Reader(office, "xa-o-day")
    every = heads(officer, sort="name")
    assert heads(officer, sort="name", page="2", after=str(foreign)) == every
    assert heads(reader, sort="name", page="2", after=str(foreign)) != heads(reader, sort="name")


def test_who_reviews_all_and_deletes_in_one_commune_deletes_there_alone(office: Office) -> None:
    officer = Reader(office, "hai-vai", REVIEWER)
    with office.app.app_context(), transaction() as session:
        user = actors.user_by_name(session, "hai-vai")
        assert user is not None
        session.add(Assignment(actor_id=user.actor_id, role=MANAGER, project_id=1, place_code=HERE))
    assert len(heads(officer)) == 4
    looked = Page(officer.post("/surveys/hk/many", {"act": "delete", "scope": "all"}))
    assert "3 records would change" in looked.main
    [ticket] = looked.find("//input[@name='ticket']")
    done = officer.send("/surveys/hk/many/do", {"ticket": str(ticket.get("value")), "reason": "checked"})
    assert "3 records were changed" in done.main
    assert heads(officer) == [MY]
    [undo] = done.find("//form[contains(@action, '/undo')]/@action")
    officer.send(str(undo))
    assert len(heads(officer)) == 4


def test_a_list_that_is_too_long_to_be_counted_is_so_for_each_reader_until_something_changes(
    office: Office, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.desk.record_list.A_PAGE", 2)
    monkeypatch.setattr("collector.desk.record_list.COUNTED", 3)
    counted: list[int] = []
    count = record_list.count

    def noted(session: Session, chosen: Filter, most: int) -> int:
        counted.append(most)
        return count(session, chosen, most)

    monkeypatch.setattr(record_list, "count", noted)
    officer = Reader(office, "xa-o-day")
    for _ in range(2):
        assert "more than 3 records" in reader.page(LIST).main
        assert "3 records" in officer.page(LIST).main
        assert "more than" not in officer.page(LIST).main
    # Twice the officer's, which is short; the long one once where it is known that nothing has changed.
    assert len(counted) == (5 if "sqlite" in office.settings.database_url else 6)
    looked = Page(reader.post("/surveys/hk/many", {"act": "delete", "scope": "all", "q": "pao"}))
    [ticket] = looked.find("//input[@name='ticket']")
    done = reader.send("/surveys/hk/many/do", {"ticket": str(ticket.get("value")), "reason": "checked"})
    assert "more than" not in reader.page(LIST).main
    [undo] = done.find("//form[contains(@action, '/undo')]/@action")
    reader.send(str(undo))
    assert "more than 3 records" in reader.page(LIST).main


def test_the_list_goes_to_excel_as_it_is_narrowed(reader: Reader) -> None:
    response = reader.get("/surveys/hk/submissions.csv?where=/poor~is~1")
    assert response.data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert [row[head.index("Chủ hộ (đủ dấu)")] for row in rows] == [PAO, MY]
    assert {row[head.index("Hộ nghèo")] for row in rows} == {"Có"}
    assert "where=%2Fpoor~is~1" in str(reader.page(f"{LIST}?where=/poor~is~1").links())


def test_what_is_done_to_all_of_the_list_follows_its_conditions(reader: Reader) -> None:
    page = reader.page(f"{LIST}?where=/poor~is~1&q=pao")
    fields = {
        str(one.get("name")): str(one.get("value"))
        for one in page.find("//form[@id='list']//input[@type='hidden']")
    }
    response = reader.post("/surveys/hk/many", fields | {"act": "approved", "scope": "all"})
    looked = Page(response)
    assert "1 record would change" in looked.main
    [ticket] = looked.find("//input[@name='ticket']")
    done = reader.send("/surveys/hk/many/do", {"ticket": str(ticket.get("value")), "reason": "checked"})
    assert heads(reader, state="approved") == [PAO]
    [undo] = done.find("//form[contains(@action, '/undo')]/@action")
    reader.send(str(undo))
    assert heads(reader, state="approved") == []
    assert "taken back already" in reader.refused(str(undo), status=409).main


def kept(reader: Reader, name: str, **said: str) -> Page:
    return reader.send("/surveys/hk/views", {"name": name, **said})


def test_a_view_is_kept_renamed_deleted_and_put_back(reader: Reader) -> None:
    page = kept(reader, "Hộ nghèo của tôi", where="/poor~is~1", sort="name")
    assert shown(page) == [MY, PAO]
    [action] = reader.page("/surveys/hk/views").find("//form[contains(@action, '/views/')]/@action")
    assert "Nghèo" in reader.send(str(action), {"act": "rename", "name": "Nghèo"}).main
    assert "has its new name" not in reader.send(str(action), {"act": "rename", "name": " "}).main
    assert "Deleted views" in reader.send(str(action), {"act": "delete"}).main
    assert reader.page(LIST).find("//nav[contains(@class, 'views')]//a[text()='Nghèo']") == []
    reader.send(str(action), {"act": "restore"})
    [link] = reader.page(LIST).find("//nav[contains(@class, 'views')]//a[text()='Nghèo']/@href")
    assert shown(reader.page(str(link))) == [MY, PAO]


def test_a_shared_view_names_nobody(office: Office, reader: Reader) -> None:
    kept(reader, "Tìm Páo", q="pao", where="/head~has~pao", state="received")
    views = reader.page("/surveys/hk/views")
    [action] = views.find("//section[.//a[text()='Tìm Páo']]//form/@action")
    other = Reader(office, "xa-o-day")
    assert other.post(str(action), {"act": "delete"}).status_code == 404
    reader.send(str(action), {"act": "share", "name": "Tìm Páo"})
    [link] = other.page(LIST).find("//nav[contains(@class, 'views')]//a[contains(., 'Tìm Páo')]/@href")
    assert str(link).endswith("?state=received")
    # Who is only offered a view cannot change it.
    assert other.post(str(action), {"act": "delete"}).status_code == 403


def test_answers_that_are_read_in_parts_stand_in_one_line(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reader.get("/surveys/hk/submissions.csv").text
    # As a form of thousands of questions is read.
    monkeypatch.setattr(sheet_rows, "_QUESTIONS_AT_ONCE", 2)
    monkeypatch.setattr(list_table, "_CELLS_AT_ONCE", 20)
    assert PINH in whole
    assert reader.get("/surveys/hk/submissions.csv").text == whole
