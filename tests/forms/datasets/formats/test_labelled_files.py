"""SPSS and Stata files as their readers see them: rows, types, labels, kinds of missing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from struct import unpack
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pyreadstat
import pytest

from forms.datasets.description import Dataset, Table, Value, Variable
from forms.datasets.formats import cells, labelled, stata
from forms.datasets.formats.catalogue import FORMATS
from forms.datasets.formats.coding import coding
from forms.datasets.material import Material
from forms.datasets.missing import kinds_of
from forms.datasets.spool import Spool
from tests.forms.datasets.made import HOUSEHOLDS, made_material, made_origin

ENDINGS = ("sav", "dta")


def files(material: Material, ending: str) -> Mapping[str, Path]:
    """What is in the archive of a format, unpacked, by name without ending."""
    path = material.folder / f"archive.{ending}.zip"
    FORMATS[ending].write(material, path, lambda _done, _all: None)
    with ZipFile(path) as file:
        file.extractall(material.folder / ending)
        return {Path(name).stem: material.folder / ending / name for name in file.namelist()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Path]]:
    """The hand-made dataset in both formats."""
    return {ending: files(made_material(tmp_path_factory.mktemp(ending)), ending) for ending in ENDINGS}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables without what is said beside them, which others test; the dataset above has it."""
    monkeypatch.setattr(labelled, "companions", lambda _material: ())


def small(folder: Path, variables: tuple[Variable, ...], rows: Mapping[str, list[Any]]) -> Material:
    """One table with these rows, column by column."""
    dataset = Dataset("f", "Phiếu", (Table("t", "", None, variables),))
    folder.mkdir(parents=True, exist_ok=True)
    spool = Spool(folder, dataset)
    with spool.writer(dataset.root) as sink:
        sink.add(rows, len(next(iter(rows.values()))))
    return Material(spool, made_origin(), folder)


def test_an_archive_has_a_file_for_each_table(made: Mapping[str, Mapping[str, Path]]) -> None:
    for ending in ENDINGS:
        tables = [name for name, path in made[ending].items() if path.suffix == f".{ending}"]
        assert tables == ["ho_gia_dinh", "member", "course"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_rows_come_back_with_their_types(made: Mapping[str, Mapping[str, Path]], ending: str) -> None:
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    frame, meta = read(made[ending]["ho_gia_dinh"])
    first = frame.iloc[0].to_dict()
    assert list(frame["KEY"]) == list(HOUSEHOLDS)
    assert first["province"] == "Điện Biên"
    assert first["head_name"] == "Vàng A Sùng"
    assert first["visited_on"] == date(2026, 8, 1)
    assert first["house_latitude"] == 21.3862
    assert first["income"] == 1.25
    assert first["consent"] == 1
    assert first["note"] == 'Nhà ở đầu bản,\nhỏi "trưởng bản"'
    assert pd.Timestamp(first["SubmissionDate"]).round("ms") == pd.Timestamp(2026, 8, 1, 10, 4, 5, 678_000)
    started = first["started_at"]
    assert (started.time() if isinstance(started, datetime) else started) == time(7, 30)
    assert meta.column_names_to_labels["head_name"] == "Họ và tên chủ hộ"
    assert meta.file_label == "Phiếu hộ gia đình"
    assert any("21/08/2026 09:00" in note for note in meta.notes)


@pytest.mark.parametrize("ending", ENDINGS)
def test_codes_are_numbers_with_words(made: Mapping[str, Mapping[str, Path]], ending: str) -> None:
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    frame, meta = read(made[ending]["member"])
    assert list(frame["sex"]) == [1, 2, 2, 1]
    words = meta.variable_value_labels
    assert {number: words["sex"][number] for number in (1, 2)} == {1: "Nam", 2: "Nữ"}
    assert {number: words["ethnic"][number] for number in (1, 8)} == {1: "Kinh", 8: "Mông"}
    frame, meta = read(made[ending]["ho_gia_dinh"])
    assert list(frame["ReviewState"]) == [2, 1, 1]
    assert meta.variable_value_labels["ReviewState"] == {1: "Chưa duyệt", 2: "Đã duyệt"}


def test_spss_tells_kinds_of_missing_apart(made: Mapping[str, Mapping[str, Path]]) -> None:
    root, meta = pyreadstat.read_sav(made["sav"]["ho_gia_dinh"], user_missing=True)
    assert list(root["income"]) == [1.25, -999_999_994, -999_999_993]
    assert root["consent"][2] == -999_999_992
    assert meta.variable_value_labels["consent"][-999_999_992] == "Từ chối trả lời"
    assert meta.variable_value_labels["income"][-999_999_993] == "Not asked"
    member, meta = pyreadstat.read_sav(made["sav"]["member"], user_missing=True)
    assert list(member["age"]) == [41, 39, 2, -999_999_995]
    assert member["ethnic"][1] == -999_999_991
    assert list(member["tongues__vie"]) == [1, 0, -999_999_993, -999_999_994]
    assert meta.missing_ranges["age"] == [{"lo": -999_999_995, "hi": -999_999_991}]
    assert "n" not in meta.missing_ranges
    assert pyreadstat.read_sav(made["sav"]["member"])[0]["age"].isna().tolist() == [False] * 3 + [True]


def test_stata_tells_kinds_of_missing_apart(made: Mapping[str, Mapping[str, Path]]) -> None:
    root, _ = pyreadstat.read_dta(made["dta"]["ho_gia_dinh"], user_missing=True)
    assert list(root["income"]) == [1.25, "d", "c"]
    assert root["consent"][2] == "b"
    member, meta = pyreadstat.read_dta(made["dta"]["member"], user_missing=True)
    assert list(member["age"]) == [41, 39, 2, "e"]
    assert member["ethnic"][1] == "a"
    assert list(member["tongues__vie"]) == [1, 0, "c", "d"]
    words: Mapping[str, Mapping[Any, str]] = meta.variable_value_labels
    assert words["ethnic"]["a"] == "Không biết"
    assert words["sex"]["c"] == "Not asked"


def test_lists_that_are_the_same_share_their_labels_in_stata(
    made: Mapping[str, Mapping[str, Path]],
) -> None:
    _, meta = pyreadstat.read_dta(made["dta"]["member"])
    sets = meta.variable_to_label
    assert sets["tongues__vie"] == sets["tongues__hmn"] == sets["tongues__tha"]
    assert sets["sex"] != sets["ethnic"]


def test_pandas_reads_stata_with_words(made: Mapping[str, Mapping[str, Path]]) -> None:
    frame = pd.read_stata(made["dta"]["member"])
    assert list(frame["sex"]) == ["Nam", "Nữ", "Nữ", "Nam"]
    assert frame["age"].isna().tolist() == [False, False, False, True]
    with pd.io.stata.StataReader(made["dta"]["ho_gia_dinh"]) as reader:
        assert reader.variable_labels()["consent"] == "Hộ có đồng ý trả lời không?"
        assert reader.time_stamp == "21 Aug 2026 09:00"
        assert reader.read()["visited_on"][0] == pd.Timestamp(2026, 8, 1)


def test_the_map_of_stata_points_at_its_sections(made: Mapping[str, Mapping[str, Path]]) -> None:
    content = made["dta"]["ho_gia_dinh"].read_bytes()
    at = content.index(b"<map>") + len(b"<map>")
    places = unpack("<14Q", content[at : at + 14 * 8])
    assert places[-1] == len(content)
    starts = [content[start:end].partition(b">")[0] for start, end in pairwise(places)]
    assert starts == [
        b"<stata_dta",
        b"<map",
        b"<variable_types",
        b"<varnames",
        b"<sortlist",
        b"<formats",
        b"<value_label_names",
        b"<variable_labels",
        b"<characteristics",
        b"<data",
        b"<strls",
        b"<value_labels",
        b"</stata_dta",
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, ending: str) -> None:
    first, again = (made_material(tmp_path / name) for name in ("a", "b"))
    written = [
        {name: path.read_bytes() for name, path in files(one, ending).items()} for one in (first, again)
    ]
    assert written[0] == written[1]


@pytest.mark.parametrize("ending", ENDINGS)
def test_texts_of_every_width_come_back(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(cells, "_MOST_BYTES", 1)
    widths = (1, 8, 9, 254, 255, 256, 504, 505, 510, 511, 765, 2045, 2046, 9000)
    variables = tuple(Variable(f"w{wide}", "text", "/q") for wide in widths)
    rows = {f"w{wide}": ["ế" * (wide // 3) + "x" * (wide % 3), None, f"a{wide}"[:wide]] for wide in widths}
    path = files(small(tmp_path, variables, rows), ending)["t"]
    frame, _ = (pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta)(path)
    for wide in widths:
        assert list(frame[f"w{wide}"]) == [text or "" for text in rows[f"w{wide}"]]
    if ending == "dta":
        again = pd.read_stata(path)
        assert list(again["w9000"]) == [text or "" for text in rows["w9000"]]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_text_too_long_for_spss_is_cut_between_signs(tmp_path: Path, ending: str) -> None:
    long = "x" + "ế" * 11_000
    material = small(tmp_path, (Variable("q", "text", "/q"),), {"q": [long]})
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    frame, _ = read(files(material, ending)["t"])
    assert frame["q"][0] == (long if ending == "dta" else "x" + "ế" * 10_922)


@pytest.mark.parametrize("ending", ENDINGS)
def test_labels_are_cut_between_signs(tmp_path: Path, ending: str) -> None:
    words = "Trong 12 tháng qua, người này có đọc được một câu đơn giản không? " * 5
    values = (Value("1", {"vi": words}), Value("2", {"vi": "Có"}), Value("3", {"vi": "Có"}))
    material = small(
        tmp_path, (Variable("q", "code", "/q", {"vi": f"**{words}**"}, values),), {"q": ["1", "2"]}
    )
    _, meta = (pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta)(files(material, ending)["t"])
    label, value = meta.column_names_to_labels["q"] or "", meta.variable_value_labels["q"][1]
    assert label.startswith("Trong 12 tháng qua")
    assert label.endswith("…")
    assert len(label) == 80 if ending == "dta" else 240 < len(label.encode()) <= 255
    assert ending == "dta" or (value.endswith("…") and len(value.encode()) <= 120)
    assert meta.variable_value_labels["q"][3] == "Có (3)"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_without_rows_and_numbers_of_all_sizes(tmp_path: Path, ending: str) -> None:
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    variables = (
        *(Variable(name, "whole", "/q") for name in ("tiny", "short", "middle", "huge")),
        Variable("text", "text", "/q"),
        Variable("wild", "decimal", "/q"),
    )
    rows: dict[str, list[Any]] = {
        "tiny": [-127, 100],
        "short": [-32_767, 101],
        "middle": [32_741, -2_147_483_647],
        "huge": [2_147_483_621, 1 << 52],
        "text": ["", None],
        "wild": [float("inf"), -0.000001],
    }
    frame, meta = read(files(small(tmp_path / "two", variables, rows), ending)["t"])
    for name in ("tiny", "short", "middle", "huge"):
        assert list(frame[name]) == rows[name]
    assert pd.isna(frame["wild"][0])
    assert frame["wild"][1] == -0.000001
    empty, meta = read(files(small(tmp_path / "none", variables, {name: [] for name in rows}), ending)["t"])
    assert (len(empty), meta.column_names) == (0, list(rows))


def test_more_columns_than_118_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stata, "_MOST_IN_118", 1)
    material = small(
        tmp_path,
        (Variable("a", "whole", "/a"), Variable("b", "text", "/b")),
        {"a": [1, 2], "b": ["x" * 3000, "y"]},
    )
    frame = pd.read_stata(files(material, "dta")["t"])
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x" * 3000, "y"]}


def test_codes_with_letters_are_numbered_in_their_order() -> None:
    values = tuple(
        Value(code, {"vi": code}, missing=code in {"kb", "tc", "kh"})
        for code in ("vie", "kb", "hmn", "tc", "kh")
    )
    values = (*values[:1], replace(values[1], labels={"vi": "Không biết"}), *values[2:])
    found = coding(Variable("q", "code", "/q", values=values), {"tha"}, "vi", str)
    assert found
    assert found.numbers == {"vie": 1, "hmn": 2, "tha": 3}
    assert found.labels[3] == "tha"
    assert found.kinds == {"kb": 1, "tc": 6, "kh": 7}
    assert kinds_of([Value("r", {"en": "Refused"}, missing=True)]) == {"r": 2}


def test_whole_codes_stay_the_numbers_they_are() -> None:
    values = tuple(Value(code) for code in ("01", "08", "12"))
    found = coding(Variable("q", "code", "/q", values=values), {"20", "1", "x"}, "vi", str)
    assert found
    assert found.numbers == {"01": 1, "08": 8, "12": 12, "20": 20}
    both = coding(Variable("q", "code", "/q", values=(Value("1"), Value("01"))), (), "vi", str)
    assert both
    assert both.numbers == {"1": 1, "01": 2}
    assert coding(Variable("q", "code", "/q"), (), "vi", str) is None


def test_names_say_what_became_of_columns_and_codes(made: Mapping[str, Mapping[str, Path]]) -> None:
    for ending in ENDINGS:
        with made[ending]["names"].open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["Table", "Column", "Name in this file", "Code", "Number in this file", "Words"]
        assert ["ho_gia_dinh", "note", "note", "", "", "Ghi chú"] in rows
        assert ["member", "ethnic", "ethnic", "08", "8", "Mông"] in rows
        assert ["ho_gia_dinh", "ReviewState", "ReviewState", "approved", "2", "Đã duyệt"] in rows
        refused = "-999999992" if ending == "sav" else ".b"
        assert ["ho_gia_dinh", "consent", "consent", "9", refused, "Từ chối trả lời"] in rows
