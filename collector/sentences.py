"""Sentences that stand in the code as plain templates, gathered for the catalogues of translations.

Why: `forms` and `storage` know no language but English; what they say is translated at the border, where
gettext sees only a variable. `pybabel extract` finds these sentences by calling `extract` (pyproject.toml).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python

TEMPLATES: Mapping[str, Collection[int | str]] = {
    "Remark": (0, 1, "cause", "remedy"),
    "Fault": (0, 1, "cause", "remedy"),
    "_known": (1, 2, "cause", "remedy"),
    "Phrase": (0,),
    "Check": (2, 3, 4, "title", "sentence", "remedy"),
    "template": (0,),
}
"""What is called with templates, and which of its arguments are such."""

NAMED = frozenset({"sentence", "AS_TOLD_REMEDY", "PLACES", "WORDS"})
"""What templates are assigned to: a text, or a dictionary or set of texts."""


def extract(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[tuple[Any, ...]]:
    """Everything to be translated in a Python file: calls of gettext, and templates that reach it later.

    Yields what Babel asks of a method: line, name of the function or None, messages, comments.
    """
    source = file.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, options)
    for node in ast.walk(ast.parse(source)):
        for text in _templates(node):
            if text.value:
                yield text.lineno, None, text.value, []


def _templates(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        wanted = TEMPLATES.get(node.func.id, ())
        yield from _texts(value for place, value in enumerate(node.args) if place in wanted)
        yield from _texts(keyword.value for keyword in node.keywords if keyword.arg in wanted)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value and any(isinstance(target, ast.Name) and target.id in NAMED for target in targets):
            yield from _texts(iter(_parts(node.value)))


def _parts(value: ast.expr) -> Sequence[ast.expr]:
    """The texts of a dictionary or of a frozenset of texts; anything else is one itself."""
    if isinstance(value, ast.Dict):
        return value.values
    if isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Set):
        return value.args[0].elts
    return [value]


def _texts(expressions: Iterator[ast.expr]) -> Iterator[ast.Constant]:
    for expression in expressions:
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            yield expression
