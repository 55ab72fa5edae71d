"""The phone complains where Collect would, sends what Collect sends, and is content with our server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.office import Office
from tests.phone import FormItem, MediaFile, Phone, PhoneComplains, SendFailed, in_process
from tests.phone_documents import read_form_list, read_identity, read_manifest, read_message
from tests.phone_upload import Payload, Upload, batches

MD5 = "0123456789abcdef0123456789abcdef"
LIST = "http://openrosa.org/xforms/xformsList"
GOOD = f"<formID>f</formID><name>Khảo sát &amp; hộ</name><version> 3 </version><hash>md5:{MD5}</hash>"
GOOD += "<downloadUrl>http://h/f.xml</downloadUrl>"
RESPONSE = (
    b'<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message>\xc4\x91\xe1\xbb\xa7</message>'
)
RESPONSE += b"</OpenRosaResponse>"


def form_list(fields: str, *, before: str = "", namespace: str = LIST) -> bytes:
    return f'{before}<xforms xmlns="{namespace}"><xform>{fields}</xform></xforms>'.encode()


@pytest.mark.parametrize(
    "document",
    [
        form_list(GOOD, before='<?xml version="1.0" encoding="ISO-8859-1"?>\n'),
        form_list(GOOD, before="\ufeff"),
        form_list(GOOD, before="<!DOCTYPE xforms><!-- a comment -->"),
        form_list(GOOD + '<manifestUrl></manifestUrl><x:other xmlns:x="urn:x"/>'),
        form_list(GOOD).replace(
            b"</xforms>", b'<xform xmlns="urn:x"><formID/></xform><xforms-group/></xforms>'
        ),
    ],
)
def test_a_good_list_is_read(document: bytes) -> None:
    assert read_form_list(document) == [
        FormItem("f", "Khảo sát & hộ", "3", MD5, "http://h/f.xml", manifest_url="")
    ]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (form_list(GOOD, before='\ufeff<?xml version="1.0"?>'), "byte order mark"),
        (form_list(GOOD, before='\n<?xml version="1.0"?>'), "not XML"),
        (form_list(GOOD.replace("&amp;", "&")), "not XML"),
        (form_list(GOOD).decode().encode("utf-16"), "not UTF-8"),
        (form_list(GOOD, namespace="urn:x"), "not a xforms"),
        (form_list(GOOD.replace("<name>Khảo sát &amp; hộ</name>", "<name> </name>")), "no name"),
        (form_list(re.sub("<hash>.*</hash>", "<hash/>", GOOD)), "crashes"),
        (form_list(re.sub("<hash>.*</hash>", "<hash></hash>", GOOD)), "md5:"),
        (form_list(GOOD.replace("md5:", "sha1:")), "md5:"),
        (form_list(GOOD.replace(MD5, MD5.upper())), "lower-case"),
    ],
)
def test_a_bad_list_is_refused(document: bytes, complaint: str) -> None:
    with pytest.raises(PhoneComplains, match=complaint):
        read_form_list(document)


def manifest(fields: str) -> bytes:
    kind = 'type="entityList"' if "name.csv" in fields else ""
    return (
        f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest"><mediaFile {kind}>{fields}'
        "</mediaFile></manifest>"
    ).encode()


def test_a_manifest_is_read() -> None:
    fields = f"<filename>a/name.csv</filename><hash>md5:{MD5}</hash><downloadUrl>http://h/1</downloadUrl>"
    assert read_manifest(manifest(fields)) == [MediaFile("name.csv", MD5, "http://h/1", "entityList")]
    with pytest.raises(PhoneComplains, match="no downloadUrl"):
        read_manifest(manifest(fields.replace("http://h/1", "")))
    with pytest.raises(PhoneComplains, match="lower-case hex"):
        read_manifest(manifest(fields.replace("md5:", "")))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (RESPONSE, "đủ"),
        (RESPONSE.replace(b"message", b"o:message").replace(b"xmlns=", b'xmlns:o="urn:o" xmlns='), None),
        (b"\n<?xml version='1.0'?>" + RESPONSE, None),
        (b"<html><message>no</message></html>", None),
        (b"", None),
    ],
)
def test_only_a_plain_message_is_shown(body: bytes, message: str | None) -> None:
    assert read_message(body) == message


def test_a_form_must_have_a_title_and_an_id() -> None:
    form = (
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"><h:head>'
        '<h:title>T</h:title><model><instance><data id="f" version="2"/></instance></model></h:head></h:html>'
    )
    assert read_identity(form.encode()) == ("f", "2")
    for broken in (form.replace(">T<", "> <"), form.replace(' id="f"', "")):
        with pytest.raises(PhoneComplains):
            read_identity(broken.encode())


# What is sent -----------------------------------------------------------------------------------------


def test_a_body_is_okhttps_byte_for_byte(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    clip.write_bytes(b"\0\1" * 100_000)
    files: dict[str, Payload] = {'ảnh "1".jpg': b"J", "phim 😀.webm": clip, "x.unknown": b""}
    upload = Upload(b"<data/>", files, xml_name="Hộ_2026.xml", incomplete=True)
    b = upload.boundary
    expected = (
        f'--{b}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="Hộ_2026.xml"\r\n'
        "Content-Type: text/xml\r\n\r\n<data/>\r\n"
        f'--{b}\r\nContent-Disposition: form-data; name="ảnh %221%22.jpg"; filename="ảnh %221%22.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\nJ\r\n"
        f'--{b}\r\nContent-Disposition: form-data; name="phim 😀.webm"; filename="phim 😀.webm"\r\n'
        "Content-Type: video/webm\r\n\r\n" + "\0\1" * 100_000 + "\r\n"
        f'--{b}\r\nContent-Disposition: form-data; name="x.unknown"; filename="x.unknown"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n"
        f'--{b}\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes\r\n'
        f"--{b}--\r\n"
    ).encode()
    assert upload.content_type == f"multipart/form-data; boundary={b}"
    assert len(upload) == len(expected)
    assert b"".join(upload) == expected
    assert upload.read() == b""
    upload.seek(0)
    assert upload.read(7) + upload.read() == expected


@pytest.mark.parametrize(
    ("sizes", "limit", "posts"),
    [
        ([], 100, [0]),
        ([40, 40, 40], 100, [2, 1]),
        ([500, 500], 100, [1, 1]),
        ([90, 1], 100, [1, 1]),
        ([1] * 103, 10_000, [101, 2]),
    ],
)
def test_posts_are_cut_as_collect_cuts_them(sizes: list[int], limit: int, posts: list[int]) -> None:
    files = {str(at): b"x" * size for at, size in enumerate(sizes)}
    assert [len(names) for names in batches(b"0123456789", files, limit)] == posts


# What is done with an answer --------------------------------------------------------------------------

Headers = list[tuple[str, str]]


class Answers:
    """A server that gives one prepared answer after another and remembers what it was asked."""

    def __init__(self, *answers: tuple[str, Headers, bytes]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["body"] = environ["wsgi.input"].read()
        self.asked.append(environ)
        status, headers, body = self.answers.pop(0)
        start_response(status, headers)
        return [body]


XML: Headers = [("Content-Type", "text/xml; charset=utf-8"), ("X-OpenRosa-Version", "1.0")]
EMPTY = f'<xforms xmlns="{LIST}"/>'.encode()
OK = ("200 OK", XML, EMPTY)
DIGEST = 'Digest realm="R", qop="auth,auth-int", nonce="n1", algorithm=MD5'
HEAD = ("204 No Content", [("X-OpenRosa-Accept-Content-Length", "20")], b"")
CREATED = ("201 Created", XML, RESPONSE)


def a_phone(server: Answers, url: str = "http://h/v1", **credentials: str) -> Phone:
    return Phone(url, session=in_process(server), **credentials)


def test_a_request_looks_like_collects() -> None:
    server = Answers(OK)
    assert a_phone(server, "http://h/v1/key/a!b$/").form_list() == []
    asked = server.asked[0]
    assert asked["RAW_URI"] == "/v1/key/a!b$/formList?deviceID=collect%3AkT3vB9xQ2mLw7RzA"
    sent = {name[5:]: value for name, value in asked.items() if name.startswith("HTTP_")}
    assert sent.pop("USER_AGENT").startswith("org.odk.collect.android/")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} (0[1-9]|1[0-2]):\d\d:\d\d GMT", sent.pop("DATE"))
    assert sent == {
        "HOST": "h",
        "ACCEPT_ENCODING": "gzip",
        "CONNECTION": "Keep-Alive",
        "X_OPENROSA_VERSION": "1.0",
    }


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (("200 OK", [("Content-Type", "application/xml"), XML[1]], EMPTY), "not text/xml"),
        (("200 OK", XML[:1], EMPTY), "no X-OpenRosa-Version"),
        (("403 Forbidden", XML, RESPONSE), "403"),
        (("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="R"')], b""), "401"),
        (("401 Unauthorized", [("WWW-Authenticate", DIGEST.replace("Digest", "digest"))], b""), "401"),
        (
            ("401 Unauthorized", [("WWW-Authenticate", DIGEST.replace("auth,auth-int", "auth-int"))], b""),
            "401",
        ),
    ],
)
def test_a_bad_answer_is_no_list(answer: tuple[str, Headers, bytes], complaint: str) -> None:
    with pytest.raises(PhoneComplains, match=complaint):
        a_phone(Answers(answer), username="u", password="p").form_list()


def test_a_digest_challenge_is_answered_and_its_nonce_used_again() -> None:
    challenge = (
        "401 Unauthorized",
        [("WWW-Authenticate", DIGEST), ("WWW-Authenticate", 'Basic realm="R"')],
        b"",
    )
    stale = ("401 Unauthorized", [("WWW-Authenticate", DIGEST.replace("n1", "n2") + ", stale=true")], b"")
    server = Answers(challenge, OK, OK, stale, OK)
    phone = a_phone(server, username="u", password="p")
    for _ in range(3):
        phone.form_list()
    signed = [asked.get("HTTP_AUTHORIZATION", "") for asked in server.asked]
    assert [re.findall(r'nonce="(n\d)"|nc=(\d+)', one) for one in signed] == [
        [],
        [("n1", ""), ("", "00000001")],
        [("n1", ""), ("", "00000002")],
        [("n1", ""), ("", "00000003")],
        [("n2", ""), ("", "00000001")],
    ]
    assert 'uri="/v1/formList?deviceID=collect%3AkT3vB9xQ2mLw7RzA"' in signed[1]


def test_basic_is_answered_over_https_only() -> None:
    challenge = ("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="R"')], b"")
    server = Answers(challenge, OK, OK)
    phone = a_phone(server, "https://h", username="u", password="p")
    phone.form_list()
    phone.form_list()
    assert [asked.get("HTTP_AUTHORIZATION") for asked in server.asked] == [None, "Basic dTpw", "Basic dTpw"]


def test_credentials_stay_with_their_host() -> None:
    server = Answers(("401 Unauthorized", [("WWW-Authenticate", DIGEST)], b""))
    with pytest.raises(PhoneComplains, match="401"):
        a_phone(server, username="u", password="p").media(MediaFile("x", MD5, "http://elsewhere/x"))
    assert len(server.asked) == 1


def test_what_was_kept_is_asked_for_again_and_a_304_is_a_list() -> None:
    tagged = ("200 OK", [*XML, ("ETag", '"v1"'), ("Cache-Control", "private, no-cache")], form_list(GOOD))
    server = Answers(tagged, ("304 Not Modified", XML[1:], b""))
    phone = a_phone(server)
    assert phone.form_list() == phone.form_list()
    assert server.asked[1]["HTTP_IF_NONE_MATCH"] == '"v1"'


def test_a_list_with_an_age_goes_stale_unasked() -> None:
    server = Answers(("200 OK", [*XML, ("Cache-Control", "max-age=60")], EMPTY))
    phone = a_phone(server)
    assert phone.form_list() == phone.form_list() == []


@pytest.mark.parametrize("url", ["http://h/a b", "http://h/%zz", "/relative", "http:///x", "http://h/[1]"])
def test_an_address_java_cannot_read_is_refused(url: str) -> None:
    with pytest.raises(PhoneComplains, match="not a URL"):
        a_phone(Answers()).media(MediaFile("x", MD5, url))


def test_a_form_that_is_not_what_the_list_says_is_refused() -> None:
    with pytest.raises(PhoneComplains, match="the list says md5"):
        a_phone(Answers(OK)).download(FormItem("f", "F", "1", MD5, "http://h/f.xml", ""))


def test_trouble_leaves_the_phone_as_it_was() -> None:
    phone = a_phone(Answers(("500 Internal Server Error", XML, RESPONSE)))
    with pytest.raises(PhoneComplains):
        phone.sync()
    assert phone.forms == {}


# Sending ----------------------------------------------------------------------------------------------


def test_the_server_says_how_much_goes_into_one_post() -> None:
    server = Answers(HEAD, CREATED, CREATED)
    sent = a_phone(server).send(b"<data/>", {"a.jpg": b"A" * 10, "b.jpg": b"B" * 10}, title="Khảo sát (hộ)")
    assert (sent.status, sent.message, sent.posts) == (201, "đủ", 2)
    assert [asked["REQUEST_METHOD"] for asked in server.asked] == ["HEAD", "POST", "POST"]
    first, second = (asked["body"].decode() for asked in server.asked[1:])
    assert "*isIncomplete*" in first
    assert "a.jpg" not in second
    assert "*isIncomplete*" not in second
    assert re.search(r'filename="Khảo sát hộ_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.xml"', second)


def test_after_a_challenge_on_head_the_body_goes_once() -> None:
    challenge = ("401 Unauthorized", [("WWW-Authenticate", DIGEST)], b"")
    server = Answers(challenge, HEAD, CREATED)
    a_phone(server, username="u", password="p").send(b"<data/>")
    assert [asked["REQUEST_METHOD"] for asked in server.asked] == ["HEAD", "HEAD", "POST"]
    server = Answers(("405 Method Not Allowed", [], b""), challenge, CREATED)
    a_phone(server, username="u", password="p").send(b"<data/>")
    assert [bool(asked["body"]) for asked in server.asked] == [False, True, True]


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "401 Unauthorized"])
def test_a_head_that_is_no_204_stops_the_phone(status: str) -> None:
    with pytest.raises(SendFailed):
        a_phone(Answers((status, XML, b""))).send(b"<data/>")


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        ("409 Conflict", RESPONSE, "Error: đủ"),
        ("413 Too Large", b"<html/>", r"Error: Too Large \(413\)"),
        ("400 Bad Request", b"", "Failed to upload"),
        ("200 OK", RESPONSE, "Network login failure"),
        ("201 Created", b"", "no OpenRosaResponse"),
    ],
)
def test_a_refusal_is_what_the_volunteer_reads(status: str, body: bytes, shown: str) -> None:
    with pytest.raises(SendFailed, match=shown):
        a_phone(Answers(HEAD, (status, XML, body))).send(b"<data/>")


def test_a_post_that_is_redirected_keeps_its_body_only_on_307() -> None:
    moved = [("Location", "http://h/other")]
    for status, bodies in (("307 Temporary Redirect", [True, True]), ("302 Found", [True, False])):
        server = Answers(HEAD, (status, moved, b""), CREATED)
        a_phone(server).send(b"<data/>")
        assert [bool(asked["body"]) for asked in server.asked[1:]] == bodies


# Our own server ---------------------------------------------------------------------------------------

FORM = """
| survey |                                     |         |       |
|        | type                                | name    | label |
|        | select_one_from_file thôn_bản.csv   | village | Thôn  |
|        | image                               | photo   | Ảnh   |
| settings |                                   |         |       |
|        | form_title                          | form_id | version |
|        | Thôn & bản                          | thôn 1  | 7     |
"""


def test_our_server_suits_the_phone(office: Office) -> None:
    office.publish(FORM, media={"thôn_bản.csv": "name,label\nv1,Bản Phìn Hồ\n".encode()})
    phone = Phone(f"http://server{office.phone().path}", session=in_process(office.app))
    form = phone.sync()["thôn 1"]
    assert (form.title, form.item.version, list(form.media)) == ("Thôn & bản", "7", ["thôn_bản.csv"])
    assert phone.sync()["thôn 1"] == form
    xml = "<data id='thôn 1' version='7'><village>v1</village><photo>ảnh.jpg</photo><meta><instanceID>uuid:1"
    xml += "</instanceID></meta></data>"
    for _ in range(2):
        sent = phone.send(xml.encode(), {"ảnh.jpg": b"J" * 100, "b.jpg": b"K"}, title=form.title, limit=50)
        assert (sent.status, sent.message, sent.posts) == (201, "full submission upload was successful!", 2)
    with pytest.raises(SendFailed, match=r"Error: .") as refused:
        phone.send(xml.replace("v1", "v2").encode())
    assert refused.value.status == 409


def test_our_server_suits_a_phone_set_up_by_hand(office: Office) -> None:
    form = office.publish(FORM, media={"thôn_bản.csv": b"name,label\nv1,x\n"})
    password = office.collect_password()
    for scheme in ("http", "https"):
        phone = Phone(
            f"{scheme}://server", username="admin", password=password, session=in_process(office.app)
        )
        assert list(phone.sync()) == [form.xml_form_id]
        phone.send(f"<data id='thôn 1' version='7'><village>{scheme}</village></data>".encode())
    with pytest.raises(PhoneComplains, match="401"):
        Phone("http://server", session=in_process(office.app)).sync()
