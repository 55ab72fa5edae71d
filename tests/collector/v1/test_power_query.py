"""Excel and Power BI: what Power Query sends, in its order and with its headers, and what it makes of it.

It asks for the service document, then for the schema, then for the tables that were chosen, first a preview
of a thousand rows, then what its steps fold into; it follows `@odata.nextLink`, unpacks gzip, and proves
itself by name and password on https. First it says it would like Atom as much as JSON; then plain JSON.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from lxml import etree
from werkzeug.test import TestResponse

from tests.asked import answered
from tests.collector.openrosa.sending import Volunteer
from tests.collector.v1.shared import basic
from tests.office import ADMIN, ADMIN_PASSWORD, Office

FORM = """
| survey |
| | type | name | label |
| | text | village | Village |
| | begin_group | house-hold | Household |
| | text | head | Head |
| | date | visited | Visited |
| | decimal | land | Land |
| | end_group | | |
| | begin_repeat | person | Person |
| | text | called | Name |
| | integer | age | Age |
| | select_multiple yn | skills | Skills |
| | end_repeat | | |
| | begin_repeat | animal | Animal |
| | text | sort | Sort |
| | integer | heads | Heads |
| | end_repeat | | |
| choices |
| | list_name | name | label |
| | yn | read | Read |
| | yn | write | Write |
| settings |
| | form_id | version |
| | hộ-dân | 1 |
"""
ADDRESS = "https://localhost/v1/projects/1/forms/h%E1%BB%99-d%C3%A2n.svc"
RECORDS = 7
ATOM_AND_JSON = (
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,"
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/xml;q=0.7,text/plain;q=0.7"
)
ATOM_FIRST = "application/atom+xml,application/json;odata.metadata=minimal;q=1.0,application/xml;q=0.7"
PLAIN = "application/json;odata.metadata=minimal"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@dataclass
class PowerQuery:
    """A feed as Power Query reads it."""

    office: Office
    accept: str = PLAIN
    asked: list[str] = field(default_factory=list)

    def ask(self, address: str, accept: str | None = None) -> TestResponse:
        """One request, unpacked."""
        headers = basic(ADMIN, ADMIN_PASSWORD) | {
            "Accept": accept or self.accept,
            "Accept-Encoding": "gzip, deflate",
            "OData-MaxVersion": "4.0",
            "MaxDataServiceVersion": "3.0",
            "User-Agent": "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)",
            "Cache-Control": "no-cache",
        }
        self.asked.append(address)
        answer = self.office.client().get(address, headers=headers, buffered=True)
        if answer.headers.get("Content-Encoding") == "gzip":
            answer.data = gzip.decompress(answer.data)
        return answer

    def json(self, address: str) -> Any:
        """The document at an address; it has to say that it is OData version 4 in JSON."""
        answer = self.ask(address)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/json"
        assert answer.headers["OData-Version"] == "4.0"
        return orjson.loads(answer.data)

    def rows(self, table: str, **options: Any) -> list[dict[str, Any]]:
        """All rows of a table, over all its pages."""
        query = urlencode({f"${name}": value for name, value in options.items()})
        address, found = f"{ADDRESS}/{table}?{query}" if query else f"{ADDRESS}/{table}", []
        while address:
            page = self.json(address)
            found += page["value"]
            address = page.get("@odata.nextLink", "")
        return found


@dataclass(frozen=True)
class Model:
    """The schema document, as a program reads it: sets, keys, columns, ways from one table to another."""

    root: Any

    def set_types(self) -> dict[str, str]:
        """Table to the name of its type."""
        return {one.get("Name"): one.get("EntityType") for one in self.root.iter(f"{_EDM}EntitySet")}

    def type_of(self, table: str) -> Any:
        """The type of the rows of a table."""
        namespace, _, name = self.set_types()[table].partition(f".{table}")
        assert name == ""
        schema = next(one for one in self.root.iter(f"{_EDM}Schema") if one.get("Namespace") == namespace)
        return next(one for one in schema.iter(f"{_EDM}EntityType") if one.get("Name") == table)

    def key(self, table: str) -> list[str]:
        """What tells its rows apart."""
        return [one.get("Name") for one in self.type_of(table).iter(f"{_EDM}PropertyRef")]

    def columns(self, table: str) -> dict[str, str]:
        """Column to type; what lies in a group stands in a type of its own."""
        return {one.get("Name"): one.get("Type") for one in self.type_of(table).findall(f"{_EDM}Property")}

    def inner(self, kind: str) -> dict[str, str]:
        """The columns of a group or of `__system`."""
        found = [
            one
            for schema in self.root.iter(f"{_EDM}Schema")
            for one in schema.iter(f"{_EDM}ComplexType")
            if f"{schema.get('Namespace')}.{one.get('Name')}" == kind
        ]
        return {one.get("Name"): one.get("Type") for one in found[0].findall(f"{_EDM}Property")}


@pytest.fixture(scope="module")
def office(kept_office: Office) -> Office:
    """A household form with two repeats: household n has n people and two kinds of animals or none."""
    volunteer = Volunteer(kept_office, form=kept_office.publish(FORM))
    for number in range(RECORDS):
        people = "".join(
            f"<person><called>P{number}.{one}</called><age>{one * 10}</age>"
            "<skills>read write</skills></person>"
            for one in range(number)
        )
        animals = "<animal><sort>cow</sort><heads>2</heads></animal><animal><sort>pig</sort></animal>"
        xml = answered(
            "hộ-dân",
            "1",
            f"<village>V{number % 2}</village><house-hold><head>H{number}</head>"
            f"<visited>2026-08-0{number + 1}</visited><land>{number}.25</land></house-hold>"
            f"{people}{animals if number % 2 else ''}",
            instance_id=f"uuid:{number}",
        )
        assert volunteer.post(xml).status_code == 201
    return kept_office


@pytest.fixture
def feed(office: Office) -> PowerQuery:
    return PowerQuery(office)


def model(feed: PowerQuery) -> Model:
    answer = feed.ask(f"{ADDRESS}/$metadata", "application/xml")
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    return Model(etree.fromstring(answer.data))


@pytest.mark.parametrize("accept", [ATOM_AND_JSON, ATOM_FIRST, PLAIN, "*/*"])
def test_whatever_it_proposes_it_gets_json_for_data_and_xml_for_the_schema(
    office: Office, accept: str
) -> None:
    feed = PowerQuery(office, accept)
    assert [one["name"] for one in feed.json(ADDRESS)["value"]]
    assert len(feed.rows("Submissions")) == RECORDS
    if accept != PLAIN:
        schema = feed.ask(f"{ADDRESS}/$metadata")
        assert (schema.status_code, schema.mimetype) == (200, "application/xml")


def test_a_household_form_opens_as_three_tables_that_belong_together(feed: PowerQuery) -> None:
    service, schema = feed.json(ADDRESS), model(feed)
    tables = [one["name"] for one in service["value"] if one["kind"] == "EntitySet"]
    assert tables == ["Submissions", "Submissions.person", "Submissions.animal"]
    assert set(tables) == set(schema.set_types())
    assert [schema.key(table) for table in tables] == [["__id"]] * 3

    homes, people, animals = (feed.rows(table) for table in tables)
    for table, rows in zip(tables, (homes, people, animals), strict=True):
        ids = [row["__id"] for row in rows]
        assert len(ids) == len(set(ids))
        told = {name for row in rows for name in row if "@" not in name}
        assert told <= {*schema.columns(table), *NAVIGATED}, "a row names what the schema does not"

    by_id = {row["__id"]: row for row in homes}
    for number, home in by_id.items():
        own = [one for one in people if one["__Submissions-id"] == number]
        assert {one["called"].partition(".")[0] for one in own} <= {
            home["house_hold"]["head"].replace("H", "P")
        }
        assert len(own) == int(number.removeprefix("uuid:"))
    assert {row["__Submissions-id"] for row in (*people, *animals)} <= by_id.keys()
    assert sum(one["heads"] or 0 for one in animals) == 6
    assert len(animals) == 6


NAVIGATED = ("person", "animal")
"""What the rows of the first table lead to."""


def test_every_value_is_of_the_type_the_schema_says(feed: PowerQuery) -> None:
    schema = model(feed)
    group = schema.columns("Submissions")["house_hold"]
    assert schema.inner(group) == {"head": "Edm.String", "visited": "Edm.Date", "land": "Edm.Decimal"}
    home = feed.rows("Submissions", filter="house_hold/head eq 'H3'")[0]
    assert home["house_hold"] == {"head": "H3", "visited": "2026-08-04", "land": 3.25}
    assert set(home["__system"]) == set(schema.inner(schema.columns("Submissions")["__system"]))
    person = schema.columns("Submissions.person")
    assert (person["called"], person["age"], person["skills"]) == ("Edm.String", "Edm.Int64", "Edm.String")
    assert feed.rows("Submissions.person", top=1)[0]["skills"] == "read write"


def test_its_steps_fold_into_what_the_server_does(feed: PowerQuery) -> None:
    assert len(feed.rows("Submissions", top=1000)) == RECORDS
    rows = feed.rows(
        "Submissions", filter="village eq 'V1'", select="__id,village", orderby="house_hold/land desc"
    )
    assert [row["__id"] for row in rows] == ["uuid:5", "uuid:3", "uuid:1"]
    assert all(set(row) == {"__id", "village"} for row in rows)
    adults = feed.rows(
        "Submissions.person", filter="age ge 20 and age lt 50", orderby="age,called", select="age,called"
    )
    assert [row["age"] for row in adults] == sorted(row["age"] for row in adults)
    assert {row["age"] for row in adults} == {20, 30, 40}
    counted = feed.json(f"{ADDRESS}/Submissions?$top=0&$count=true&$filter=village%20eq%20%27V0%27")
    assert (counted["@odata.count"], counted["value"]) == (4, [])
    later = feed.rows("Submissions", orderby="house_hold/head", skip=2, top=3)
    assert [row["house_hold"]["head"] for row in later[:3]] == ["H2", "H3", "H4"]


def test_pages_follow_one_another_to_the_end(feed: PowerQuery) -> None:
    feed.asked.clear()
    rows = feed.rows("Submissions", top=3)
    assert sorted(row["__id"] for row in rows) == [f"uuid:{number}" for number in range(RECORDS)]
    assert len(feed.asked) == 3
    people = feed.rows("Submissions.person", top=5)
    assert len({row["__id"] for row in people}) == sum(range(RECORDS))


def test_long_answers_travel_gzipped(office: Office) -> None:
    headers = basic(ADMIN, ADMIN_PASSWORD) | {"Accept-Encoding": "gzip, deflate"}
    answer = office.client().get(f"{ADDRESS}/Submissions.person", headers=headers, buffered=True)
    assert answer.headers.get("Content-Encoding") == "gzip"
    assert len(orjson.loads(gzip.decompress(answer.data))["value"]) == sum(range(RECORDS))


def test_an_older_version_of_odata_is_not_spoken(office: Office) -> None:
    headers = basic(ADMIN, ADMIN_PASSWORD) | {"OData-MaxVersion": "3.0"}
    assert office.client().get(ADDRESS, headers=headers).status_code == 404
