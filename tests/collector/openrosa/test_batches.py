"""Files beside a submission, over one post or many: OR-42 … OR-48, OR-52, OR-54."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, SUCCESS, Volunteer, new_id
from tests.kept import files, kept, record, rows, versions
from tests.office import Office
from tests.phone import SendFailed
from tests.phone_upload import Upload, uploads

FORM = asked("visit", "1", "place photo:binary photo2:binary picture*/file:binary house*/room*/view:binary")
NAMES = (
    "ảnh nhà ông Sử.jpg",
    "🏠📷.jpg",
    "صورة.jpg",
    'nháy "kép".jpg',
    "chấm; phẩy.jpg",
    "một  hai.jpg",
    "50% #1 & 2+3=5.jpg",
    "1785722400000.jpg",
)


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has the form of a visit."""
    return Volunteer(office, form=office.publish(FORM, filename="visit.xml"))


def visit(instance_id: str, *pictures: str, photo: str = "", rest: str = "") -> bytes:
    """A visit with that many pictures."""
    listed = "".join(f"<picture><file>{escaped(name)}</file></picture>" for name in pictures)
    return answered("visit", "1", f"<photo>{photo}</photo>{listed}{rest}", instance_id=instance_id)


def escaped(name: str) -> str:
    return name.replace("&", "&amp;")


def held(volunteer: Volunteer, instance_id: str) -> dict[str, bytes | None]:
    """The files of the record's first version."""
    number = record(volunteer.office, instance_id).id
    return files(volunteer.office, versions(volunteer.office, number)[0].id)


def test_or_42_the_xml_may_be_named_after_a_vietnamese_title(volunteer: Volunteer) -> None:
    upload = Upload(visit(new_id()), {}, xml_name="Khảo sát hộ nghèo – xã Sín Chéng_2026-08-03_09-15-00.xml")
    body = upload.read()
    assert "Khảo sát hộ nghèo".encode() in body
    assert volunteer.post_bytes(body, upload.content_type).status_code == 201


def test_or_43_files_of_any_name_are_stored_and_can_be_fetched(volunteer: Volunteer) -> None:
    instance = new_id()
    sent = {name: name.encode() for name in NAMES}
    volunteer.send(visit(instance, *NAMES), sent)
    assert held(volunteer, instance) == sent
    assert record(volunteer.office, instance).files_present == len(NAMES)
    client, who = volunteer.office.client(), {"Authorization": f"Bearer {volunteer.office.session_token()}"}
    at = f"/v1/projects/1/forms/visit/submissions/{quote(instance, safe='')}/attachments"
    for name, data in sent.items():
        assert client.get(f"{at}/{quote(name, safe='')}", headers=who, buffered=True).data == data


def test_or_44_parts_need_no_length_and_more_batches_may_be_announced(volunteer: Volunteer) -> None:
    xml, phone = visit(new_id(), "a.jpg", "b.jpg"), volunteer.collect
    first, second = uploads(xml, {"a.jpg": JPEG, "b.jpg": JPEG}, xml_name="a.xml", limit=len(JPEG))
    body = first[1].read()
    assert b"*isIncomplete*" in body
    assert body.lower().count(b"content-length") == 0
    first[1].seek(0)
    assert phone.post(first[1]) == (201, SUCCESS)
    assert phone.post(second[1]) == (201, SUCCESS)


def test_or_45_a_hundred_files_in_a_post_and_a_thousand_in_ten(volunteer: Volunteer) -> None:
    instance = new_id()
    names = [f"{number}.jpg" for number in range(1000)]
    sent = volunteer.send(visit(instance, *names), {name: name.encode() for name in names})
    assert sent.posts == 10
    assert held(volunteer, instance) == {name: name.encode() for name in names}
    assert kept(volunteer.office).staged == 0
    assert record(volunteer.office, instance).files_present == 1000
    instance = new_id()
    upload = Upload(
        visit(instance, *names[:101]), dict.fromkeys(names[:101], b"x"), xml_name="a.xml", incomplete=True
    )
    assert upload.read().count(b"Content-Disposition") == 103
    upload.seek(0)
    assert volunteer.collect.post(upload)[0] == 201


def test_or_46_batches_add_files_in_whatever_order_they_come(volunteer: Volunteer) -> None:
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        instance = new_id()
        sent = {"a.jpg": b"a" * 50, "b.jpg": b"b" * 50, "c.jpg": b"c" * 50}
        posts = uploads(visit(instance, *sent), sent, xml_name="a.xml", limit=50)
        for number in order:
            assert volunteer.collect.post(posts[number][1])[0] == 201
        assert held(volunteer, instance) == sent
    assert kept(volunteer.office).versions == 3


def test_or_47_after_a_failed_batch_everything_is_sent_again_and_is_there_once(volunteer: Volunteer) -> None:
    instance = new_id()
    sent = {"a.jpg": b"a" * 500, "b.jpg": b"b" * 500}
    first, second = uploads(visit(instance, *sent), sent, xml_name="a.xml", limit=500)
    assert volunteer.collect.post(first[1])[0] == 201
    broken = second[1].read()[:-300]
    assert volunteer.post_bytes(broken, second[1].content_type).status_code == 400
    assert held(volunteer, instance) == {"a.jpg": b"a" * 500, "b.jpg": None}
    assert volunteer.send(visit(instance, *sent), sent, limit=500).posts == 2
    assert held(volunteer, instance) == sent
    assert kept(volunteer.office).submissions == 1
    assert [row["key"] for row in rows(volunteer.office, volunteer.form)] == [instance]


def test_or_48_sending_the_same_again_changes_nothing(volunteer: Volunteer) -> None:
    instance = new_id()
    xml, sent = visit(instance, "a.jpg"), {"a.jpg": JPEG}
    volunteer.send(xml, sent)
    before, counted = record(volunteer.office, instance), kept(volunteer.office)
    for _ in range(3):
        assert volunteer.send(xml, sent).message == SUCCESS
        assert volunteer.send(xml).message == SUCCESS
    after = record(volunteer.office, instance)
    assert (after.updated_at, after.edits, after.files_present) == (before.updated_at, 0, 1)
    assert kept(volunteer.office) == counted


def test_or_48_twenty_posts_at_once_make_one_record(volunteer: Volunteer) -> None:
    instance, before = new_id(), kept(volunteer.office)
    names = [f"{number}.jpg" for number in range(5)]
    xml, sent = visit(instance, *names), {name: name.encode() for name in names}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: volunteer.post(xml, sent), range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    after = kept(volunteer.office)
    assert (after.submissions, after.versions, after.files) == (1, 1, 5)
    assert after.blobs == before.blobs + 5
    assert after.staged == 0
    assert len(rows(volunteer.office, volunteer.form)) == 1
    assert held(volunteer, instance) == sent


def test_or_48_many_records_with_the_same_files_at_once_are_all_taken(volunteer: Volunteer) -> None:
    names = [f"{number}.jpg" for number in range(6)]

    def post(number: int) -> int:
        # The same pictures in another order: each upload meets those of the others half way.
        mine = names[number % 6 :] + names[: number % 6]
        return volunteer.post(visit(new_id(), *mine), {name: name.encode() for name in mine}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(post, range(24))) == [201] * 24
    assert kept(volunteer.office).submissions == 24


def test_or_52_a_missing_file_is_awaited_and_filled_by_a_later_post(volunteer: Volunteer) -> None:
    instance = new_id()
    xml = visit(instance, "b.jpg", photo="a.jpg")
    assert volunteer.send(xml, {"b.jpg": JPEG}).status == 201
    assert held(volunteer, instance) == {"a.jpg": None, "b.jpg": JPEG}
    found = record(volunteer.office, instance)
    assert (found.files_expected, found.files_present) == (2, 1)
    volunteer.send(xml, {"a.jpg": b"late"})
    assert held(volunteer, instance) == {"a.jpg": b"late", "b.jpg": JPEG}
    assert record(volunteer.office, instance).files_present == 2


def test_or_54_a_file_may_answer_two_questions_and_a_question_in_an_inner_repeat(
    volunteer: Volunteer,
) -> None:
    instance = new_id()
    rest = (
        "<photo2>same.jpg</photo2><house><room><view>same.jpg</view></room><room><view/></room></house>"
        "<house><room><view>inner.jpg</view></room></house>"
    )
    volunteer.send(visit(instance, "", photo="same.jpg", rest=rest), {"same.jpg": JPEG, "inner.jpg": b"in"})
    assert held(volunteer, instance) == {"same.jpg": JPEG, "inner.jpg": b"in"}
    found = record(volunteer.office, instance)
    assert (found.files_expected, found.files_present) == (2, 2)
    views = rows(volunteer.office, volunteer.form, "/house/room")
    assert [row["/house/room/view"] for row in views] == ["same.jpg", "", "inner.jpg"]


def test_a_file_name_with_a_folder_in_an_answer_is_kept_as_text_and_awaits_nothing(
    volunteer: Volunteer,
) -> None:
    instance = new_id()
    long = "x" * 300 + ".jpg"
    volunteer.send(visit(instance, "../../etc/passwd", long, "..", photo="C:\\anh.jpg"))
    assert held(volunteer, instance) == {}
    assert rows(volunteer.office, volunteer.form)[0]["/photo"] == "C:\\anh.jpg"
    with pytest.raises(SendFailed) as failed:
        volunteer.send(visit(instance, "../../etc/passwd"), {"../../etc/passwd": b"x"})
    assert failed.value.status == 400
