"""What the browser's engine cannot do is said by question, and nothing that it can."""

from __future__ import annotations

import pytest

from forms.remarks import Weight
from forms.webform import Lack, lacking
from forms.webform.expressions import unknown_calls, whole_paths
from forms.webform.lack_words import FEATURES
from forms.xlsform import convert
from tests.forms.webform.tricky import cases, form
from tests.xlsforms.surveys import SURVEYS, converted

TEXT = '<input ref="/data/a" {more}><label>Câu a</label></input>'
SETTINGS = "| settings |\n| | form_title | form_id |\n| | T | t |"


def told(xform: bytes) -> list[tuple[str, str, str]]:
    """Feature, question and detail of every lack."""
    return [(lack.feature, lack.question, lack.detail) for lack in lacking(xform)]


def one(bind: str = "", more: str = "", **parts: str) -> bytes:
    """A form of one question."""
    return form(
        "<a/>", f'<bind nodeset="/data/a" {bind}/>', parts.pop("body", TEXT.format(more=more)), **parts
    )


def sheet(rows: str) -> bytes:
    """An XLSForm of these rows of type, name, label and calculation."""
    text = f"| survey |\n| | type | name | label | calculation |\n{rows}\n{SETTINGS}"
    return convert(text.encode(), "t.md").xform


PHOTO = 'jr:preload="property" jr:preloadParams="{}"'
CASES: dict[str, tuple[bytes, str]] = {
    "barcode": (one('type="barcode"'), ""),
    "trace": (one('type="geoshape"'), ""),
    "map": (one('type="geopoint"', 'appearance="placement-map"'), ""),
    "app": (one('type="string"', 'appearance="w1 ex:vn.app.scan(a=1)"'), ""),
    "printer": (one('type="string"', 'appearance="printer:vn.print(x)"'), ""),
    "readonly": (one('type="string" readonly=" /data/a = 1 "'), ""),
    "masked": (one('type="string"', 'appearance="Masked"'), ""),
    "compass": (one('type="decimal"', 'appearance="bearing"'), ""),
    "calendar": (one('type="date"', 'appearance="buddhist"'), ""),
    "search": (
        one(
            'type="string"',
            body='<select1 ref="/data/a" appearance="minimal search(\'x\')"><label>Câu a</label><item>'
            "<label>l</label><value>v</value></item></select1>",
        ),
        "",
    ),
    "external": (one('type="string"', "query=\"instance('x')/root/item[c = /data/a]\""), ""),
    "phone": (one(f'type="string" {PHOTO.format("simserial")}'), "simserial"),
    "control": (one('type="string"', body='<secret ref="/data/a"><label>Câu a</label></secret>'), "secret"),
    "function": (one('type="string" calculate="geofence(., 1)"'), "geofence"),
    "condition": (one('type="string" calculate="count(/data/r[/data/r/age &lt; 15])"'), "age"),
}
"""By feature: a form with a question that needs it, and the detail told."""

OF_THE_FORM: dict[str, tuple[bytes, str]] = {
    "audit": (form("<a/>", "", "", meta="<meta><audit/><instanceID/></meta>"), ""),
    "recording": (
        form("<a/>", '<odk:recordaudio event="odk-instance-load" ref="/data/a"/>', ""),
        "",
    ),
    "encryption": (form("<a/>", '<submission base64RsaPublicKey="MIIB"/>', ""), ""),
}


@pytest.mark.parametrize("feature", list(CASES))
def test_a_question_the_engine_cannot_do_is_named(feature: str) -> None:
    xform, detail = CASES[feature]
    (lack,) = lacking(xform)
    hard = FEATURES[feature].weight is Weight.WARNING
    assert lack == Lack("a", "Câu a", feature, hard, detail)


@pytest.mark.parametrize("feature", list(OF_THE_FORM))
def test_what_the_whole_form_needs_is_said_once(feature: str) -> None:
    xform, detail = OF_THE_FORM[feature]
    assert told(xform) == [(feature, "", detail)]


def test_every_feature_is_tried_but_those_told_elsewhere() -> None:
    assert {*CASES, *OF_THE_FORM} == set(FEATURES) - {"entities", "unmade"}


def test_a_new_entity_is_seen_by_other_forms_only_when_it_was_sent() -> None:
    text = (
        "| survey |\n| | type | name | label | save_to |\n| | text | a | A | ten |\n"
        f"| entities |\n| | dataset | label |\n| | ho | ${{a}} |\n{SETTINGS}"
    )
    assert told(convert(text.encode(), "t.md").xform) == [("entities", "", "ho")]


def test_the_author_reads_the_name_of_the_question_and_what_to_do() -> None:
    (lack,) = lacking(CASES["barcode"][0])
    remark = lack.remark()
    assert (remark.sheet, remark.weight) == ("survey", Weight.NOTICE)
    assert "“Câu a” (a) reads a barcode" in str(remark)
    (hard,) = lacking(CASES["condition"][0])
    # Programs are refused what is warned of, and the form works on phones.
    assert (hard.hard, hard.remark().weight) == (True, Weight.NOTICE)
    assert "${people}[./age < 15]" in str(hard.remark())


NO_SERVER_TAKES = {"no meta", "meta without prefix"}


@pytest.mark.parametrize("name", sorted(set(cases()) - NO_SERVER_TAKES))
def test_what_the_engine_can_do_is_not_complained_about(name: str) -> None:
    expected = {
        "entities": [("entities", "", "ho")],
        "places": [("trace", "b", ""), ("map", "a", "")],
        "trigger and barcode": [("barcode", "b", "")],
    }
    assert told(cases()[name]) == expected.get(name, [])


@pytest.mark.parametrize("form_id", SURVEYS)
def test_the_surveys_can_be_filled_in_a_browser(form_id: str) -> None:
    lacks = lacking(converted(form_id).xform)
    assert [lack for lack in lacks if lack.hard] == []
    assert {lack.feature for lack in lacks} <= {"audit", "entities"}


def test_a_condition_on_a_repeat_by_its_whole_path_is_told_as_the_author_wrote_it() -> None:
    rows = (
        "| | begin repeat | r | R | |\n| | integer | age | A | |\n| | end repeat | | | |\n"
        "| | calculate | n | | count(${r}[${age} < 15]) |\n| | calculate | m | | count(${r}[./age < 15]) |\n"
        "| | calculate | k | | sum(${age}) + count(${r}) |"
    )
    assert told(sheet(rows)) == [("condition", "n", "age")]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("count(/d/r[/d/r/a < 1])", ["/d/r/a"]),
        ("count( /d/r [ /d/r/g/a  < 1 and  /d/r/b = 2])", ["/d/r/g/a", "/d/r/b"]),
        ("sum(/d/g/r[x = /d/g/r/a]/b)", ["/d/g/r/a"]),
        ("count(/d/r[./a < 1])", []),
        ("count(/d/r[a < /d/limit])", []),
        ("count(/d/r[/d/rest/a < 1])", []),
        ("instance('l')/root/item[name = /d/r/a]", []),
        ("/d/r[position() = 1]/a + /d/r/a", []),
        ("count(/d/r[a = '/d/r/a'])", []),
        ("count(/d/r[a = current()/../b])", []),
        ("count(/d/r[", []),
        ("]]", []),
        ("", []),
    ],
)
def test_whole_paths_between_brackets(expression: str, found: list[str]) -> None:
    assert whole_paths(expression) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("if(selected(., 'a(b)'), 1, 2)", []),
        ("jr:choice-name(/d/a, '/d/a')", []),
        ("(1) and (2) or not(3) div (4)", []),
        ("pulldata('f', 'a', 'b', /d/c)", []),
        ("geofence(a) + intersects(b) + geofence(c)", ["geofence", "intersects"]),
        ("text()", []),
    ],
)
def test_functions_nobody_knows(expression: str, found: list[str]) -> None:
    assert unknown_calls(expression) == found
