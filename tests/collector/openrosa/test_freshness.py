"""A phone that asks again: OR-19, OR-20; and a rendered list is never an old one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from collector.openrosa.rendered import FormLists
from tests.collector.openrosa.sheets import collect, sheet, with_files
from tests.office import NOW, GivenPhone, Office


def ask(office: Office, path: str, **headers: str) -> TestResponse:
    """GET with these headers, `_` in their names for `-`."""
    return office.client().get(
        path, headers={name.replace("_", "-"): said for name, said in headers.items()}, buffered=True
    )


def opened(office: Office) -> GivenPhone:
    """A phone, and a form with a file."""
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    return office.phone()


RESOURCES = ["formList", "forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv"]


@pytest.mark.parametrize("packing", ["gzip", "identity"])
def test_or_19_what_a_phone_has_is_confirmed_and_never_called_fresh_for_a_while(
    office: Office, packing: str
) -> None:
    given = opened(office)
    for resource in RESOURCES:
        path = f"{given.path}/{resource}"
        first = ask(office, path, Accept_Encoding=packing)
        assert first.status_code == 200
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert not {"Expires", "Last-Modified", "Pragma"} & {*first.headers.keys()}
        tag = first.headers["ETag"]
        assert tag.startswith('"')
        for asked in (tag, f"W/{tag}", f'"other", {tag}', f'W/"a", W/{tag}, "b"'):
            again = ask(office, path, If_None_Match=asked, Accept_Encoding=packing)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["X-OpenRosa-Version"] == "1.0"
            assert again.headers["ETag"] == tag
            assert again.headers["Cache-Control"] == "private, no-cache"
        for asked in ('"other"', tag[:-2] + '"', f'"x{tag[1:]}', f'"{tag}"'):
            assert ask(office, path, If_None_Match=asked).status_code == 200


def test_or_19_a_phone_that_has_the_list_is_told_of_every_change(office: Office) -> None:
    given = opened(office)
    path = f"{given.path}/formList"

    tags = [ask(office, path).headers["ETag"]]

    def changes() -> str:
        answer = ask(office, path, If_None_Match=tags[-1])
        tags.append(answer.headers["ETag"])
        return answer.status

    assert changes() == "304 NOT MODIFIED"
    form = office.publish(sheet("f02"))
    assert changes() == "200 OK"
    office.set_state(form, "closing")
    assert changes() == "200 OK"
    office.set_state(form, "closed")
    assert changes() == "304 NOT MODIFIED"
    office.set_state(form, "open")
    assert changes() == "200 OK"
    office.publish(sheet("f02", "2"))
    assert changes() == "200 OK"
    office.draft(sheet("f02", "3"))
    assert changes() == "304 NOT MODIFIED"


def test_or_19_a_first_file_brings_the_manifest_into_the_list(office: Office) -> None:
    form = office.publish(with_files("f01", "xa.csv"), filename="f01.xml")
    phone = collect(office, office.phone())
    assert phone.sync()["f01"].item.manifest_url == ""
    office.put_attachment(form, "xa.csv", b"name\n")
    assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}


def test_or_19_a_draft_under_test_is_shown_as_it_is_now(office: Office) -> None:
    form = office.draft(with_files("f01", "xa.csv"), filename="f01.xml")
    path = f"/v1/test/{office.draft_token(form)}/projects/1/forms/f01/draft/formList"
    assert b"manifestUrl" not in ask(office, path).data
    office.put_attachment(form, "xa.csv", b"name\n", draft=True)
    assert b"manifestUrl" in ask(office, path).data


def test_or_20_a_change_within_the_same_second_is_not_missed(office: Office) -> None:
    given = opened(office)
    path = f"{given.path}/formList"
    for since in (http_date(NOW), ask(office, path).headers.get("Date", ""), "Fri, 01 Jan 2100 00:00:00 GMT"):
        for resource in RESOURCES:
            assert ask(office, f"{given.path}/{resource}", If_Modified_Since=since).status_code == 200
    form = office.publish(sheet("f02"))
    changed = ask(office, path, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert changed.status_code == 200
    assert b"f02" in changed.data
    office.set_state(form, "closed")
    assert b"f02" not in ask(office, path, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT").data


def test_a_list_is_rendered_once_for_many_phones_each_with_its_own_address(office: Office) -> None:
    office.publish(sheet())
    kept = office.parts.form_lists
    for name in "ABC":
        given = office.phone(name)
        assert f"{given.path}/forms/f01.xml" in ask(office, f"{given.path}/formList").text
    assert len(kept._kept) == 1


def test_what_is_kept_has_bounds_and_bears_many_threads() -> None:
    kept = FormLists()

    def look(number: int) -> bool:
        name = number % 300
        return kept.get(name, f"<x>{name}</x>".encode).text == f"<x>{name}</x>".encode()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(6000)))
    assert len(kept._kept) <= 128
