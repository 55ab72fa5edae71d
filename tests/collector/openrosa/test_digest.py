"""A Collect set up by hand, with a name and a password: OR-28 … OR-34."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from itsdangerous import TimestampSigner
from werkzeug.http import parse_dict_header
from werkzeug.test import TestResponse

from collector.actions.accounts import create_user, set_password
from collector.openrosa.digest import LIFETIME
from storage.database import transaction
from storage.problems import CredentialNotAscii
from tests.collector.openrosa.sheets import answer, sheet
from tests.collector.openrosa.witness import Witness
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office
from tests.phone import Phone, SendFailed, in_process

LIST = "/formList?deviceID=collect%3AkT3vB9xQ2mLw7RzA"
HTTPS = "https://survey.example"


def md5(text: str) -> str:
    """Hex."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def challenges(response: TestResponse) -> list[str]:
    """The WWW-Authenticate lines of a refusal, as sent."""
    assert response.status_code == 401
    return response.headers.getlist("WWW-Authenticate")


def nonce_of(office: Office) -> str:
    """A nonce the server gave out."""
    line = challenges(office.client().get(LIST))[0]
    return parse_dict_header(line.removeprefix("Digest "))["nonce"] or ""


class Signing:
    """Digest by hand: signs what it is told to, right or wrong."""

    def __init__(self, office: Office, *, username: str = ADMIN, password: str | None = None) -> None:
        self.office = office
        self.username = username
        self.password = office.collect_password() if password is None else password
        self.nonce = nonce_of(office)

    def header(self, uri: str = LIST, *, method: str = "GET", nc: str = "00000001", **other: str) -> str:
        """An Authorization header; `other` replaces or adds fields."""
        ha1 = md5(f"{self.username}:Collector:{self.password}")
        proof = md5(f"{ha1}:{self.nonce}:{nc}:abcdef:auth:{md5(f'{method}:{uri}')}")
        fields = {
            "username": self.username,
            "realm": "Collector",
            "nonce": self.nonce,
            "uri": uri,
            "response": proof,
            "cnonce": "abcdef",
            "algorithm": "MD5",
        } | other
        return f"Digest qop=auth, nc={nc}, " + ", ".join(f'{name}="{said}"' for name, said in fields.items())

    def get(self, uri: str = LIST, header: str | None = None) -> TestResponse:
        """Ask."""
        said = self.header(uri) if header is None else header
        return self.office.client().get(uri, headers={"Authorization": said})


def test_or_28_one_challenge_is_enough_for_a_morning_of_work(office: Office) -> None:
    office.publish(sheet())
    witness = Witness(office.app.wsgi_app)
    password = office.collect_password()
    phone = Phone("http://survey.example", username=ADMIN, password=password, session=in_process(witness))
    assert [*phone.sync()] == ["f01"]
    for number in range(1, 21):
        assert phone.send(answer(number=number)).status == 201
    for _ in range(10):
        phone.sync()
    # Over fifty requests with one nonce and a growing count, after one refusal.
    assert len(witness.seen) > 51
    assert [seen.status for seen in witness.seen].count(401) == 1


def test_or_28_the_count_may_repeat_and_come_out_of_order(office: Office) -> None:
    office.publish(sheet())
    signing = Signing(office)
    for nc in ("00000001", "00000032", "00000003", "00000002", "00000002", "0000ffff", "00000004"):
        assert signing.get(header=signing.header(nc=nc)).status_code == 200


def test_or_28_the_challenge_is_one_collect_can_answer(office: Office) -> None:
    (line,) = challenges(office.client().get(LIST))
    assert line.startswith("Digest ")
    fields = parse_dict_header(line.removeprefix("Digest "))
    assert fields["realm"] == "Collector"
    assert fields["qop"] == "auth"
    assert fields["algorithm"] == "MD5"
    assert fields["nonce"]
    assert "stale" not in fields


@pytest.mark.parametrize(
    "change",
    [
        {"response": "0" * 32},
        {"response": "não"},
        {"response": ""},
        {"username": "nobody"},
        {"username": ""},
        {"username": "quản trị"},
        {"realm": "Other"},
        {"nonce": "made-up"},
        {"nonce": "bịa.đặt.ra"},
        {"nonce": ""},
        {"uri": "/formList"},
        {"uri": ""},
        {"cnonce": "other"},
        {"qop": "auth-int"},
    ],
)
def test_or_28_an_answer_that_proves_nothing_is_challenged_again(
    kept_office: Office, change: dict[str, str]
) -> None:
    signing = Signing(kept_office)
    assert signing.get().status_code == 200
    header = signing.header(**change).encode().decode("latin-1")
    assert challenges(signing.get(header=header))[0].startswith("Digest ")


def test_or_28_a_proof_for_one_request_is_none_for_another(office: Office) -> None:
    signing = Signing(office)
    assert signing.get("/submission", header=signing.header(LIST)).status_code == 401
    signed_for_get = {"Authorization": signing.header("/submission", method="GET")}
    assert office.client().head("/submission", headers=signed_for_get).status_code == 401
    signed_for_head = {"Authorization": signing.header("/submission", method="HEAD")}
    assert office.client().head("/submission", headers=signed_for_head).status_code == 204


def test_or_28_a_client_of_the_old_kind_without_qop_is_understood(office: Office) -> None:
    signing = Signing(office)
    ha1 = md5(f"{ADMIN}:Collector:{signing.password}")
    proof = md5(f"{ha1}:{signing.nonce}:{md5(f'GET:{LIST}')}")
    header = (
        f'Digest username="{ADMIN}", realm="Collector", nonce="{signing.nonce}", uri="{LIST}", '
        f'response="{proof}"'
    )
    assert signing.get(header=header).status_code == 200


class OldNonce(TimestampSigner):
    """Signs as the server did, some time ago."""

    def get_timestamp(self) -> int:
        """Just over the lifetime ago."""
        return int(time.time()) - LIFETIME - 1


def test_or_29_a_nonce_that_ran_out_is_called_stale_and_the_next_one_works(office: Office) -> None:
    office.publish(sheet())
    signing = Signing(office)
    signing.nonce = OldNonce(office.parts.vault.derived("digest"), salt="digest nonce").sign("old").decode()
    (line,) = challenges(signing.get())
    fields = parse_dict_header(line.removeprefix("Digest "))
    assert fields["stale"] == "true"
    signing.nonce = fields["nonce"] or ""
    assert signing.get().status_code == 200


def test_or_29_a_phone_goes_on_after_its_nonce_ran_out_without_asking_for_a_password(office: Office) -> None:
    office.publish(sheet())
    phone = Phone(
        "http://survey.example",
        username=ADMIN,
        password=office.collect_password(),
        session=in_process(office.app),
    )
    phone.sync()
    old = OldNonce(office.parts.vault.derived("digest"), salt="digest nonce").sign("old").decode()
    phone._auth._digest["nonce"] = old
    assert [*phone.sync()] == ["f01"]
    phone._auth._digest["nonce"] = old
    assert phone.send(answer()).status == 201


@pytest.mark.parametrize(
    "uri",
    [
        "/formList?deviceID=collect%3Aab",
        "/formList?deviceID=collect:ab",
        "/formList?deviceID=collect%3aab",
        "/formList",
        "/projects/1//formList?x=%C4%91",
        "/projects/1/formList?a=1&b=%20+%2B",
    ],
)
def test_or_29_the_address_is_checked_as_it_was_written(kept_office: Office, uri: str) -> None:
    signing = Signing(kept_office)
    assert signing.get(uri).status_code == 200


def test_or_29_a_proxy_may_write_the_address_anew_but_not_another_one(office: Office) -> None:
    signing = Signing(office)
    signed = signing.header("/formList?deviceID=collect%3Aab")
    for arrived, status in (
        ("/formList?deviceID=collect%3aab", 200),
        ("/formList?deviceID=collect:ab", 200),
        ("/formList?deviceID=collect%3Aac", 401),
        ("/formList", 401),
    ):
        assert signing.get(arrived, header=signed).status_code == status


def basic(username: str, password: str) -> dict[str, str]:
    """An Authorization header."""
    return {"Authorization": f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"}


def test_or_30_basic_works_over_https_with_either_password(office: Office) -> None:
    office.publish(sheet())
    client = office.client()
    for password in (ADMIN_PASSWORD, office.collect_password()):
        response = client.get(LIST, headers=basic(ADMIN, password), base_url=HTTPS)
        assert response.status_code == 200
        assert b"<formID>f01</formID>" in response.data
        assert b"https://survey.example/projects/1/forms/f01.xml" in response.data
    assert client.get(LIST, headers=basic(ADMIN, "wrong"), base_url=HTTPS).status_code == 401
    assert client.get(LIST, headers=basic("nobody", "wrong"), base_url=HTTPS).status_code == 401


def test_or_30_basic_over_http_is_refused_and_not_offered(office: Office) -> None:
    client = office.client()
    for path in (LIST, "/submission", "/projects/1/forms/f01.xml"):
        for headers in ({}, basic(ADMIN, ADMIN_PASSWORD), basic(ADMIN, office.collect_password())):
            assert [line.split(" ")[0] for line in challenges(client.get(path, headers=headers))] == [
                "Digest"
            ]


def test_or_31_both_schemes_are_lines_of_their_own_with_digest_first(office: Office) -> None:
    lines = challenges(office.client().get(LIST, base_url=HTTPS))
    assert [line.split(" ")[0] for line in lines] == ["Digest", "Basic"]


def test_or_31_a_phone_over_https_takes_the_first_it_knows(office: Office) -> None:
    office.publish(sheet())
    phone = Phone(HTTPS, username=ADMIN, password=office.collect_password(), session=in_process(office.app))
    assert [*phone.sync()] == ["f01"]
    assert phone.send(answer()).status == 201


def test_or_32_an_empty_name_and_password_are_challenged_again(office: Office) -> None:
    nameless = Signing(office, username="", password="")
    assert nameless.get().status_code == 401
    client = office.client()
    for username, password in (("", ""), (ADMIN, ""), ("", ADMIN_PASSWORD), ("\0", "\0"), ("quản", "trị")):
        assert client.get(LIST, headers=basic(username, password), base_url=HTTPS).status_code == 401
    for said in (
        "Digest",
        "Digest ",
        "Digest abc",
        "Basic",
        "Basic !",
        "Basic YWRtaW4=",
        "Bearer",
        "x y",
        "",
    ):
        response = client.get(LIST, headers={"Authorization": said}, base_url=HTTPS)
        assert response.status_code == 401
        assert b"OpenRosaResponse" in response.data


def test_or_32_a_phone_without_credentials_learns_that_it_needs_them(office: Office) -> None:
    phone = Phone("http://survey.example", session=in_process(office.app))
    with pytest.raises(SendFailed, match="Invalid username or password") as refused:
        phone.send(answer())
    assert refused.value.status == 401


def test_or_32_an_account_without_a_collect_password_cannot_answer_a_digest(office: Office) -> None:
    assert Signing(office, password=ADMIN_PASSWORD).get().status_code == 401


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nguyễn", "mat khau dai 10"),
        ("lan", "mật khẩu dài 10"),
        ("a\nb", "mat khau dai 10"),
        ("lan", "\t" * 12),
    ],
)
def test_or_33_credentials_a_phone_cannot_send_are_refused_when_they_are_made(
    kept_office: Office, username: str, password: str
) -> None:
    with kept_office.app.app_context(), pytest.raises(CredentialNotAscii), transaction() as session:
        create_user(session, username, password, now=NOW)


def test_or_33_nor_can_a_password_become_such_a_one(office: Office) -> None:
    with office.app.app_context(), pytest.raises(CredentialNotAscii), transaction() as session:
        set_password(session, ADMIN, "mật khẩu dài 10", now=NOW)
    assert office.collect_password().isascii()


def test_or_34_the_challenge_comes_with_head_before_anything_is_sent(office: Office) -> None:
    office.publish(sheet())
    response = office.client().head("/submission?deviceID=x")
    assert challenges(response)[0].startswith("Digest ")
    assert response.data == b""
    witness = Witness(office.app.wsgi_app)
    password = office.collect_password()
    phone = Phone("http://survey.example", username=ADMIN, password=password, session=in_process(witness))
    assert phone.send(answer()).status == 201
    # The form itself travels once, and signed.
    assert [(seen.method, seen.signed, seen.status) for seen in witness.seen] == [
        ("HEAD", False, 401),
        ("HEAD", True, 204),
        ("POST", True, 201),
    ]
