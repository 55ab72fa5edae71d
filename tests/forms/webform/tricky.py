"""Small forms, each with something of a form that is easily made wrong in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:ev="http://www.w3.org/2001/xml-events" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms" '
    'xmlns:odk="http://www.opendatakit.org/xforms"{more}><h:head><h:title>{title}</h:title>'
)
META = "<orx:meta><orx:instanceID/></orx:meta>"
ID_BIND = '<bind nodeset="/data/orx:meta/orx:instanceID" type="string" jr:preload="uid"/>'


def form(answers: str, binds: str, body: str, **parts: str) -> bytes:
    """An XForm: the leaves of its answers, its binds, its controls.

    `parts` may give `more` (attributes of the root), `model` (attributes of the model), `lists` (what else
    stands in the model), `meta`, `style` (attributes of the body) and `title`.
    """
    head = HEAD.format(more=parts.get("more", ""), title=parts.get("title", "Thử"))
    meta = parts.get("meta", META)
    return (
        f'<?xml version="1.0"?>{head}<model{parts.get("model", "")}>{parts.get("texts", "")}'
        f'<instance><data id="thu" version="1">{answers}{meta}</data></instance>'
        f"{parts.get('lists', '')}{binds}{ID_BIND if meta == META else ''}</model></h:head>"
        f"<h:body{parts.get('style', '')}>{body}</h:body></h:html>"
    ).encode()


def asked(label: str) -> bytes:
    """A form of one text question with this label, written as XML."""
    return form(
        "<a/><b/>",
        '<bind nodeset="/data/a" type="string"/><bind nodeset="/data/b" type="int"/>',
        f'<input ref="/data/a"><label>{label}</label></input><input ref="/data/b"><label>B</label></input>',
    )


LABELS: Mapping[str, str] = {
    "bold": "**đậm** và __cũng đậm__",
    "slanted": "_nghiêng_ và *cũng nghiêng*, nhưng không phải snake_case_name hay 2 * 3 * 4",
    "slanted Vietnamese": "một_việt_hai và (_ở trong_), cộng_",
    "crossing": "**a _b** c_ và *d **e* f**",
    "nested": "**đậm _và nghiêng_ nữa** _**ngược**_",
    "headings": "# Một\n## Hai ##\n####### Bảy\nđoạn thường\n### Ba",
    "heading at once": "#Không có cách",
    "links": "[trang](https://example.vn/a?b=c&amp;d=e) [thư](mailto:a@b.vn) "
    "[Hà Nội](https://vi.wikipedia.org/wiki/Hà_Nội)",
    "spans": '&lt;span style="color:red"&gt;đỏ&lt;/span&gt; &lt;span style="color:#00f; font-family:serif"'
    "&gt;xanh&lt;/span&gt; &lt;span class='x'&gt;trơn&lt;/span&gt;",
    "raised": "m&lt;sup&gt;2&lt;/sup&gt; và H&lt;sub&gt;2&lt;/sub&gt;O",
    "lists": "Việc:\n- một\n- hai\n\nXong",
    "stars": "* một\n* hai **đậm**",
    "numbers": "Việc:\n1. một\n2. hai",
    "numbers from": "Việc:\n4. bốn\n5. năm",
    "numbered label": "1. Tên của bạn",
    "paragraphs": "Đoạn một\n\nĐoạn hai\n\n\nĐoạn ba\ndòng nữa",
    "lines": "dòng một\ndòng hai\n",
    "escaped": "\\*không\\* \\_không\\_ \\# không \\\\",
    "angles": "tuổi &lt; 15 và &gt; 5",
    "many angles": "a &lt; b &lt; c &gt; d &gt; e",
    "tags": "&lt;b&gt;đậm&lt;/b&gt; &lt;script&gt;x&lt;/script&gt;",
    "ampersands": "Cô &amp; trò, &amp;lt;b&amp;gt; **x** &amp;copy;",
    "quoted": 'Tên: <output value="/data/b"/>, **<output value=" /data/b + 1 "/>** và '
    '_<output value="/data/b"/>_',
    "quoted twice": '<output value="/data/b"/>5 <output value="/data/b"/>\n- <output value="/data/b"/>',
    "quoted plain": 'Chỉ <output value="/data/b"/> thôi',
}
"""What an author wrote in a label, by what is tried."""

_TEXTS = """<itext><translation lang="Tiếng Việt (vi)" default="true()">
<text id="a:label"><value>Ảnh **nào**?</value><value form="image">jr://images/a b.png</value>
<value form="big-image">jr://images/to.png</value></text>
<text id="a:hint"><value>Gợi ý _nghiêng_</value><value form="guidance">Hướng dẫn dài</value></text>
<text id="a:c"><value>Sai rồi</value></text>
<text id="l-0"><value>Một</value><value form="image">jr://images/mot.png</value></text>
<text id="l-1"><value form="audio">jr://audio/hai.mp3</value><value form="video">jr://video/hai.mp4</value></text>
<text id="a:s"><value form="long">Câu dài</value><value form="short">Ngắn</value></text></translation>
<translation lang="English"><text id="a:label"><value>Which **picture**?</value></text>
<text id="a:hint"><value>-</value></text><text id="a:c"><value>Wrong</value></text>
<text id="l-0"><value>One</value></text><text id="l-1"><value>Two</value></text>
<text id="a:s"><value form="long">Long</value><value form="short">Short</value></text>
</translation></itext>"""
_LIST = (
    '<instance id="l"><root><item><name>m</name><itextId>l-0</itextId><g>1</g></item>'
    "<item><name>h</name><itextId>l-1</itextId><g>2</g></item></root></instance>"
)
_PLAIN_LIST = (
    '<instance id="p"><root><item><name>x</name><label>Ích</label></item>'
    "<item><name>y</name><label>Y &lt; z</label></item></root></instance>"
)


def _itemset(kind: str, nodeset: str, label: str = "jr:itext(itextId)", appearance: str = "") -> str:
    look = f' appearance="{appearance}"' if appearance else ""
    return (
        f'<{kind} ref="/data/a"{look}><label>Chọn</label><itemset nodeset="{nodeset}">'
        f'<value ref="name"/><label ref="{label}"/></itemset></{kind}>'
    )


def _selects() -> Iterator[tuple[str, bytes]]:
    bind = '<bind nodeset="/data/a" type="string" required="true()"/>'
    text = "instance('l')/root/item[g = /data/b]"
    shapes = {
        "radio": ("select1", "instance('l')/root/item", "jr:itext(itextId)", ""),
        "filtered": ("select1", text, "jr:itext(itextId)", ""),
        "random": ("select", "randomize(instance('l')/root/item)", "jr:itext(itextId)", ""),
        "seeded": ("select", "randomize(instance('l')/root/item, 5)", "jr:itext(itextId)", "columns-2"),
        "drop-down": ("select1", text, "jr:itext(itextId)", "minimal"),
        "typed": ("select1", "instance('p')/root/item", "label", "autocomplete"),
        "boxes": ("select", "instance('p')/root/item", "label", "minimal"),
        "looks": ("select1", "instance('p')/root/item", "label", "horizontal-compact"),
        "compact": ("select", "instance('p')/root/item", "label", "compact-2 Quick"),
        "likert": ("select1", "instance('p')/root/item", "label", "likert"),
        "from file": ("select1", "instance('f')/root/item[contains(name, /data/b)]", "label", ""),
        "from repeat": ("select1", "/data/r[./n != '']", "n", ""),
        "ranked": ("odk:rank", "instance('l')/root/item", "jr:itext(itextId)", ""),
    }
    outside = '<instance id="f" src="jr://file-csv/xã phường.csv"/>'
    for name, (kind, nodeset, label, look) in shapes.items():
        kind_bind = bind.replace("string", "odk:rank") if kind == "odk:rank" else bind
        yield (
            f"select {name}",
            form(
                "<a/><b/><r jr:template=''><n/></r><r><n/></r>",
                kind_bind,
                _itemset(kind, nodeset, label, look),
                texts=_TEXTS,
                lists=_LIST + _PLAIN_LIST + outside,
            ),
        )


def _controls() -> Iterator[tuple[str, str, str]]:
    """Name, binds and body of the forms in controls.txt."""
    for block in (Path(__file__).parent / "controls.txt").read_text(encoding="utf-8").split("\n\n"):
        name, _, parts = block.removeprefix("# ").partition("\n")
        binds, _, body = parts.partition("\n---")
        yield name, binds, body


def _looks() -> Iterator[tuple[str, bytes]]:
    for name, binds, body in _controls():
        answers = "<a/><b/><g/><g2/>" if name == "groups" else "<a/><b/>"
        yield name, form(answers, binds, body)


ASKS_A = '<input ref="/data/a"><label>A</label></input>'


def _worded() -> Iterator[tuple[str, bytes]]:
    one = (
        '<input ref="/data/a"><label ref="jr:itext(\'a:label\')"/><hint ref="jr:itext(\'a:hint\')"/></input>'
    )
    message = (
        '<bind nodeset="/data/a" type="string" constraint=". != 1" jr:constraintMsg="jr:itext(\'a:c\')"/>'
    )
    yield "media and guidance", form("<a/>", message, one, texts=_TEXTS, style=' class="pages theme-grid"')
    short = '<input ref="/data/a"><label ref="jr:itext(\'a:s\')"/></input>'
    yield "long and short", form("<a/>", "", short, texts=_TEXTS)


def _repeated() -> Iterator[tuple[str, bytes]]:
    repeat = (
        '<group ref="/data/r"><label>Người</label><repeat nodeset="/data/r" jr:count="{count}" {more}>'
        '<input ref="/data/r/n"><label>Tên</label></input>'
        '<input ref="/data/r/m"><label>Lương <output value="../n"/></label></input></repeat></group>'
    )
    people = '<r jr:template=""><n/><m/></r><r><n/><m/></r>'
    yield "counted repeat", form(people, "", repeat.format(count="/data/a", more='appearance="compact"'))
    free = repeat.format(count="", more='jr:noAddRemove="true()"').replace(' jr:count=""', "")
    yield "fixed repeat", form(people, "", free)


def _set() -> Iterator[tuple[str, bytes]]:
    set_first = '<setvalue event="odk-instance-first-load" ref="/data/a" value="today()"/>'
    geo_first = '<odk:setgeopoint event="odk-instance-first-load" ref="/data/b"/>'
    yield "set at first", form("<a/><b/>", set_first + geo_first, ASKS_A)
    yield "set unseen", form("<a/><b/>", set_first + geo_first, "")
    yield (
        "own picture",
        form(
            "<a>jr://images/mặc định.png</a><b>chữ</b>",
            '<bind nodeset="/data/a" type="binary"/>',
            '<upload mediatype="image/*" ref="/data/a"><label>A</label></upload>',
        ),
    )


def _meta() -> Iterator[tuple[str, bytes]]:
    yield "no meta", form("<a/>", "", ASKS_A, meta="")
    yield "meta without prefix", form("<a/>", "", ASKS_A, meta="<meta><audit/></meta>")
    entity = '<meta><entity dataset="ho" create="1" id=""><label/></entity><instanceID/></meta>'
    yield (
        "entities",
        form(
            "<a/>",
            '<bind nodeset="/data/a" type="string" entities:saveto="ten"/>'
            '<bind nodeset="/data/meta/entity/@id" type="string" readonly="true()"/>'
            '<setvalue ref="/data/meta/entity/@id" event="odk-instance-first-load" type="string" '
            'readonly="true()" value="uuid()"/>',
            ASKS_A,
            meta=entity,
            more=' xmlns:entities="http://www.opendatakit.org/xforms/entities"',
            model=' odk:xforms-version="1.0.0" entities:entities-version="2024.1.0"',
        ),
    )
    yield (
        "own namespace",
        form("<a/><x:b xmlns:x='http://x.vn/x'/>", "", ASKS_A, more=' xmlns:y="http://y.vn/y"'),
    )
    yield (
        "where to send",
        form(
            "<a/>", '<submission action="https://elsewhere.vn/submission" method="form-data-post"/>', ASKS_A
        ),
    )


def cases() -> dict[str, bytes]:
    """Every small form by name."""
    labels = {f"label {name}": asked(label) for name, label in LABELS.items()}
    makers = (_selects, _looks, _worded, _repeated, _set, _meta)
    return labels | {name: xform for maker in makers for name, xform in maker()}
