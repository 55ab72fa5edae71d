"""What guards the desk: a strict policy, a token in each form, cookies, and answers nobody else keeps."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from collector.accounts.authentication import COOKIE
from collector.accounts.devices import COOKIE as DEVICE
from collector.desk import assets, forgery
from tests.collector.desk.reader import Page, Reader
from tests.office import ADMIN, ADMIN_PASSWORD, Office

CARRIED_AWAY = frozenset({"person_file.html"})
"""Read from a folder years later, with no server beside it: no policy comes with it, and no sheet either."""
TEMPLATES = sorted(
    path
    for path in (Path(assets.__file__).parent / "templates").rglob("*.*")
    if path.name not in CARRIED_AWAY
)
RIGHT = {"username": ADMIN, "password": ADMIN_PASSWORD}
FETCHED = frozenset({"script", "link", "img", "source", "iframe", "use", "image"})
GZIP = {"Accept-Encoding": "gzip, br"}


# What is written into pages -----------------------------------------------------------------------


class Inline(HTMLParser):
    """What a strict policy would not run, found in a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element as it opens."""
        names = {name for name, _ in attrs}
        inside = tag == "style" or (tag == "script" and "src" not in names)
        foreign = [value for _, value in attrs if value and re.match(r"\s*(?:javascript:|https?:|//)", value)]
        if inside or "style" in names or any(name.startswith("on") for name in names):
            self.found.append(self.get_starttag_text() or tag)
        elif foreign and (tag in FETCHED or any("javascript:" in value for value in foreign)):
            self.found.append(f"{tag}: {foreign}")


def inline(text: str) -> list[str]:
    parser = Inline()
    parser.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", text, flags=re.DOTALL))
    return parser.found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    assert inline(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<style>b{}</style>",
        '<p {% if a %}class="b"{% endif %} style="color:red">',
        '<a href="javascript:void 0">',
        "<button onclick=go()>",
        '<img src="https://elsewhere.example/x.png">',
    ],
)
def test_what_the_policy_forbids_would_be_found(text: str) -> None:
    assert len(inline(text)) == 1


def test_no_script_writes_markup_or_runs_text() -> None:
    script = assets.bundles()["desk.js"].data.decode()
    assert (
        re.findall(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function)\b", script)
        == []
    )


# Headers -------------------------------------------------------------------------------------------


def test_a_page_runs_nothing_that_is_not_ours_and_is_framed_by_nobody(screen_office: Office) -> None:
    for path in ("/signin", "/", "/nothing-here"):
        headers = Reader(screen_office).get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["base-uri"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Permissions-Policy"].startswith("camera=(self)")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_nobody_else_keeps_a_page_and_everybody_keeps_the_sheet(screen_office: Office) -> None:
    reader = Reader(screen_office)
    for path in ("/", "/account", "/findings", "/signin", "/no-such-page-of/surveys"):
        assert reader.get(path).headers.get("Cache-Control", "no-store") == "no-store", path
    for address in assets.addresses().values():
        assert reader.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def cookies(response: TestResponse) -> dict[str, set[str]]:
    """What is said of each cookie that is set."""
    lines = [line.split("; ") for line in response.headers.getlist("Set-Cookie")]
    return {first.partition("=")[0]: {re.sub("=.*", "", one) for one in rest} for first, *rest in lines}


def test_cookies_are_for_this_server_and_over_https_for_https_only(screen_office: Office) -> None:
    for base, secure in (("http://localhost", False), ("https://localhost", True)):
        client = screen_office.client()
        asked = client.get("/signin", base_url=base)
        fields = {**RIGHT, "csrf_token": token_of(asked)}
        entered = client.post("/signin", data=fields, base_url=base, headers={"Referer": base})
        said = {**cookies(asked), **cookies(entered)}
        assert set(said) == {"session", COOKIE, DEVICE}
        for flags in said.values():
            assert flags >= {"HttpOnly", "SameSite", "Path"}
            assert ("Secure" in flags) == secure


# Tokens of forms -----------------------------------------------------------------------------------


def token_of(response: TestResponse) -> str:
    [*fields] = Page(response).find("//input[@name='csrf_token']")
    assert len({field.get("value") for field in fields}) == 1
    return str(fields[0].get("value"))


def test_nothing_that_changes_something_is_taken_from_another_site(screen_office: Office) -> None:
    reader = Reader(screen_office)
    rules = [
        rule
        for rule in screen_office.app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.")
        and "POST" in (rule.methods or ())
        and not rule.rule.startswith("/projects/")  # those of the first project lead to the short ones
    ]
    assert len(rules) > 70
    taken = []
    for rule in rules:
        values = {name: 1 if name in {"project_id", "number"} else "x" for name in rule.arguments}
        _, path = rule.build(values | dict(rule.defaults or {})) or ("", "")
        taken += [
            (rule.endpoint, said)
            for said in ("", forgery.masked("forged"))
            if reader.client.post(path, data={"csrf_token": said}).status_code != 400
        ]
    assert taken == []
    assert reader.get("/").status_code == 200, "still signed in"


def test_a_token_looks_different_on_every_page_and_is_no_one_elses(screen_office: Office) -> None:
    reader, other = Reader(screen_office), Reader(screen_office)
    first, second = token_of(reader.get("/account")), token_of(reader.get("/account"))
    assert first != second
    assert forgery.unmasked(first) == forgery.unmasked(second) != ""
    theirs = token_of(other.get("/account"))
    language = {"language": "en", "next": "/account"}
    for token, status in ((first, 303), (second, 303), (theirs, 400), (forgery.unmasked(first), 400)):
        response = reader.client.post("/language", data={**language, "csrf_token": token})
        assert response.status_code == status


@pytest.mark.parametrize("said", ["", "x", "é", "AAAA", "====", "A" * 5000])
def test_what_is_no_token_is_none(said: str) -> None:
    assert forgery.unmasked(said) in {"", *("\0" * length for length in range(1, 3000))}


# Sessions ------------------------------------------------------------------------------------------


def test_signing_in_begins_a_new_session_whatever_the_browser_brought(screen_office: Office) -> None:
    planted = screen_office.session_token()
    client = screen_office.client()
    client.set_cookie(COOKIE, "chosen-by-somebody-else")
    before = token_of(client.get("/signin"))
    old_form = client.get_cookie("session")
    entered = client.post("/signin", data={**RIGHT, "csrf_token": before})
    assert entered.status_code == 303
    now = client.get_cookie(COOKIE)
    assert now is not None
    assert now.value not in {"chosen-by-somebody-else", planted}
    # Nor does what the form before was guarded by outlive it.
    assert client.get_cookie("session") is None or client.get_cookie("session") != old_form
    assert client.post("/language", data={"csrf_token": before}).status_code == 400
    again = Reader(screen_office, "")
    again.client.set_cookie(COOKIE, planted)
    token = again.secret
    assert again.client.post("/signin", data={**RIGHT, "csrf_token": token}).status_code == 303
    held = again.client.get_cookie(COOKIE)
    assert held is not None
    assert held.value != planted


def test_a_cookie_from_before_signing_out_opens_nothing(screen_office: Office) -> None:
    reader = Reader(screen_office)
    kept = {name: reader.client.get_cookie(name) for name in (COOKIE, "session")}
    assert reader.post("/signout").status_code == 303
    for name, cookie in kept.items():
        if cookie is not None:
            reader.client.set_cookie(name, cookie.value)
    assert reader.get("/account").headers["Location"].startswith("/signin")


# How pages are packed ------------------------------------------------------------------------------


def test_a_page_leaves_gzipped_once_for_whoever_takes_it(screen_office: Office) -> None:
    reader = Reader(screen_office)
    plain = reader.get("/account", headers={"Accept-Encoding": "identity"})
    packed = reader.get("/account", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    again = gzip.decompress(packed.data).decode()
    assert again.startswith("<!doctype html>")
    for name, address in assets.addresses().items():
        data = gzip.decompress(reader.get(address, headers=GZIP).data)
        assert data == assets.bundles()[name].data, "packed once, not twice"


def test_the_length_of_a_packed_page_varies_by_chance(screen_office: Office) -> None:
    reader = Reader(screen_office)
    lengths = {len(reader.get("/account", headers=GZIP).data) for _ in range(12)}
    assert len(lengths) > 3
