"""A form by its questions, as an XForm: for tests that need many forms, odd ones, or huge ones.

    asked("household", "1", "head:string photo:binary member*/name:string member*/age:int")

A step with a star repeats; the type stands after the colon, `string` unless said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

_SPACES = (
    'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
    'xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms" '
    'xmlns:odk="http://www.opendatakit.org/xforms"'
)


@dataclass
class _Step:
    kind: str = ""
    inner: dict[str, _Step] = field(default_factory=dict)


def asked(
    form_id: str,
    version: str,
    questions: str | Iterable[str],
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    title: str = "Khảo sát",
    submission: str = "",
) -> bytes:
    """The XForm that asks `questions`; `choices` gives a question of type select1 or select its codes.

    `submission` is the whole `<submission …/>` element, where the form has one.
    """
    root = _Step()
    for question in questions.split() if isinstance(questions, str) else questions:
        path, _, kind = question.partition(":")
        step = root
        for name in path.split("/"):
            step = step.inner.setdefault(name, _Step())
        step.kind = kind or "string"
    instance = "".join(_template(name, step) for name, step in root.inner.items())
    binds = "".join(_binds(root, "/data"))
    body = "".join(_controls(root, "/data", choices or {}))
    return (
        f"<h:html {_SPACES}><h:head><h:title>{escape(title)}</h:title><model><instance>"
        f"<data id={quoteattr(form_id)} version={quoteattr(version)}>{instance}"
        f"<meta><audit/><instanceID/><instanceName/></meta></data></instance>{binds}"
        '<bind nodeset="/data/meta/audit" type="binary"/>'
        '<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/>'
        f"{submission}</model></h:head><h:body>{body}</h:body></h:html>"
    ).encode()


def _template(name: str, step: _Step) -> str:
    inner = "".join(_template(below, inside) for below, inside in step.inner.items())
    mark = ' jr:template=""' if name.endswith("*") else ""
    name = name.removesuffix("*")
    return f"<{name}{mark}>{inner}</{name}>"


def _binds(step: _Step, path: str) -> Iterable[str]:
    for name, inner in step.inner.items():
        here = f"{path}/{name.removesuffix('*')}"
        if inner.kind:
            kind = {"select1": "string", "select": "string"}.get(inner.kind, inner.kind)
            yield f'<bind nodeset="{here}" type="{kind}"/>'
        yield from _binds(inner, here)


def _controls(step: _Step, path: str, choices: Mapping[str, Sequence[str]]) -> Iterable[str]:
    for name, inner in step.inner.items():
        here = f"{path}/{name.removesuffix('*')}"
        below = "".join(_controls(inner, here, choices))
        if name.endswith("*"):
            yield f'<group ref="{here}"><label/><repeat nodeset="{here}">{below}</repeat></group>'
        elif inner.inner:
            yield f'<group ref="{here}"><label/>{below}</group>'
        else:
            yield _control(inner.kind, here, choices.get(here.removeprefix("/data"), ()))


def _control(kind: str, path: str, codes: Sequence[str]) -> str:
    tag = {"binary": "upload", "select1": "select1", "select": "select"}.get(kind, "input")
    items = "".join(
        f"<item><label>{escape(code)}</label><value>{escape(code)}</value></item>" for code in codes
    )
    media = ' mediatype="image/*"' if tag == "upload" else ""
    return f'<{tag} ref="{path}"{media}><label>{path}</label>{items}</{tag}>'


def answered(
    form_id: str,
    version: str,
    answers: str = "",
    *,
    instance_id: str | None,
    replaces: str | None = None,
    meta: str = "",
) -> bytes:
    """A filled form: `answers` is the XML between root and meta, `replaces` the id it edits."""
    identity = f"<instanceID>{escape(instance_id)}</instanceID>" if instance_id is not None else ""
    if replaces is not None:
        identity = f"<deprecatedID>{escape(replaces)}</deprecatedID>{identity}"
    head = f"<data id={quoteattr(form_id)} version={quoteattr(version)}>"
    return f"{head}{answers}<meta>{meta}{identity}</meta></data>".encode()
