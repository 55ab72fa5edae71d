"""The house rules, held: imports point inward, files and functions stay short, every list is complete."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import pytest

from collector.app import create_app
from collector.errors import STATUS
from collector.settings import Settings
from forms.problems import Problem

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

ROOT = Path(__file__).parents[1]
ROOMS = ("forms", "storage", "collector", "tests")
FILES = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TEXTS = {"", ".py", ".md", ".toml", ".lock", ".html", ".css", ".js", ".json", ".yaml", ".po", ".csv", ".java"}
MIGRATIONS = "storage/migrations/versions"  # a migration is a list, however long
LONGEST_FILE = 400
LONGEST_FUNCTION = 40  # lines without the docstring

DOORS = ("openrosa", "v1", "api", "desk", "webforms")
NOT_IMPORTED = {
    "forms": {
        "storage",
        "collector",
        "tests",
        "flask",
        "sqlalchemy",
        "boto3",
        "os",
        "time",
        "socket",
        "requests",
    },
    "storage": {"collector", "tests", "flask", "pyxform"},
    "storage/migrations": {"collector", "forms"},
    "collector": {"tests"},
    "collector/actions": {"flask", *(f"collector.{door}" for door in DOORS)},
    **{
        f"collector/{door}": {"pyxform", "boto3", *(f"collector.{other}" for other in DOORS if other != door)}
        for door in DOORS
    },
}
"""Folder to what nothing in it imports."""

ONLY_IMPORTED_BY: dict[str, set[str]] = {
    "pyxform": {"forms/xlsform.py", "forms/validate.py"},
    "boto3": {"storage/blobs/bucket.py"},
    "botocore": {"storage/blobs/bucket.py"},
    "flask_sqlalchemy": {"storage/database.py"},
    "vietnam_provinces": set(),  # its data is read, its code is under another licence
}
"""A foreign thing to the only files outside tests that know it."""


@dataclass(frozen=True)
class Source:
    """What the rules ask of a file: dotted names it imports, wherever in it; its docstring; its functions."""

    imports: tuple[str, ...]
    docstring: str | None
    functions: tuple[tuple[int, str, int], ...]
    """Line, name, lines without the docstring."""


@cache
def source(path: Path) -> Source:
    """The file, parsed once for all the rules."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))
    names: list[str] = []
    functions: list[tuple[int, str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, Function):
            functions.append((node.lineno, node.name, length(node)))
    return Source(tuple(names), ast.get_docstring(tree), tuple(functions))


def is_in(name: str, package: str) -> bool:
    """Whether the dotted name is the package or something in it."""
    return name == package or name.startswith(f"{package}.")


def length(function: Function) -> int:
    """Its lines without the docstring."""
    first = function.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    promise = (first.end_lineno or first.lineno) - first.lineno + 1 if said else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - promise


def families(of: type[Problem]) -> Iterator[type[Problem]]:
    """Every subclass, however deep."""
    for child in of.__subclasses__():
        yield child
        yield from families(child)


def written() -> Iterator[Path]:
    """The text files somebody wrote."""
    folders = (*ROOMS, "docs", "xlsforms", ".ci")
    for path in (*ROOT.iterdir(), *(path for folder in folders for path in (ROOT / folder).rglob("*"))):
        if path.is_file() and path.suffix in TEXTS:
            yield path


@pytest.mark.parametrize("folder", NOT_IMPORTED)
def test_imports_point_inward(folder: str) -> None:
    wrong = [
        f"{path} imports {name}"
        for path in FILES
        if path.is_relative_to(folder)
        for name in source(path).imports
        for banned in NOT_IMPORTED[folder]
        if is_in(name, banned)
    ]
    assert wrong == []


@pytest.mark.parametrize("thing", ONLY_IMPORTED_BY)
def test_a_foreign_thing_is_known_in_one_place(thing: str) -> None:
    knowing = {
        path.as_posix()
        for path in FILES
        if path.parts[0] != "tests" and any(is_in(name, thing) for name in source(path).imports)
    }
    assert knowing <= ONLY_IMPORTED_BY[thing]


def test_imports_are_absolute() -> None:
    assert [str(path) for path in FILES if any(name.startswith(".") for name in source(path).imports)] == []


def test_files_are_short() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in FILES
        if not path.is_relative_to(MIGRATIONS)
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    wrong = {
        f"{path}:{line} {name}": lines
        for path in FILES
        if not path.is_relative_to(MIGRATIONS)
        for line, name, lines in source(path).functions
        if lines > LONGEST_FUNCTION
    }
    assert wrong == {}


def test_every_file_says_what_it_is() -> None:
    assert [str(path) for path in FILES if not source(path).docstring] == []


def test_every_refusal_has_a_status() -> None:
    for path in FILES:
        if path.name == "problems.py":
            import_module(".".join(path.with_suffix("").parts))
    ours = {problem for problem in families(Problem) if problem.__module__.split(".")[0] != "tests"}
    assert {problem.__qualname__ for problem in ours if problem not in STATUS} == set()


def test_every_refusal_stands_among_the_problems() -> None:
    assert {
        f"{problem.__module__}.{problem.__qualname__}"
        for problem in families(Problem)
        if not problem.__module__.endswith("problems") and not problem.__module__.startswith("tests")
    } == set()


def test_every_route_has_a_permission(tmp_path: Path) -> None:
    permits = import_module("collector.accounts.permits").PERMITS
    app = create_app(Settings.from_environment({"COLLECTOR_HOME": str(tmp_path)}))
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - set(permits) == set(), "routes without a permission"
    assert set(permits) - endpoints == set(), "permissions without a route"


def test_every_dependency_is_argued_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {*project["project"]["dependencies"], *groups["build"], *groups["dev"]}
    names = {re.split(r"[<>=\[ ]", line)[0] for line in wanted}
    argued = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \| \S", argued, flags=re.MULTILINE))
    assert names == listed


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    personal = re.compile(rf"/home/\w+/|/Users/\w+/|{re.escape(str(ROOT))}/")
    assert [str(path) for path in written() if personal.search(path.read_text(encoding="utf-8"))] == []
