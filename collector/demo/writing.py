"""Answers as a phone writes them: nested names and texts into the XML of a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

Answers: TypeAlias = dict[str, "str | Answers | list[Answers]"]
"""Name to text, to what lies in a group, or to the rounds of a repeat; in the order of the form.

A name that begins with `@` is an attribute of what it lies in.
"""


def entity(dataset: str, number: str, label: str, *, create: bool) -> Answers:
    """The node by which a record makes a member of a list, or touches none."""
    told: Answers = {"@dataset": dataset, "@create": "1" if create else "0", "@update": "0"}
    told |= dict.fromkeys(("@baseVersion", "@trunkVersion", "@branchId"), "")
    return {"entity": told | {"@id": number, "label": label}}


def submission(form_id: str, version: str, answers: Answers) -> bytes:
    """The XML of a record."""
    return (
        f"<?xml version='1.0' ?><data id={quoteattr(form_id)} version={quoteattr(version)} "
        'xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" '
        f'xmlns:orx="http://openrosa.org/xforms">{_inside(answers)}</data>'
    ).encode()


def _inside(answers: Mapping[str, str | Answers | list[Answers]]) -> str:
    return "".join(_element(name, answer) for name, answer in answers.items() if not name.startswith("@"))


def _element(name: str, answer: str | Answers | Sequence[Answers]) -> str:
    if isinstance(answer, str):
        return f"<{name}>{escape(answer)}</{name}>" if answer else f"<{name} />"
    if isinstance(answer, Mapping):
        attributes = "".join(
            f" {key[1:]}={quoteattr(str(text))}" for key, text in answer.items() if key.startswith("@")
        )
        return f"<{name}{attributes}>{_inside(answer)}</{name}>"
    return "".join(_element(name, one) for one in answer)
