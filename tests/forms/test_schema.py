"""The schema of a form: Central's field types, tables of repeats, labels, lists and expected files."""

from __future__ import annotations

import pytest

from forms.schema import Choice, MediaSlot
from forms.xform import read_schema
from forms.xform.media import searched_file
from tests.forms.tables import EVERYTHING, asking, form, node, survey, types

TYPES = {
    "/start": "dateTime",
    "/deviceid": "string",
    "/username": "string",
    "/note": "string",
    "/ten": "string",
    "/so": "int",
    "/so_le": "decimal",
    "/muc": "int",
    "/ngay": "date",
    "/gio": "time",
    "/luc": "dateTime",
    "/noi": "geopoint",
    "/duong": "geotrace",
    "/vung": "geoshape",
    "/ma": "barcode",
    "/anh": "binary",
    "/tieng": "binary",
    "/phim": "binary",
    "/tep": "binary",
    "/nen": "binary",
    "/biet": "string",
    "/mot": "string",
    "/nhieu": "string",
    "/xep": "odk:rank",
    "/thon": "string",
    "/xa": "string",
    "/tim": "string",
    "/tinh": "string",
    "/keo": "string",
    "/truoc": "string",
    "/an": "string",
    "/nhom": "structure",
    "/nhom/nguoi_count": "string",
    "/nhom/nguoi": "repeat",
    "/nhom/nguoi/ho_ten": "string",
    "/nhom/nguoi/con": "repeat",
    "/nhom/nguoi/con/ten_con": "string",
}


def test_every_kind_of_question_has_the_type_central_gives_it() -> None:
    schema = form(EVERYTHING)
    assert types(schema) == TYPES
    assert [n.order for n in schema.nodes] == list(range(len(schema.nodes)))


def test_meta_is_a_structure_with_what_the_phone_adds() -> None:
    schema = form(EVERYTHING)
    assert [n.path for n in schema.nodes if n.path.startswith("/meta")] == [
        "/meta",
        "/meta/audit",
        "/meta/instanceID",
        "/meta/instanceName",
    ]
    assert node(schema, "/meta").type == "structure"
    assert node(schema, "/meta/audit").binary
    assert schema.instance_name


def test_every_control_is_named_by_its_element() -> None:
    schema = form(EVERYTHING)
    controls = {n.name: n.control for n in schema.nodes}
    assert {
        name: controls[name] for name in ("mot", "nhieu", "xep", "muc", "biet", "anh", "ten", "tinh", "nen")
    } == {
        "mot": "select1",
        "nhieu": "select",
        "xep": "odk:rank",
        "muc": "range",
        "biet": "trigger",
        "anh": "upload",
        "ten": "input",
        "tinh": "",
        "nen": "",
    }
    assert controls["nhom"] == "group"
    assert controls["nguoi"] == "repeat"
    assert [n.name for n in schema.nodes if n.select_multiple] == ["nhieu"]


def test_a_repeat_lies_in_the_table_around_it_and_holds_its_own() -> None:
    schema = form(EVERYTHING)
    assert [n.path for n in schema.repeats] == ["/nhom/nguoi", "/nhom/nguoi/con"]
    assert {path: node(schema, path).table for path in ("/nhom", "/nhom/nguoi_count", "/nhom/nguoi")} == {
        "/nhom": "",
        "/nhom/nguoi_count": "",
        "/nhom/nguoi": "",
    }
    assert node(schema, "/nhom/nguoi/ho_ten").table == "/nhom/nguoi"
    assert node(schema, "/nhom/nguoi/con").table == "/nhom/nguoi"
    assert node(schema, "/nhom/nguoi/con/ten_con").table == "/nhom/nguoi/con"


def test_a_form_knows_its_files_and_where_its_answers_come_from() -> None:
    schema = form(EVERYTHING)
    assert set(schema.media) == {
        MediaSlot("thon.csv", "file"),
        MediaSlot("xa.geojson", "file"),
        MediaSlot("gia.csv", "file"),
        MediaSlot("tim_thon.csv", "file"),
    }
    assert node(schema, "/mot").choices == "l"
    assert node(schema, "/xep").choices == "l"
    assert node(schema, "/thon").choices == "thon.csv"
    assert node(schema, "/xa").choices == "xa.geojson"
    assert node(schema, "/tim").choices == "tim_thon.csv"
    assert schema.choices["l"] == (Choice("a", {"": "A"}),)


LANGUAGES = survey(
    "select_one l | a | Bạn ${b} à? | You ${b}? | hoi.mp3 | vo.png",
    "text | b | Tên | Name | | ",
    "begin_repeat | r | Người | Person | | ",
    "text | c | | C | | ",
    "end_repeat | | | | | ",
    columns="type | name | label::Tiếng Việt (vi) | label::English (en) | audio::English (en) | image",
    rest="""
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) | big-image::English (en) | video |
| | l | 1 | Có | Yes | co.jpg | co.mp4 |
| settings |
| | form_id | default_language |
| | f | English (en) |
""",
)


def test_labels_come_in_every_language_the_default_one_first() -> None:
    schema = form(LANGUAGES)
    assert schema.languages[0] == "English (en)"
    assert set(schema.languages) == {"English (en)", "Tiếng Việt (vi)"}
    assert node(schema, "/a").labels == {"English (en)": "You …?", "Tiếng Việt (vi)": "Bạn … à?"}
    assert node(schema, "/r").labels["Tiếng Việt (vi)"] == "Người"
    assert schema.choices["l"][0].labels == {"English (en)": "Yes", "Tiếng Việt (vi)": "Có"}


def test_pictures_and_sounds_of_texts_are_expected_files() -> None:
    assert set(form(LANGUAGES).media) == {
        MediaSlot("hoi.mp3", "audio"),
        MediaSlot("vo.png", "image"),
        MediaSlot("co.jpg", "image"),
        MediaSlot("co.mp4", "video"),
    }


def test_labels_without_a_language_belong_to_none() -> None:
    schema = form(
        survey(
            "select_one l | a | A ${a} x",
            rest="| choices |\n| | list_name | name | label | image |\n| | l | 1 | Có | co.png |",
        )
    )
    assert schema.languages == ()
    assert node(schema, "/a").labels == {"": "A … x"}
    assert schema.choices["l"] == (Choice("1", {"": "Có"}),)
    assert schema.media == (MediaSlot("co.png", "image"),)


def test_a_picture_given_as_default_is_an_expected_file_and_a_known_answer() -> None:
    schema = form(
        survey(
            "image | a | A | so_do.png | max-pixels=9", columns="type | name | label | default | parameters"
        )
    )
    assert schema.media == (MediaSlot("so_do.png", "image"),)
    assert schema.defaults == {"/a": "jr://images/so_do.png"}


def test_the_last_saved_answers_are_no_file() -> None:
    schema = form(survey("text | a | A | ${last-saved#a}", columns="type | name | label | default"))
    assert schema.media == ()


def test_select_one_external_expects_itemsets() -> None:
    schema = form(
        survey(
            "select_one_external xa | xa | Xã | tinh = 'x'",
            columns="type | name | label | choice_filter",
            rest="| external_choices |\n| | list_name | name | label | tinh |\n| | xa | 1 | Xã 1 | x |",
        )
    )
    assert schema.media == (MediaSlot("itemsets.csv", "file"),)
    assert node(schema, "/xa").choices == "itemsets.csv"


@pytest.mark.parametrize(
    ("appearance", "file"),
    [
        ("search('thon')", "thon.csv"),
        ('search("thon.csv")', "thon.csv"),
        ("minimal search('thon', 'matches', 'xa', ${xa})", "thon.csv"),
        ("search( 'thon' , 'contains', 'a', 'b')", "thon.csv"),
        ("search(' thon')", ""),
        ("search(thon)", ""),
        ("search('')", ""),
        ("search(", ""),
        ("research", ""),
        ("minimal", ""),
        ("search('" + "a" * 200_000 + "')", ""),
    ],
)
def test_search_names_its_file(appearance: str, file: str) -> None:
    assert searched_file(appearance) == file


def test_entities_are_structures_in_meta() -> None:
    schema = form(
        survey(
            "text | a | A | ten",
            columns="type | name | label | save_to",
            rest="| entities |\n| | list_name | label |\n| | hộ | ${a} |",
        )
    )
    assert {n.path: n.type for n in schema.nodes} == {
        "/a": "string",
        "/meta": "structure",
        "/meta/entity": "structure",
        "/meta/entity/label": "string",
        "/meta/instanceID": "string",
    }


def test_what_the_form_asks_of_the_phone() -> None:
    said = 'odk:client-editable="true" orx:auto-send="true" orx:auto-delete="false" base64RsaPublicKey="MIIB"'
    schema = read_schema(asking(model=f"<submission {said}/>"))
    assert schema.client_editable
    assert (schema.auto_send, schema.auto_delete, schema.encryption_key) == ("true", "false", "MIIB")
    plain = read_schema(asking())
    assert not plain.client_editable
    assert (plain.auto_send, plain.auto_delete, plain.encryption_key) == ("", "", "")
