"""What is no honest submission is refused with a sentence and leaves nothing behind; it never fails us.

Why: anybody with a phone's address can post anything. A refused form stays on a phone, so what can be
kept is kept (see `test_what_is_only_odd_is_kept`).
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import rows as laying
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer, message, new_id
from tests.kept import findings, kept, record, rows, staged_files, staging_folder, versions, xml_as_kept
from tests.office import Office

FORM = asked("house", "1", "head age:int photo:binary member*/name", choices={})
TYPE = "multipart/form-data; boundary=b0b"


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has the form of a house."""
    return Volunteer(office, form=office.publish(FORM, filename="house.xml"))


def house(answers: str = "<head>A</head>", instance_id: str | None = None) -> bytes:
    return answered("house", "1", answers, instance_id=instance_id or new_id())


def part(name: str | bytes, data: bytes, *, filename: str | None = "a", more: str = "") -> bytes:
    """One part of a body, its header written as told."""
    raw = name if isinstance(name, bytes) else name.encode()
    said = b'Content-Disposition: form-data; name="' + raw + b'"'
    if filename is not None:
        said += f'; filename="{filename}"'.encode()
    return b"--b0b\r\n" + said + f"\r\n{more}\r\n".encode() + data + b"\r\n"


END = b"--b0b--\r\n"


def whole(xml: bytes, *others: bytes) -> bytes:
    return part("xml_submission_file", xml) + b"".join(others) + END


def packed(name: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(name, "x")
    return memory.getvalue()


LAUGHS = (
    '<!DOCTYPE data [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
).encode()


def declared(entity: str, use: str = "&x;") -> bytes:
    return f"<!DOCTYPE data [{entity}]>".encode() + house(f"<head>{use}</head>")


BAD_XML: dict[str, tuple[bytes, int]] = {
    "entities that grow": (LAUGHS + house("<head>&j;</head>"), 400),
    "an entity from a file": (declared('<!ENTITY x SYSTEM "file:///etc/passwd">'), 400),
    "an entity from the net": (declared('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'), 400),
    "a parameter entity": (declared('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;', ""), 400),
    "an entity nobody declared": (house("<head>&x;</head>"), 400),
    "10,000 groups deep": (house("<g>" * 10_000 + "</g>" * 10_000), 400),
    "an id of a megabyte": (house(instance_id="u" * 1_000_000), 400),
    "an id of 256 letters": (house(instance_id="u" * 256), 400),
    "a form id of a megabyte": (answered("h" * 1_000_000, "1", instance_id="uuid:1"), 400),
    "a version of a megabyte": (answered("house", "1" * 1_000_000, instance_id="uuid:1"), 400),
    "UTF-16": (('<?xml version="1.0" encoding="UTF-16"?>' + house().decode()).encode("utf-16"), 400),
    "UTF-32": (house().decode().encode("utf-32"), 400),
    "a NUL": (house("<head>a\0b</head>"), 400),
    "a NUL in the id": (house(instance_id="uuid:\0"), 400),
    "noise": (b"".join(sha256(bytes([n])).digest() for n in range(100)), 400),
    "a zip": (packed("a.xml"), 400),
    "two roots": (house() + house(), 400),
    "no end": (house()[:-3], 400),
    "nothing": (b"", 400),
    "no form id": (b"<data><head/></data>", 400),
    "a prefix nobody declared": (b"<x:data id='house' version='1'>", 400),
    "an attribute twice": (b"<data id='house' id='house' version='1'/>", 400),
    "another form": (answered("boat", "1", instance_id="uuid:1"), 404),
    "another version": (answered("house", "9", instance_id="uuid:1"), 404),
    "an answer of 11 megabytes": (house(f"<head>{'a' * 11_000_000}</head>"), 413),
}

PHOTO = house("<photo>p.jpg</photo>", "uuid:photo")
FORM_PART = part("xml_submission_file", PHOTO)

BAD_BODY: dict[str, tuple[bytes, int]] = {
    "cut in the first header": (whole(PHOTO)[:40], 400),
    "cut in the form": (whole(PHOTO)[:120], 400),
    "cut before the end": (whole(PHOTO)[: -len(END)], 400),
    "cut in the end": (whole(PHOTO)[:-5], 400),
    "cut in a file": (whole(PHOTO, part("p.jpg", JPEG * 40))[:-800], 400),
    "no parts": (END, 400),
    "nothing": (b"", 400),
    "not multipart": (PHOTO, 400),
    "no form": (part("p.jpg", JPEG) + END, 400),
    "two forms": (FORM_PART + whole(PHOTO), 400),
    "a part without a name": (
        FORM_PART + b'--b0b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n' + END,
        400,
    ),
    "a part without a disposition": (FORM_PART + b"--b0b\r\nX: y\r\n\r\nx\r\n" + END, 400),
    "a folder in a file's name": (whole(PHOTO, part("../p.jpg", JPEG)), 400),
    "a Windows folder in a file's name": (whole(PHOTO, part("..\\\\p.jpg", JPEG)), 400),
    "a file called ..": (whole(PHOTO, part("..", JPEG)), 400),
    "a NUL in a file's name": (whole(PHOTO, part("p\0.jpg", JPEG)), 400),
    "a file's name of 10,000 letters": (whole(PHOTO, part("p" * 10_000, JPEG)), 400),
    "a file's name that is not UTF-8": (whole(PHOTO, part(b"p\xe9.jpg", JPEG)), 400),
    "a zip as a picture": (whole(PHOTO, part("p.jpg", packed("a"))), 400),
    "a program as a picture": (whole(PHOTO, part("p.jpg", b"MZ\x90\0" + bytes(100))), 400),
    "a program as a sound": (whole(PHOTO, part("P.M4A", b"\x7fELF" + bytes(100))), 400),
    "a script as a video": (whole(PHOTO, part("p.mp4", b"#!/bin/sh\n")), 400),
    "two files of one name": (whole(PHOTO, part("p.jpg", JPEG), part("p.jpg", JPEG[:50])), 400),
    "a header of a megabyte": (whole(PHOTO, part("p.jpg", JPEG, more=f"X: {'y' * 1_000_000}\r\n")), 413),
    "a header without end": (FORM_PART + b"--b0b\r\n" + b"X: y\r\n" * 200_000, 413),
    "5,000 files": (whole(PHOTO, *(part(f"{n}.jpg", b"x") for n in range(5_000))), 413),
    "a preamble of a megabyte": (b"x" * 1_000_000 + whole(PHOTO), 400),
}


def test_a_form_that_cannot_be_read_is_refused_and_leaves_nothing(volunteer: Volunteer) -> None:
    before = kept(volunteer.office)
    for what, (xml, status) in BAD_XML.items():
        response = volunteer.post_bytes(whole(xml, part("p.jpg", JPEG * 40)), TYPE)
        assert response.status_code == status, what
        assert 20 < len(message(response)) < 2_000, what
    assert kept(volunteer.office) == before


def test_a_body_that_cannot_be_taken_is_refused_and_leaves_nothing(volunteer: Volunteer) -> None:
    before = kept(volunteer.office)
    for what, (body, status) in BAD_BODY.items():
        response = volunteer.post_bytes(body, TYPE)
        assert response.status_code == status, what
        assert 20 < len(message(response)) < 2_000, what
    assert kept(volunteer.office) == before


def test_headers_that_promise_something_else_are_refused(volunteer: Volunteer) -> None:
    before, body = kept(volunteer.office), whole(PHOTO)
    for content_type, encoding in (
        (TYPE, "gzip"),
        (TYPE, "br"),
        (f"multipart/form-data; boundary={'b' * 10_000}", ""),
        ("multipart/form-data; boundary=", ""),
        ('multipart/form-data; boundary="b0b', ""),
        ("multipart/form-data; boundary*=UTF-8''b%0Ab", ""),
        ("multipart/form-data; boundary=ảnh", ""),
    ):
        sent = gzip.compress(body) if encoding == "gzip" else body
        headers = {"Content-Encoding": encoding} if encoding else {}
        response = volunteer.post_bytes(sent, content_type, headers)
        assert response.status_code == 400, (content_type[:60], encoding)
        assert message(response)
    for length, status in (("50", 400), ("0", 400), ("x", 400), ("-1", 400), ("9" * 30, 413)):
        promised = {"CONTENT_LENGTH": length}
        response = volunteer.office.client().post(
            volunteer.path, data=body, content_type=TYPE, environ_overrides=promised
        )
        assert response.status_code == status, length
        assert message(response)
    assert kept(volunteer.office) == before


ODD: dict[str, tuple[bytes, str]] = {
    "control characters": (house("<head>a&#29;b&#x4;</head>"), "character_removed"),
    "half characters": (house("<head>&#55356;</head>"), "character_removed"),
    "bytes that are not UTF-8": (house("<head>qu#</head>").replace(b"#", b"\xfd"), "character_removed"),
    "another charset": (
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + house("<head>#</head>").replace(b"#", b"\xe9"),
        "character_removed",
    ),
    "a number past 64 bits": (house(f"<age>{'9' * 30}</age>"), "value_unreadable"),
    "a number of 100,000 digits": (house(f"<age>{'9' * 100_000}</age>"), "value_unreadable"),
    "a formula": (house("<age>=1+1</age>"), "value_unreadable"),
    "questions nobody asked": (house("<boat>1</boat>" * 50), "unknown_question"),
    "an answer twice": (house("<head>A</head><head>B</head>"), "answered_twice"),
    "a folder as a file": (house("<photo>../../etc/passwd</photo>"), "file_name_unusable"),
    "a NUL device": (house("<photo>a/b\\c</photo>"), "file_name_unusable"),
    "a file's name of a megabyte": (house(f"<photo>{'p' * 1_000_000}</photo>"), "file_name_unusable"),
}

PLAIN: dict[str, bytes] = {
    "100,000 attributes": house().replace(
        b"<data ", b"<data %s " % b" ".join(b"a%d='x'" % n for n in range(100_000))
    ),
    "300,000 elements": house("<x/>" * 300_000),
    "a mark before it": b"\xef\xbb\xbf\r\n" + house(),
    "comments and instructions": b"<?a b?><!-- & -->" + house("<!-- x --><head><![CDATA[<&]]></head><?c d?>"),
    "a document type": b"<!DOCTYPE data>" + house(),
    "an odd id": house(instance_id="'\"; DROP TABLE submissions; -- %s {0} \\ ảnh 🏠 &amp;"),
    "an id with a folder": house(instance_id="../../x"),
    "markup as text": house("<head>&lt;script&gt;alert(1)&lt;/script&gt;</head>"),
}


def test_what_is_only_odd_is_kept(volunteer: Volunteer) -> None:
    for what, (xml, check) in ODD.items():
        assert volunteer.post_bytes(whole(xml), TYPE).status_code == 201, what
        newest = max(row["submission_id"] for row in rows(volunteer.office, volunteer.form))
        assert {one[0] for one in findings(volunteer.office, newest)} == {check}, what
        [version] = versions(volunteer.office, newest)
        assert xml_as_kept(volunteer.office, version.id) == xml, what
    for what, xml in PLAIN.items():
        assert volunteer.post_bytes(whole(xml), TYPE).status_code == 201, what
        assert volunteer.post_bytes(whole(xml), TYPE).status_code == 201, what
        newest = max(row["submission_id"] for row in rows(volunteer.office, volunteer.form))
        assert findings(volunteer.office, newest) == [], what
    assert kept(volunteer.office).submissions == len(ODD) + len(PLAIN)
    assert kept(volunteer.office).staged == 0


def test_endless_rows_and_findings_are_cut(volunteer: Volunteer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laying, "MOST_CELLS", 50_000)
    xml = house("<member><name>x</name></member>" * 10_000 + "".join(f"<x{n}>1</x{n}>" for n in range(900)))
    assert volunteer.post_bytes(whole(xml), TYPE).status_code == 201
    [row] = rows(volunteer.office, volunteer.form)
    checks = [one[0] for one in findings(volunteer.office, row["submission_id"])]
    assert checks[0] == "too_many_rows"
    assert len(checks) == 500
    assert 5_000 < len(rows(volunteer.office, volunteer.form, "/member")) < 10_000


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Volunteer]:
    """Somebody whose server is not made anew for every post."""
    home: Path = tmp_path_factory.mktemp("home")
    office = Office(home, f"sqlite:///{home / 'collector.db'}")
    yield Volunteer(office, form=office.publish(FORM, filename="house.xml"))
    office.close()


@dataclass(frozen=True)
class Damage:
    """What happens to a body on its way."""

    at: float
    length: int
    noise: bytes
    kind: str

    def to(self, body: bytes) -> bytes:
        start = int(self.at * len(body))
        if self.kind == "cut":
            return body[:start]
        if self.kind == "double":
            return body[: start + self.length] + body[start:]
        if self.kind == "insert":
            return body[:start] + self.noise + body[start:]
        return body[:start] + self.noise + body[start + self.length :]


DAMAGES = st.lists(
    st.builds(
        Damage,
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 80),
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([
                b"\r\n",
                b"--b0b",
                b"--b0b--",
                b'"',
                b"\0",
                b"<",
                b"&#0;",
                b"]]>",
                b"<!--",
                b"name=",
                b"%00",
            ]),
        ),
        st.sampled_from(["cut", "double", "insert", "overwrite"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=DAMAGES, number=st.integers(0, 10**9))
def test_a_body_damaged_anyhow_is_taken_or_refused(
    patient: Volunteer, damages: list[Damage], number: int
) -> None:
    xml = house(
        "<head>A</head><age>5</age><photo>p.jpg</photo><member><name>x</name></member>", f"uuid:{number}"
    )
    body = whole(xml, part("p.jpg", JPEG), part("*isIncomplete*", b"yes", filename=None))
    for damage in damages:
        body = damage.to(body)
    before = kept(patient.office)
    response = patient.post_bytes(body, TYPE)
    assert response.status_code in {201, 400, 403, 404, 409, 413}
    assert message(response)
    if response.status_code != 201:
        assert kept(patient.office) == before
    assert staged_files(patient.office) == []


XML_DAMAGES = st.lists(
    st.builds(
        Damage,
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 30),
        st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from(["double", "insert", "overwrite"]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=XML_DAMAGES, answer=st.text(max_size=60), number=st.integers(0, 10**9))
def test_a_form_damaged_anyhow_is_taken_or_refused(
    patient: Volunteer, damages: list[Damage], answer: str, number: int
) -> None:
    said = answer.encode("utf-8", "replace").decode()
    xml = house(f"<age>{said}</age><head>{said}</head><photo>{said}</photo>", f"uuid:{number}")
    for damage in damages:
        xml = damage.to(xml)
    if b"\r\n--b0b" in xml:
        return
    response = patient.post_bytes(whole(xml), TYPE)
    assert response.status_code in {201, 400, 403, 404, 409, 413}
    assert message(response)


def test_a_full_disk_is_the_servers_trouble_and_leaves_nothing(volunteer: Volunteer) -> None:
    incoming = staged_files(volunteer.office)
    before = kept(volunteer.office)
    folder = staging_folder(volunteer.office)
    folder.rmdir()
    folder.write_bytes(b"")
    response = volunteer.post(PHOTO, {"p.jpg": JPEG * 100})
    assert response.status_code == 503
    assert message(response)
    folder.unlink()
    folder.mkdir()
    assert kept(volunteer.office) == before
    assert volunteer.post(PHOTO, {"p.jpg": JPEG * 100}).status_code == 201
    assert incoming == []


ADDRESSES: dict[str, Callable[[Volunteer], str]] = {
    "a NUL in the token": lambda one: one.path.replace("/projects", "%00/projects"),
    "a NUL in a draft's token": lambda _: "/v1/test/a%00b/projects/1/forms/house/draft/submission",
    "a NUL in a form's id": lambda _: "/v1/test/ab/projects/1/forms/ho%00use/draft/submission",
    "a project past 64 bits": lambda one: one.path.replace("/projects/1", f"/projects/{9**40}"),
    "a project that is none": lambda one: one.path.replace("/projects/1", "/projects/x"),
    "a token of 10,000 letters": lambda _: f"/v1/key/{'t' * 10_000}/projects/1/submission",
    "a session's address": lambda _: f"/v1/projects/{9**40}/submission",
    "the root's address": lambda _: f"/projects/{9**40}/submission",
}


def test_addresses_of_any_kind_are_answered(volunteer: Volunteer) -> None:
    for what, address in ADDRESSES.items():
        for method in ("POST", "HEAD"):
            response = volunteer.office.client().open(
                address(volunteer), method=method, data=whole(PHOTO), content_type=TYPE,
                headers={"X-OpenRosa-Version": "1.0"},
            )  # fmt: skip
            assert 400 <= response.status_code < 500, what
    response = volunteer.office.client().post(
        f"{volunteer.path}?deviceID=%00%ff%F0%9F%8F%A0", data=whole(PHOTO), content_type=TYPE,
        headers={"User-Agent": "\xff\x01"},
    )  # fmt: skip
    assert response.status_code == 201
    assert record(volunteer.office, "uuid:photo").device_id
