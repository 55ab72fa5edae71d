"""Forms of older tools and of people who write XML: read the same way, as far as they make sense."""

from __future__ import annotations

import pytest

from forms.problems import Problem, XFormTooLarge
from forms.schema import Choice, MediaSlot
from forms.xform import read_schema
from tests.forms.tables import asking, form, node, survey, types, xform

BUILD = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:orx="http://openrosa.org/xforms/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Phi\xe1\xba\xbfu</h:title><model>
 <instance><data xmlns="http://opendatakit.org/phieu" id="build_Phieu_1">
  <meta><instanceID/></meta>
  <ten/><tuoi/><nghe/><ky_nang/><nguoi jr:template=""><ho_ten/></nguoi><trong/>
 </data></instance>
 <itext><translation lang="eng"><text id="/data/ten:label"><value>Name</value></text>
  <text id="/data/nghe:option0"><value form="short">Farm</value>
   <value form="long">Farmer</value></text></translation></itext>
 <bind nodeset="/data/meta/instanceID" type="string" readonly="true()" calculate="concat('uuid:', uuid())"/>
 <bind nodeset="/data/ten" type="xsd:string" required="true()"/>
 <bind nodeset="tuoi" type="integer"/>
 <bind id="job" nodeset="/data/nghe" type="select1"/>
 <bind nodeset="/data/ky_nang" type="select"/>
</model></h:head>
<h:body>
 <input ref="/data/ten"><label ref="jr:itext('/data/ten:label')"/></input>
 <input ref="tuoi">
  <label>Tu\xe1\xbb\x95i c\xe1\xbb\xa7a <output value="/data/ten"/>, n\xc4\x83m</label></input>
 <select1 bind="job"><label>Ngh\xe1\xbb\x81</label>
  <item><label ref="jr:itext('/data/nghe:option0')"/><value>nong</value></item></select1>
 <select ref="/data/ky_nang"><item><label>\xc4\x90\xe1\xbb\x8dc</label><value>doc</value></item></select>
 <group><label>Ng\xc6\xb0\xe1\xbb\x9di</label>
  <repeat nodeset="/data/nguoi"><input ref="ho_ten"><label>H\xe1\xbb\x8d</label></input></repeat></group>
 <group ref="/data/trong"/>
</h:body></h:html>"""


def test_a_form_of_an_older_tool_reads_the_same_way() -> None:
    schema = read_schema(BUILD)
    assert types(schema) == {
        "/ten": "string",
        "/tuoi": "int",
        "/nghe": "select1",
        "/ky_nang": "select",
        "/nguoi": "repeat",
        "/nguoi/ho_ten": "string",
        "/trong": "structure",
    }
    assert (schema.form_id, schema.version, schema.title, schema.root) == (
        "build_Phieu_1",
        "",
        "Phiếu",
        "data",
    )
    assert node(schema, "/ten").labels == {"eng": "Name"}
    assert node(schema, "/tuoi").labels == {"": "Tuổi của …, năm"}
    assert node(schema, "/nghe").control == "select1"
    assert schema.choices[node(schema, "/nghe").choices] == (Choice("nong", {"eng": "Farmer"}),)
    assert schema.choices["/ky_nang"] == (Choice("doc", {"": "Đọc"}),)
    assert node(schema, "/ky_nang").select_multiple
    assert node(schema, "/nguoi").labels == {"": "Người"}
    assert node(schema, "/nguoi/ho_ten").labels == {"": "Họ"}


def test_prefixes_in_the_instance_and_in_references_do_not_matter() -> None:
    data = xform(
        '<orx:data id="f"><orx:meta><orx:instanceID/><orx:instanceName/></orx:meta><orx:a/></orx:data>',
        model='<bind nodeset="/orx:data/orx:a" type="int"/>'
        '<bind nodeset="/orx:data/orx:meta/orx:instanceID" type="string"/>',
        body='<input ref=" /orx:data/orx:a "><label>A</label></input>',
    )
    schema = read_schema(data)
    assert {n.path: n.type for n in schema.nodes} == {
        "/meta": "structure",
        "/meta/instanceID": "string",
        "/meta/instanceName": "string",
        "/a": "int",
    }
    assert node(schema, "/a").control == "input"
    assert schema.root == "data"
    assert schema.instance_name


def test_references_resolve_against_the_group_around_them() -> None:
    data = asking(
        "<g><a/><h><b/></h></g>",
        body='<group ref="g"><input ref="./a"/><group ref="h"><input ref="b"/><input ref="../a"/></group>'
        "</group>",
    )
    schema = read_schema(data)
    assert {n.path: n.control for n in schema.nodes if n.control} == {
        "/g": "group",
        "/g/a": "input",
        "/g/h": "group",
        "/g/h/b": "input",
    }


def test_a_second_row_of_a_repeat_adds_only_what_is_new() -> None:
    data = asking(
        '<r jr:template=""><a/></r><r><a/><b/></r><r><a/></r>',
        body='<group><repeat nodeset="/data/r"/></group>',
    )
    assert [n.path for n in read_schema(data).nodes][:3] == ["/r", "/r/a", "/r/b"]


def test_lists_of_other_columns_and_from_earlier_answers() -> None:
    data = asking(
        "<a/><b/><c/><d/>",
        model="""<instance id="xa"><root><item><ma>01</ma><ten>Xã 1</ten></item>
            <item><ma/><ten>x</ten></item></root></instance>
          <instance id="kho" src="jr://file/kho.xml"/><instance id="cũ" src="jr://instance/last-saved"/>
          <instance id="hỏng" src="jr://images/a/b.png"/>""",
        body="""<select1 ref="/data/a">
            <itemset nodeset="randomize(instance(&quot;xa&quot;)/root/item[x=1], 3)">
            <value ref="ma"/><label ref="ten"/></itemset></select1>
          <select1 ref="/data/b">
            <itemset nodeset="/data/r[./n != '']"><value ref="n"/><label ref="n"/></itemset></select1>
          <select1 ref="/data/c">
            <itemset nodeset="instance('kho')/root/item"><value ref="ma"/></itemset></select1>
          <select1 ref="/data/d">
            <itemset nodeset="instance('cũ')/root/item"><value ref="ma"/></itemset></select1>""",
    )
    schema = read_schema(data)
    assert [node(schema, path).choices for path in ("/a", "/b", "/c", "/d")] == ["xa", "", "kho.xml", ""]
    assert schema.choices == {"xa": (Choice("01", {"": "Xã 1"}),)}
    assert schema.media == (MediaSlot("kho.xml", "file"),)


@pytest.mark.parametrize(
    "parts",
    [
        {"body": '<input ref="/other/a"/><input/><group ref="/"/><input ref="../.."/><select1 bind="none"/>'},
        {"model": "<bind/><bind nodeset=''/><bind type='int'/><itext/><instance/><instance id='x'/>"},
        {"model": "<submission/><itext><translation><text><value/></text></translation></itext>"},
        {"body": "<select1 ref='/data/a'><itemset/><item/><item><value/></item></select1>"},
        {"body": "<select1 ref='/data/a'><label ref='jr:itext(x)'/></select1>"},
        {"model": "<itext><translation><text id='b'><value form='image'/></text></translation></itext>"},
        {"questions": "text <a>b<c/>d</a> text"},
        {"body": "<h:div><h:p>Text</h:p></h:div>"},
    ],
)
def test_odd_forms_are_read_as_far_as_they_make_sense(parts: dict[str, str]) -> None:
    assert "/a" in read_schema(asking(**parts)).by_path


def test_questions_inside_foreign_elements_are_found() -> None:
    schema = read_schema(asking(body="<h:div><input ref='/data/a'><label>A</label></input></h:div>"))
    assert node(schema, "/a").labels == {"": "A"}


@pytest.mark.timeout(60)
def test_more_questions_than_columns_are_refused() -> None:
    with pytest.raises(XFormTooLarge):
        read_schema(asking("".join(f"<q{n}/>" for n in range(20_001))))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("deep", [50, 200, 300])
def test_depth_is_read_or_refused(deep: int) -> None:
    inner = (
        "".join(f"<g{n}>" for n in range(deep)) + "<a/>" + "".join(f"</g{n}>" for n in reversed(range(deep)))
    )
    body = "".join(f"<group ref='g{n}'>" for n in range(deep)) + "</group>" * deep
    try:
        schema = read_schema(asking(inner, body=body))
    except Problem:
        assert deep > 200
    else:
        assert schema.nodes[deep].name == "a"


@pytest.mark.timeout(60)
def test_a_long_form_is_read_in_no_time() -> None:
    rows = [f"integer | q{n} | Câu {n}" for n in range(1500)]
    assert len(form(survey(*rows)).questions) == 1501
