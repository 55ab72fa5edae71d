"""A dataset de-identified: who was in it cannot be found, and what is left still joins and counts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from forms.datasets.description import Dataset, Table, Variable
from forms.datasets.spool import Spool
from forms.protection.policy import Policy
from forms.protection.protecting import Protected, protect
from tests.forms.datasets.made import made_spool
from tests.forms.protection.crowd import MEMBER, ROOT, drawn, spooled, told

KEY = b"k" * 32
MIDDLES = {"00999": (20.5, 104.5), "01999": (20.6, 104.6), "02999": (20.7, 104.7)}
ABOUT_PEOPLE = {
    "": ("commune_code", "head_birth_year", "power", "minutes", "mystery"),
    "/member": (
        "m_sex",
        "m_birth_year",
        "m_age",
        "m_ethnic",
        "m_school",
        "topics",
        "topics__xmc",
        "topics__it",
    ),
}
"""What others may know of somebody: said here once more, by hand."""


def deidentified(folder: Path, households: int = 400, k: int = 5, **more: Any) -> tuple[Spool, Protected]:
    """A crowd before and after."""
    spool = spooled(folder / "before", drawn(households, **more))
    return spool, protect(spool, Policy(k=k), KEY, MIDDLES, folder / "after")


def smallest_groups(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    """By table: the fewest different households that are alike in all that may be known of a row."""
    homes = {row["KEY"]: tuple(row[name] for name in ABOUT_PEOPLE[""]) for row in rows[""]}
    groups: dict[str, dict[Any, set[str]]] = {"": defaultdict(set), "/member": defaultdict(set)}
    for key, known in homes.items():
        groups[""][known].add(key)
    for row in rows["/member"]:
        known = (*homes[row["PARENT_KEY"]], *(row[name] for name in ABOUT_PEOPLE["/member"]))
        groups["/member"][known].add(row["PARENT_KEY"])
    return {path: min(map(len, several.values())) for path, several in groups.items()}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spool, Protected]:
    """Four hundred households before and after."""
    return deidentified(tmp_path_factory.mktemp("crowd"))


@pytest.mark.parametrize("households", [7, 60, 300])
def test_every_row_is_alike_with_those_of_four_other_households(tmp_path: Path, households: int) -> None:
    before, after = deidentified(tmp_path, households)
    rows = told(after.spool)

    assert len(rows[""]) == households
    assert all(least >= 5 for least in smallest_groups(rows).values())
    assert after.report.k == min(smallest_groups(rows).values())
    assert smallest_groups(told(before))[""] == 1


def test_with_ten_alike_there_are_ten(tmp_path: Path) -> None:
    _before, after = deidentified(tmp_path, 200, k=10)

    assert min(smallest_groups(told(after.spool)).values()) >= 10


def test_fewer_households_than_that_leave_nothing(tmp_path: Path) -> None:
    _before, after = deidentified(tmp_path, 4)

    assert told(after.spool)[""] == []
    assert [one.left_out for one in after.report.tables] == [4, after.report.tables[1].rows]
    assert after.report.k == 0


def test_nothing_that_names_anybody_is_left(crowd: tuple[Spool, Protected]) -> None:
    before, after = crowd
    text = json.dumps(told(after.spool), default=str, ensure_ascii=False)
    raw = told(before)

    direct = {
        row[name]
        for row in raw[""]
        for name in ("KEY", "hh_id", "head_name", "phone", "village", "village_code")
    }
    direct |= {row[name] for row in raw["/member"] for name in ("KEY", "m_name", "learner_uuid")}
    direct |= {f"{row['gps_latitude']}" for row in raw[""]} | {"collect:", "Lò Thị Mai", "nhà ông", "Sùng"}
    assert [one for one in sorted(direct) if one in text] == []
    gone = {
        "deviceid",
        "hh_village_code",
        "legacy_commune",
        "remarks",
        "SubmitterName",
        "DeviceID",
        "village",
    }
    assert gone & set(after.spool.dataset.root.by_name) == set()
    assert "x_village_code" not in after.spool.dataset.tables[1].by_name


def test_tables_still_join_and_communes_have_their_middle(crowd: tuple[Spool, Protected]) -> None:
    _before, after = crowd
    rows = told(after.spool)

    homes = {row["KEY"]: row for row in rows[""]}
    assert all(row["KEY"] == f"{row['PARENT_KEY']}/member[{row['n']}]" for row in rows["/member"])
    assert {row["PARENT_KEY"] for row in rows["/member"]} <= set(homes)
    assert {(row["commune_code"], row["gps_latitude"], row["gps_longitude"]) for row in rows[""]} == {
        (code, *middle) for code, middle in MIDDLES.items()
    }
    assert "gps_accuracy" not in rows[""][0]


def test_days_become_months_and_years_of_birth_ages(crowd: tuple[Spool, Protected]) -> None:
    before, after = crowd
    rows, raw = told(after.spool), told(before)

    assert {row["start"] for row in rows[""]} == {"2026-07", "2026-08"}
    assert {row["SubmissionDate"] for row in rows[""]} == {"2026-09"}
    bands = {row["m_age"] for row in rows["/member"]} - {None}
    assert bands <= {one.code for one in after.spool.dataset.tables[1].by_name["m_age"].values}
    for was, now in zip(raw["/member"], rows["/member"], strict=True):
        for name in ("m_age", "m_birth_year"):
            assert now[name] is None or _lies_in(int(was["m_age"]), now[name])


def _lies_in(age: int, band: str) -> bool:
    if band.endswith("+"):
        return age >= int(band[:-1])
    first, _, last = band.partition("-")
    return int(first) <= age <= int(last)


def test_what_is_not_blanked_is_as_it_was(crowd: tuple[Spool, Protected]) -> None:
    before, after = crowd
    rows, raw = told(after.spool), told(before)

    for was, now in zip(raw["/member"], rows["/member"], strict=True):
        assert now["lit_status"] == was["lit_status"]
        assert now["m_sex"] in {None, was["m_sex"]}
        assert (now["topics"], now["topics__it"]) in {(None, None), (was["topics"], was["topics__it"])}
    assert sum(row["m_sex"] is not None for row in rows["/member"]) > len(rows["/member"]) * 0.9
    assert [row["poor"] for row in rows[""]] == [row["poor"] for row in raw[""]]


def test_hidden_columns_tell_nothing_of_what_was_hidden(tmp_path: Path) -> None:
    _before, after = deidentified(tmp_path, 20)

    assert {(row["__blank"], row["__unreadable"]) for row in told(after.spool)[""]} == {(None, None)}


def test_the_report_says_what_was_done(tmp_path: Path) -> None:
    before, after = deidentified(tmp_path, 60)
    home, member = after.report.tables

    assert (home.rows, home.left_out, home.failing) == (60, 0, 60)
    assert home.changed == sum(
        any(now[name] is None for name in ABOUT_PEOPLE[""]) for now in told(after.spool)[""]
    )
    assert home.dropped["head_name"].startswith("names a person")
    assert home.dropped["legacy_commune"] == "tells the village"
    assert set(member.failing_keys()) <= {row["KEY"] for row in told(after.spool)["/member"]}
    assert after.protection["Protection of persons"] == "Nobody can be found in it"
    assert len(told(before)["/member"]) == member.rows


def test_the_same_rows_give_the_same_file(tmp_path: Path) -> None:
    _before, one = deidentified(tmp_path / "1", 60)
    _before, other = deidentified(tmp_path / "2", 60)

    assert told(one.spool) == told(other.spool)
    assert (
        one.spool.path(one.spool.dataset.root).read_bytes()
        == other.spool.path(other.spool.dataset.root).read_bytes()
    )


def test_pseudonyms_are_the_same_in_every_file_and_keep_all_else(tmp_path: Path) -> None:
    rows = drawn(20)
    again = {path: list(several) for path, several in drawn(20).items()}
    again[""] = [row | {"KEY": row["KEY"].replace("uuid:", "uuid:0")} for row in again[""]]
    again["/member"] = []
    policy = Policy("pseudonyms")
    one = told(protect(spooled(tmp_path / "1", rows), policy, KEY, {}, tmp_path / "a").spool)
    other = told(protect(spooled(tmp_path / "2", again), policy, KEY, {}, tmp_path / "b").spool)
    foreign = told(protect(spooled(tmp_path / "3", rows), policy, b"o" * 32, {}, tmp_path / "c").spool)

    assert [row["hh_id"] for row in one[""]] == [row["hh_id"] for row in other[""]]
    assert {row["hh_id"] for row in one[""]} & {row["hh_id"] for row in foreign[""]} == set()
    assert len({row["head_name"] for row in one[""]}) == 20
    assert [row["head_birth_year"] for row in one[""]] == [row["head_birth_year"] for row in rows[""]]
    assert [row["village_code"] for row in one[""]] == [row["village_code"] for row in rows[""]]
    assert [row["m_age"] for row in one["/member"]] == [row["m_age"] for row in rows["/member"]]
    text = json.dumps(one, default=str, ensure_ascii=False)
    assert [name for name in ("Sùng", "uuid:", "collect:", "Lò Thị Mai", "nhà ông") if name in text] == []
    assert {row["gps_latitude"] for row in one[""]} == {None}


def test_as_stored_is_the_same_spool(tmp_path: Path) -> None:
    spool = made_spool(tmp_path / "spool")
    after = protect(spool, Policy("none"), KEY, {}, tmp_path / "after")

    assert after.spool is spool
    assert after.protection == {"Protection of persons": "Names and all answers as they were sent"}


def test_a_report_of_an_office_keeps_its_commune(tmp_path: Path) -> None:
    office = Dataset(
        "f09",
        "Báo cáo",
        (
            Table(
                "report",
                "",
                None,
                (
                    *(one for one in ROOT.variables if one.role == "place" or one.name == "KEY"),
                    Variable("signer", "text", "/signer", {"vi": "Người ký"}, pii="direct"),
                    Variable("pop", "whole", "/pop", {"vi": "Dân số"}, pii="none"),
                    Variable("rank", "code", "/rank", {"vi": "Chức vụ"}, pii="indirect"),
                ),
            ),
        ),
    )
    rows = {"": [row | {"signer": "Lò Văn Ón", "pop": 900, "rank": "chief"} for row in drawn(6, 6)[""]]}
    after = protect(spooled(tmp_path / "1", rows, office), Policy(), KEY, {}, tmp_path / "2")

    found = told(after.spool)[""]
    assert [row["commune_code"] for row in found] == [row["commune_code"] for row in rows[""]]
    assert {row["pop"] for row in found} == {900}
    assert {"signer", "village"} & set(found[0]) == set()


def test_repeats_in_repeats_are_alike_too(tmp_path: Path) -> None:
    spool = made_spool(tmp_path / "spool")
    after = protect(spool, Policy(k=1), KEY, {}, tmp_path / "after")
    rows = told(after.spool)

    assert [len(rows[path]) for path in ("", "/member", "/member/course")] == [3, 4, 3]
    members = {row["KEY"] for row in rows["/member"]}
    assert {row["PARENT_KEY"] for row in rows["/member/course"]} <= members
    assert "name" not in rows["/member"][0]
    assert Counter(row["tongues__hmn"] for row in rows["/member"]) == {1: 2, None: 2}
    assert MEMBER.name == "member"
