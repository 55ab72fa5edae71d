"""The same resources for programs, under `/v1/projects`; and addresses nobody should ask at."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from collector.accounts.permissions import DATA_COLLECTOR, VIEWER
from tests.collector.openrosa.sheets import with_files
from tests.office import Office
from tests.phone_documents import read_message

OPENROSA = {"X-OpenRosa-Version": "1.0"}


@dataclass(frozen=True)
class Doors:
    """An office with a form, a draft and a phone: the ways in."""

    office: Office
    paths: tuple[str, ...]
    draft_token: str
    admin: dict[str, str]


@pytest.fixture(scope="module")
def doors(kept_office: Office) -> Doors:
    """Every way in."""
    kept_office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    draft = kept_office.draft(with_files("f02"), filename="f.xml")
    admin = {"Authorization": f"Bearer {kept_office.session_token()}"} | OPENROSA
    made_up = ("/v1/key/%00/projects/1", "/v1/test/%00/projects/1")
    paths = (kept_office.phone().path, "/v1/projects/1", "/projects/1", "", *made_up)
    return Doors(kept_office, paths, kept_office.draft_token(draft), admin)


def test_under_a_session_openrosa_asks_for_its_header_and_hides_behind_401(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    client = office.client()
    may = {"Authorization": f"Bearer {office.session_token('lan', DATA_COLLECTOR)}"}
    may_not = {"Authorization": f"Bearer {office.session_token('minh', VIEWER)}"}
    lists = ("/v1/projects/1/formList", "/v1/projects/1/submission", "/v1/projects/1/forms/f01/manifest")
    for path in lists:
        for who, header, status in (
            (may, {}, 400),
            (may, OPENROSA, 204 if "submission" in path else 200),
            (may_not, OPENROSA, 401),
            ({}, OPENROSA, 401),
            ({"Authorization": "Bearer made-up"}, OPENROSA, 401),
        ):
            response = client.get(path, headers=who | header)
            assert (path, response.status_code) == (path, status)
            assert "WWW-Authenticate" not in response.headers
            if status >= 400:
                assert read_message(response.data)


def test_under_a_session_programs_fetch_forms_and_files_without_the_header(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    client = office.client()
    for path in ("/v1/projects/1/forms/f01.xml", "/v1/projects/1/forms/f01/attachments/xa.csv"):
        for role, name in ((DATA_COLLECTOR, "lan"), (VIEWER, "minh")):
            who = {"Authorization": f"Bearer {office.session_token(name + path[-3:], role)}"}
            assert client.get(path, headers=who, buffered=True).status_code == 200
        nobody = client.get(path)
        assert nobody.status_code == 401
        assert nobody.get_json()["code"] == 401.2
    admin = {"Authorization": f"Bearer {office.session_token()}"}
    assert client.get("/v1/projects/1/forms/khac.xml", headers=admin).get_json()["code"] == 404.1


@pytest.mark.parametrize(
    "path",
    [
        "/formList?formID=%00",
        "/formList?formID=%FF%FE",
        "/formList?formID=" + "x" * 5000,
        "/forms/%00.xml",
        "/forms/%FF.xml",
        "/forms/%1F.xml",
        "/forms/a%00b/manifest",
        "/forms/f01/versions/%00.xml",
        "/forms/f01/versions/" + "9" * 400 + ".xml",
        "/forms/f01/attachments/%00",
        "/forms/..%2F..%2Fetc/manifest",
        "/forms//manifest",
        "/forms/%ud800.xml",
    ],
)
def test_no_address_makes_the_server_stumble(doors: Doors, path: str) -> None:
    client = doors.office.client()
    for door in doors.paths:
        assert client.get(f"{door}{path}", headers=doors.admin).status_code < 500
    for form_id in ("%00", "f02%00", "x"):
        address = f"/v1/test/{doors.draft_token}/projects/1/forms/{form_id}/draft/formList"
        assert client.get(address).status_code == 404
    for project in ("99999999999999999999", "2147483648", "0"):
        address = f"/v1/projects/{project}{path}"
        assert client.get(address, headers=doors.admin).status_code in {400, 404}
