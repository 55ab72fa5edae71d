"""Phones on the desk: given access by a code, seen at work, withdrawn."""

from __future__ import annotations

import re

import pytest

from storage.database import transaction
from storage.models import Project
from tests.collector.desk.reader import Field, Reader
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.program import filled, simple
from tests.office import NOW, Office
from tests.phone import Phone, PhoneComplains, in_process


@pytest.fixture
def reader(office: Office) -> Reader:
    """The administrator at the desk."""
    return Reader(office)


def test_a_phone_gets_an_address_that_works(office: Office, reader: Reader) -> None:
    office.publish(simple(), filename="simple.xml")
    shown = reader.send("/phones", {"name": " Chị Mỷ, thôn Nà Tông ", "forms": "all"})
    assert shown.texts("//h1") == ["Chị Mỷ, thôn Nà Tông"]
    [url] = [str(field.get("value")) for field in shown.find("//input[@id='url']")]
    assert re.fullmatch(r"http://localhost/v1/key/[A-Za-z0-9!$]{64}/projects/1", url)
    phone = Phone(url, session=in_process(office.app))
    assert list(phone.sync()) == ["simple"]
    [image] = shown.find("//main//img")
    assert b"<svg" in reader.get(str(image.get("src"))).data
    picture = reader.get(f"{shown.links('//a[@download]')[0]}")
    assert picture.data.startswith(b"\x89PNG")
    assert picture.headers["Content-Disposition"].startswith("attachment")


def test_a_phone_may_be_given_some_surveys_only(office: Office, reader: Reader) -> None:
    one = office.publish(simple(), filename="simple.xml")
    office.publish(simple().replace(b'id="simple"', b'id="other"'), filename="other.xml")
    shown = reader.send("/phones", {"name": "Lan", "forms": "some", "form": str(one.id)})
    assert "Only for: Simple" in shown.main
    [url] = [str(field.get("value")) for field in shown.find("//input[@id='url']")]
    assert list(Phone(url, session=in_process(office.app)).sync()) == ["simple"]


INCOMPLETE: tuple[tuple[dict[str, Field], str], ...] = (
    ({"name": "", "forms": "all"}, "Give the phone a name"),
    ({"name": "Lan", "forms": "some"}, "Tick at least one survey"),
    ({"name": "Lan", "forms": "some", "form": "99"}, "Tick at least one survey"),
    ({"name": "Lan", "forms": "some", "form": "x"}, "Tick at least one survey"),
)


def test_what_is_missing_is_said(reader: Reader) -> None:
    for fields, said in INCOMPLETE:
        assert said in reader.refused("/phones", fields).main


def test_the_list_says_who_was_seen_and_what_they_sent(office: Office, reader: Reader) -> None:
    form = office.publish(simple(), filename="simple.xml")
    office.phone("Chưa dùng")
    volunteer = Volunteer(office, office.phone("Đã dùng"), form=form)
    for number in range(3):
        volunteer.send(filled(f"uuid:{number}", "Lan", 30))
    rows = [found.text_content().split() for found in reader.page("/phones").find("//tbody/tr")]
    assert [row[-1] for row in rows] == ["3", "0"]
    assert "never" in rows[1]


def test_a_withdrawn_phone_is_told_so(office: Office, reader: Reader) -> None:
    given = office.phone("Lan")
    path = f"/phones/{given.actor_id}"
    assert "“Lan” is withdrawn" in reader.send(f"{path}/revoke").main
    assert "no access any more" in reader.page(path).main
    assert reader.get(f"{path}/qr.svg").status_code == 404
    with pytest.raises(PhoneComplains, match="403"):
        Phone(f"http://localhost{given.path}", session=in_process(office.app)).sync()


def test_the_code_names_the_public_address(office: Office, reader: Reader) -> None:
    given = office.phone("Lan")
    at = {"base_url": "http://khaosat.example"}
    reader.client.set_cookie("collector_session", office.session_token(), domain="khaosat.example")
    shown = reader.client.get(f"/phones/{given.actor_id}", **at)
    assert f"http://khaosat.example{given.path}" in shown.text
    assert "Phones cannot reach" not in shown.text


def test_another_project_has_phones_of_its_own(office: Office, reader: Reader) -> None:
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="Đợt hai", created_at=NOW))
    given = office.phone("Lan")
    assert reader.get(f"/projects/2/phones/{given.actor_id}").status_code == 404
    shown = reader.send("/projects/2/phones", {"name": "Mai", "forms": "all"})
    assert (shown.texts("//h1"), "/projects/2" in shown.source) == (["Mai"], True)
    assert reader.page("/phones").texts("//tbody/tr/td[1]") == ["Lan"]
    assert reader.page("/surveys").links("//p[@class='facts']/a") == ["/projects/2/surveys"]
