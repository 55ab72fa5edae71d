"""What only a real server on a real port shows: OR-21, and OR-09, OR-30, OR-39 once more."""

from __future__ import annotations

import pytest
import requests

from tests.collector.openrosa.sheets import answer, with_files
from tests.live import kill, serving
from tests.office import ADMIN, ADMIN_PASSWORD, GivenPhone, Office
from tests.phone import Phone

LARGE = 24 * 1024 * 1024
"""More bytes than the sockets between two processes hold."""
RESOURCES = ("formList", "forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv")


def given_a_file(office: Office, data: bytes = b"name\n") -> GivenPhone:
    """A phone, and form f01 with a file."""
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": data})
    return office.phone()


def test_or_21_every_answer_says_how_long_it_is(office: Office) -> None:
    given = given_a_file(office)
    with serving(office) as (address, _process), requests.Session() as session:
        for resource in RESOURCES:
            for packing in ("gzip", "identity"):
                response = session.get(
                    f"{address}{given.path}/{resource}", headers={"Accept-Encoding": packing}, stream=True
                )
                said = int(response.headers["Content-Length"])
                assert len(response.raw.read(decode_content=False)) == said > 0


def test_or_21_a_download_that_broke_off_never_looks_complete(office: Office) -> None:
    given = given_a_file(office, bytes(LARGE))
    with serving(office) as live:
        url = f"{live.address}{given.path}/forms/f01/attachments/xa.csv"
        with requests.get(url, stream=True, timeout=60) as response:
            assert response.status_code == 200
            pieces = response.iter_content(1 << 16)
            arrived = len(next(pieces))
            kill(live)
            with pytest.raises(requests.RequestException):
                arrived += sum(len(piece) for piece in pieces)
    assert arrived < LARGE


def test_or_21_a_download_may_go_on_where_it_broke_off(office: Office) -> None:
    data = bytes(range(256)) * 1000
    given = given_a_file(office, data)
    with serving(office) as (address, _process):
        url = f"{address}{given.path}/forms/f01/attachments/xa.csv"
        rest = requests.get(url, headers={"Range": "bytes=200000-"}, timeout=60)
        beyond = requests.get(url, headers={"Range": "bytes=999999-"}, timeout=60)
    assert (rest.status_code, rest.content) == (206, data[200_000:])
    assert rest.headers["Content-Range"] == f"bytes 200000-255999/{len(data)}"
    assert beyond.status_code == 416


def test_or_09_awkward_form_ids_arrive_over_the_wire(office: Office) -> None:
    ids = ["a/b", "a%2Fb", "khảo sát hộ", "100 %", "x#y?z"]
    for form_id in ids:
        office.publish(with_files(form_id, "tệp 1%.csv"), filename="f.xml", media={"tệp 1%.csv": b"name\n"})
    given = office.phone()
    with serving(office) as (address, _process):
        phone = Phone(f"{address}{given.path}")
        assert {*phone.sync()} == {*ids}
        assert all(form.media == {"tệp 1%.csv": b"name\n"} for form in phone.forms.values())
        for number, form_id in enumerate(ids):
            assert phone.send(answer(form_id, number=number)).status == 201


def test_or_39_28_a_phone_set_up_by_hand_with_slashes_too_many_works_over_the_wire(office: Office) -> None:
    given_a_file(office)
    password = office.collect_password()
    with serving(office) as (address, _process):
        for number, end in enumerate(("", "/", "//")):
            phone = Phone(f"{address}{end}", username=ADMIN, password=password)
            assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}
            assert (
                phone.send(answer(number=number), {"a.jpg": b"\xff\xd8\xff" + bytes(200_000)}).status == 201
            )


@pytest.mark.parametrize("proxies", [0, 1])
def test_or_36_no_header_from_outside_moves_the_paths(office: Office, proxies: int) -> None:
    given = given_a_file(office)
    with serving(office, proxies=proxies) as (address, _process):
        for name in ("SCRIPT_NAME", "PATH_INFO", "X-Script-Name", "X-Original-URL"):
            response = requests.get(f"{address}{given.path}/formList", headers={name: "/x"}, timeout=60)
            assert response.status_code == 200
            assert f"{address}{given.path}/forms/f01.xml" in response.text


def test_or_30_basic_works_behind_a_proxy_that_speaks_https_and_nowhere_else(office: Office) -> None:
    given_a_file(office)
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "khaosat.example.vn",
        "X-Forwarded-For": "1.2.3.4",
    }
    with serving(office, proxies=1) as (address, _process):
        url = f"{address}/formList"
        refused = requests.get(url, headers=forwarded, timeout=60)
        assert refused.status_code == 401
        lines = refused.raw.headers.getlist("WWW-Authenticate")
        assert [line.split(" ")[0] for line in lines] == ["Digest", "Basic"]
        signed = requests.get(url, headers=forwarded, auth=(ADMIN, ADMIN_PASSWORD), timeout=60)
        assert signed.status_code == 200
        assert "https://khaosat.example.vn/projects/1/forms/f01.xml" in signed.text
        plain = forwarded | {"X-Forwarded-Proto": "http"}
        over_http = requests.get(url, headers=plain, auth=(ADMIN, ADMIN_PASSWORD), timeout=60)
        assert over_http.status_code == 401
        assert [line.split(" ")[0] for line in over_http.raw.headers.getlist("WWW-Authenticate")] == [
            "Digest"
        ]
