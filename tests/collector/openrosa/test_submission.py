"""What becomes of a submission: OR-41, OR-49, OR-50, OR-51, OR-53, OR-59, OR-60, OR-61, OR-63, OR-71."""

from __future__ import annotations

import pytest

from storage.database import transaction
from storage.models import Submission
from storage.problems import SubmissionDeleted
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, SUCCESS, Volunteer, message, new_id
from tests.kept import files, kept, record, rows, stored_files, versions, xml_as_kept
from tests.office import NOW, Office
from tests.phone import DEVICE_ID, USER_AGENT, SendFailed
from tests.phone_upload import Upload

HOUSEHOLD = asked("household", "1", "head photo:binary")


def household(instance_id: str | None, head: str = "Giàng A Sử", photo: str = "") -> bytes:
    return answered("household", "1", f"<head>{head}</head><photo>{photo}</photo>", instance_id=instance_id)


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has the household form."""
    return Volunteer(office, form=office.publish(HOUSEHOLD, filename="household.xml"))


def test_or_41_the_smallest_submission_is_taken_with_the_exact_sentence(volunteer: Volunteer) -> None:
    xml = household(new_id())
    response = volunteer.post(xml)
    assert response.status_code == 201
    assert response.data == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">'
        b'<message nature="submit_success">full submission upload was successful!</message>'
        b"</OpenRosaResponse>"
    )
    assert message(response) == SUCCESS
    assert volunteer.send(household(new_id())).message == SUCCESS
    assert kept(volunteer.office).submissions == 2


def test_or_49_other_answers_under_the_same_id_are_refused_and_the_first_stay(volunteer: Volunteer) -> None:
    instance = new_id()
    first = household(instance)
    volunteer.send(first)
    before = stored_files(volunteer.office)
    response = volunteer.post(household(instance, "Vàng Thị Mỷ", "a.jpg"), {"a.jpg": JPEG})
    assert response.status_code == 409
    assert instance in message(response)
    number = record(volunteer.office, instance).id
    [version] = versions(volunteer.office, number)
    assert xml_as_kept(volunteer.office, version.id) == first
    assert stored_files(volunteer.office) == before


def test_or_50_the_same_id_in_two_forms_makes_two_records(volunteer: Volunteer) -> None:
    office = volunteer.office
    visit = office.publish(asked("visit", "1", "day:date"), filename="visit.xml")
    instance = new_id()
    volunteer.send(household(instance))
    volunteer.send(answered("visit", "1", "<day>2026-08-03</day>", instance_id=instance))
    assert kept(office).submissions == 2
    assert [row["key"] for row in rows(office, visit)] == [instance]


def test_or_51_a_record_deleted_at_the_office_does_not_come_back(volunteer: Volunteer) -> None:
    office, instance = volunteer.office, new_id()
    xml = household(instance)
    volunteer.send(xml)
    number = record(office, instance).id
    with office.app.app_context(), transaction() as session:
        session.get_one(Submission, number).deleted_at = NOW
    response = volunteer.post(xml)
    assert response.status_code == 409
    assert message(response) != SUCCESS
    edit = answered("household", "1", "<head>B</head>", instance_id=new_id(), replaces=instance)
    assert volunteer.post(edit).status_code == 409
    assert len(versions(office, number)) == 1
    assert "{instance}" in SubmissionDeleted.sentence


def test_or_53_a_file_that_no_answer_names_is_left_out(volunteer: Volunteer) -> None:
    instance, before = new_id(), kept(volunteer.office)
    sent = volunteer.send(household(instance, photo="a.jpg"), {"a.jpg": JPEG, "left over.tmp": b"x" * 10})
    assert sent.status == 201
    [version] = versions(volunteer.office, record(volunteer.office, instance).id)
    assert files(volunteer.office, version.id) == {"a.jpg": JPEG}
    after = kept(volunteer.office)
    assert (after.blobs, after.stored, after.staged) == (before.blobs + 1, before.stored + 1, 0)


NOT_A_SUBMISSION = {
    "not XML": ("Tên,Tuổi\n".encode(), "xml_submission_file"),
    "XML cut short": (household("uuid:1")[:60], "xml_submission_file"),
    "empty": (b"", "xml_submission_file"),
    "no id": (b"<data version='1'><head/></data>", "xml_submission_file"),
    "another part name": (household("uuid:1"), "submission"),
}


def test_or_59_what_is_no_submission_is_refused_with_a_message(volunteer: Volunteer) -> None:
    for xml, part in NOT_A_SUBMISSION.values():
        body = (
            f'--x\r\nContent-Disposition: form-data; name="{part}"; filename="a.xml"\r\n'
            "Content-Type: text/xml\r\n\r\n"
        ).encode() + xml + b"\r\n--x--\r\n"  # fmt: skip
        response = volunteer.post_bytes(body, "multipart/form-data; boundary=x")
        assert response.status_code == 400
        assert len(message(response)) > 20
    assert kept(volunteer.office).submissions == 0


def test_or_59_a_body_that_is_not_what_its_header_says_is_refused(volunteer: Volunteer) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"\r\n\r\n<a/>\r\n--x--\r\n'
    for content_type in (
        "multipart/form-data; boundary=another",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        "text/xml",
        "application/x-www-form-urlencoded",
        "",
    ):
        response = volunteer.post_bytes(body, content_type)
        assert response.status_code == 400
        assert len(message(response)) > 20


def test_or_60_an_unknown_form_or_version_and_a_missing_right_are_told_in_the_body(
    volunteer: Volunteer,
) -> None:
    office = volunteer.office
    other = office.publish(asked("visit", "1", "day:date"), filename="visit.xml")
    narrow = Volunteer(office, office.phone("hẹp", only=(other,)), form=other)
    revoked = Volunteer(office, form=volunteer.form)
    office.revoke(revoked.given)
    xml = household(new_id())
    for sender, sent, status in (
        (volunteer, answered("nobody's", "1", instance_id=new_id()), 404),
        (volunteer, answered("household", "2", instance_id=new_id()), 404),
        (volunteer, answered("household", "", instance_id=new_id()), 404),
        (narrow, xml, 403),
        (revoked, xml, 403),
    ):
        response = sender.post(sent)
        assert response.status_code == status
        assert len(message(response)) > 20
        with pytest.raises(SendFailed, match="Error: ") as failed:
            sender.collect.post(Upload(sent, {}, xml_name="a.xml"))
        assert failed.value.status == status
    assert kept(office).submissions == 0


def test_or_61_a_post_over_plain_http_is_never_sent_elsewhere(volunteer: Volunteer) -> None:
    for base in ("http://server", "https://server"):
        response = volunteer.office.client().post(
            volunteer.path,
            base_url=base,
            data=b"",
            headers={"X-OpenRosa-Version": "1.0", "X-Forwarded-Proto": "http"},
        )
        assert response.status_code == 400
        assert "Location" not in response.headers
    assert volunteer.send(household(new_id())).status == 201


METAS = {
    "pyxform's": "<meta><instanceID>{}</instanceID></meta>",
    "prefixed": '<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>{}</orx:instanceID></orx:meta>',
    "own default": '<meta xmlns="http://openrosa.org/xforms"><instanceID>{}</instanceID></meta>',
    "mixed": '<orx:meta xmlns:orx="http://openrosa.org/xforms"><instanceID>{}</instanceID></orx:meta>',
    "in the root": "<instanceID>{}</instanceID>",
}


def test_or_63_the_id_is_found_however_meta_is_written(volunteer: Volunteer) -> None:
    for how in METAS.values():
        for meta_first in (True, False):
            instance = new_id()
            meta, head = how.format(instance), "<head>Sùng A Páo</head>"
            inner = meta + head if meta_first else head + meta
            volunteer.send(f'<data id="household" version="1">{inner}</data>'.encode())
            assert record(volunteer.office, instance).instance_id == instance


def test_or_63_an_edit_names_its_original_without_a_namespace_inside_orx_meta(volunteer: Volunteer) -> None:
    first, second = new_id(), new_id()
    volunteer.send(household(first))
    volunteer.send(
        f'<data id="household" version="1"><head>B</head><orx:meta xmlns:orx="http://openrosa.org/xforms">'
        f"<orx:instanceID>{second}</orx:instanceID><deprecatedID>{first}</deprecatedID></orx:meta></data>".encode()
    )
    assert [v.instance_id for v in versions(volunteer.office, record(volunteer.office, first).id)] == [
        first,
        second,
    ]


def test_or_63_without_an_id_the_server_makes_one_and_a_second_sending_is_the_same_record(
    volunteer: Volunteer,
) -> None:
    office = volunteer.office
    xml = answered("household", "1", "<head>A</head>", instance_id=None)
    volunteer.send(xml)
    volunteer.send(xml)
    assert kept(office).submissions == 1
    [row] = rows(office, volunteer.form)
    assert str(row["key"]).startswith("uuid:")
    other = Volunteer(office, office.phone("Điện thoại 2"), form=volunteer.form)
    other.send(xml)
    assert kept(office).submissions == 2


def test_or_71_the_device_is_noted_and_long_values_are_cut(volunteer: Volunteer) -> None:
    office, instance = volunteer.office, new_id()
    volunteer.send(household(instance))
    [version] = versions(office, record(office, instance).id)
    assert (version.device_id, version.user_agent) == (DEVICE_ID, USER_AGENT)
    assert version.submitter_id == volunteer.given.actor_id
    upload = Upload(household("uuid:long"), {}, xml_name="a.xml")
    response = office.client().post(
        f"{volunteer.path}?deviceID=thi%E1%BA%BFt%20b%E1%BB%8B{'x' * 1000}",
        data=upload.read(),
        content_type=upload.content_type,
        headers={"User-Agent": "y" * 1000},
    )
    assert response.status_code == 201
    [version] = versions(office, record(office, "uuid:long").id)
    assert version.device_id == ("thiết bị" + "x" * 1000)[:255]
    assert version.user_agent == "y" * 255
