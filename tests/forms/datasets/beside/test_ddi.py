"""The description for catalogues and archives is DDI-Codebook, and says what the tables hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from forms.datasets.beside.codebook import codebook_heads, codebook_rows, value_rows
from forms.datasets.beside.ddi import ddi
from forms.datasets.describing import Version, describe
from forms.datasets.description import Dataset, Table, Variable
from forms.datasets.spool import Spool
from tests.forms.datasets.beside.ddi_checked import NAMES, faults
from tests.forms.datasets.made import made_origin, made_spool
from tests.xlsforms.surveys import SURVEYS, converted


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return made_spool(tmp_path / "spool")


def _of(spool: Spool, name: str, path: str, **origin: object) -> list[str]:
    root = etree.fromstring(ddi(spool, replace(made_origin(), **origin)))  # type: ignore[arg-type]
    found = root.xpath(f"//d:var[@name='{name}']/{path}", namespaces=NAMES)
    return [one if isinstance(one, str) else "".join(one.itertext()) for one in found]


def test_it_is_valid(spool: Spool) -> None:
    assert faults(ddi(spool, made_origin())) == []


def test_a_fault_would_be_found(spool: Spool) -> None:
    broken = ddi(spool, made_origin()).replace(b"<varQnty>", b"<vars>").replace(b"</varQnty>", b"</vars>")
    assert faults(broken)
    assert faults(ddi(spool, made_origin()).replace(b'keyvar="V1"', b'keyvar="V999"')) == ["no V999"]


def test_study_files_and_their_keys(spool: Spool) -> None:
    root = etree.fromstring(ddi(spool, made_origin()))

    def said(path: str) -> list[str]:
        return [str(one) for one in root.xpath(path, namespaces=NAMES)]

    assert said("//d:stdyDscr/d:citation/d:titlStmt/d:titl/text()") == ["Phiếu hộ gia đình"]
    assert said("//d:collDate/@date") == ["2026-08-01", "2026-08-03"]
    assert said("//d:geogCover/text()") == ["Xã Mường Lài"]
    assert said("//d:caseQnty/text()") == ["3", "4", "3"]
    keys = [root.xpath(f"string(//d:var[@ID='{one}']/@name)", namespaces=NAMES) for one in said("//@keyvar")]
    assert keys == ["KEY", "KEY", "KEY"]
    assert said("//d:recGrp/@recGrp") == ["R1", "R2"]


def test_a_variable_has_its_words_its_question_its_codes_and_its_figures(spool: Spool) -> None:
    assert _of(spool, "ethnic", "d:labl") == ["Dân tộc", "Ethnicity"]
    assert _of(spool, "ethnic", "d:labl/@xml:lang") == ["vi", "en"]
    assert _of(spool, "tongues", "d:universe") == ["where Tuổi ≥ 3"]
    assert _of(spool, "ethnic", "d:catgry/d:catValu") == ["01", "08", "98"]
    assert _of(spool, "ethnic", "d:catgry[@missing='Y']/d:labl") == ["Không biết", "Don't know"]
    assert _of(spool, "ethnic", "d:catgry/d:catStat") == ["1", "2", "1"]
    assert _of(spool, "age", "d:sumStat[@type='mean']") == ["27.333333"]
    assert _of(spool, "age", "d:sumStat[@otherType='unreadable']") == ["1"]
    assert _of(spool, "visited_on", "d:varFormat/@category") == ["date"]


def test_a_protected_dataset_tells_no_small_count(spool: Spool) -> None:
    protection = {"Mức": "Không nhận ra ai"}
    assert _of(spool, "ethnic", "d:catgry/d:catStat", protection=protection) == []
    # What was taken out to protect persons must not pass for what nobody was asked.
    assert _of(spool, "income", "d:sumStat/@otherType", protection=protection) == [
        "blank",
        "not-asked-or-withheld",
    ]
    assert faults(ddi(spool, replace(made_origin(), protection=protection))) == []


def test_signs_that_no_xml_holds_are_left_out(tmp_path: Path) -> None:
    table = Table("t", "", None, (Variable("q", "text", "/q", {"Tiếng Việt": "Họ\x07 & <tên>"}),))
    spool = made_spool(tmp_path, Dataset("t", "T\x00", (table,), languages=("Tiếng Việt",)))
    data = ddi(spool, made_origin())
    assert faults(data) == []
    assert _of(spool, "q", "d:labl") == ["Họ & <tên>"]


@pytest.mark.parametrize("form_id", SURVEYS)
def test_codebook_and_ddi_of_every_survey_as_shipped(form_id: str, tmp_path: Path) -> None:
    dataset = describe([Version(converted(form_id).xform, "1")])
    spool, origin = made_spool(tmp_path, dataset), made_origin()
    assert faults(ddi(spool, origin)) == []
    rows = list(codebook_rows(spool, origin))
    assert len(rows) == sum(len(table.variables) for table in dataset.tables)
    heads = codebook_heads(spool, origin)
    expressions = {heads.index(head) for head in ("Asked when", "Rule for the answer", "Who was asked")}
    words = [
        cell
        for row in (*rows, *value_rows(spool, origin))
        for number, cell in enumerate(row)
        if isinstance(cell, str) and number not in expressions
    ]
    assert [one for one in words if "${" in one or "**" in one or "</" in one] == []
    asked = [row for table in dataset.tables for row in table.variables if row.path]
    assert asked
