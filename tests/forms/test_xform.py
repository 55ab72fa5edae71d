"""A form sent as XML: its bytes kept, its identity read, hostile ones refused at once."""

from __future__ import annotations

import hashlib

import pytest

from forms.problems import (
    FormIdUnusable,
    FormRefused,
    FormWithoutMeta,
    Problem,
    XFormDeclaresEntities,
    XFormIncomplete,
    XFormTooLarge,
    XFormUnreadable,
)
from forms.xform import identify, open_xform, with_version
from forms.xlsform import convert
from tests.forms.tables import LAUGHS, asking, xform


def test_a_ready_form_keeps_its_bytes_but_for_a_byte_order_mark() -> None:
    data = asking()
    assert convert(data, "form.xml").xform == data
    assert convert(b"\xef\xbb\xbf" + data, "form.xml").xform == data
    assert convert(b"\xef\xbb\xbf" + data, "upload").xform == data


def test_what_the_phone_is_told_to_do_survives() -> None:
    data = asking(
        model='<submission odk:client-editable="true" orx:auto-send="true" base64RsaPublicKey="MIIB"/>'
    )
    made = convert(data, "form.xml").xform
    assert (
        hashlib.md5(made, usedforsecurity=False).digest() == hashlib.md5(data, usedforsecurity=False).digest()
    )


def test_a_title_of_any_letters_is_read_once_unescaped() -> None:
    data = asking(title="Crate &amp; &lt;Barrel&gt; “Hộ” 😀")
    assert identify(open_xform(data)).title == "Crate & <Barrel> “Hộ” 😀"


@pytest.mark.parametrize("form_id", ["khảo sát 1", "a/b", "100%", "x.xml.v2", "f" * 255])
def test_form_ids_phones_can_live_with(form_id: str) -> None:
    data = xform(f'<data id="{form_id}"><meta><instanceID/></meta></data>')
    assert identify(open_xform(convert(data, "f.xml").xform)).form_id == form_id


@pytest.mark.parametrize("form_id", ["a.xml", "a.xls", "a.XLSX", "f" * 256, " a"])
def test_form_ids_that_are_refused(form_id: str) -> None:
    with pytest.raises(FormIdUnusable):
        convert(xform(f'<data id="{form_id}"><meta><instanceID/></meta></data>'), "f.xml")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<a", XFormUnreadable),
        (b"<a/>", XFormIncomplete),
        (b"<html><head><title>x</title></head></html>", XFormIncomplete),
        (b"<html><head><title>x</title><model><instance/></model></head></html>", XFormIncomplete),
        (xform("<data><meta><instanceID/></meta></data>"), XFormIncomplete),
        (xform('<data id=""><meta><instanceID/></meta></data>'), XFormIncomplete),
        (xform('<data id="  "><meta><instanceID/></meta></data>'), XFormIncomplete),
        (asking(title=" "), XFormIncomplete),
        (xform('<data id="f"><a/></data>'), FormWithoutMeta),
        (xform('<data id="f"><meta/></data>'), FormWithoutMeta),
        (asking("<x:a/>"), XFormUnreadable),
        (b"\n" + asking(), XFormUnreadable),
        (asking().replace(b"Form", b"F\xfcr"), XFormUnreadable),
        (asking().decode().encode("utf-16"), XFormUnreadable),
        (asking("<a>&#29;</a>"), XFormUnreadable),
        (xform(f'<data id="f" version="{"v" * 256}"><meta><instanceID/></meta></data>'), XFormTooLarge),
    ],
)
def test_what_is_no_xform_is_refused(data: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        convert(data, "f.xml")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (LAUGHS.encode() + asking("<a>&l;</a>")[21:], XFormDeclaresEntities),
        (
            b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + asking("<a>&x;</a>")[21:],
            XFormDeclaresEntities,
        ),
        (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + asking()[21:], XFormDeclaresEntities),
        (asking("<g>" * 10_000 + "</g>" * 10_000), XFormUnreadable),
        (asking(f'<a b="{"x" * 9_000_000}"/>' * 6), FormRefused),
        (asking(f'<a b="{"x" * 10_600_000}"/>'), FormRefused),
    ],
    ids=["laughs", "external entity", "external dtd", "deep", "fifty megabytes", "ten megabytes"],
)
def test_a_hostile_xform_is_refused_at_once(data: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        convert(data, "f.xml")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data", [asking(f'<a b="{"x" * 50_000_000}"/>'), asking(f'<a b="{"x" * 31_000_000}"/>')]
)
def test_a_huge_attribute_is_refused_by_the_reader_too(data: bytes) -> None:
    with pytest.raises((XFormTooLarge, XFormUnreadable)):
        open_xform(data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<data id="f" version="1">', '<data id="f" version="2 &amp; 3">'),
        ("<data id='f' version = '1' >", "<data id='f' version=\"2 &amp; 3\" >"),
        ('<data id="f">', '<data version="2 &amp; 3" id="f">'),
        (
            '<!-- <data version="9"> --><data odk:version="a" id="f" n="version=\'x\'" version="">',
            '<!-- <data version="9"> --><data odk:version="a" id="f" n="version=\'x\'" version="2 &amp; 3">',
        ),
    ],
)
def test_a_new_version_changes_nothing_else(before: str, after: str) -> None:
    rest = "<a version='1'/><meta><instanceID/></meta></data>"
    changed = with_version(b"\xef\xbb\xbf" + xform(before + rest), "2 & 3")
    assert changed == xform(after + rest)
    assert identify(open_xform(changed)).version == "2 & 3"
