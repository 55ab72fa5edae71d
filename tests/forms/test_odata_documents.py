"""The tables of a form as OData describes them, and the rows as its JSON has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from forms.odata.checking import FUNCTIONS
from forms.odata.documents import entities_schema_document, schema_document, service_document
from forms.odata.entities import EntityModel, read_entity_select
from forms.odata.model import Model, model_of
from forms.odata.names import identifier, spelled_path, unused
from forms.odata.problems import SelectUnknown
from forms.odata.rows import address_of, converters, frame_of, quoted, shape
from forms.odata.selecting import EVERYTHING, read_select
from forms.schema import Schema
from tests.forms.laid import questions

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def model(*asked: str, form_id: str = "ho.x-1") -> Model:
    return model_of(Schema(form_id, "1", "Hộ", "data", tuple(questions(*asked))))


HOUSE = model(
    "/head string",
    "/age int",
    "/share decimal",
    "/born date",
    "/seen dateTime",
    "/at time",
    "/poor boolean",
    "/here geopoint",
    "/line geotrace",
    "/area geoshape",
    "/g structure",
    "/g/in structure",
    "/g/in/sex string",
    "/g/kid repeat",
    "/g/kid/name string",
    "/g/kid/toy repeat",
    "/g/kid/toy/what string",
    "/pet repeat",
    "/pet/kind string",
)


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("head", "head"),
        ("q1.8-test", "q1_8_test"),
        ("1a", "_1a"),
        ("-a", "__a"),
        ("a--..b", "a_b"),
        ("tên", "t_n"),
        ("_x", "_x"),
    ],
)
def test_case_26_names_keep_letters_digits_and_lines(name: str, spelled: str) -> None:
    assert identifier(name) == spelled
    assert spelled_path(f"/{name}/b.c") == f"/{spelled}/b_c"


def test_case_26_no_two_things_of_a_row_have_one_name() -> None:
    assert unused("a.b", {"a_b", "a_b_"}) == "a_b__"
    twins = model(
        "/a-b string", "/a.b string", "/__id string", "/__system string", "/m repeat", "/m/__id int"
    )
    names = [leaf.name for leaf in twins.tables[""].leaves]
    assert names == ["a_b", "a_b_", "__id_", "__system_"]
    assert [leaf.name for leaf in twins.tables["/m"].leaves] == ["__id_"]


def elements(document: str, name: str) -> Iterator[etree._Element]:
    return etree.fromstring(document.encode()).iter(f"{EDM}{name}")


def properties(document: str, type_: str) -> dict[str, str]:
    [found] = [
        one
        for kind in ("EntityType", "ComplexType")
        for one in elements(document, kind)
        if one.get("Name") == type_
        and one.getparent().get("Namespace", "").startswith("org.opendatakit.user")  # type: ignore[union-attr]
    ]
    return {one.get("Name", ""): one.get("Type", "") for one in found.iter(f"{EDM}Property")}


def test_case_19_the_schema_gives_every_question_its_type() -> None:
    document = schema_document(HOUSE)
    types = properties(document, "Submissions")
    assert types == {
        "__id": "Edm.String",
        "__system": "org.opendatakit.submission.metadata",
        "head": "Edm.String",
        "age": "Edm.Int64",
        "share": "Edm.Decimal",
        "born": "Edm.Date",
        "seen": "Edm.DateTimeOffset",
        "at": "Edm.String",
        "poor": "Edm.Boolean",
        "here": "Edm.GeographyPoint",
        "line": "Edm.GeographyLineString",
        "area": "Edm.GeographyPolygon",
        "g": "org.opendatakit.user.ho_x_1.g",
    }
    assert properties(document, "g") == {"in": "org.opendatakit.user.ho_x_1.g.in"}
    assert properties(document, "g.in") == {"sex": "Edm.String"}
    assert properties(document, "Submissions.g.kid.toy") == {
        "__id": "Edm.String",
        "__Submissions-g-kid-id": "Edm.String",
        "what": "Edm.String",
    }


def test_every_type_a_schema_names_is_in_it_and_no_group_navigates() -> None:
    """Power BI refused NavigationProperty in a ComplexType for years."""
    document = schema_document(HOUSE)
    known = {
        f"{one.getparent().get('Namespace')}.{one.get('Name')}"  # type: ignore[union-attr]
        for kind in ("EntityType", "ComplexType", "EnumType")
        for one in elements(document, kind)
    }
    used = [
        one.get("Type", "") for kind in ("Property", "NavigationProperty") for one in elements(document, kind)
    ]
    used += [one.get("EntityType", "") for one in elements(document, "EntitySet")]
    bare = {one.removeprefix("Collection(").removesuffix(")") for one in used}
    assert {one for one in bare if not one.startswith("Edm.")} <= known
    inside = [one.getparent().tag for one in elements(document, "NavigationProperty")]  # type: ignore[union-attr]
    assert set(inside) == {f"{EDM}EntityType"}
    targets = {one.get("Target") for one in elements(document, "NavigationPropertyBinding")}
    sets = {one.get("Name") for one in elements(document, "EntitySet")}
    assert targets < sets == HOUSE.by_name.keys()


def test_the_schema_says_truthfully_what_can_be_filtered_and_sorted() -> None:
    document = schema_document(HOUSE)
    said = etree.fromstring(document.encode())
    for entity_set in said.iter(f"{EDM}EntitySet"):
        notes = {
            one.get("Property"): one
            for annotation in entity_set.iter(f"{EDM}Annotation")
            for one in annotation.iter(f"{EDM}PropertyValue")
        }
        assert notes["Filterable"].get("Bool") == notes["Sortable"].get("Bool") == "true"
        for name in ("NonFilterableProperties", "NonSortableProperties"):
            paths = [one.text for one in notes[name].iter(f"{EDM}PropertyPath")]
            assert paths == (["here", "line", "area"] if entity_set.get("Name") == "Submissions" else [])
    [functions] = [
        one for one in said.iter(f"{EDM}Annotation") if one.get("Term", "").endswith(".FilterFunctions")
    ]
    assert [one.text for one in functions.iter(f"{EDM}String")] == [*FUNCTIONS]


def test_an_entity_list_is_one_table_of_texts() -> None:
    document = entities_schema_document("hộ-dân", ["first_name", "area"])
    assert properties(document, "Entities") == {
        "__id": "Edm.String",
        "__system": "org.opendatakit.entity.metadata",
        "label": "Edm.String",
        "first_name": "Edm.String",
        "area": "Edm.String",
    }
    assert service_document("http://x/e.svc", ["Entities"])["@odata.context"] == "http://x/e.svc/$metadata"


def test_case_20_cells_become_rows_with_their_groups_and_links() -> None:
    table = HOUSE.tables[""]
    frame = frame_of(table, EVERYTHING, offset=1)
    assert [leaf.node.path for leaf in frame.reads][-2:] == ["/area", "/g/in/sex"]
    made = frame.fill({"__id": "a"}, ["ignored", *range(len(frame.reads))])
    frame.link(made, lambda repeat: repeat.name == "kid", "Submissions('a')")
    row = made[0]
    assert row["head"] == 0
    assert row["g"] == {"in": {"sex": 10}, "kid@odata.navigationLink": "Submissions('a')/g/kid"}
    assert "pet@odata.navigationLink" not in row


def test_the_address_of_a_row_names_every_row_around_it() -> None:
    toy = HOUSE.tables["/g/kid/toy"]
    assert address_of(HOUSE, toy, "a/b/g/kid[1]/toy[2]") == (
        "Submissions('a%2Fb')/g/kid('a%2Fb%2Fg%2Fkid%5B1%5D')/toy('a%2Fb%2Fg%2Fkid%5B1%5D%2Ftoy%5B2%5D')"
    )
    assert quoted("it's uuid:1") == "('it''s%20uuid%3A1')"


@pytest.mark.parametrize(
    ("text", "type_", "found", "written"),
    [
        ("21.5 105", "geopoint", {"type": "Point", "coordinates": [105, 21.5]}, "POINT (105 21.5)"),
        (
            "0 0 0 0",
            "geopoint",
            {"type": "Point", "coordinates": [0, 0, 0], "properties": {"accuracy": 0}},
            None,
        ),
        ("nowhere", "geopoint", None, None),
        ("", "geopoint", None, None),
        ("1 2;3 4", "geopoint", None, None),
        (
            "1 2 3 4; 5 6",
            "geotrace",
            {
                "type": "LineString",
                "coordinates": [[2, 1, 3], [6, 5]],
                "properties": {"accuracies": [4, None]},
            },
            "LINESTRING (2 1 3,6 5)",
        ),
        ("1 2;3 4;1 2", "geoshape", {"type": "Polygon", "coordinates": [[[2, 1], [4, 3], [2, 1]]]}, None),
    ],
)
def test_case_20_places_are_written_as_maps_read_them(
    text: str, type_: str, found: object, written: str | None
) -> None:
    assert shape(text, type_) == found
    if written is not None:
        assert shape(text, type_, wkt=True) == written


def test_moments_have_their_offset_and_truths_are_none_of_text() -> None:
    convert = dict(converters(HOUSE.tables[""].leaves, wkt=False))
    places = {leaf.name: place for place, leaf in enumerate(HOUSE.tables[""].leaves)}
    moment, truth = convert[places["seen"]], convert[places["poor"]]
    assert [
        moment(text) for text in ("2026-08-03T09:00:00.000+07:00", "2026-08-03T09:00:00.000+07", "?")
    ] == [
        "2026-08-03T09:00:00.000+07:00",
        "2026-08-03T02:00:00.000Z",
        None,
    ]
    assert [truth(text) for text in ("true", "0", "maybe")] == [True, False, None]
    assert convert.keys() == {places[name] for name in ("seen", "poor", "here", "line", "area")}


def test_case_25_a_selection_takes_the_groups_around_and_all_inside() -> None:
    table = HOUSE.tables[""]
    assert read_select("g/in/sex, __id", table).names == frozenset({"g", "g/in", "g/in/sex"})
    whole = read_select("g", table)
    assert whole.names == frozenset({"g", "g/in", "g/in/sex", "g/kid"})
    assert (whole.row_id, whole.system) == (False, frozenset())
    assert read_select("", table) is read_select(" * ", table) is EVERYTHING


def test_entity_properties_are_selected_by_either_name() -> None:
    listed = EntityModel("x", ["first-name", "first_name", "area"])
    assert listed.spelled == {"first_name": "first-name", "first_name_": "first_name", "area": "area"}
    chosen = read_entity_select("__id,area,first-name,__system/version", listed)
    assert (chosen.first, chosen.system) == (frozenset({"__id"}), frozenset({"version"}))
    assert chosen.properties == {"area": "area", "first_name": "first-name"}
    with pytest.raises(SelectUnknown):
        read_entity_select("nothing", listed)
