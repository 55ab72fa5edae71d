"""Records read under the words of their form, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from lxml import etree

from collector.actions.asking import read_asking
from collector.actions.reading import (
    Answer,
    Entry,
    Kind,
    Repeated,
    Section,
    Wanted,
    answers,
    kind_of_file,
    read_record,
    spoken,
)
from collector.actions.records import labels_in
from forms.values import Point
from forms.xform import read_schema
from forms.xlsform import convert

FORM = """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | calculation | relevant |
| | start | start | | | | |
| | note | hello | Xin chào | Hello | | |
| | text | who | Ai | Who | | |
| | integer | age | Tuổi | Age | | |
| | date | born | Ngày sinh | Born | | |
| | time | at | Giờ | At | | |
| | datetime | when | Lúc | When | | |
| | geopoint | where | Ở đâu | Where | | |
| | geotrace | road | Đường | Road | | |
| | acknowledge | agreed | Đồng ý | Agreed | | |
| | select_one sex | sex | Giới tính | Sex | | |
| | select_multiple skills | skills | Biết | Skills | | |
| | rank skills | best | Giỏi nhất | Best at | | |
| | select_one_from_file villages.csv | village | Thôn | Village | | |
| | image | photo | Ảnh | Photo | | |
| | file | paper | Giấy | Paper | | |
| | calculate | own_sex | | | if(1 = 1, ${sex}, ${sex}) | |
| | begin_group | more | Thêm | More | | |
| | begin_group | inner | | | | |
| | text | word | Chữ | Word | | |
| | end_group | | | | | |
| | end_group | | | | | |
| | begin_repeat | member | Người | Member | | |
| | text | name | Tên | Name | | |
| | calculate | is_head | | | if(1 = 1, '1', '0') | |
| | begin_repeat | course | Lớp | Course | | |
| | text | title | Tên lớp | Title | | |
| | end_repeat | | | | | |
| | end_repeat | | | | | |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | sex | 1 | Nam | Male |
| | sex | 2 | Nữ | Female |
| | skills | r | đọc | reading |
| | skills | w | viết | |
| settings |
| | form_id | version |
| | f | 1 |
"""
XFORM = convert(FORM.encode(), "f.md", form_id_fallback="f").xform
SCHEMA = read_schema(XFORM)
ASKING = read_asking(XFORM, SCHEMA)


def read(inside: str, *, language: str = "vi", computed: bool = False) -> tuple[Entry, ...]:
    root = etree.fromstring(f'<data id="f" version="1">{inside}</data>')
    lists: Mapping[str, Mapping[str, str]] = {"villages.csv": {"v1": "Nà Tông"}}
    return read_record(root, SCHEMA, Wanted(language, lambda name: lists.get(name, {}), ASKING, computed))


def answer(inside: str, **more: Any) -> Answer:
    [found] = answers(read(inside, **more))
    return found


@pytest.mark.parametrize(
    ("inside", "label", "kind", "value"),
    [
        ("<who> Lò Văn Pỉnh </who>", "Ai", Kind.TEXT, "Lò Văn Pỉnh"),
        ("<age>041</age>", "Tuổi", Kind.TEXT, "041"),
        ("<born>1985-02-03</born>", "Ngày sinh", Kind.DATE, date(1985, 2, 3)),
        ("<born>last year</born>", "Ngày sinh", Kind.TEXT, "last year"),
        ("<at>07:30:00.000+07:00</at>", "Giờ", Kind.TIME, time(7, 30)),
        (
            "<when>2026-08-03T07:30:00.000+07:00</when>",
            "Lúc",
            Kind.MOMENT,
            datetime(2026, 8, 3, 0, 30, tzinfo=UTC),
        ),
        ("<where>22.5 104.5 0 3.5</where>", "Ở đâu", Kind.POINT, Point(22.5, 104.5, 0.0, 3.5)),
        ("<where>here</where>", "Ở đâu", Kind.TEXT, "here"),
        ("<road>1 1 0 0;2 2 0 0</road>", "Đường", Kind.LINE, (Point(1, 1, 0, 0), Point(2, 2, 0, 0))),
        ("<agreed>OK</agreed>", "Đồng ý", Kind.TICK, True),
        ("<sex>2</sex>", "Giới tính", Kind.CHOICE, ("Nữ",)),
        ("<sex>9</sex>", "Giới tính", Kind.CHOICE, ("9",)),
        ("<skills>r w</skills>", "Biết", Kind.CHOICE, ("đọc", "viết")),
        ("<best>w r</best>", "Giỏi nhất", Kind.CHOICE, ("viết", "đọc")),
        ("<village>v1</village>", "Thôn", Kind.CHOICE, ("Nà Tông",)),
        ("<village>v2</village>", "Thôn", Kind.CHOICE, ("v2",)),
        ("<photo>a.jpg</photo>", "Ảnh", Kind.IMAGE, "a.jpg"),
        ("<paper>a.pdf</paper>", "Giấy", Kind.FILE, "a.pdf"),
        ("<who/>", "Ai", Kind.TEXT, None),
        ("<sex/>", "Giới tính", Kind.CHOICE, None),
        ("<where/>", "Ở đâu", Kind.POINT, None),
    ],
)
def test_an_answer_is_read_as_what_was_asked(inside: str, label: str, kind: Kind, value: object) -> None:
    found = answer(inside)
    assert (found.label, found.kind, found.value) == (label, kind, value)


def test_the_reader_s_language_comes_first() -> None:
    assert answer("<sex>2</sex>", language="en").value == ("Female",)
    # A label that is missing in one language is said in the form's own.
    assert answer("<skills>w</skills>", language="en").value == ("viết",)
    assert answer("<sex>2</sex>", language="fr").value == ("Nữ",)


@pytest.mark.parametrize(
    "inside", ["", "<hello/>", "<start>x</start>", "<more/>", "<member/>", "<unknown>x</unknown>"]
)
def test_what_nobody_answered_is_left_out(inside: str) -> None:
    assert read(inside) == ()


def test_what_the_form_worked_out_is_shown_when_asked_for() -> None:
    shown = {
        found.path: found
        for found in answers(
            read("<start>2026-08-03T07:30:00+07:00</start><own_sex>1</own_sex>", computed=True)
        )
    }
    assert shown["/start"].kind is Kind.MOMENT
    # A calculation over questions with one list speaks that list's words.
    assert (shown["/own_sex"].value, shown["/own_sex"].computed) == (("Nam",), True)


def test_a_person_of_whom_everything_was_worked_out_is_still_listed() -> None:
    (member,) = read("<member><is_head>1</is_head></member><member><name>Lan</name></member>")
    assert isinstance(member, Repeated)
    assert [one.title for one in member.instances] == ["1", "2. Lan"]
    assert member.instances[0].entries == ()


def test_groups_and_repeats_stay_nested_and_numbered() -> None:
    [more, member] = read(
        "<more><inner><word>x</word></inner></more>"
        "<member><name>Mỷ</name><course><title>A</title></course><course><title/></course></member>"
        "<member><name/></member>"
    )
    assert isinstance(more, Section)
    [inner] = more.entries
    assert (more.title, inner.is_, inner.path) == ("Thêm", "section", "/more/inner")
    assert isinstance(member, Repeated)
    assert [one.title for one in member.instances] == ["1. Mỷ", "2"]
    [_name, course] = member.instances[0].entries
    assert isinstance(course, Repeated)
    assert [one.title for one in course.instances] == ["1. A", "2"]


def test_a_template_is_no_instance() -> None:
    space = 'xmlns:jr="http://openrosa.org/javarosa" jr:template=""'
    [member] = read(f"<member {space}><name>x</name></member><member><name>Mỷ</name></member>")
    assert isinstance(member, Repeated)
    assert [one.title for one in member.instances] == ["1. Mỷ"]


def test_namespaces_do_not_matter() -> None:
    assert answer('<a:who xmlns:a="x">Lan</a:who>').value == "Lan"


@pytest.mark.parametrize(
    ("labels", "languages", "language", "said"),
    [
        ({"vi": "Tên", "en": "Name"}, (), "en", "Name"),
        ({"Tiếng Việt (vi)": "Tên", "English (en)": "Name"}, (), "vi", "Tên"),
        ({"English": "Name", "Hmoob": "Npe"}, ("Hmoob", "English"), "vi", "Npe"),
        ({"": "Tên"}, (), "vi", "Tên"),
        ({"vi": "", "en": "Name"}, (), "vi", "Name"),
        ({}, ("vi",), "vi", ""),
    ],
)
def test_a_label_is_said_in_the_nearest_language(
    labels: dict[str, str], languages: tuple[str, ...], language: str, said: str
) -> None:
    assert spoken(labels, languages, language) == said


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", Kind.IMAGE),
        ("a.PNG", Kind.IMAGE),
        ("a.svg", Kind.FILE),
        ("a.tiff", Kind.FILE),
        ("a.mp3", Kind.AUDIO),
        ("a.mp4", Kind.VIDEO),
        ("a.html", Kind.FILE),
        ("audit.csv", Kind.FILE),
        ("", Kind.FILE),
    ],
)
def test_only_what_a_browser_draws_safely_is_drawn(name: str, kind: Kind) -> None:
    assert kind_of_file(name) is kind


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ("name,label\nv1,Nà Tông\n", {"v1": "Nà Tông"}),
        ("\ufefflabel,name\nNà Tông,v1\n", {"v1": "Nà Tông"}),
        ("name,label\nv1,\nv2\n,x\n", {}),
        ("other\nx\n", {}),
        ("", {}),
        ('name,label\nv1,"open', {"v1": "open"}),
        ("name,label\r\nv1,a\0b\r\n", {"v1": "a\0b"}),
    ],
)
def test_a_list_of_choices_gives_its_labels(data: str, labels: dict[str, str]) -> None:
    assert labels_in(data.encode()) == labels


def test_a_list_in_another_encoding_is_read_as_far_as_it_goes() -> None:
    assert labels_in("name,label\nv1,Nà\n".encode("latin-1")) == {"v1": "N\ufffd"}
