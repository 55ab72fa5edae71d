"""Signing in by a provider of identities: who comes in, and everything that must not let anybody in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from collector.accounts.permissions import MANAGER, REVIEWER
from collector.accounts.provider import Client
from collector.accounts.provider import Provider as Outside
from collector.actions import users
from collector.actions.second_step import Gate
from collector.parts import KEY
from collector.problems import SettingUnusable
from collector.settings import Settings
from storage.database import db, transaction
from storage.models import Audit, User
from tests.collector.desk.reader import Page, Reader
from tests.collector.v1.shared import PASSWORD, account
from tests.office import Office
from tests.provider import CLIENT, SECRET, Provider, serving

START = "/signin/outside?next=/account"
Spoil = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """One provider for all; each test finds it as it was."""
    with serving() as made:
        yield made


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims, running.spoil, running.unsigned, running.more = {"sub": "so-24601"}, dict, False, {}
    running.asked.clear()
    return running


def with_provider(
    office: Office, provider: Provider, *, required: str = "none", claim: str = "sub"
) -> Outside:
    """Let the office ask that provider."""
    outside = Outside(Client(provider.address, CLIENT, SECRET, claim, "VNeID"))
    parts = office.parts
    made = replace(parts, provider=outside, gate=Gate(parts.vault, required))
    office.app.extensions[KEY] = made
    return outside


@pytest.fixture
def settled(kept_office: Office, provider: Provider) -> Iterator[Office]:
    """An office whose officer “canbo” is linked with the person at the provider."""
    before = kept_office.parts
    with_provider(kept_office, provider)
    with kept_office.app.app_context():
        known = db.session.query(User).filter_by(username="canbo").one_or_none()
    if known is None:
        number = account(kept_office, "canbo", REVIEWER)
        Reader(kept_office).send(f"/accounts/{number}/outside", {"value": "so-24601"})
    yield kept_office
    kept_office.app.extensions[KEY] = before


def journey(reader: Reader, provider: Provider, start: str = START) -> str:
    """Where the provider sends the browser back to."""
    left = reader.get(start)
    assert left.status_code == 303, left.text
    return provider.visit(left.headers["Location"])


def test_somebody_the_provider_knows_comes_in_by_his_link(settled: Office, provider: Provider) -> None:
    reader = Reader(settled, "")
    assert "Sign in with VNeID" in reader.page("/signin").main
    left = reader.get(START)
    assert urlsplit(left.headers["Location"])[:2] == urlsplit(provider.address)[:2]
    entered = reader.get(provider.visit(left.headers["Location"]))
    assert (entered.status_code, entered.headers["Location"]) == (303, "/account")
    assert "canbo" in reader.page("/account").main
    with settled.app.app_context():
        noted = db.session.query(Audit).filter_by(action="user.session.create").all()
    assert {"way": "provider"} in [one.details for one in noted]
    assert reader.post("/signout").status_code == 303
    assert reader.get("/account").status_code == 303


SPOILT: dict[str, Spoil] = {
    "another nonce": lambda said: said | {"nonce": "of another sign-in"},
    "no nonce": lambda said: {name: one for name, one in said.items() if name != "nonce"},
    "another issuer": lambda said: said | {"iss": "https://evil.example"},
    "for another server": lambda said: said | {"aud": "another", "azp": CLIENT},
    "run out": lambda said: said | {"exp": int(time.time()) - 3600},
    "of tomorrow": lambda said: said | {"iat": int(time.time()) + 86_400},
    "without the claim": lambda said: said | {"sub": ""},
}


@pytest.mark.parametrize("what", [*SPOILT, "unsigned"])
def test_a_token_that_is_not_as_it_has_to_be_opens_nothing(
    settled: Office, provider: Provider, what: str
) -> None:
    provider.spoil, provider.unsigned = SPOILT.get(what, dict), what == "unsigned"
    reader = Reader(settled, "")
    answer = reader.get(journey(reader, provider))
    assert answer.status_code == 502
    assert "cannot be trusted" in Page(answer).main
    assert reader.get("/account").status_code == 303


def test_a_token_signed_by_somebody_else_opens_nothing(settled: Office, provider: Provider) -> None:
    reader = Reader(settled, "")
    assert reader.get(journey(reader, provider)).status_code == 303
    published = provider.key
    provider.rotate(published.kid)
    forged, provider.key = provider.key, published
    mallory = Reader(settled, "")
    back = journey(mallory, provider)
    # The token is signed with one key, and the other is the one that is published.
    published_as, provider.token = provider.token, lambda nonce: _signed(provider, forged, nonce)  # type: ignore[method-assign]
    assert mallory.get(back).status_code == 502
    provider.token = published_as  # type: ignore[method-assign]


def _signed(provider: Provider, key: Any, nonce: str) -> str:
    honest, provider.key = provider.key, key
    try:
        return Provider.token(provider, nonce)
    finally:
        provider.key = honest


def test_the_provider_may_change_its_keys(
    settled: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(settled, "")
    assert reader.get(journey(reader, provider)).status_code == 303
    assert reader.get(journey(reader, provider)).status_code == 303
    # Its addresses and keys are asked for once.
    assert [provider.asked.count(one) for one in ("/jwks", "/.well-known/openid-configuration")] == [1, 1]
    monkeypatch.setattr("collector.accounts.provider._NEW_KEYS_EVERY", 0.0)
    provider.rotate()
    assert reader.get(journey(reader, provider)).headers["Location"] == "/account"


def test_an_answer_to_no_question_of_this_browser_opens_nothing(settled: Office, provider: Provider) -> None:
    begun = Reader(settled, "")
    back = journey(begun, provider)
    for other in (back, "/signin/outside/back", back.replace("state=", "state=x")):
        stranger = Reader(settled, "")
        stranger.get(START)
        answer = stranger.get(other)
        assert answer.status_code == 400
        assert "Begin it again" in Page(answer).main
    assert begun.get(back).status_code == 303
    begun.post("/signout")
    assert begun.get(back).status_code == 400
    refused = Reader(settled, "")
    state = journey(refused, provider).rpartition("state=")[2]
    answer = refused.get(f"/signin/outside/back?error=access_denied&state={state}")
    assert answer.status_code == 403
    assert "did not confirm" in Page(answer).main


def test_nobody_is_sent_to_another_server_afterwards(settled: Office, provider: Provider) -> None:
    reader = Reader(settled, "")
    back = journey(reader, provider, "/signin/outside?next=//evil.example/")
    assert reader.get(back).headers["Location"] == "/"


def test_whoever_no_open_account_is_linked_with_stays_out(settled: Office, provider: Provider) -> None:
    provider.claims = {"sub": "nobody-here", "email": "canbo", "preferred_username": "canbo"}
    reader = Reader(settled, "")
    answer = reader.get(journey(reader, provider))
    assert answer.status_code == 403
    assert "nobody-here" in Page(answer).main
    with settled.app.app_context():
        assert db.session.query(User).filter_by(username="nobody-here").count() == 0
    number = account(settled, "nghi.viec", REVIEWER)
    Reader(settled).send(f"/accounts/{number}/outside", {"value": "so-nghi"})
    with settled.app.app_context(), transaction() as session:
        users.disable(
            session, session.get_one(User, number), now=session.get_one(User, number).actor.created_at
        )
    provider.claims = {"sub": "so-nghi"}
    assert reader.get(journey(reader, provider)).status_code == 403


def test_an_address_that_nobody_verified_is_no_name(settled: Office, provider: Provider) -> None:
    with_provider(settled, provider, claim="email")
    provider.claims = {"sub": "x", "email": "so-24601", "email_verified": False}
    reader = Reader(settled, "")
    assert reader.get(journey(reader, provider)).status_code == 502


def test_a_provider_that_is_away_or_leads_elsewhere_is_told_on_the_page(
    settled: Office, provider: Provider
) -> None:
    provider.more = {"jwks_uri": "http://169.254.169.254/keys"}
    answer = Reader(settled, "").get(START)
    assert answer.status_code == 502
    assert Page(answer).find("//input[@name='password']")
    provider.more = {"issuer": "https://evil.example"}
    assert Reader(settled, "").get(START).status_code == 502
    with serving() as other:
        with_provider(settled, other)
    answer = Reader(settled, "").get(START)
    assert answer.status_code == 502
    assert "sign in with user name and password" in Page(answer).main


def test_an_officer_links_her_own_account_and_takes_the_link_away(
    settled: Office, provider: Provider
) -> None:
    account(settled, "lan", REVIEWER)
    lan = Reader(settled, "lan")
    provider.claims = {"sub": "so-lan"}
    asked = lan.page(journey(lan, provider, "/account/outside"))
    [ticket] = [str(one.get("value")) for one in asked.find("//input[@name='ticket']")]
    assert "so-lan" in asked.main
    # Nobody ties somebody else's account, nor without the password.
    assert (
        Reader(settled).post("/account/outside", {"ticket": ticket, "current": PASSWORD}).status_code == 400
    )
    lan.refused("/account/outside", {"ticket": ticket, "current": "guessed"})
    assert (
        "VNeID lets you in too" in lan.send("/account/outside", {"ticket": ticket, "current": PASSWORD}).main
    )
    fresh = Reader(settled, "")
    assert fresh.get(journey(fresh, provider)).headers["Location"] == "/account"
    other = account(settled, "minh", REVIEWER)
    taken = Reader(settled).post(f"/accounts/{other}/outside", {"value": "so-lan"})
    assert taken.status_code == 409
    lan.send("/account/outside/remove")
    assert Reader(settled, "").get(journey(Reader(settled, ""), provider)).status_code == 400
    with settled.app.app_context():
        noted = {one.action for one in db.session.query(Audit)}
    assert {"user.outside.create", "user.outside.delete"} <= noted


def test_where_two_factors_are_wanted_the_provider_has_to_have_asked_for_them(
    settled: Office, provider: Provider
) -> None:
    number = account(settled, "quanly", MANAGER)
    Reader(settled).send(f"/accounts/{number}/outside", {"value": "so-quanly"})
    with_provider(settled, provider, required="managers")
    provider.claims = {"sub": "so-quanly", "amr": ["pwd"]}
    reader = Reader(settled, "")
    assert reader.get(journey(reader, provider)).headers["Location"] == "/signin/setup"
    assert reader.get("/account").status_code == 303
    provider.claims = {"sub": "so-quanly", "amr": ["pwd", "otp", "mfa"]}
    assert reader.get(journey(reader, provider)).headers["Location"] == "/account"


GOOD = {
    "COLLECTOR_OIDC_ISSUER": "https://sso.tinh.gov.vn",
    "COLLECTOR_OIDC_CLIENT_ID": "collector",
    "COLLECTOR_OIDC_CLIENT_SECRET": "x",
    "COLLECTOR_PUBLIC_URL": "https://khaosat.tinh.gov.vn",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLLECTOR_OIDC_ISSUER", "http://sso.tinh.gov.vn"),
        ("COLLECTOR_OIDC_ISSUER", "sso.tinh.gov.vn"),
        ("COLLECTOR_OIDC_CLIENT_ID", ""),
        ("COLLECTOR_OIDC_CLIENT_SECRET", ""),
        ("COLLECTOR_OIDC_CLAIM", "họ tên"),
        ("COLLECTOR_PUBLIC_URL", ""),
        ("COLLECTOR_TOTP_REQUIRED", "everybody"),
    ],
)
def test_a_provider_that_cannot_work_is_named_before_anything_starts(name: str, value: str) -> None:
    assert Settings.from_environment(GOOD).oidc_claim == "sub"
    with pytest.raises(SettingUnusable, match=name):
        Settings.from_environment({**GOOD, name: value})
