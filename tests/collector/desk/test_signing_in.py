"""In and out by the sign-in page."""

from __future__ import annotations

import pytest

from collector.accounts.authentication import COOKIE
from collector.actions.attempts import MOST_FAILURES
from collector.desk.page import local_target
from storage.database import db
from storage.models import LoginSession
from tests.collector.desk.reader import Page, Reader
from tests.office import ADMIN, ADMIN_PASSWORD, Office

RIGHT = {"username": ADMIN, "password": ADMIN_PASSWORD}


def test_a_page_asks_who_is_reading_and_comes_back(office: Office) -> None:
    reader = Reader(office, "")
    response = reader.get("/phones?x=1")
    assert response.status_code == 303
    assert response.headers["Location"] == "/signin?next=%2Fphones%3Fx%3D1"
    asked = reader.page(response.headers["Location"])
    [target] = asked.find("//main//input[@name='next']")
    entered = reader.post("/signin", {**RIGHT, "next": str(target.get("value"))})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/phones?x=1")
    assert reader.page("/phones").texts("//h1") == ["Phones"]
    assert reader.get("/signin").status_code == 303


def test_the_cookie_is_for_this_server_only(office: Office) -> None:
    entered = Reader(office, "").post("/signin", RIGHT)
    [cookie] = [line for line in entered.headers.getlist("Set-Cookie") if line.startswith(f"{COOKIE}=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    secure = Reader(office, "").post("/signin", RIGHT, base_url="https://localhost")
    assert secure.status_code == 303
    assert any(
        line.startswith(f"{COOKIE}=") and "Secure" in line for line in secure.headers.getlist("Set-Cookie")
    )


def test_a_wrong_password_says_so_and_a_guesser_waits(office: Office) -> None:
    reader = Reader(office, "")
    wrong = reader.refused("/signin", {**RIGHT, "password": "x"}, status=401)
    assert "the user name or the password is wrong" in wrong.main
    assert [field.get("value") for field in wrong.find("//input[@name='username']")] == [ADMIN]
    for _ in range(MOST_FAILURES - 1):
        reader.post("/signin", {**RIGHT, "password": "x"})
    assert "Wait 15 minutes" in reader.refused("/signin", RIGHT, status=429).main


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    reader = Reader(office)
    before = reader.client.get_cookie(COOKIE)
    assert before is not None
    assert reader.post("/signout").headers["Location"] == "/signin"
    with office.app.app_context():
        assert db.session.query(LoginSession).count() == 0
    reader.client.set_cookie(COOKIE, before.value)
    assert reader.get("/").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\tevil",
        "/\n/evil.example",
        "javascript:alert(1)",
        "phones",
        "",
    ],
)
def test_only_a_path_of_this_server_is_a_target(target: str) -> None:
    assert local_target(target) == "/"


def test_nobody_is_sent_elsewhere(office: Office) -> None:
    away = {"next": "//evil.example/"}
    assert Reader(office, "").post("/signin", RIGHT | away).headers["Location"] == "/"
    reader = Reader(office)
    assert reader.get("/signin", query_string=away).headers["Location"] == "/"
    assert reader.post("/language", {"language": "vi", **away}).headers["Location"] == "/"


def test_the_language_is_kept(office: Office) -> None:
    reader = Reader(office, "", language="vi")
    assert reader.page("/signin").texts("//h1") == ["Đăng nhập"]
    reader.post("/language", {"language": "en", "next": "/signin"})
    english = reader.page("/signin")
    assert english.texts("//h1") == ["Sign in"]
    assert [page.get("lang") for page in english.find("/html")] == ["en"]
    reader.post("/language", {"language": "tlh", "next": "/signin"})
    assert reader.page("/signin").texts("//h1") == ["Sign in"]


def test_a_new_password_signs_other_devices_out(office: Office) -> None:
    reader, elsewhere = Reader(office), Reader(office)
    fresh = {"current": ADMIN_PASSWORD, "fresh": "mot mat khau moi", "again": "mot mat khau moi"}
    assert "not right" in reader.refused("/account/password", fresh | {"current": "x"}).main
    assert "differ" in reader.refused("/account/password", fresh | {"again": "x"}).main
    short = {"fresh": "x", "again": "x"}
    assert "at least 10 characters" in reader.refused("/account/password", fresh | short).main
    assert "The password is changed" in reader.send("/account/password", fresh).main
    assert elsewhere.get("/").status_code == 303
    assert Reader(office, "").post("/signin", RIGHT).status_code == 401


def test_the_collect_password_is_shown_once(office: Office) -> None:
    reader = Reader(office)
    shown = Page(reader.post("/account/collect-password"))
    [password] = shown.texts("//*[@class='secret']")
    assert len(password) == 12
    assert shown.headers["Cache-Control"] == "no-store"
    assert password not in reader.page("/account").source
