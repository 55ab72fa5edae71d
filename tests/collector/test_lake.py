"""`collector parquet`: several servers write into one folder, and DuckDB reads one country from it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select

from collector.accounts.secrets import Vault
from collector.actions import lake, programme
from collector.actions.entities import Settling
from collector.actions.extracts import Means
from collector.actions.figures import Figures
from collector.actions.publish import Definition
from collector.actions.review import set_review_state
from forms.datasets.partitions import folder_name
from storage.audits import acting
from storage.database import db, transaction
from storage.models import Audit, IndicatorCell, Submission
from storage.release_problems import LakeUnreachable, PurposeMissing
from tests import tree
from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.figured import sheet
from tests.office import NOW, Office

SURVEY = """
| survey |
| | type | name | label | pii | unit |
| | text | place | Thôn | none | place |
| | date | day | Ngày | none | date |
| | text | head | Chủ hộ | direct | |
| | integer | rooms | Số phòng | indirect | |
| | integer | people | Số người | none | |
| | begin_repeat | member | Người | | |
| | select_one sex | sex | Giới | indirect | |
| | integer | reads | Biết chữ | none | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label |
| | sex | 1 | Nam |
| | sex | 2 | Nữ |
| settings |
| | form_id | version |
| | homes | 1 |
"""

FIGURES = (
    {
        "code": "literate",
        "table": "homes/member",
        "numerator": "${reads} = 1",
        "denominator": "true()",
        "periods": "year",
        "unit": "%",
    },
)

_HIVE = (
    "hive_partitioning = true, union_by_name = true, "
    "hive_types = {'part_province': VARCHAR, 'part_year': INTEGER}"
)


@dataclass
class Country:
    """A folder that two servers write to: ours, and one that has the same data under another key."""

    office: Office
    folder: Path
    volunteer: Volunteer

    def write(self, *, server: str = "", **order: Any) -> lake.Done:
        """One run of the command's action; `server` is another one's secret."""
        parts = self.office.parts
        vault = Vault(server) if server else parts.vault
        with self.office.app.app_context(), acting(None, NOW):
            means = Means(parts.blobs, parts.shelf, vault)
            home = self.office.settings.home
            return lake.write(
                lake.place_of(str(self.folder)),
                means,
                home,
                lake.Order(1, **order),
                lambda _name: lambda _done, _all: None,
                now=NOW,
            )

    def ask(self, where: str, question: str) -> list[tuple[Any, ...]]:
        """What DuckDB answers over all files of a folder, which it is asked for as `rows`."""
        with duckdb.connect() as connection:
            pattern = f"{self.folder}/{where}/*/*/*/rows.parquet"
            connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet('{pattern}', {_HIVE})")
            return connection.execute(question).fetchall()

    def send(self, number: int, village: str, day: str) -> None:
        """A household of two, one of whom reads where the number is even."""
        members = "".join(
            f"<member><sex>{1 + at}</sex><reads>{at * (number % 2)}</reads></member>" for at in (0, 1)
        )
        answers = (
            f"<place>{village}</place><day>{day}</day><head>Giàng A {number}</head><rooms>{number}</rooms>"
            f"<people>2</people>{members}"
        )
        assert (
            self.volunteer.post(answered("homes", "1", answers, instance_id=f"uuid:{number}")).status_code
            == 201
        )

    def refresh(self) -> None:
        """Work the figures out."""
        with self.office.app.app_context():
            Figures(lambda: NOW).everything()


@pytest.fixture(scope="module")
def country(kept_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Country:
    office = kept_office
    with office.app.app_context(), transaction() as session:
        tree.plant(session)
    form = office.publish(SURVEY)
    definition = Definition(sheet(FIGURES).encode(), "programme.md")
    extras = programme.read_programme(definition)
    assert extras is not None
    with office.app.app_context(), transaction() as session:
        programme.publish_programme(
            session, 1, definition, extras, author=office.author, blobs=office.parts.blobs
        )
    made = Country(office, tmp_path_factory.mktemp("country"), Volunteer(office, office.phone(), form=form))
    for number in range(12):
        made.send(number, tree.HERE_VILLAGE, "2026-02-01" if number < 6 else "2025-11-01")
    made.refresh()
    first = made.write()
    # Two parts of two tables, and the figures of two years.
    assert (first.written, first.same) == (6, 0)
    return made


def test_the_country_is_the_sum_of_its_servers(country: Country) -> None:
    assert country.write(server="kon tum").written == 6
    [(households, provinces, servers, years)] = country.ask(
        "surveys/homes/homes",
        "SELECT count(*), list(DISTINCT part_province), count(DISTINCT part_server), "
        "list_sort(list(DISTINCT part_year)) FROM rows",
    )
    assert (households, provinces, servers, years) == (24, [tree.PROVINCE], 2, [2025, 2026])
    with country.office.app.app_context():
        cells = select(IndicatorCell).where(
            IndicatorCell.code == "literate", IndicatorCell.place_code == "", IndicatorCell.split == ""
        )
        own = {one.period: one for one in db.session.scalars(cells)}
    told = country.ask(
        "figures",
        "SELECT TIME_PERIOD, sum(NUMERATOR), sum(DENOMINATOR), 100 * sum(NUMERATOR) / sum(DENOMINATOR) "
        "FROM rows WHERE INDICATOR = 'literate' AND LEVEL = 'province' AND BREAKDOWN = '_T' "
        "GROUP BY 1 ORDER BY 1",
    )
    assert [row[0] for row in told] == ["2025", "2026"]
    for period, numerator, denominator, percent in told:
        cell = own[period]
        assert (numerator, denominator) == (2 * cell.numerator, 2 * (cell.denominator or 0))
        assert percent == pytest.approx(cell.value)


def test_tables_join_and_nobody_is_named(country: Country) -> None:
    own = country.ask(
        "surveys/homes/homes", "SELECT KEY, rooms, typeof(rooms), people, typeof(people) FROM rows"
    )
    assert {(row[2], row[4]) for row in own} == {("VARCHAR", "BIGINT")}
    assert {row[3] for row in own} == {2}
    members = country.ask("surveys/homes/member", "SELECT PARENT_KEY FROM rows")
    assert {row[0] for row in members} == {row[0] for row in own}
    columns = [row[0] for row in country.ask("surveys/homes/homes", "DESCRIBE rows")]
    assert "head" not in columns
    assert not any(name.startswith("village") for name in columns)
    assert not [one for one in country.folder.rglob("*.parquet") if "Giàng A".encode() in one.read_bytes()]


def test_only_what_changed_is_written_again(country: Country) -> None:
    before = {path: path.read_bytes() for path in country.folder.rglob("*.parquet")}
    again = country.write()
    assert (again.written, again.same, again.gone) == (0, 6, 0)
    parts = country.office.parts
    with country.office.app.app_context(), acting(None, NOW):
        last = db.session.scalars(select(Submission.id).where(Submission.instance_id == "uuid:11")).one()
        set_review_state(Settling(parts.blobs, parts.shelf), last, "approved", now=NOW)
    changed = country.write(figures=False)
    assert (changed.written, changed.same) == (2, 2)
    written = {path.parts[-3] for path, data in before.items() if path.read_bytes() != data}
    assert written == {"part_year=2025"}
    [(approved,)] = country.ask(
        "surveys/homes/homes", "SELECT count(*) FROM rows WHERE ReviewState = 'approved'"
    )
    assert approved == 1


def test_a_part_without_records_is_taken_away(country: Country) -> None:
    country.send(99, tree.HERE_VILLAGE, "2024-03-01")
    assert country.write(figures=False).written == 2
    with country.office.app.app_context(), transaction() as session:
        session.scalars(select(Submission).where(Submission.instance_id == "uuid:99")).one().deleted_at = NOW
    assert country.write(figures=False).gone == 2
    assert not [*country.folder.rglob("part_year=2024/*/rows.parquet")]


def test_what_it_holds_is_told_and_the_run_is_noted(country: Country) -> None:
    server = lake.server_name(country.office.parts.vault, 1)
    about = json.loads((country.folder / "_about" / f"{server}.json").read_text())
    assert about["surveys"]["homes"]["parts"][f"{tree.PROVINCE}/2026"]["rows"] == {"homes": 6, "member": 12}
    assert "KEY" in [one["name"] for one in about["surveys"]["homes"]["tables"]["homes"]]
    with country.office.app.app_context():
        noted = db.session.scalars(select(Audit).where(Audit.action == "extract.parquet")).first()
        assert noted is not None
        assert noted.details is not None
        assert noted.details["protection"] == "deidentified"


def test_who_takes_names_says_what_for_and_a_place_that_is_none_is_refused(
    country: Country, tmp_path: Path
) -> None:
    with pytest.raises(PurposeMissing):
        country.write(protection="none")
    (tmp_path / "file").write_text("")
    other = Country(country.office, tmp_path / "file" / "x", country.volunteer)
    with pytest.raises(LakeUnreachable):
        other.write()


def test_folders_are_called_what_a_disk_allows() -> None:
    assert folder_name("f01_hh_survey") == "f01_hh_survey"
    odd = folder_name("../Hộ gia đình/1")
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", odd)
    assert odd != folder_name("../Hộ gia đình_1")
