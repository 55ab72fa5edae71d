"""What the CSV files can do beyond Central's: labels, one line for each record, zones, and Excel's mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from lxml import etree

from forms.exports.csv_text import SYSTEM, TAIL, CsvFile, CsvOptions, Labels, csv_files
from forms.exports.wide import MOST_COLUMNS, Outgrown, WideFile
from forms.problems import TooManyColumns
from forms.rows import lay_flat
from forms.schema import Node
from tests.forms.laid import layout, questions
from tests.forms.test_csv_text import NOBODY

LABELS = Labels(
    {"/sex": "Giới tính", "/skills": "Biết, làm được", "/age": "Tuổi"},
    {"/sex": {"1": "Nam", "2": "Nữ"}, "/skills": {"r": "Đọc", "w": "Viết"}},
)
HOME = timezone(timedelta(hours=7))


def chosen() -> tuple[Node, ...]:
    """A question of each kind that labels change."""
    nodes = questions("/sex string", "/skills string", "/age int")
    return (nodes[0], replace(nodes[1], control="select"), nodes[2])


def pages(nodes: Sequence[Node], options: CsvOptions, *answers: str) -> list[tuple[CsvFile, list[object]]]:
    """The files with the rows of these submissions, `k1`, `k2` and so on."""
    tables = layout(nodes)
    flats = [
        lay_flat(etree.fromstring(f"<data>{xml}</data>"), tables, f"k{number}")
        for number, xml in enumerate(answers, 1)
    ]
    return [
        (
            file,
            [
                tuple((dict.fromkeys(SYSTEM) | dict(NOBODY) | row).get(name) for name in file.reads)
                for flat in flats
                for row in flat.rows[file.path]
            ],
        )
        for file in csv_files("f", nodes, tables, options)
    ]


def lines(nodes: Sequence[Node], options: CsvOptions, *answers: str) -> list[str]:
    """The root file without what every line ends with."""
    [(file, rows), *_repeats] = pages(nodes, options, *answers)
    text = b"".join(file.pieces(rows)).decode()  # type: ignore[arg-type]
    return [line.rsplit(",", TAIL)[0].split(",", 1)[1] for line in text.splitlines()]


def wide(
    nodes: Sequence[Node], counts: Mapping[str, int], *answers: str, options: CsvOptions | None = None
) -> list[str]:
    """The wide file, without what stands around the answers."""
    page = pages(nodes, options or CsvOptions(), *answers)
    parents = {node.path: node.table for node in nodes if node.type == "repeat"}
    made = WideFile([file for file, _rows in page], parents, counts)
    text = (made.head + b"".join(made.body(page))).decode()  # type: ignore[arg-type]
    return [line.rsplit(",", TAIL)[0].split(",", 1)[1] for line in text.splitlines()]


ANSWER = "<sex>2</sex><skills>w r x</skills><age>41</age>"


def test_labels_stand_instead_of_names_and_codes() -> None:
    head, line = lines(chosen(), CsvOptions(labels=LABELS), ANSWER)
    assert head == 'Giới tính,"Biết, làm được",Tuổi'
    assert line == "Nữ,Viết; Đọc; x,41"


def test_labels_stand_beside_names_and_codes() -> None:
    both = replace(LABELS, both=True)
    head, line, empty = lines(chosen(), CsvOptions(labels=both), ANSWER, "<sex/>")
    assert head == "sex,sex-label,skills,skills-label,age"
    assert line == "2,Nữ,w r x,Viết; Đọc; x,41"
    assert empty == ",,,,"


def test_labels_and_codes_of_their_own_go_together() -> None:
    labels = replace(LABELS, heads={})
    split = {"/skills": ["r", "w"]}
    sent = "<skills>w r x</skills>"
    assert lines([chosen()[1]], CsvOptions(split, labels=labels), sent) == [
        "skills,skills/Đọc,skills/Viết",
        "Viết; Đọc; x,1,1",
    ]
    assert lines([chosen()[1]], CsvOptions(split, labels=replace(labels, both=True)), sent) == [
        "skills,skills/r,skills/w,skills-label",
        "w r x,1,1,Viết; Đọc; x",
    ]


def test_moments_are_written_in_the_zone_asked_for() -> None:
    nodes = questions("/start dateTime", "/day date", "/note string")
    sent = "<start>2026-08-02T23:30:00.000Z</start><day>2026-08-02</day><note>2026-08-02T23:30:00Z</note>"
    [(file, rows)] = pages(nodes, CsvOptions(zone=HOME), sent, "<start>soon</start>")
    [line, odd] = file.lines(rows)  # type: ignore[arg-type]
    assert line[:4] == [
        "2026-01-02T10:04:05.678+07:00",
        "2026-08-03T06:30:00.000+07:00",
        line[2],
        "2026-08-02T23:30:00Z",
    ]
    assert str(line[2]) == "2026-08-02"
    assert odd[1] == "soon"


def test_a_mark_for_excel_stands_before_every_file() -> None:
    nodes = questions("/a string", "/m repeat", "/m/b string")
    for file, _rows in pages(nodes, CsvOptions(bom=True)):
        assert file.head.startswith(b"\xef\xbb\xbf")
    for file, _rows in pages(nodes, CsvOptions()):
        assert not file.head.startswith(b"\xef\xbb\xbf")


def test_repeats_stand_beside_their_record() -> None:
    nodes = questions(
        "/a string", "/m repeat", "/m/n string", "/m/g structure", "/m/g/c repeat", "/m/g/c/x int",
        "/z string", "/v repeat", "/v/d string",
    )  # fmt: skip
    head, first, second = wide(
        nodes,
        {"/m": 2, "/m/g/c": 2, "/v": 1},
        "<a>1</a><m><n>p</n><g><c><x>7</x></c><c><x>8</x></c></g></m><m><n>q</n></m><z>e</z>",
        "<a>2</a><m><n>r</n><g><c><x>9</x></c></g></m><v><d>s</d></v>",
    )
    assert head == "a,z,m_1_n,m_1_c_1_x,m_1_c_2_x,m_2_n,m_2_c_1_x,m_2_c_2_x,v_1_d"
    assert first == "1,e,p,7,8,q,,,"
    assert second == "2,,r,9,,,,,s"


def test_repeats_nobody_filled_take_no_columns() -> None:
    nodes = questions("/a string", "/m repeat", "/m/n string")
    assert wide(nodes, {"/m": 0}, "<a>1</a>") == ["a", "1"]


def test_more_columns_than_a_sheet_has_are_refused() -> None:
    nodes = questions("/a string", "/m repeat", "/m/n string", "/m/o string")
    with pytest.raises(TooManyColumns) as refused:
        wide(nodes, {"/m": MOST_COLUMNS // 2}, "<a>1</a>")
    assert refused.value.details["limit"] == MOST_COLUMNS
    assert "layout=wide" in str(refused.value)


def test_a_record_that_grew_meanwhile_is_not_cut_short() -> None:
    nodes = questions("/m repeat", "/m/n string")
    with pytest.raises(Outgrown):
        wide(nodes, {"/m": 1}, "<m><n>1</n></m><m><n>2</n></m>")
