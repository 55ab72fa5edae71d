"""Nothing an author writes runs in the browser of whoever opens his form."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import pytest
from lxml import etree

from forms.problems import Problem, XFormDeclaresEntities
from forms.webform.colours import COLOURS, face
from forms.webform.markdown import LONGEST, tagged
from forms.webform.problems import WebFormUnmade
from forms.webform.writing import ATTRIBUTES, TAGS, written
from tests.forms.webform.making import made
from tests.forms.webform.tricky import asked, cases, form

ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "//evil.vn",
)
"""Where no link and no picture may lead."""


class Seen(HTMLParser):
    """Every tag a browser would make of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))


def harmless(page: str) -> None:
    """That a page holds what a form needs and nothing else."""
    for tag, attributes in Seen(page).tags:
        assert tag in TAGS
        for name, value in attributes.items():
            assert name in ATTRIBUTES | {"href", "src", "rel", "target"} or name.startswith("data-"), name
            if name == "src":
                assert re.match(r"jr://[a-z-]+/[^/]+$", value or ""), value
            if name == "href":
                assert re.match(r"(https?://|mailto:|tel:|jr://)", value or ""), value
        if tag == "a" and str(attributes.get("href", "jr:"))[:3] != "jr:":
            assert "noopener" in str(attributes["rel"])


@pytest.mark.parametrize("name", list(cases()))
def test_every_small_form_holds_only_what_a_form_needs(name: str) -> None:
    harmless(made(cases()[name]).form)


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        '<span style="color:red" onclick="alert(1)">x</span>',
        "<span style=\"background:url('javascript:x')\">x</span>",
        '<span style="color:red;position:fixed;top:0">**x**</span>',
        "<span onmouseover=alert(1)>x</span>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src=//evil.vn></iframe>",
        *(f"[x]({address})" for address in ADDRESSES),
        '[x](https://a.vn"onclick="alert(1))',
        "[<img src=x onerror=alert(1)>](https://a.vn)",
        "[x](https://a.vn/<script>)",
        "**<b onclick=x>**",
        "_<svg/onload=x>_",
        "<<script>script>alert(1)<</script>/script>",
        "<span <span onclick=x>x</span>",
        "# <style>*{}</style>",
        "- <form action=//evil.vn>",
    ],
)
def test_a_label_is_text_and_the_few_marks(label: str) -> None:
    for said in (escape(label), escape(escape(label))):
        harmless(made(asked(said)).form)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", ["image", "audio", "video", "big-image"])
def test_pictures_and_sounds_come_only_from_the_form(kind: str, address: str) -> None:
    shown = f'<value form="image">jr://images/a.png</value><value form="{kind}">{address}</value>'
    texts = f'<itext><translation lang="vi"><text id="a"><value>A</value>{shown}</text></translation></itext>'
    body = '<input ref="/data/a"><label ref="jr:itext(\'a\')"/></input>'
    page = made(form("<a/>", "", body, texts=texts)).form
    harmless(page)
    assert address not in page


def test_a_form_is_sent_nowhere_by_itself() -> None:
    page = made(cases()["where to send"]).form
    assert "elsewhere.vn" not in page
    assert "onsubmit" not in page


def test_markup_in_a_list_is_not_copied_into_the_page() -> None:
    lists = (
        '<instance id="l"><root><item><name>a</name><label><h:img src="x" onerror="alert(1)"/>A'
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/></label></item></root></instance>'
    )
    model = made(form("<a/>", "", "", lists=lists)).model
    assert "onerror" not in model
    assert "onload" not in model
    assert "<label>A</label>" in model


def test_what_a_form_holds_besides_is_left_out_with_its_text_or_without() -> None:
    tree = etree.fromstring(
        '<form class="or" onsubmit="x" action="//evil.vn"><b>đậm</b><script>alert(1)</script>sau'
        '<x:p xmlns:x="http://x.vn">lạ</x:p><style>*{}</style>'
        '<input type="text" formaction="//evil.vn" name="a"/></form>'
    )
    assert written(tree) == '<form class="or">đậmsaulạ<input type="text" name="a"></form>'


def test_text_and_attributes_are_escaped() -> None:
    tree = etree.fromstring("<form data-relevant='a &lt; \"1\" and &amp;'>&lt;b&gt; &amp;amp;</form>")
    assert written(tree) == (
        '<form data-relevant="a &lt; &quot;1&quot; and &amp;">&lt;b&gt; &amp;amp;</form>'
    )


def test_a_style_becomes_classes_of_ours_or_nothing() -> None:
    assert face("color: #FF0000; font-family: Arial, serif") == ["say-red", "say-serif"]
    assert face("COLOR:rgb(0, 100, 0);font-weight:bold") == ["say-green", "say-bold"]
    assert face("color:black") == face("color:expression(alert(1))") == face("background:url(x)") == []
    assert {name for style in ("navy", "#777", "#f80") for name in face(f"color:{style}")} == {
        "say-blue",
        "say-grey",
        "say-orange",
    }
    assert "black" not in COLOURS


def test_hidden_parts_are_hidden_without_a_style() -> None:
    page = made(cases()["calculations"]).form
    assert 'id="or-calculated-items" hidden>' in page
    assert "style=" not in page


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "1">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://evil.vn/x.dtd">',
    ],
)
def test_entities_are_refused(declared: str) -> None:
    xform = asked("A").replace(b'<?xml version="1.0"?>', f'<?xml version="1.0"?>{declared}'.encode())
    with pytest.raises(XFormDeclaresEntities):
        made(xform)


def test_groups_past_any_form_s_depth_are_refused() -> None:
    deep = "<group>" * 5000 + "</group>" * 5000
    with pytest.raises(Problem):
        made(form("<a/>", "", deep))


def test_a_form_the_sheets_give_up_says_why() -> None:
    choices = "<item><label>A</label><value>a b</value></item>"
    body = f'<select ref="/data/a" appearance="minimal"><label>A</label>{choices}</select>'
    with pytest.raises(WebFormUnmade) as refused:
        made(form("<a/>", "", body))
    assert "contains spaces" in str(refused.value.details["reason"])


def test_a_label_of_unusual_length_is_shown_as_it_is() -> None:
    assert tagged("**" * LONGEST) == "**" * LONGEST
    assert tagged("**a**" + " " * (LONGEST - 5)).startswith("<strong>a</strong>")


@pytest.mark.parametrize("label", ["<span>" * 1500, "<sub " + ">" * 9000, "_" * 9000, "\n" * 9000 + "x"])
def test_a_label_of_nothing_but_marks_is_written(label: str) -> None:
    # Takes minutes where a pattern looks back and forth over the whole label.
    assert "<script" not in tagged(label)


def test_a_tag_of_an_author_ends_at_its_own_end() -> None:
    assert tagged("a <sup>2</sup> < sub>b</sub >") == "a <sup>2</sup> <sub>b</sub>"
    assert tagged("<sub>b</sup>") == "&lt;sub&gt;b&lt;/sup&gt;"
