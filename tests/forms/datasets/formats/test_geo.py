"""Points on a map: which rows become features, where they lie and what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forms.datasets.formats.catalogue import FORMATS
from forms.datasets.formats.geo import point_of, write_geojson
from forms.datasets.material import Style
from forms.datasets.widening import widen
from tests.forms.datasets.formats.test_excel import quiet
from tests.forms.datasets.made import COURSE, HOUSEHOLDS, MEMBER, ROOT, made_dataset, made_material


def features(folder: Path, words: Any = "labels") -> list[dict[str, Any]]:
    """What the file holds."""
    material = replace(made_material(folder), style=Style(words))
    write_geojson(material, folder / "made.geojson", quiet)
    read = json.loads((folder / "made.geojson").read_text("utf-8"))
    assert read["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = read["features"]
    return found


def test_a_row_with_a_point_is_a_feature(tmp_path: Path) -> None:
    (one,) = features(tmp_path)
    assert one["id"] == HOUSEHOLDS[0]
    assert one["geometry"] == {"type": "Point", "coordinates": [103.0163, 21.3862, 480.5]}
    said = one["properties"]
    assert said["table"] == "ho_gia_dinh"
    assert said["visited_on"] == "2026-08-01"
    assert said["SubmissionDate"].startswith("2026-08-01T10:04:05")
    assert said["house_accuracy"] == 4
    assert "house_latitude" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("labels", {"consent": "Có"}),
        ("codes", {"consent": "1"}),
        ("both", {"consent": "1", "consent__label": "Có"}),
    ],
)
def test_codes_or_words_or_both(tmp_path: Path, words: str, said: dict[str, str]) -> None:
    (one,) = features(tmp_path, words)
    assert {name: text for name, text in one["properties"].items() if name.startswith("consent")} == said


def test_only_tables_with_a_point_are_on_the_map() -> None:
    assert point_of(ROOT) == ("house_latitude", "house_longitude", "house_altitude")
    assert point_of(MEMBER) is None


def test_a_survey_without_points_is_an_empty_map(tmp_path: Path) -> None:
    material = made_material(tmp_path)
    plain = replace(ROOT, variables=tuple(one for one in ROOT.variables if not one.part_of))
    material.spool.dataset = replace(made_dataset(), tables=(plain, MEMBER, COURSE))
    write_geojson(material, tmp_path / "made.geojson", quiet)
    assert json.loads((tmp_path / "made.geojson").read_bytes())["features"] == []


@pytest.mark.parametrize("code", [code for code in FORMATS if code not in {"sav", "dta"}])
def test_every_format_writes_one_row_for_each_household_too(tmp_path: Path, code: str) -> None:
    material = made_material(tmp_path)
    wide = replace(material, spool=widen(material.spool, tmp_path / "wide"))
    told: list[tuple[int, int]] = []
    FORMATS[code].write(wide, tmp_path / "made", lambda *both: told.append(both))
    assert told[-1] == (3, 3)
    assert (tmp_path / "made").stat().st_size > 1000
