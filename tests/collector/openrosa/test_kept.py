"""A list given again from memory, and a submission on its short way, are never more than the routes allow."""

from __future__ import annotations

from tests.collector.openrosa.sheets import collect, sheet
from tests.office import Office


def test_a_list_given_again_is_the_same_to_the_last_header_until_a_form_is_published(office: Office) -> None:
    office.publish(sheet())
    phone = office.phone()
    first, again = (office.client().get(f"{phone.path}/formList?deviceID=a") for _ in range(2))
    # But for the number of the request, which nobody else's answer has.
    numbers = {one.headers.pop("X-Request-Id") for one in (first, again)}
    assert len(numbers) == 2
    assert (again.status_code, again.data, again.headers) == (200, first.data, first.headers)
    assert again.headers["X-OpenRosa-Version"] == "1.0"
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    other = office.client().get(f"{phone.path}/formList?deviceID=a", base_url="https://other.example")
    assert b"https://other.example/v1/key/" in other.data
    office.publish(sheet("f02"))
    assert b"<formID>f02</formID>" in office.client().get(f"{phone.path}/formList?deviceID=a").data


def test_a_withdrawn_phone_is_refused_at_once_whatever_it_was_given_before(office: Office) -> None:
    office.publish(sheet())
    given = office.phone()
    collect(office, given).sync()
    office.client().get(f"{given.path}/formList")
    office.revoke(given)
    assert office.client().get(f"{given.path}/formList").status_code == 403
    assert office.client().post(f"{given.path}/submission").status_code == 403
