"""The CSV files come out as Central writes them, byte for byte."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from forms.exports.csv_text import (
    SYSTEM,
    CsvFile,
    CsvOptions,
    Packed,
    audit_csv,
    audit_events,
    csv_files,
    file_name,
    safe_name,
)
from forms.rows import lay_flat
from forms.schema import Node
from forms.values import java_double
from tests.forms.laid import layout, questions

NOBODY: Mapping[str, object] = {
    "submission_date": datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
    "attachments_present": 0,
    "attachments_expected": 0,
    "edits": 0,
    "form_version": "7",
}
TAIL = (
    "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,"
    "Status,ReviewState,DeviceID,Edits,FormVersion"
)


def exported(
    nodes: Sequence[Node],
    *answers: str,
    system: Mapping[str, object] = NOBODY,
    options: CsvOptions | None = None,
) -> dict[str, str]:
    """The files of form `f`, name to text; its submissions are `k1`, `k2` and so on."""
    tables = layout(nodes)
    flats = [
        lay_flat(etree.fromstring(f"<data>{xml}</data>"), tables, f"k{number}")
        for number, xml in enumerate(answers, 1)
    ]
    return {
        file.name: b"".join(
            file.pieces([
                tuple(((dict.fromkeys(SYSTEM) | dict(system)) | row).get(name) for name in file.reads)
                for flat in flats
                for row in flat.rows[file.path]
            ])
        ).decode()
        for file in csv_files("f", nodes, tables, options)
    }


def lines(nodes: Sequence[Node], *answers: str, options: CsvOptions | None = None) -> list[str]:
    """The root file without what every line begins and ends with."""
    text = exported(nodes, *answers, options=options)["f.csv"]
    head, *rest = text.splitlines()
    bare = [head.removeprefix("SubmissionDate,").removesuffix("," + TAIL)]
    for number, line in enumerate(rest, 1):
        bare.append(line.removeprefix("2026-01-02T03:04:05.678Z,").removesuffix(f",k{number},,,0,0,,,,0,7"))
    return bare


def test_the_root_file_is_whole() -> None:
    nodes = questions(
        "/name string", "/g structure", "/g/age int", "/meta structure", "/meta/instanceID string"
    )
    system = {
        **NOBODY,
        "submitter_id": 5,
        "submitter_name": "Vàng A Sử",
        "attachments_present": 1,
        "attachments_expected": 2,
        "review_state": "approved",
        "device_id": "collect:abc",
        "edits": 3,
    }
    answers = "<name>Lò, An</name><g><age>41</age></g><meta><instanceID>k1</instanceID></meta>"
    assert exported(nodes, answers, system=system) == {
        "f.csv": f"SubmissionDate,name,g-age,meta-instanceID,{TAIL}\n"
        '2026-01-02T03:04:05.678Z,"Lò, An",41,k1,k1,5,Vàng A Sử,1,2,,approved,collect:abc,3,7\n'
    }


def test_the_header_stands_without_rows() -> None:
    nodes = questions("/a string", "/m repeat", "/m/b string")
    assert exported(nodes) == {"f.csv": f"SubmissionDate,a,{TAIL}\n", "f-m.csv": "b,PARENT_KEY,KEY\n"}


def test_nested_repeats_name_their_parents() -> None:
    nodes = questions(
        "/g1 repeat",
        "/g1/t1 string",
        "/g1/in structure",
        "/g1/in/g2 repeat",
        "/g1/in/g2/t2 int",
        "/g1/in/g2/g3 repeat",
        "/g1/in/g2/g3/h structure",
        "/g1/in/g2/g3/h/t3 string",
        "/last string",
    )
    files = exported(
        nodes,
        "<g1><t1>a</t1><in><g2><t2>1</t2><g3><h><t3>x</t3></h></g3><g3/></g2><g2/></in></g1><g1/><last>z</last>",
        "",
        "<g1><in><g2><g3><h><t3>y</t3></h></g3></g2></in></g1>",
    )
    assert [line.split(",")[1] for line in files["f.csv"].splitlines()] == ["last", "z", "", ""]
    assert files["f-g1.csv"] == "t1,PARENT_KEY,KEY\na,k1,k1/g1[1]\n,k1,k1/g1[2]\n,k3,k3/g1[1]\n"
    assert files["f-g2.csv"] == (
        "t2,PARENT_KEY,KEY\n"
        "1,k1/g1[1],k1/g1[1]/in/g2[1]\n"
        ",k1/g1[1],k1/g1[1]/in/g2[2]\n"
        ",k3/g1[1],k3/g1[1]/in/g2[1]\n"
    )
    assert files["f-g3.csv"] == (
        "h-t3,PARENT_KEY,KEY\n"
        "x,k1/g1[1]/in/g2[1],k1/g1[1]/in/g2[1]/g3[1]\n"
        ",k1/g1[1]/in/g2[1],k1/g1[1]/in/g2[1]/g3[2]\n"
        "y,k3/g1[1]/in/g2[1],k3/g1[1]/in/g2[1]/g3[1]\n"
    )


@pytest.mark.parametrize(
    ("kind", "sent", "printed"),
    [
        ("int", "41", "41"),
        ("int", "007", "007"),
        ("int", "many", "many"),
        ("int", "", ""),
        ("decimal", "12.5", "12.5"),
        ("decimal", "12", "12"),
        ("decimal", "12.0", "12.0"),
        ("decimal", "-3.25", "-3.25"),
        ("decimal", "1.0E7", "1.0E7"),
        ("decimal", "1.0E-4", "1.0E-4"),
        ("decimal", "10000000", "10000000"),
        ("decimal", "-0.0", "-0.0"),
        ("decimal", "NaN", ""),
        ("date", "2026-01-02", "2026-01-02"),
        ("date", "2026-01-02+07:00", "2026-01-02+07:00"),
        ("time", "03:04:05.678+07:00", "03:04:05.678+07:00"),
        ("dateTime", "2026-01-02T03:04:05.678+07:00", "2026-01-02T03:04:05.678+07:00"),
        ("string", "a, b", '"a, b"'),
        ("string", 'the "last" one', '"the ""last"" one"'),
        ("string", "C:\\xã", "C:\\xã"),
        ("string", " a ", " a "),
        ("string", "null", "null"),
        ("string", "=1+1", "=1+1"),
        ("string", "\t", "\t"),
        ("geotrace", "1 2 0 0;3 4 0 0;", "1 2 0 0;3 4 0 0;"),
        ("binary", "1700000000000.jpg", "1700000000000.jpg"),
    ],
)
def test_an_answer_is_printed_as_it_was_sent(kind: str, sent: str, printed: str) -> None:
    assert lines(questions(f"/q {kind}"), f"<q>{sent}</q>") == ["q", printed]


def test_lines_within_an_answer_stay_within_quotes() -> None:
    text = exported(questions("/q string"), "<q>a\nb</q>", "<q>c&#13;d</q>")["f.csv"]
    assert [row[1] for row in csv.reader(io.StringIO(text, newline=""))] == ["q", "a\nb", "c\rd"]


@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        ("21.03 105.85 12.0 4.9", "21.03,105.85,12.0,4.9"),
        ("1.0E1 105.850 12", "1.0E1,105.850,12,"),
        ("21.03  105.85", "21.03,105.85,,"),
        ("95 0 1 2 3", "95,0,1,2"),
        ("", ",,,"),
    ],
)
def test_a_point_takes_four_columns(sent: str, printed: str) -> None:
    head = "at-Latitude,at-Longitude,at-Altitude,at-Accuracy"
    assert lines(questions("/at geopoint"), f"<at>{sent}</at>", "") == [head, printed, ",,,"]


def test_a_select_multiple_is_split_when_asked() -> None:
    nodes = questions("/g structure", "/g/q string select", "/r string odk:rank", "/p string select")
    options = CsvOptions(split={"/g/q": ["a", "b", "đ"], "/r": ["a"]})
    assert lines(nodes, "<g><q>đ a</q></g><r>a</r><p>x</p>", "<g><q/></g>", options=options) == [
        "g-q,g-q/a,g-q/b,g-q/đ,r,p",
        "đ a,1,0,1,a,x",
        ",0,0,0,,",
    ]


def test_groups_may_be_left_out_of_the_header() -> None:
    nodes = questions("/g/q string select", "/g/at geopoint", "/m repeat", "/m/h/x string")
    options = CsvOptions(split={"/g/q": ["a"]}, group_paths=False)
    files = exported(nodes, options=options)
    assert files["f.csv"].startswith("SubmissionDate,q,q/a,at-Latitude,")
    assert files["f-m.csv"] == "x,PARENT_KEY,KEY\n"


def test_a_record_still_encrypted_is_a_row_without_answers() -> None:
    nodes = questions("/q string select")
    files = exported(
        nodes, "", system={**NOBODY, "status": "not decrypted"}, options=CsvOptions(split={"/q": ["a", "b"]})
    )
    assert files["f.csv"].splitlines()[1] == "2026-01-02T03:04:05.678Z,,,,k1,,,0,0,not decrypted,,,0,7"


def test_repeats_of_one_name_are_numbered_in_the_order_of_the_form() -> None:
    nodes = questions(
        "/jobs/entry repeat",
        "/jobs/entry/a string",
        "/only repeat",
        "/pals/entry repeat",
        "/pals/entry/b string",
    )
    assert list(exported(nodes)) == ["f.csv", "f-entry~1.csv", "f-only.csv", "f-entry~2.csv"]


def test_a_longer_name_is_no_child() -> None:
    nodes = questions("/children repeat", "/children/name string", "/children-status string")
    files = exported(nodes, "<children><name>B</name></children><children-status>home</children-status>")
    assert files["f-children.csv"] == "name,PARENT_KEY,KEY\nB,k1,k1/children[1]\n"
    assert lines(nodes, "<children-status>home</children-status>") == ["children-status", "home"]


def test_fields_come_out_in_the_order_of_the_nodes_alone() -> None:
    nodes = questions("/a string", "/gone int", "/b string")
    tables = layout(nodes)
    (file,) = csv_files("f", [nodes[2], nodes[0]], tables)
    assert file.header[1:3] == ("b", "a")
    assert file.reads == (*SYSTEM, "as_sent", "b", "a")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("khảo sát", "khảo sát"),
        ('a/b\\c:d*e?f"g<h>i|j', "abcdefghij"),
        ("a\x00b\nc\x9f", "abc"),
        (".hidden", ".hidden"),
        (" a", " a"),
        ("a. .", "a"),
        ("..", ""),
        ("../..", ""),
        ("con", ""),
        ("COM1.txt", ""),
        ("console", "console"),
        ("ộ" * 100, "ộ" * 85),
    ],
)
def test_a_file_name_is_safe_on_any_disk(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_file_names_tell_the_repeats_apart_however_long_the_form_id() -> None:
    assert file_name("hộ/gia đình", "-người~2") == "hộgia đình-người~2.csv"
    long = {file_name("x" * 255, rest) for rest in ("", "-a", "-b")}
    assert len(long) == 3
    assert {len(name) for name in long} == {255}


LOG = b"event,node,start,end,latitude,longitude,unknown,accuracy,old-value,new-value\n"
HEADER = (
    "instance ID,event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason\n"
)


@pytest.mark.parametrize(
    ("log", "events"),
    [
        (b"", []),
        (LOG, []),
        (LOG + b"a,/data/a,1,2,3,4,v,5,aa,bb\n", ["k,a,/data/a,1,2,3,4,5,aa,bb,,"]),
        (b"\xef\xbb\xbfevent,node,user\r\n\r\n a , /data/a ,An\r\n  \r\n", ["k,a,/data/a,,,,,,,,An,"]),
        (LOG + b"a,/data/a,1\n", ["k,a,/data/a,1,,,,,,,,"]),
        (LOG + b"a,/data/a,1,2,3,4,v,5,aa,bb,too,many\n", ["k,a,/data/a,1,2,3,4,5,aa,bb,,"]),
        (b'event,node,old-value\na,/a,g"g\n', ['k,a,/a,,,,,,"g""g",,,']),
        (b'event,node,old-value\na,/a,"x, ""y""\nz"\n', ['k,a,/a,,,,,,"x, ""y""\nz",,,']),
        (
            b"event,node,start\na,/a,1\nevent,node,user,start\nb,/b,An,2\n",
            ["k,a,/a,1,,,,,,,,", "k,b,/b,2,,,,,,,An,"],
        ),
        (b"event,node\n\xff\x00,/a\n", ["k,\ufffd\x00,/a,,,,,,,,,"]),
    ],
)
def test_an_audit_log_is_put_in_order(log: bytes, events: list[str]) -> None:
    text = b"".join(audit_csv([("k", log)])).decode()
    assert text == HEADER + "".join(event + "\n" for event in events)


def test_logs_follow_one_another() -> None:
    logs = [("k1", b"event,node\na,/a\n"), ("k2", b"node,event,change-reason\n/b,b,sai\n")]
    assert b"".join(audit_csv(logs)).decode() == HEADER + "k1,a,/a,,,,,,,,,\nk2,b,/b,,,,,,,,,sai\n"


def test_without_logs_there_is_no_file() -> None:
    assert list(audit_csv([])) == []


def test_a_logged_answer_may_be_long() -> None:
    (event,) = audit_events(b"event,node,old-value\na,/a," + b"x" * 500_000 + b"\n")
    assert len(event[7]) == 500_000


@given(st.binary(max_size=200))
def test_no_log_breaks_it(data: bytes) -> None:
    for log in (data, LOG + data):
        assert b"".join(audit_csv([("k", log)]))


texts = st.one_of(
    st.none(),
    st.text(st.sampled_from(list('a",\\\n\r\tnul[]{}:0=ộ\x7f\u2028')), max_size=6),
    st.text(st.characters(codec="utf-8"), max_size=6),
)


@given(
    st.lists(
        st.tuples(
            texts,
            texts,
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            st.one_of(st.none(), st.dates(min_value=date(1, 1, 1))),
        )
    )
)
def test_every_line_is_what_csv_would_write(
    rows: list[tuple[object, object, object, float | None, object]],
) -> None:
    nodes = questions("/m repeat", "/m/a string", "/m/b string", "/m/i int", "/m/r decimal", "/m/d date")
    (_, file) = csv_files("f", nodes, layout(nodes))
    text = b"".join(file.pieces([("p", "k", None, *row) for row in rows])).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    printed = [["" if value is None else str(value) for value in row] for row in rows]
    assert [line[:3] + line[4:] for line in read] == [[*row[:3], row[4], "p", "k"] for row in printed]
    assert [line[3] for line in read] == ["" if row[3] is None else java_double(row[3]) for row in rows]


def test_a_long_file_comes_in_pieces() -> None:
    nodes = questions("/m repeat", "/m/a int")
    file: CsvFile = csv_files("f", nodes, layout(nodes))[1]
    pieces = list(file.pieces(("p", "k", None, number) for number in range(1200)))
    assert [piece.count(b"\n") for piece in pieces] == [1, 500, 500, 200]


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["null", ",null", 'a,"b"', "x,y", "", " ", "\r", "\n", "\\", "\x1e\x1f", "{}", "[1,2]"]),
)


@given(
    st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=4),
    st.sampled_from(["uuid:1", "a,b", 'a"b', "null"]),
    st.sampled_from([None, '{"q1": "as, sent"}']),
)
def test_what_the_database_wrote_into_one_text_reads_as_what_it_hands_out(
    answers: list[tuple[object, ...]], key: str, sent: str | None
) -> None:
    nodes = questions("/a string", "/b int", "/m repeat", "/m/c string", "/m/d string", "/m/e int")
    tables = layout(nodes)
    base = sqlite3.connect(":memory:")
    for file in csv_files("f", nodes, tables):
        count = len(file.reads) - len(SYSTEM if not file.path else ("parent_key", "key")) - 1
        own: tuple[object, ...] = (f"{key}/p", key)
        if not file.path:
            own = ("2026-01-02T03:04:05.678Z", key, 5, "Lan, Mai", 0, 1, None, None, "collect:a", 2, "1,5")
        plain = [(*own, sent, *row[:count], *[None] * (count - len(row))) for row in answers]
        packed = Packed()
        for row in plain:
            held = (*row[len(own) + 1 :], *row[file.in_front : len(own)])
            marks = ",".join("?" * len(held))
            [(array,)] = base.execute(f"SELECT json_array({marks})", held)
            packed.append((*row[: file.in_front], sent, array))
        assert file.packs
        assert b"".join(file.body(packed)) == b"".join(file.body(plain))
        assert list(file.lines(packed)) == list(file.lines(plain))
    base.close()


def test_what_has_to_be_spelt_anew_does_not_come_in_one_text() -> None:
    for kind in ("geopoint", "decimal"):
        nodes = questions(f"/a {kind}")
        assert not csv_files("f", nodes, layout(nodes))[0].packs
