"""A filled form is read as it was sent, whatever was sent."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problems import (
    EntitiesDeclared,
    FormIdMissing,
    IdTooLong,
    InstanceIdMissing,
    Problem,
    SubmissionTooDeep,
    SubmissionUnreadable,
)
from forms.rows import Finding
from forms.submission import Envelope, read

SMALL = '<data id="f" version="2"><q>Hà Nội</q><meta><instanceID>uuid:1</instanceID></meta></data>'
ENVELOPE = Envelope("f", "2", "uuid:1", None, None, encrypted=False)


def answer(xml: str | bytes) -> str | None:
    """The text of the first question."""
    return read(xml.encode() if isinstance(xml, str) else xml).root[0].text


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\ufeff",
        "\n  ",
        "\ufeff\n",
        "<?xml version='1.0' ?>",
        '\ufeff<?xml version="1.0" encoding="UTF-16"?>',
        '<?xml version="1.0" encoding="iso-8859-1"?>',
        '<?xml version="1.0" encoding="klingon"?>',
        "<!-- ODK Collect --><?app 1?>",
        "<!DOCTYPE data>",
        '<!DOCTYPE data SYSTEM "http://127.0.0.1:9/form.dtd">',
    ],
)
def test_it_is_utf8_whatever_comes_before_it(before: str) -> None:
    reading = read((before + SMALL).encode())
    assert reading.envelope == ENVELOPE
    assert reading.root[0].text == "Hà Nội"
    assert reading.findings("k") == []


@pytest.mark.parametrize(
    "inside",
    [
        "<q/><meta><instanceID>uuid:1</instanceID></meta>",
        "<meta><instanceID> uuid:1\n</instanceID></meta><q/>",
        '<o:meta xmlns:o="http://openrosa.org/xforms"><o:instanceID>uuid:1</o:instanceID></o:meta>',
        '<meta xmlns="http://openrosa.org/xforms"><instanceID>uuid:1</instanceID></meta>',
        "<meta/><meta><instanceID/><instanceID>uuid:1</instanceID></meta>",
        "<instanceID>uuid:1</instanceID>",
        "<meta><instanceID><!-- new -->uuid:1</instanceID></meta><instanceID>other</instanceID>",
    ],
)
def test_the_instance_id_is_found_wherever_it_stands(inside: str) -> None:
    assert read(f'<data id="f" version="2">{inside}</data>'.encode()).envelope == ENVELOPE


def test_the_instance_id_may_be_an_attribute() -> None:
    xml = b'<data xmlns="http://opendatakit.org/submissions" id="f" version="2" instanceID="uuid:1"/>'
    assert read(xml).envelope == ENVELOPE


def test_an_edit_names_what_it_replaces() -> None:
    envelope = read(
        b'<data id=" f " xmlns:orx="http://openrosa.org/xforms"><orx:meta><orx:instanceID>b</orx:instanceID>'
        b"<deprecatedID>a</deprecatedID><instanceName> Th\xc3\xb4n 3 </instanceName></orx:meta></data>"
    ).envelope
    assert envelope == Envelope("f", "", "b", "Thôn 3", "a", encrypted=False)


def test_what_is_absent_is_none_and_the_version_empty() -> None:
    assert read(b'<d id="f"/>').envelope == Envelope("f", "", None, None, None, encrypted=False)


@pytest.mark.parametrize("mark", [' encrypted="yes"', "><base64EncryptedKey>x</base64EncryptedKey"])
def test_an_encrypted_one_says_so_and_needs_its_instance_id(mark: str) -> None:
    space = "http://opendatakit.org/submissions"
    with_id = f'<data xmlns="{space}" id="f"{mark}><meta><instanceID>k</instanceID></meta></data>'
    assert read(with_id.encode()).envelope.encrypted
    with pytest.raises(InstanceIdMissing):
        read(f'<data id="f"{mark}></data>'.encode())


def test_a_long_name_is_cut_and_a_long_id_refused() -> None:
    xml = f'<data id="f"><meta><instanceName>{"n" * 5000}</instanceName></meta></data>'
    assert read(xml.encode()).envelope.instance_name == "n" * 1000
    for long in (
        f'<data id="{"f" * 256}"/>',
        f'<data id="f" version="{"1" * 1_000_000}"/>',
        f'<data id="f"><meta><instanceID>{"i" * 256}</instanceID></meta></data>',
        f'<data id="f"><meta><deprecatedID>{"i" * 256}</deprecatedID></meta></data>',
    ):
        with pytest.raises(IdTooLong) as refusal:
            read(long.encode())
        assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("sent", "kept", "removed"),
    [
        ("a&#29;b", "ab", ("&#29;",)),
        ("a&#x1d;b&#x1d;", "ab", ("&#x1d;",)),
        ("a&#0;b", "ab", ("&#0;",)),
        ("a\x0bb\x1f", "ab", ("&#11;", "&#31;")),
        ("&#xD800;a&#64;", "a@", ("&#xD800;",)),
        ("&#99999999999999999999;a", "a", ("&#999999999;",)),
        ("&#55357;&#56832;", "😀", ()),
        ("&#xD83D;&#xde00;&#xFFFE;", "😀", ("&#xFFFE;",)),
        ("a\ufffe", "a", ("&#65534;",)),
        ("<![CDATA[&#29;]]>&#29;", "&#29;", ("&#29;",)),
        ("a & b&", "a & b&", ()),
        ("~!@#$%^&*()&amp;<![CDATA[&]]>", "~!@#$%^&*()&&", ()),
        ("<!--&#29;-->&#13;&#10;&#29;&amp;#29;", "\r\n&#29;", ("&#29;",)),
    ],
)
def test_characters_that_xml_forbids_are_left_out(sent: str, kept: str, removed: tuple[str, ...]) -> None:
    reading = read(f'<data id="f"><q>{sent}</q></data>'.encode())
    assert reading.root[0].text == kept
    assert reading.removed == removed
    found = [Finding("character_removed", "", "uuid:1", " ".join(removed))] if removed else []
    assert reading.findings("uuid:1") == found


def test_letters_in_another_encoding_are_marked_not_lost() -> None:
    reading = read('<data id="f"><q>Hà</q></data>'.encode("latin-1"))
    assert reading.root[0].text == "H\ufffd"
    assert reading.removed == ("not UTF-8",)


@pytest.mark.parametrize(
    ("xml", "line"),
    [
        (b"", 1),
        (b"   ", 1),
        (b"hello", 1),
        (b"\x89PNG\r\n", 1),
        (b'<data id="f">\n<q></data>', 2),
        (b'<data id="f">\n\n<q>', 3),
        (b'<data id="f"><q>&nbsp;</q></data>', 1),
        (b'<data id="f"><orx:meta/></data>', 1),
        (b'<data id="f" id="g"/>', 1),
        (SMALL.encode("utf-16"), 1),
        (SMALL.encode("utf-16-le"), 1),
        (b'<data id="f"><q>&#29;</data>', 1),
    ],
)
def test_what_is_not_xml_is_refused_with_its_line(xml: bytes, line: int) -> None:
    with pytest.raises(SubmissionUnreadable) as refusal:
        read(xml)
    assert refusal.value.details["line"] == line
    assert "Send it again" in str(refusal.value)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE data [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        '<!DOCTYPE data [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE data [<!ENTITY % remote SYSTEM "http://127.0.0.1:9/x.dtd">%remote;]>',
        '<!DOCTYPE data [<!ATTLIST data id CDATA "&c;"><!ENTITY c "f">]>',
    ],
)
def test_entities_are_never_defined_by_who_sends(declared: str) -> None:
    with pytest.raises(EntitiesDeclared):
        read(f'<?xml version="1.0"?>{declared}<data id="f"><q>&c;</q></data>'.encode())


def test_an_outer_document_type_brings_nothing_in() -> None:
    xml = b'<!DOCTYPE data SYSTEM "file:///etc/passwd"><data id="f"><q>a&c;b</q></data>'
    assert answer(xml) == "a"


@pytest.mark.parametrize("depth", [300, 10_000])
def test_what_lies_too_deep_is_refused(depth: int) -> None:
    with pytest.raises(SubmissionTooDeep):
        read(b'<data id="f">' + b"<g>" * depth + b"</g>" * depth + b"</data>")


def test_large_things_are_read_and_huge_ones_refused() -> None:
    assert (
        len(answer(f'<data id="f"><q a="{"a" * 1_000_000}">{"x" * 5_000_000}</q></data>') or "") == 5_000_000
    )
    with pytest.raises(SubmissionUnreadable):
        read(f'<data id="f"><q>{"x" * 11_000_000}</q></data>'.encode())


@pytest.mark.parametrize(
    "hostile", [b"&#1;" * 300_000, b"<![CDATA[" * 100_000, b"<!--" * 100_000, b"&#" * 200_000]
)
def test_mending_takes_no_longer_than_reading(hostile: bytes) -> None:
    with contextlib.suppress(SubmissionUnreadable):
        read(b'<data id="f"><q>&#1;' + hostile + b"</q></data>")


@pytest.mark.parametrize("xml", [b"<data/>", b'<data id=""/>', b'<data id="  "/>', b'<data xmlns="f"/>'])
def test_one_that_names_no_form_is_refused(xml: bytes) -> None:
    with pytest.raises(FormIdMissing):
        read(xml)


@given(
    st.one_of(
        st.binary(), st.text().map(str.encode), st.text(alphabet="<>&#;x0123!-[]CDATA \"='/").map(str.encode)
    )
)
def test_no_bytes_break_it(data: bytes) -> None:
    for whole in (data, b'<data id="f"><q>' + data + b"</q></data>"):
        with contextlib.suppress(Problem):
            read(whole)
