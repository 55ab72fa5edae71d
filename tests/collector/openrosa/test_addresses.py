"""The address a phone is set up with: OR-35 … OR-40, and the same resources under a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.collector.openrosa.sheets import SERVER, answer, collect, with_files
from tests.office import GivenPhone, Office
from tests.phone import Phone, PhoneComplains, SendFailed, in_process
from tests.phone_documents import read_message
from tests.phone_upload import Upload

OPENROSA = {"X-OpenRosa-Version": "1.0"}
RESOURCES = ("formList", "forms/f01.xml", "forms/f01/manifest", "forms/f01/attachments/xa.csv")


def publish_one(office: Office) -> None:
    """A form with a file."""
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})


@pytest.fixture(scope="module")
def kept_phone(kept_office: Office) -> str:
    """Where a phone of that office asks for the form."""
    publish_one(kept_office)
    return kept_office.phone().path


def everything(
    client: FlaskClient, at: str, *, headers: dict[str, str] | None = None
) -> Iterator[TestResponse]:
    """Every resource of form f01 at an address, asked once."""
    for resource in RESOURCES:
        yield client.get(f"{at}/{resource}", headers=headers, buffered=True)
    yield client.head(f"{at}/submission", headers=headers)
    upload = Upload(answer(), {}, xml_name="f01.xml")
    yield client.post(
        f"{at}/submission",
        data=upload.read(),
        headers={"Content-Type": upload.content_type} | (headers or {}),
    )


def statuses(responses: Iterator[TestResponse]) -> list[int]:
    """What each of them said."""
    return [response.status_code for response in responses]


FINE = [200, 200, 200, 200, 204, 201]


def test_or_35_a_token_in_the_address_is_all_it_takes(office: Office) -> None:
    """List, form, manifest, file, HEAD and POST; the integrity of entity lists comes with entities."""
    publish_one(office)
    given = office.phone()
    responses = [*everything(office.client(), given.path)]
    assert statuses(iter(responses)) == FINE
    assert not any("WWW-Authenticate" in response.headers for response in responses)
    phone = collect(office, given)
    assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}
    assert phone.send(answer(number=2)).status == 201


def test_or_35_the_signs_in_a_token_are_taken_as_they_are_or_encoded(office: Office) -> None:
    publish_one(office)
    for _ in range(8):
        given = office.phone()
        encoded = given.path.replace("!", "%21").replace("$", "%24")
        assert office.client().get(f"{encoded}/formList").status_code == 200
        if encoded != given.path:
            return
    pytest.fail("eight tokens without ! and $")  # one in ten million million


def test_or_35_a_draft_is_tested_at_an_address_of_its_own(office: Office) -> None:
    form = office.draft(with_files("f01", "xa.csv"), filename="f01.xml")
    office.put_attachment(form, "xa.csv", b"name\n", draft=True)
    at = f"/v1/test/{office.draft_token(form)}/projects/1/forms/f01/draft"
    phone = Phone(SERVER + at, session=in_process(office.app))
    installed = phone.sync()["f01"]
    assert installed.item.download_url == f"{SERVER}{at}.xml"
    assert installed.item.manifest_url == f"{SERVER}{at}/manifest"
    assert installed.media == {"xa.csv": b"name\n"}
    assert phone.send(answer()).status == 201
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml")
    with pytest.raises(PhoneComplains) as gone:
        phone.sync()
    assert gone.value.status == 404


def test_or_37_a_revoked_phone_is_told_so_at_every_door_and_never_asked_for_a_password(
    office: Office,
) -> None:
    publish_one(office)
    given = office.phone()
    assert statuses(everything(office.client(), given.path)) == FINE
    office.revoke(given)
    made_up = GivenPhone(0, "x", "/v1/key/" + "A" * 64 + "/projects/1")
    for gone in (given, made_up, GivenPhone(0, "x", "/v1/key/ngắn/projects/1")):
        for response in everything(office.client(), gone.path):
            assert response.status_code == 403
            assert response.headers["X-OpenRosa-Version"] == "1.0"
            assert "WWW-Authenticate" not in response.headers
            if response.request.method != "HEAD":
                assert read_message(response.data)
    phone = collect(office, given)
    with pytest.raises(SendFailed, match="QR") as refused:
        phone.send(answer(number=3))
    assert refused.value.status == 403


def test_or_37_a_token_opens_its_own_project_only(office: Office) -> None:
    publish_one(office)
    given = office.phone()
    for project in ("2", "99999999999999999999", "0"):
        other = given.path.removesuffix("1") + project
        assert office.client().get(f"{other}/formList").status_code == 403


def test_or_38_a_phone_sees_reads_and_answers_the_forms_it_was_given(office: Office) -> None:
    mine = office.publish(with_files("f01", "xa.csv"), filename="f.xml", media={"xa.csv": b"name\n"})
    other = office.publish(with_files("f02", "xa.csv"), filename="f.xml", media={"xa.csv": b"name\n"})
    given = office.phone(only=(mine,))
    phone = collect(office, given)
    assert [*phone.sync()] == ["f01"]
    assert b"f02" not in office.client().get(f"{given.path}/formList?listAllVersions=true").data
    assert b"f02" not in office.client().get(f"{given.path}/formList?formID=f02").data
    for resource in RESOURCES[1:]:
        response = office.client().get(f"{given.path}/{resource.replace('f01', 'f02')}")
        assert response.status_code == 403
        assert read_message(response.data)
    assert office.client().get(f"{given.path}/forms/f02/versions/1.xml").status_code == 403
    with pytest.raises(SendFailed) as refused:
        phone.send(answer("f02"))
    assert refused.value.status == 403
    assert phone.send(answer("f01")).status == 201
    both = collect(office, office.phone("B", only=(mine, other)))
    assert [*both.sync()] == ["f01", "f02"]


def test_or_38_a_phone_without_forms_has_an_empty_list_and_no_error(office: Office) -> None:
    publish_one(office)
    assert collect(office, office.phone(only=())).sync() == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/formList", 200),
        ("GET", "//formList", 200),
        ("GET", "/formList/", 200),
        ("HEAD", "/formList", 200),
        ("HEAD", "/forms/f01.xml", 200),
        ("HEAD", "/forms/f01/manifest", 200),
        ("HEAD", "/forms/f01/attachments/xa.csv", 200),
        ("HEAD", "/submission", 204),
        ("HEAD", "//submission", 204),
        ("HEAD", "/submission/", 204),
        ("HEAD", "//submission//", 204),
        ("GET", "/submission", 204),
    ],
)
def test_or_39_slashes_too_many_are_forgiven(
    kept_office: Office, kept_phone: str, method: str, path: str, status: int
) -> None:
    response = kept_office.client().open(f"{kept_phone}{path}", method=method, buffered=True)
    assert response.status_code == status
    if method == "HEAD":
        assert response.data == b""


def test_or_39_a_phone_set_up_with_slashes_at_the_end_works(office: Office) -> None:
    publish_one(office)
    given = office.phone()
    for number, end in enumerate(("/", "//")):
        phone = Phone(f"{SERVER}{given.path}{end}", session=in_process(office.app))
        assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}
        assert phone.send(answer(number=number)).status == 201
        by_hand = Phone(
            f"{SERVER}/projects/1{end}",
            username="admin",
            password=office.collect_password(),
            session=in_process(office.app),
        )
        assert [*by_hand.sync()] == ["f01"]
        assert by_hand.send(answer(number=number + 10)).status == 201


@pytest.mark.parametrize("path", ["/submission/", "/projects/1/submission/", "/projects/1//submission//"])
def test_or_39_so_are_they_where_a_phone_is_set_up_by_hand(office: Office, path: str) -> None:
    # A challenge: the address was understood.
    response = office.client().head(path)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Digest ")


def test_or_40_head_welcomes_with_204_and_the_size_it_takes(office: Office) -> None:
    publish_one(office)
    given = office.phone()
    response = office.client().head(f"{given.path}/submission?deviceID=collect%3Aab")
    assert response.status_code == 204
    assert response.data == b""
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    assert int(response.headers["X-OpenRosa-Accept-Content-Length"]) >= 10_000_000
    assert "Location" not in response.headers
    assert "Content-Length" not in response.headers
    assert collect(office, given).head_submission() == 100_000_000
