"""What only a real server on a real port shows: OR-21, and OR-09, OR-30, OR-39 once more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.collector.openrosa.sheets import answer, with_files
from tests.live import kill, serving
from tests.office import ADMIN, ADMIN_PASSWORD, GivenPhone, Office
from tests.phone import Phone

LARGE = 24 * 1024 * 1024
"""More bytes than the sockets between two processes hold."""
RESOURCES = ("formList", "forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv")


FILE, RANGED = "f01", "f02"
"""Forms with a file of a few bytes, and with one that is asked for in parts."""
DATA = bytes(range(256)) * 1000
AWKWARD = ("a/b", "a%2Fb", "khảo sát hộ", "100 %", "x#y?z")
AWKWARD_FILE = "tệp 1%.csv"


@pytest.fixture(scope="module")
def given(kept_office: Office) -> GivenPhone:
    """A phone, and forms with files."""
    kept_office.publish(with_files(FILE, "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    kept_office.publish(with_files(RANGED, "xa.csv"), filename="f02.xml", media={"xa.csv": DATA})
    for form_id in AWKWARD:
        kept_office.publish(
            with_files(form_id, AWKWARD_FILE), filename="f.xml", media={AWKWARD_FILE: b"name\n"}
        )
    return kept_office.phone()


@pytest.fixture(scope="module")
def address(kept_office: Office, given: GivenPhone) -> Iterator[str]:  # noqa: ARG001 - what is served
    """Where a server answers that stands by itself."""
    with serving(kept_office) as live:
        yield live.address


@pytest.fixture(scope="module")
def behind(kept_office: Office, given: GivenPhone) -> Iterator[str]:  # noqa: ARG001 - what is served
    """Where a server answers that stands behind a proxy."""
    with serving(kept_office, proxies=1) as live:
        yield live.address


def test_or_21_every_answer_says_how_long_it_is(address: str, given: GivenPhone) -> None:
    with requests.Session() as session:
        for resource in RESOURCES:
            for packing in ("gzip", "identity"):
                response = session.get(
                    f"{address}{given.path}/{resource}", headers={"Accept-Encoding": packing}, stream=True
                )
                said = int(response.headers["Content-Length"])
                assert len(response.raw.read(decode_content=False)) == said > 0


def test_or_21_a_download_that_broke_off_never_looks_complete(office: Office) -> None:
    office.publish(with_files(FILE, "xa.csv"), filename="f01.xml", media={"xa.csv": bytes(LARGE)})
    with serving(office) as live:
        url = f"{live.address}{office.phone().path}/forms/f01/attachments/xa.csv"
        with requests.get(url, stream=True, timeout=60) as response:
            assert response.status_code == 200
            pieces = response.iter_content(1 << 16)
            arrived = len(next(pieces))
            kill(live)
            with pytest.raises(requests.RequestException):
                arrived += sum(len(piece) for piece in pieces)
    assert arrived < LARGE


def test_or_21_a_download_may_go_on_where_it_broke_off(address: str, given: GivenPhone) -> None:
    url = f"{address}{given.path}/forms/{RANGED}/attachments/xa.csv"
    rest = requests.get(url, headers={"Range": "bytes=200000-"}, timeout=60)
    beyond = requests.get(url, headers={"Range": "bytes=999999-"}, timeout=60)
    assert (rest.status_code, rest.content) == (206, DATA[200_000:])
    assert rest.headers["Content-Range"] == f"bytes 200000-255999/{len(DATA)}"
    assert beyond.status_code == 416


def test_or_09_awkward_form_ids_arrive_over_the_wire(address: str, given: GivenPhone) -> None:
    phone = Phone(f"{address}{given.path}")
    assert {*phone.sync()} == {FILE, RANGED, *AWKWARD}
    assert all(phone.forms[form_id].media == {AWKWARD_FILE: b"name\n"} for form_id in AWKWARD)
    for number, form_id in enumerate(AWKWARD):
        assert phone.send(answer(form_id, number=number)).status == 201


def test_or_39_28_a_phone_set_up_by_hand_with_slashes_too_many_works_over_the_wire(
    address: str, kept_office: Office
) -> None:
    password = kept_office.collect_password()
    for number, end in enumerate(("", "/", "//")):
        phone = Phone(f"{address}{end}", username=ADMIN, password=password)
        assert phone.sync()[FILE].media == {"xa.csv": b"name\n"}
        assert phone.send(answer(number=number), {"a.jpg": b"\xff\xd8\xff" + bytes(200_000)}).status == 201


def test_or_36_no_header_from_outside_moves_the_paths(address: str, behind: str, given: GivenPhone) -> None:
    for server in (address, behind):
        for name in ("SCRIPT_NAME", "PATH_INFO", "X-Script-Name", "X-Original-URL"):
            response = requests.get(f"{server}{given.path}/formList", headers={name: "/x"}, timeout=60)
            assert response.status_code == 200
            assert f"{server}{given.path}/forms/f01.xml" in response.text


def test_or_30_basic_works_behind_a_proxy_that_speaks_https_and_nowhere_else(behind: str) -> None:
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "khaosat.example.vn",
        "X-Forwarded-For": "1.2.3.4",
    }
    url = f"{behind}/formList"
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
    assert [line.split(" ")[0] for line in over_http.raw.headers.getlist("WWW-Authenticate")] == ["Digest"]
