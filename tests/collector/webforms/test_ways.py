"""Ways in: a session, a token, a village's code with its PIN; and the page that is the same for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from collector.actions import village_entry
from collector.webforms import shell
from storage.database import db, transaction
from storage.models import Audit
from tests.collector.webforms.browser import (
    PIN,
    Browser,
    house,
    signed_in,
    told,
    village,
    with_link,
    with_phone,
)
from tests.office import Office
from tests.tree import plant


@pytest.fixture
def mapped(office: Office) -> Office:
    """A server that knows the places."""
    with office.app.app_context(), transaction() as session:
        plant(session)
    return office


def test_whoever_signed_in_is_told_who_he_is_and_others_that_they_are_nobody(office: Office) -> None:
    browser = signed_in(office)
    found = browser.client.get("/w/me")
    assert (told(found)["name"], told(found)["projects"]) == ("thon", [{"id": 1, "name": "Khảo sát"}])
    assert found.headers["Cache-Control"] == "no-store"
    nobody = office.client().get("/w/me")
    assert (nobody.status_code, nobody.is_json) == (401, True)


def test_a_token_says_what_it_opens(office: Office) -> None:
    form = office.publish(house())
    phone, link = with_phone(office), with_link(office, form, once=True)
    said = told(phone.client.get(f"/w/{phone.way}"))
    assert (said["kind"], said["project"]["id"], said["form"], said["once"]) == ("phone", 1, None, False)
    said = told(link.client.get(f"/w/{link.way}"))
    assert (said["kind"], said["form"], said["once"]) == ("link", "house", True)
    assert office.client().get(f"/w/key/{'x' * 64}").status_code == 403


def test_a_link_to_a_closed_form_says_so(office: Office) -> None:
    form = office.publish(house())
    link = with_link(office, form)
    office.set_state(form, "closed")
    answer = link.client.get(f"/w/{link.way}")
    assert answer.status_code == 403
    assert "“Hộ”" in told(answer)["message"]


def test_the_code_and_pin_of_a_village_open_its_access(mapped: Office) -> None:
    given = village(mapped)
    for typed in ("abc234", "ABC-234"):
        said = told(mapped.client().post(f"/w/v/{typed}", json={"pin": f"{PIN[:3]} {PIN[3:]}"}))
        assert (said["token"], said["project_id"]) == (given.token, 1)
        assert said["place"]["name"] == "Thôn Lô Lô Chải"
    with mapped.app.app_context():
        noted = db.session.scalars(select(Audit.actor_id).where(Audit.action == "field_key.session.create"))
        assert list(noted) == [given.actor_id] * 2


@pytest.mark.parametrize("said", [{"pin": "000000"}, {"pin": 204816}, {}, [], {"pin": PIN + "0"}])
def test_a_wrong_pin_opens_nothing_and_says_what_helps(mapped: Office, said: object) -> None:
    village(mapped)
    answer = mapped.client().post("/w/v/abc234", json=said)
    assert answer.status_code == 403
    assert told(answer)["message"]
    unknown = mapped.client().post("/w/v/zzz999", json=said)
    assert (unknown.status_code, told(unknown)) == (403, told(answer))


def test_who_guesses_has_to_wait_and_the_village_still_gets_in(
    mapped: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(village_entry, "MOST_OF_LINE", 2)
    village(mapped)
    client = mapped.client()
    guesser, home = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "198.51.100.7"}
    tried = [client.post("/w/v/abc234", json={"pin": "111111"}, environ_base=guesser) for _ in range(3)]
    assert [one.status_code for one in tried] == [403, 403, 429]
    assert client.post("/w/v/abc234", json={"pin": PIN}, environ_base=guesser).status_code == 429
    assert client.post("/w/v/abc234", json={"pin": PIN}, environ_base=home).status_code == 200


def test_a_withdrawn_village_is_not_entered(mapped: Office) -> None:
    given = village(mapped)
    mapped.revoke(given)
    assert mapped.client().post("/w/v/abc234", json={"pin": PIN}).status_code == 403
    assert Browser(mapped, f"key/{given.token}").get("shelf").status_code == 403


# The page ---------------------------------------------------------------------------------------------


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end, as its build writes it."""
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "icons").mkdir()
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (folder / "sw.js").write_text("self", encoding="utf-8")
    (folder / "app.webmanifest").write_text("{}", encoding="utf-8")
    (folder / "assets" / "app-1234.js").write_text("plain", encoding="utf-8")
    (folder / "assets" / "app-1234.js.br").write_bytes(b"brotli")
    (folder / "assets" / "app-1234.js.gz").write_bytes(b"gzip")
    monkeypatch.setattr(shell, "BUILT", folder)
    return folder


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["", "l/" + "x" * 64, "v/abc234", "forms/house", "drafts"])
def test_every_address_of_the_app_is_the_same_page(office: Office, path: str) -> None:
    answer = office.client().get(f"/w/{path}")
    assert (answer.status_code, answer.text) == (200, "<!doctype html>")
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("built")
def test_parts_of_the_page_come_packed_and_stay(office: Office) -> None:
    client = office.client()
    for takes, data in (("br, gzip", b"brotli"), ("gzip", b"gzip"), ("identity", b"plain")):
        answer = client.get("/w/assets/app-1234.js", headers={"Accept-Encoding": takes})
        assert answer.data == data
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith("text/javascript")
    tag = client.get("/w/assets/app-1234.js").headers["ETag"]
    assert client.get("/w/assets/app-1234.js", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/w/sw.js").headers["Service-Worker-Allowed"] == "/w/"
    assert client.get("/w/app.webmanifest").headers["Content-Type"] == "application/manifest+json"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path", ["assets/none.js", "icons/none.png", "assets/..%2findex.html", "me/none", "key/a/b/c"]
)
def test_what_is_not_there_is_no_page(office: Office, path: str) -> None:
    answer = office.client().get(f"/w/{path}")
    assert (answer.status_code, answer.is_json) == (404, True)


def test_a_server_without_a_front_end_says_how_to_build_one(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "BUILT", tmp_path)
    answer = office.client().get("/w/")
    assert answer.status_code == 404
    assert "make web" in answer.text
