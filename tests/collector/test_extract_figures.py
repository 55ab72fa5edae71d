"""The figures of a project as files: every cell under the names of SDMX, small splits hidden."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select

from collector.accounts.secrets import Vault
from collector.actions import release_making, releases
from collector.actions.extracts import Making, Means
from collector.actions.releases import Maker, Wanted
from forms.exports.figures import SDMX_COLUMNS
from forms.reports.long_table import read_figures
from storage.database import transaction
from storage.models import Extract, ExtractFile, Release
from tests.figured import Survey, Visit
from tests.kept import looking
from tests.office import Office
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, PROVINCE, THERE_VILLAGE

NOW = datetime(2026, 8, 21, 2, 0, tzinfo=UTC)
PEOPLE = tuple(("1" if n < 7 else "2", 20 + n, f"p{n}") for n in range(9))


def _made(office: Office, form_id: int | None = None, **spec: Any) -> dict[str, str]:
    with office.app.app_context(), transaction() as session:
        extract = Extract(
            project_id=1,
            kind="records" if form_id else "figures",
            form_id=form_id,
            asked_by=office.admin_id,
            asked_at=NOW,
            spec={"formats": ["csv", "xlsx"], "period": "", "language": "vi", "places": [], **spec},
            places=spec.get("places") or [""],
            state="waiting",
        )
        session.add(extract)
        session.flush()
        number = extract.id
    parts = office.parts
    means = Means(parts.blobs, parts.shelf, Vault("x"))
    with office.app.app_context():
        assert Making(means, office.settings.home, lambda: NOW, PROVINCE).make_next(NOW) == 1
    with looking(office) as session:
        assert session.get_one(Extract, number).problem is None
        rows = session.scalars(select(ExtractFile).where(ExtractFile.extract_id == number))
        digests = {one.name: one.blob_sha256 for one in rows}
    found = {}
    for name, sha256 in digests.items():
        with office.parts.blobs.open(sha256) as handle:
            found[name] = handle.read().decode("utf-8" if name.endswith(".csv") else "latin-1")
    return found


def test_every_cell_is_a_line_and_splits_of_few_are_hidden(office: Office) -> None:
    survey = Survey(office)
    survey.send(Visit(HERE_VILLAGE, "2026-03-04", "h1", 2.5, PEOPLE))
    survey.send(Visit(OTHER_VILLAGE, "2026-03-05", "h2", 1.0, PEOPLE[:1]))
    survey.rebuild()
    files = _made(office, period="2026")
    assert len(files) == 2
    assert all(name.isascii() for name in files)
    text = next(text for name, text in files.items() if name.endswith(".csv"))
    rows = list(csv.DictReader(StringIO(text)))
    assert list(rows[0])[: len(SDMX_COLUMNS)] == list(SDMX_COLUMNS)
    order = [(row["INDICATOR"], row["REF_AREA"], row["BREAKDOWN"]) for row in rows]
    assert len(order) > 20
    cells = survey.cells()
    kept = {key for key in cells if key[1] == "2026"}
    assert len(rows) == len(kept)
    of = {
        row["BREAKDOWN_VALUE"]: row
        for row in rows
        if (row["INDICATOR"], row["REF_AREA"], row["BREAKDOWN"]) == ("people", HERE, "sex")
    }
    assert {row["SEX"]: row["BREAKDOWN_VALUE"] for row in of.values()} == {"M": "1", "F": "2"}
    ages = {
        row["AGE"]: (row["SEX"], row["BREAKDOWN_VALUE"])
        for row in rows
        if (row["INDICATOR"], row["REF_AREA"], row["BREAKDOWN"]) == ("people", PROVINCE, "age")
    }
    assert ages == {"Y15T25": ("_T", "15..25"), "Y_GE26": ("_T", "26..")}
    assert {(row["SEX"], row["AGE"]) for row in rows if row["BREAKDOWN"] == "_T"} == {("_T", "_T")}
    assert {row["CONF_STATUS"] for row in of.values()} == {"C"}
    assert {row["NUMERATOR"] for row in of.values()} == {""}
    whole = {
        (one.code, one.place): one.numerator
        for one in read_figures(StringIO(text))
        if not one.of_part and one.period == "2026"
    }
    expected = {(key[0], key[2]): row[0] for key, row in cells.items() if key[1] == "2026" and key[3] == ""}
    assert whole == expected


def test_files_of_a_place_hold_nothing_beyond_it(office: Office) -> None:
    survey = Survey(office)
    survey.send(Visit(HERE_VILLAGE, "2026-03-04", "h1", 2.5, PEOPLE))
    survey.send(Visit(THERE_VILLAGE, "2026-03-04", "h2", 2.5, PEOPLE[:1]))
    survey.rebuild()
    text = next(text for name, text in _made(office, places=[HERE]).items() if name.endswith(".csv"))
    areas = {row["REF_AREA"] for row in csv.DictReader(StringIO(text))}
    assert HERE in areas
    assert PROVINCE not in areas
    assert "_T" not in areas
    spec = {"form": "f01_hh_survey", "formats": ["parquet"], "protection": "none"}
    [(name, packed)] = _made(office, survey.form.id, **spec, places=[HERE]).items()
    with zipfile.ZipFile(BytesIO(packed.encode("latin-1"))) as archive:
        table = pq.read_table(BytesIO(archive.read("f01_hh_survey.parquet"))).to_pylist()
    assert [(row["village_code"], row["commune_code"], row["province_code"]) for row in table] == [
        (HERE_VILLAGE, HERE, PROVINCE)
    ]
    assert name.startswith("f01-hh-survey_")


def _released(office: Office) -> dict[str, Any] | None:
    """What is different in a release of the figures made now from the one before."""
    parts = office.parts
    making = Making(Means(parts.blobs, parts.shelf, Vault("x")), office.settings.home, lambda: NOW, PROVINCE)
    with office.app.app_context():
        with transaction() as session:
            number = releases.make(
                session, 1, Wanted("Chốt năm", period="2026"), Maker(office.admin_id, NOW)
            ).id
        assert making.make_next(NOW) == 1
        assert release_making.look(parts.blobs, office.settings.home) == 1
    with looking(office) as session:
        found = session.get_one(Release, number)
        assert found.state == "issued"
        return found.changes


def test_a_release_says_which_figures_are_others_than_in_the_one_before(office: Office) -> None:
    survey = Survey(office)
    survey.send(Visit(HERE_VILLAGE, "2026-03-04", "h1", 2.5, PEOPLE))
    survey.rebuild()
    assert _released(office) is None
    survey.send(Visit(THERE_VILLAGE, "2026-03-05", "h2", 1.0, PEOPLE[:1]))
    survey.rebuild()
    changes = _released(office)
    assert changes is not None
    assert changes["before"] == 1
    people = next(one for one in changes["figures"] if one["indicator"] == "people")
    assert people["values"] == [["_T", "2026", "9", "10"]]
    assert people["changed"] >= 2
    again = _released(office)
    assert again is not None
    assert (again["before"], again["figures"]) == (2, [])
