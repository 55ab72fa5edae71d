"""Addresses of one project: the shorter one is that of the first, `/projects/N/…` that of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response

FIRST = 1
"""The project meant by an address that names none."""

_ROUTED: set[str] = set()

View = TypeVar("View", bound=Callable[..., Response])


def first_unless_said(blueprint: Blueprint) -> None:
    """Let the guard ask for rights in the first project where an address names none."""

    @blueprint.url_value_preprocessor
    def name_it(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None and endpoint in _ROUTED:
            values.setdefault("project_id", FIRST)


def routed(blueprint: Blueprint, rule: str, *, method: str = "GET") -> Callable[[View], View]:
    """Route a view of one project at both addresses."""

    def mark(view: View) -> View:
        # No default of the rule, which would lead the longer address to the shorter one.
        blueprint.add_url_rule(rule, view_func=view, methods=[method])
        longer = f"/projects/<int(max=2147483647):project_id>{rule}"
        blueprint.add_url_rule(longer, view_func=view, methods=[method])
        _ROUTED.add(f"{blueprint.name}.{view.__name__}")
        return view

    return mark
