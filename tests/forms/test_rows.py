"""An answered form becomes rows: values, keys, and what was odd."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from forms.rows import MOST_FINDINGS, Finding, Flat, lay_flat, unknown_choices
from forms.values import java_double
from tests.forms.laid import laid, layout, questions
from tests.forms.tables import form, survey

OWN = {"key", "parent_key", "seq", "ordinal"}


def root(flat: Flat) -> dict[str, object]:
    """The root row's answers that there are."""
    (row,) = flat.rows[""]
    return {name: value for name, value in row.items() if value is not None and name not in OWN}


def checks(flat: Flat) -> list[tuple[str, str, str]]:
    """Each finding as (check, path, value)."""
    return [(finding.check, finding.path, finding.value) for finding in flat.findings]


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("string", "Hà Nội", {"q": "Hà Nội"}),
        ("string", " a\nb ", {"q": " a\nb "}),
        ("string", "007", {"q": "007"}),
        ("string", "", {"q": ""}),
        ("geotrace", "1 2 0 0; 3 4 0 0;", {"q": "1 2 0 0; 3 4 0 0;"}),
        ("int", "42", {"q": 42}),
        ("int", "007", {"q": 7, "as_sent": {"q": "007"}}),
        ("int", " 5", {"q": 5, "as_sent": {"q": " 5"}}),
        ("int", "", {"blank": "q"}),
        ("int", " \n ", {"blank": "q"}),
        ("decimal", "12.5", {"q": 12.5}),
        ("decimal", "1.0E7", {"q": 1e7}),
        ("decimal", "1.0E-4", {"q": 1e-4}),
        ("decimal", "10000000", {"q": 1e7, "as_sent": {"q": "10000000"}}),
        ("decimal", "-0.0", {"q": 0.0, "as_sent": {"q": "-0.0"}}),
        ("decimal", "", {"blank": "q"}),
        ("date", "2026-01-02", {"q": date(2026, 1, 2)}),
        ("date", "2026-01-02Z", {"q": date(2026, 1, 2), "as_sent": {"q": "2026-01-02Z"}}),
        ("date", "", {"blank": "q"}),
        ("time", "03:04:05.678+07:00", {"q": "03:04:05.678+07:00", "q_at": time(3, 4, 5, 678_000)}),
        ("time", "", {"q": ""}),
        (
            "dateTime",
            "2026-01-02T03:04:05.678+07:00",
            {
                "q": "2026-01-02T03:04:05.678+07:00",
                "q_at": datetime(2026, 1, 1, 20, 4, 5, 678_000, tzinfo=UTC),
            },
        ),
        ("dateTime", "", {"q": ""}),
        ("geopoint", "21.0 105.8", {"q": "21.0 105.8", "q_lat": 21.0, "q_lon": 105.8}),
        (
            "geopoint",
            "21.0 105.8 1.0E1 4.9",
            {"q": "21.0 105.8 1.0E1 4.9", "q_lat": 21.0, "q_lon": 105.8, "q_alt": 10.0, "q_acc": 4.9},
        ),
        ("geopoint", "", {"q": ""}),
    ],
)
def test_an_answer_is_kept_as_what_it_is(kind: str, sent: str, kept: dict[str, object]) -> None:
    flat = laid(f"<q>{sent}</q>", f"/q {kind}")
    answers = root(flat)
    if "as_sent" in answers:
        answers["as_sent"] = json.loads(str(answers["as_sent"]))
    assert answers == kept
    assert flat.findings == []


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("int", "nhiều", {"as_sent": '{"q":"nhiều"}'}),
        ("int", "5.5", {"as_sent": '{"q":"5.5"}'}),
        ("decimal", "Infinity", {"as_sent": '{"q":"Infinity"}'}),
        ("date", "2026-02-30", {"as_sent": '{"q":"2026-02-30"}'}),
        ("time", "noon", {"q": "noon"}),
        ("dateTime", "yesterday", {"q": "yesterday"}),
        ("geopoint", "95.0 0.0", {"q": "95.0 0.0"}),
    ],
)
def test_what_cannot_be_read_is_kept_as_text_and_noted(kind: str, sent: str, kept: dict[str, object]) -> None:
    flat = laid(f"<q>{sent}</q>", f"/q {kind}")
    assert root(flat) == kept
    assert flat.findings == [Finding("value_unreadable", "/q", "uuid:1", sent)]


@pytest.mark.parametrize(
    "kind", ["string", "int", "decimal", "date", "time", "dateTime", "geopoint", "binary"]
)
def test_a_question_that_was_not_asked_is_none(kind: str) -> None:
    assert root(laid("", f"/q {kind}")) == {}


def test_every_row_has_every_column() -> None:
    flat = laid("<r/>", "/a int", "/g geopoint", "/r repeat", "/r/t time")
    own = ["key", "parent_key", "seq", "ordinal", "as_sent", "blank"]
    assert list(flat.rows[""][0]) == [*own, "a", "g", "g_lat", "g_lon", "g_alt", "g_acc"]
    assert list(flat.rows["/r"][0]) == [*own, "t", "t_at"]


def test_names_of_blank_questions_keep_the_order_of_the_form() -> None:
    assert root(laid("<b/><a>1</a><c/>", "/a int", "/b decimal", "/c date"))["blank"] == "b,c"


def test_groups_nest_freely_and_may_be_written_twice() -> None:
    flat = laid("<g><a>1</a></g><b>2</b><g><h><c>3</c></h></g>", "/g/a int", "/b int", "/g/h/c int")
    assert root(flat) == {"a": 1, "b": 2, "c": 3}


def test_a_prefix_or_a_namespace_makes_no_difference() -> None:
    xml = (
        '<h:data xmlns:h="http://opendatakit.org/submissions" xmlns="http://x" id="f"><h:a>1</h:a>'
        '<r><b>2</b></r><o:meta xmlns:o="http://openrosa.org/xforms"><o:instanceID>uuid:1</o:instanceID>'
        "<o:timeStart>2026</o:timeStart></o:meta></h:data>"
    )
    nodes = questions("/a int", "/r repeat", "/r/b int", "/meta/instanceID string")
    flat = lay_flat(etree.fromstring(xml), layout(nodes), "uuid:1")
    assert root(flat) == {"a": 1, "instanceID": "uuid:1"}
    assert flat.rows["/r"][0]["b"] == 2
    assert flat.findings == []


NESTED = (
    "/who string",
    "/g/m repeat",
    "/g/m/name string",
    "/g/m/h/c repeat",
    "/g/m/h/c/age int",
    "/g/m/h/c/x repeat",
    "/g/m/h/c/x/y int",
)


def keys(flat: Flat, path: str) -> list[tuple[object, ...]]:
    """A table's (key, parent_key, seq, ordinal)."""
    return [tuple(row[name] for name in ("key", "parent_key", "seq", "ordinal")) for row in flat.rows[path]]


def test_a_repeat_is_a_table_and_each_row_names_its_parent() -> None:
    flat = laid(
        "<g><m><name>A</name><h><c><age>1</age><x><y>7</y></x></c><c><x/><x><y>9</y></x></c></h></m>"
        "<m/><m><h><c><age>3</age></c></h></m></g><who>An</who>",
        *NESTED,
    )
    assert keys(flat, "") == [("uuid:1", None, 1, 1)]
    assert keys(flat, "/g/m") == [
        ("uuid:1/g/m[1]", "uuid:1", 1, 1),
        ("uuid:1/g/m[2]", "uuid:1", 2, 2),
        ("uuid:1/g/m[3]", "uuid:1", 3, 3),
    ]
    assert keys(flat, "/g/m/h/c") == [
        ("uuid:1/g/m[1]/h/c[1]", "uuid:1/g/m[1]", 1, 1),
        ("uuid:1/g/m[1]/h/c[2]", "uuid:1/g/m[1]", 2, 2),
        ("uuid:1/g/m[3]/h/c[1]", "uuid:1/g/m[3]", 3, 1),
    ]
    assert keys(flat, "/g/m/h/c/x") == [
        ("uuid:1/g/m[1]/h/c[1]/x[1]", "uuid:1/g/m[1]/h/c[1]", 1, 1),
        ("uuid:1/g/m[1]/h/c[2]/x[1]", "uuid:1/g/m[1]/h/c[2]", 2, 1),
        ("uuid:1/g/m[1]/h/c[2]/x[2]", "uuid:1/g/m[1]/h/c[2]", 3, 2),
    ]
    assert [row["y"] for row in flat.rows["/g/m/h/c/x"]] == [7, None, 9]
    assert root(flat) == {"who": "An"}
    assert flat.findings == []


def test_instances_count_on_over_whatever_stands_between() -> None:
    flat = laid("<m><n>1</n></m><q>x</q><m><n>2</n></m>", "/m repeat", "/m/n int", "/q string")
    assert [row["key"] for row in flat.rows["/m"]] == ["uuid:1/m[1]", "uuid:1/m[2]"]


def test_a_template_is_no_instance() -> None:
    flat = laid(
        '<m jr:template=""><n/></m><m><n>1</n></m><o jr:template=""><z>2</z></o>', "/m repeat", "/m/n int"
    )
    assert keys(flat, "/m") == [("uuid:1/m[1]", "uuid:1", 1, 1)]
    assert flat.findings == []


@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_repeat_may_have_any_number_of_rows(count: int) -> None:
    flat = laid(
        "<m><n>1</n></m>" * count + f"<m_count>{count}</m_count>", "/m_count string", "/m repeat", "/m/n int"
    )
    assert len(flat.rows["/m"]) == count
    assert root(flat) == {"m_count": str(count)}
    assert flat.findings == []


def test_a_few_bytes_do_not_fill_the_memory() -> None:
    asked = ["/m repeat", *(f"/m/q{number} int" for number in range(1000))]
    flat = laid("<m/>" * 20_000, *asked)
    assert len(flat.rows["/m"]) < 1100
    assert checks(flat) == [("too_many_rows", "/m", "")]


def test_the_pyxform_form_fits() -> None:
    schema = form(
        survey(
            "text | who | Who",
            "begin_repeat | m | Member",
            "integer | age | Age",
            "begin_group | g | G",
            "begin_repeat | c | Child",
            "begin_repeat | toy | Toy",
            "text | name | Name",
            "end_repeat | |",
            "end_repeat | |",
            "end_group | |",
            "end_repeat | |",
        )
    )
    xml = (
        f'<{schema.root} id="f"><who>An</who><m><age>30</age><g><c><toy><name>bóng</name></toy>'
        f"<toy><name/></toy></c></g></m><meta><instanceID>uuid:1</instanceID></meta></{schema.root}>"
    )
    flat = lay_flat(etree.fromstring(xml), layout(schema.nodes), "uuid:1")
    assert root(flat) == {"who": "An", "instanceID": "uuid:1"}
    assert [row["key"] for row in flat.rows["/m/g/c/toy"]] == [
        "uuid:1/m[1]/g/c[1]/toy[1]",
        "uuid:1/m[1]/g/c[1]/toy[2]",
    ]
    assert [row["name"] for row in flat.rows["/m/g/c/toy"]] == ["bóng", ""]
    assert flat.findings == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ("<z>1</z><z>2</z>", [("unknown_question", "/z", "1")]),
        ("<g><z>1</z></g>", [("unknown_question", "/g/z", "1")]),
        ("<z><a>1</a><b>2</b></z>", [("unknown_question", "/z", "")]),
        ("<m><z>1</z></m><m><z>2</z></m>", [("unknown_question", "/m/z", "1")]),
        ("<z/><z> </z>", []),
        ("<meta><entity id='e'><label>A</label></entity><deprecatedID>x</deprecatedID></meta>", []),
        ("<m><meta><entity><label>A</label></entity></meta></m>", []),
        ("<o:z xmlns:o='http://openrosa.org/xforms'>1</o:z>", []),
        ("<a>1</a><a>2</a>", [("answered_twice", "/a", "2")]),
        ("<a/><a>2</a>", [("answered_twice", "/a", "2")]),
        ("<a>x</a><a>2</a>", [("value_unreadable", "/a", "x"), ("answered_twice", "/a", "2")]),
        ("<g><b>1</b><b>2</b></g>", [("answered_twice", "/g/b", "2")]),
        ("<t/><t>2</t>", [("answered_twice", "/t", "2")]),
        ("<f>a.jpg</f><f>b.jpg</f>", [("answered_twice", "/f", "b.jpg")]),
    ],
)
def test_what_the_form_does_not_ask_is_noted_once(answers: str, found: list[tuple[str, str, str]]) -> None:
    flat = laid(answers, "/a int", "/t time", "/f binary", "/g/b string", "/m repeat", "/m/n string")
    assert checks(flat) == found


def test_the_first_of_two_answers_is_kept() -> None:
    flat = laid(
        "<a>1</a><a>2</a><b/><b>2</b><t>x</t><t>y</t><f>a.jpg</f><f>b.jpg</f>",
        "/a int",
        "/b int",
        "/t string",
        "/f binary",
    )
    assert root(flat) == {"a": 1, "blank": "b", "t": "x", "f": "a.jpg"}
    assert flat.files == ["a.jpg"]


def test_findings_end_somewhere_and_are_short() -> None:
    flat = laid("".join(f"<z{number}>{'v' * 600}</z{number}>" for number in range(600)), "/a int")
    assert len(flat.findings) == MOST_FINDINGS
    assert {len(finding.value) for finding in flat.findings} == {500}


def test_files_are_what_binary_questions_name() -> None:
    flat = laid(
        "<p>b.jpg</p><d>jr://images/x.png</d><e/><t>c.jpg</t><m><p> a.jpg </p></m><m><p>b.jpg</p></m>"
        "<meta><audit>audit.csv</audit></meta>",
        "/p binary",
        "/d binary",
        "/e binary",
        "/t string",
        "/m repeat",
        "/m/p binary",
        "/meta/audit string",
    )
    assert flat.files == ["b.jpg", "a.jpg", "audit.csv"]
    assert root(flat)["d"] == "jr://images/x.png"


def test_comments_and_entities_are_no_answers() -> None:
    xml = '<!DOCTYPE d [<!ENTITY e "1">]><d id="f"><!-- <a>0</a> --><?p i?>&e;<a>1<!-- 2 -->3</a></d>'
    tree = etree.fromstring(xml, etree.XMLParser(resolve_entities=False))
    assert root(lay_flat(tree, layout(questions("/a string")), "k")) == {"a": "1"}


def test_a_layout_is_worked_out_once() -> None:
    tables = layout(questions("/a int"))
    assert tables.reader is tables.reader


def test_unknown_choices_are_found() -> None:
    nodes = questions("/one string select1", "/many string select", "/m repeat", "/m/many string select")
    tree = etree.fromstring(
        "<d><one>c</one><many>a c đ</many><m><many>a b</many></m><m><many/></m><m><many>b d</many></m></d>"
    )
    tables = layout(nodes)
    flat = lay_flat(tree, tables, "k")
    known = frozenset({"a", "b"})
    choices = {"/one": known, "/many": known, "/m/many": known}
    assert unknown_choices(flat, tables, choices) == [
        Finding("unknown_choice", "/one", "k", "c"),
        Finding("unknown_choice", "/many", "k", "a c đ"),
        Finding("unknown_choice", "/m/many", "k/m[3]", "b d"),
    ]
    assert unknown_choices(flat, tables, {}) == []
    assert unknown_choices(flat, tables, {"/one": frozenset({"c"})}) == []


def test_a_choice_may_hold_a_space() -> None:
    tables = layout(questions("/one string select1"))
    flat = lay_flat(etree.fromstring("<d><one>Hà Nội</one></d>"), tables, "k")
    assert unknown_choices(flat, tables, {"/one": frozenset({"Hà Nội"})}) == []


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]))


@given(
    number=st.integers(-(2**63), 2**63 - 1),
    real=st.floats(allow_nan=False, allow_infinity=False),
    day=st.dates(),
    text=texts,
)
def test_a_canonical_answer_comes_back_without_a_copy(number: int, real: float, day: date, text: str) -> None:
    data = etree.Element("data", id="f")
    sent = {"i": str(number), "r": java_double(real or 0.0), "d": day.isoformat(), "t": text}
    for name, value in sent.items():
        etree.SubElement(data, name).text = value
    flat = lay_flat(data, layout(questions("/i int", "/r decimal", "/d date", "/t string")), "k")
    assert root(flat) == {"i": number, "r": real, "d": day, "t": text}
    assert flat.findings == []


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "g", "m", "n", "t", "meta", "z"]), texts), max_size=12),
    st.integers(0, 3),
)
def test_no_tree_breaks_it(elements: list[tuple[str, str]], depth: int) -> None:
    data = place = etree.Element("data")
    for number, (name, text) in enumerate(elements):
        child = etree.SubElement(place, name)
        child.text = text
        if depth and number % (depth + 1) == depth:
            place = child
    asked = questions(
        "/a int", "/g/b geopoint", "/m repeat", "/m/n dateTime", "/m/m repeat", "/m/m/t decimal"
    )
    flat = lay_flat(data, layout(asked), "k")
    assert len(flat.rows[""]) == 1
