"""People and phones come, forget their passwords, lose their phones, and go."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import func, select

from collector.accounts.permissions import MANAGER, VIEWER
from collector.accounts.secrets import TOKEN_LETTERS, fingerprint
from collector.actions.accounts import (
    NewPhone,
    check_password,
    create_app_user,
    create_user,
    renew_collect_password,
    set_password,
    sign_in,
    sign_out,
)
from collector.clock import moment
from storage.database import db, transaction
from storage.models import AppUser, Assignment, LoginSession, User
from storage.problems import (
    CredentialNotAscii,
    NotSignedIn,
    PasswordTooShort,
    UsernameTaken,
    UserNotFound,
)
from storage.queries import actors
from tests.collector.openrosa.sheets import sheet
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office
from tests.quick import SERVERS_HASHER

PASSWORD, OTHER = "cay lua xanh", "con trau den"


@pytest.fixture(autouse=True)
def _inside(office: Office) -> object:
    with office.app.app_context():
        yield


def lan() -> User:
    """Lan's account, read again."""
    found = actors.user_by_name(db.session(), "lan")
    assert found is not None
    return found


def make_lan() -> None:
    """Lan gets an account."""
    with transaction() as session:
        create_user(session, " Lan ", PASSWORD, display_name="Hoàng Thị Lan", now=NOW)


def may_enter(username: str, password: str) -> bool:
    """Whether that name and password are an account's."""
    try:
        check_password(db.session(), username, password)
    except NotSignedIn:
        return False
    return True


def test_lan_gets_an_account_and_is_known_however_she_writes_her_name() -> None:
    make_lan()
    assert lan().username == "lan"
    assert lan().actor.display_name == "Hoàng Thị Lan"
    assert lan().password_hash.startswith("$argon2id$")
    assert may_enter("lan", PASSWORD)
    assert may_enter("LAN ", PASSWORD)
    assert not may_enter("lan", PASSWORD.upper())
    assert not may_enter("lan", "")
    assert not may_enter("", PASSWORD)
    assert not may_enter("minh", PASSWORD)


def test_outside_of_tests_a_guess_at_a_password_costs_64_mb() -> None:
    assert extract_parameters(SERVERS_HASHER.hash(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_there_is_one_lan() -> None:
    make_lan()
    for name in ("lan", "LAN", "  Lan"):
        with pytest.raises(UsernameTaken), transaction() as session:
            create_user(session, name, OTHER, now=NOW)
    assert may_enter("lan", PASSWORD)


def test_without_a_display_name_the_name_stands_for_itself() -> None:
    with transaction() as session:
        create_user(session, "Minh", PASSWORD, now=NOW)
    found = actors.user_by_name(db.session(), "minh")
    assert found is not None
    assert found.actor.display_name == "Minh"


UNSAFE: tuple[tuple[str, str, type[Exception]], ...] = (
    ("minh", "ngan", PasswordTooShort),
    ("minh", "", PasswordTooShort),
    ("minh", "mật khẩu dài", CredentialNotAscii),
    ("minh", " " * 12, CredentialNotAscii),
    ("nguyễn minh", PASSWORD, CredentialNotAscii),
    ("", PASSWORD, CredentialNotAscii),
    (" \t", PASSWORD, CredentialNotAscii),
    ("mi\0nh", PASSWORD, CredentialNotAscii),
    ("mi:nh", PASSWORD, CredentialNotAscii),
    ('mi"nh', PASSWORD, CredentialNotAscii),
    ("mi\\nh", PASSWORD, CredentialNotAscii),
)


def test_an_account_nobody_could_use_safely_is_not_made() -> None:
    before = db.session().scalar(select(func.count()).select_from(User))
    for username, password, problem in UNSAFE:
        with pytest.raises(problem), transaction() as session:
            create_user(session, username, password, now=NOW)
    assert db.session().scalar(select(func.count()).select_from(User)) == before


def test_a_new_password_ends_what_the_old_one_opened() -> None:
    make_lan()
    with transaction() as session:
        token = sign_in(session, lan(), now=NOW).token
    assert actors.session_by_token(db.session(), fingerprint(token), NOW)
    with transaction() as session:
        set_password(session, "Lan", OTHER, now=NOW)
    assert actors.session_by_token(db.session(), fingerprint(token), NOW) is None
    assert may_enter("lan", OTHER)
    assert not may_enter("lan", PASSWORD)
    with pytest.raises(PasswordTooShort), transaction() as session:
        set_password(session, "lan", "ngan", now=NOW)
    with pytest.raises(UserNotFound), transaction() as session:
        set_password(session, "minh", OTHER, now=NOW)
    assert may_enter("lan", OTHER)


def test_a_session_lasts_a_day_and_only_its_owner_has_the_token() -> None:
    make_lan()
    with transaction() as session:
        signed = sign_in(session, lan(), now=NOW)
    assert (signed.created_at, signed.expires_at) == (NOW, NOW + timedelta(hours=24))
    assert {*signed.token} <= {*TOKEN_LETTERS}
    assert len(signed.token) == 64
    row = db.session().scalars(select(LoginSession)).one()
    assert signed.token not in {row.token_hash, row.csrf}
    name = fingerprint(signed.token)
    assert actors.session_by_token(db.session(), name, NOW + timedelta(hours=23, minutes=59))
    assert actors.session_by_token(db.session(), name, NOW + timedelta(hours=24)) is None
    assert lan().last_login_at == NOW


def test_a_session_tells_who_signed_in_and_every_role_she_holds_at_that_moment() -> None:
    make_lan()
    number = lan().actor_id
    with transaction() as session:
        token = fingerprint(sign_in(session, lan(), now=NOW).token)
    found = actors.session_by_token(db.session(), token, NOW)
    assert found is not None
    assert (found.actor_id, found.name, found.roles) == (number, "Hoàng Thị Lan", ())
    with transaction() as session:
        session.add(Assignment(actor_id=number, role=MANAGER, project_id=1))
        session.add(Assignment(actor_id=number, role=VIEWER, place_code="15"))
    found = actors.session_by_token(db.session(), token, NOW)
    assert found is not None
    assert {*found.roles} == {(MANAGER, 1, None, None), (VIEWER, None, None, "15")}


def test_signing_out_ends_one_session_and_may_be_done_twice() -> None:
    make_lan()
    with transaction() as session:
        here, there = sign_in(session, lan(), now=NOW), sign_in(session, lan(), now=NOW)
    for _ in range(2):
        with transaction() as session:
            sign_out(session, here.token)
    assert actors.session_by_token(db.session(), fingerprint(here.token), NOW) is None
    assert actors.session_by_token(db.session(), fingerprint(there.token), NOW)


def test_sessions_that_ran_out_are_forgotten_at_the_next_sign_in() -> None:
    make_lan()
    with transaction() as session:
        sign_in(session, lan(), now=NOW)
    with transaction() as session:
        sign_in(session, lan(), now=NOW + timedelta(hours=25))
    assert db.session().scalar(select(func.count()).select_from(LoginSession)) == 1


def test_the_collect_password_is_another_one_and_kept_sealed(office: Office) -> None:
    make_lan()
    with transaction() as session:
        password = renew_collect_password(session, lan(), office.parts.vault)
    assert password.isascii()
    assert len(password) == 12
    assert not may_enter("lan", password)
    assert may_enter("lan", PASSWORD)
    ha1 = office.parts.authentication.ha1_of(lan())
    sealed = lan().collect_ha1
    assert ha1 is not None
    assert sealed is not None
    assert ha1.encode() not in sealed
    assert password.encode() not in sealed


def test_a_remembered_sign_in_password_ends_with_its_change(office: Office) -> None:
    identify = partial(office.parts.authentication._by_password, at_phone_door=False)
    for _ in range(2):
        assert identify(db.session(), ADMIN, ADMIN_PASSWORD, moment()).username == ADMIN
    with transaction() as session:
        set_password(session, ADMIN, OTHER, now=NOW)
    with pytest.raises(NotSignedIn):
        identify(db.session(), ADMIN, ADMIN_PASSWORD, moment())
    assert identify(db.session(), ADMIN, OTHER, moment()).username == ADMIN


def test_an_account_that_was_removed_opens_nothing() -> None:
    make_lan()
    with transaction() as session:
        token = sign_in(session, lan(), now=NOW).token
        lan().actor.deleted_at = NOW
    assert not may_enter("lan", PASSWORD)
    assert actors.session_by_token(db.session(), fingerprint(token), NOW) is None


def test_a_phones_token_is_found_by_hash_and_shown_again_from_its_seal(office: Office) -> None:
    with transaction() as session:
        made, token = create_app_user(session, NewPhone(1, "Máy của Páo"), office.parts.vault, now=NOW)
        number = made.actor_id
    kept = db.session().get_one(AppUser, number)
    assert kept.actor.display_name == "Máy của Páo"
    assert kept.actor.type == "field_key"
    assert kept.all_forms
    assert kept.token_hash == fingerprint(token)
    assert kept.token_sealed is not None
    assert token.encode() not in kept.token_sealed
    assert office.parts.vault.open(kept.token_sealed) == token
    assert len(token) == 64
    assert {*token} <= {*TOKEN_LETTERS}


def test_a_phone_for_some_forms_is_assigned_to_those(office: Office) -> None:
    first, _second = office.publish(sheet("f01")), office.publish(sheet("f02"))
    with transaction() as session:
        some, _ = create_app_user(session, NewPhone(1, "A", (first.id,)), office.parts.vault, now=NOW)
        none, _ = create_app_user(session, NewPhone(1, "B", ()), office.parts.vault, now=NOW)
        numbers = some.actor_id, none.actor_id
    assert [actors.form_ids_of(db.session(), number) for number in numbers] == [{first.id}, frozenset()]
    assert not any(db.session().get_one(AppUser, number).all_forms for number in numbers)
