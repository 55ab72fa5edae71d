"""What lies beside the data in every archive: how to read it, the export report, the log of corrections."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.saying import say_in
from forms.datasets.beside import readme as beside
from forms.datasets.beside.correction_log import correction_rows, keep, kept
from forms.datasets.beside.export_report import report_rows
from forms.datasets.beside.readme import companions, readme
from forms.datasets.material import Correction, Material, Style
from tests.forms.datasets.made import HOUSEHOLDS, made_material


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return made_material(tmp_path)


def _lines(data: bytes, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=separator))


def test_the_same_files_with_the_same_bytes(material: Material) -> None:
    first = list(companions(material))
    assert [name for name, _ in first] == [
        "README.txt",
        "codebook.xlsx",
        "ddi.xml",
        "export_report.csv",
        "corrections.csv",
    ]
    assert list(companions(material)) == first


def test_how_to_read_it_is_said_in_plain_vietnamese(material: Material) -> None:
    text = readme(replace(material, origin=replace(material.origin, say=say_in("vi"))))
    assert text.startswith("PHIẾU HỘ GIA ĐÌNH\n=================\nTrích xuất lúc 21/08/2026 09:00\n")
    assert "- member: Thành viên, 4 dòng\n" in text
    assert "* số liệu tạm thời, chưa chốt: lần trích xuất sau có thể khác *" in text
    assert "Các tệp này nhận ra được người." in text


def test_a_frozen_release_is_cited_and_not_called_provisional(material: Material) -> None:
    origin = replace(material.origin, release="Kỳ 1/2026", digest="ab" * 32)
    text = readme(replace(material, origin=origin))
    assert "provisional" not in text
    assert "Điều tra xóa mù chữ 2026. Release Kỳ 1/2026." in text
    assert "ab" * 32 in text


def test_the_report_says_filters_counts_and_what_was_left_out(material: Material) -> None:
    said = dict(report_rows(material.origin, material.spool.dataset))
    assert said["Chosen for this file: Kỳ điều tra"] == "Tháng 8 năm 2026"
    assert said["Records the survey had"] == 4
    assert said["Rows of “Thành viên” (member)"] == 4
    assert said["Records left out: Phiếu đã xóa"] == 1
    assert said["Versions of the form in it"] == "2026010100, 2026060100"
    assert said["Protection of persons"].startswith("none")  # type: ignore[union-attr]


def test_the_log_says_what_codes_mean_and_who_changed_what(material: Material) -> None:
    at = datetime(2026, 8, 5, 1, 0, tzinfo=UTC)
    one = Correction(f"{HOUSEHOLDS[0]}/member[1]", "member", "sex", "", "2", at, "Ba", "Nhầm")
    origin = replace(material.origin, corrections=lambda: [one])
    [row] = correction_rows(origin, material.spool.dataset)
    assert row == (
        "member",
        f"{HOUSEHOLDS[0]}/member[1]",
        "sex",
        "Giới tính",
        "(blank)",
        "2 = Nữ",
        at,
        "Ba",
        "Nhầm",
    )


def test_a_protected_log_shows_no_answer_and_no_name(material: Material) -> None:
    at = datetime(2026, 8, 5, 1, 0, tzinfo=UTC)
    several = [
        Correction("k", "member", "name", "Lò Văn A", "Lò Văn B", at, "Ba", "Another reason: là Lò Văn B"),
        Correction("k", "member", "age", "41", "14", at, "Ba", "Mistyped"),
        Correction("k", "member", "gone", "x", "y", at, "Ba", ""),
        Correction("k", "course", "hours", "1", "2", at, "Ba", ""),
    ]
    origin = replace(material.origin, protection={"Mức": "Cao"}, corrections=lambda: several)
    rows = list(correction_rows(origin, material.spool.dataset))
    assert [row[4:6] for row in rows] == [("(not shown)",) * 2] * 4
    assert "Lò" not in str(rows)
    assert "Ba" not in str(rows)
    assert [row[8] for row in rows] == ["Another reason", "Mistyped", "", ""]


def test_the_log_is_safe_in_excel_and_exact_for_programs(material: Material) -> None:
    at = datetime(2026, 8, 5, 1, 0, tzinfo=UTC)
    one = Correction("k", "ho_gia_dinh", "note", "", "=1+1", at, "Ba", "")
    origin = replace(material.origin, corrections=lambda: [one])
    people = dict(companions(replace(material, origin=origin)))["corrections.csv"]
    assert people.startswith(b"\xef\xbb\xbf")
    assert _lines(people)[1][5:7] == ["'=1+1", "05/08/2026 08:00"]
    plain = replace(material, origin=origin, style=Style(for_people=False, separator=";"))
    programs = dict(companions(plain))["corrections.csv"]
    assert programs.startswith(b"Table;")
    assert _lines(programs, ";")[1][5:7] == ["=1+1", "2026-08-05T01:00:00.000Z"]


def test_a_long_log_goes_on_in_another_file(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_MOST_BYTES", 200)
    several = [name for name, _ in companions(material) if name.startswith("corrections")]
    assert several == ["corrections.csv", "corrections_2.csv"]


def test_corrections_are_put_aside_and_come_back(tmp_path: Path, material: Material) -> None:
    path = tmp_path / "log"
    given = list(material.origin.corrections())
    assert keep(path, given) == 2
    assert list(kept(path)) == list(kept(path)) == given
