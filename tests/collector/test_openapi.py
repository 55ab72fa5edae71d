"""What both doors say of themselves is so: every address, every question, and the shape of every answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from collector.app import create_app
from collector.openapi.document import DOORS, document, methods, rules, template
from collector.openapi.queries import QUERY
from collector.openapi.tables import OPERATIONS
from collector.settings import Settings
from tests.collector.walk.asked import FIELDS
from tests.collector.walk.test_walk import ways
from tests.collector.walk.world import ADMIN, World, build, person
from tests.copies import fresh_database
from tests.office import Office, opened

ROOT = Path(__file__).parents[2]
DONE = range(200, 303)
READING = {"request.args.get", "incoming.switched", "incoming.number", "said.get", "asked.get"}
LAST = ("delete", "remove", "take_in", "restore", "sign_out", "close", "revoke", "abandon")
"""What takes something away is tried after all that looks at it."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = str(tmp_path_factory.mktemp("home"))
    return create_app(Settings.from_environment({"COLLECTOR_HOME": home}))


@pytest.fixture(scope="module", params=DOORS)
def described(request: pytest.FixtureRequest, app: Flask) -> dict[str, Any]:
    return document(app, request.param, "1")


def operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, one in item.items():
            yield f"{method.upper()} {path}", one


def test_every_address_stands_in_a_table(app: Flask) -> None:
    there = {rule.endpoint for door in DOORS for rule in rules(app, door)}
    assert there - set(OPERATIONS) == set(), "say in collector/openapi/*_table.py what these take and give"
    assert set(OPERATIONS) - there == set(), "these are gone"


@pytest.mark.parametrize("door", DOORS)
def test_every_address_is_in_the_document(app: Flask, door: str) -> None:
    told = {name for name, _ in operations(document(app, door, "1"))}
    assert told == {f"{method} {template(rule)}" for rule in rules(app, door) for method in methods(rule)}


def test_a_document_holds_together(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    ids = [one["operationId"] for _, one in operations(described)]
    assert len(ids) == len(set(ids))
    for name, one in operations(described):
        steps = {said["name"] for said in one["parameters"] if said["in"] == "path"}
        assert steps == set(re.findall(r"{(\w+)}", name))
        assert one["summary"].endswith("."), f"{name}: its route says nothing in its first line"
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in re.findall(r"'\$ref': '#/([\w/]+)'", str(described)):
        found = described
        for step in reference.split("/"):
            found = found[step]
        assert found


def asked_in(file: Path) -> set[str]:
    """What the routes of a file read from behind the question mark."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called in {
                "request.args.get",
                "incoming.switched",
                "incoming.number",
                "said.get",
                "asked.get",
            }:
                found.add(str(node.args[0].value))
    return found


def test_what_is_asked_is_told() -> None:
    told = {name for one in OPERATIONS.values() for name in one.query}
    assert told <= set(QUERY)
    bodies = re.compile(r"said = (?:(?:incoming|bodies)\.document|_said)|said: Any = request")
    for file in (*(ROOT / "collector/api").glob("*.py"), *(ROOT / "collector/v1").glob("*.py")):
        if not bodies.search(file.read_text(encoding="utf-8")):
            assert asked_in(file) - told == set(), f"say in collector/openapi what {file.name} is asked"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database will do: what an answer looks like does not hang on it."""
    folder = tmp_path_factory.mktemp("world")
    with fresh_database("sqlite", folder, folder, opened) as url:
        office = Office(folder / "home", url)
        yield build(office)
        office.close()


class Shape:
    """Holds answers to a document, keys nobody told of included."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        for schema in found["components"]["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)

    def faults(self, name: str, answer: TestResponse) -> list[str]:
        """What in an answer is not as the document says."""
        method, _, path = name.partition(" ")
        said = self.found["paths"][path][method.lower()]["responses"].get(str(answer.status_code))
        if said is None:
            return [f"{name} answers {answer.status_code}: {answer.text[:200]}"]
        said = (
            self.found["components"]["responses"][said["$ref"].rpartition("/")[2]] if "$ref" in said else said
        )
        kinds = said.get("content", {})
        if not kinds:
            return [f"{name} has a body"] if answer.data else []
        if answer.mimetype not in kinds and "application/octet-stream" not in kinds:
            return [f"{name} is {answer.mimetype}, not {', '.join(kinds)}"]
        schema = kinds.get(answer.mimetype, {}).get("schema")
        if not schema:
            return []
        checked = Draft202012Validator({**schema, "components": self.found["components"]})
        return [
            f"{name} {fault.json_path}: {fault.message[:200]}" for fault in checked.iter_errors(answer.json)
        ]


def test_answers_are_as_they_are_described(world: World) -> None:
    app = world.office.app
    reader = person(world, ADMIN)
    ids = {**world.there, **world.here, "token": world.phone_here.token}
    faults, seen = [], 0
    for door in DOORS:
        shape = Shape(document(app, door, "1"))
        several = {rule.endpoint for rule in rules(app, door)}
        for endpoint in sorted(several, key=lambda one: (any(word in one for word in LAST), one)):
            by_path = {rule.rule: rule for rule in app.url_map.iter_rules(endpoint)}
            for method, path in ways(world, endpoint, ids):
                answer = reader.ask(method, path, FIELDS.get(endpoint))
                seen += answer.status_code in DONE
                matched = app.url_map.bind("").match(path.partition("?")[0], method, return_rule=True)[0]
                faults += shape.faults(f"{method} {template(by_path[matched.rule])}", answer)
    assert "\n".join(faults) == ""
    assert seen > 60, "too little was answered to prove anything"


def test_the_documents_and_the_page_are_had_without_signing_in(office: Office) -> None:
    client = office.client()
    for door, number in (("v1", 50), ("api", 15)):
        answer = client.get(f"/{door}/openapi.json")
        assert answer.status_code == 200
        assert answer.json is not None
        assert len(answer.json["paths"]) > number
        again = client.get(f"/{door}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    for language, word in (("vi", "Dành cho chương trình"), ("en", "For programs")):
        client.set_cookie("collector_language", language)
        page = client.get("/api").text
        assert f"<h1>{word}</h1>" in page
        assert "/v1/projects/{project_id}/forms/{form_id}/submissions" in page
