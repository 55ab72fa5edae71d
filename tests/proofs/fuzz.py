"""Both doors, asked everything their OpenAPI documents allow and much that they do not: nothing answers 500.

`python -m tests.proofs.fuzz [examples for each operation, 100 by default] [--seed N] [--postgresql]`.
schemathesis (https://schemathesis.readthedocs.io) makes the requests. So that they reach further than
“there is no such project”, every other one names something that is there; what would end the run (the
account it runs as, the project and form everything lies in) is named by none that takes away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from collector.openapi.document import DOORS, document
from storage.database import transaction
from storage.models import Project
from tests.collector.walk.world import World, build
from tests.databases import empty_database
from tests.live import serving
from tests.office import ADMIN, ADMIN_PASSWORD, NOW, Office

Document = dict[str, Any]
SPARE = "spare"
"""The form that may be taken away."""

_KEPT = {"form_id": SPARE, "project_id": 2, "number": 900, "actor_id": 900}
"""What a request that takes away names instead of what everything lies in."""

_TAKEN_AWAY = (
    "/v1/projects/{project_id}",
    "/v1/projects/{project_id}/forms/{form_id}",
    "/v1/users/{actor_id}",
    "/v1/users/{actor_id}/password",
    "/v1/assignments/{role}/{actor_id}",
)


@dataclass(frozen=True)
class Ground:
    """A filled server and what can be named on it: parameter to values."""

    world: World
    names: Mapping[str, list[Any]]

    def document(self, door: str) -> Document:
        """The document of a door, with those names among what may be sent."""
        found = json.loads(json.dumps(document(self.world.office.app, door, "1")))
        for path, item in found["paths"].items():
            for method, one in item.items():
                for said in one["parameters"]:
                    if said["in"] == "path":
                        said["schema"] = self._schema(said, path, method)
        return dict(found)

    def _schema(self, said: Document, path: str, method: str) -> Document:
        name, schema = said["name"], said["schema"]
        takes_away = method in {"delete", "patch", "put"} and path in _TAKEN_AWAY
        known = [_KEPT[name]] if takes_away and name in _KEPT else self.names.get(name, [])
        if takes_away and schema.get("type") == "integer":
            schema = {**schema, "minimum": 900}
        return {"anyOf": [{"enum": known}, schema]} if known else dict(schema)


def ground(office: Office) -> Ground:
    """Fill an office, and learn what can be named."""
    world = build(office)
    office.publish("| survey |\n| | type | name | label |\n| | text | a | A |\n| settings |\n"
                   "| | form_id | version |\n| | spare | 1 |")  # fmt: skip
    with office.app.app_context(), transaction() as session:
        session.add(Project(name="2", created_at=NOW))
    ids = {**world.there, **world.here}
    names: dict[str, list[Any]] = {
        "project_id": [1],
        "form_id": ["hh"],
        "draft_form_id": ["hh"],
        "instance_id": ["uuid:here", "uuid:there", "uuid:gone"],
        "version_id": ["uuid:here", "uuid:there"],
        "version": ["1", "___"],
        "table": ["Submissions", "Submissions.member", "Entities"],
        "below": ["member", "member('0')"],
        "name": ["households", "photo.jpg", "villages.csv"],
        "property_name": ["head"],
        "uuid": [ids["entity"]],
        "role": ["2", "5", "manager"],
        "actor_id": [int(ids["phone"])],
        "number": [1, 2],
        "code": ["households"],
        "token": [world.phone_here.token],
    }
    return Ground(world, names)


@dataclass(frozen=True)
class Outcome:
    """What came out for one door; what schemathesis says of it, it prints."""

    door: str
    passed: bool


def prove(folder: Path, database_url: str, *, examples: int, seed: int) -> list[Outcome]:
    """Ask both doors of a new server whose data lie in `folder`."""
    office = Office(folder / "home", database_url)
    try:
        known = ground(office)
        documents = {door: known.document(door) for door in DOORS}
        # By name and password, which no request can end as it can a session.
        with serving(office, workers=2, COLLECTOR_TRUSTED_NETWORKS="127.0.0.0/8") as live:
            asking = _Asking(folder, live.address, examples, seed)
            found = [Outcome(door, asking.ask(door, documents[door])) for door in DOORS]
            form = f"{live.address}/v1/projects/1/forms/hh"
            still = requests.get(form, auth=(ADMIN, ADMIN_PASSWORD), timeout=60)
        if still.status_code != requests.codes.ok:
            found.append(Outcome(f"the end, where the asker was shut out: {still.text}", passed=False))
        return found
    finally:
        office.close()


# What OData asks for that is not there is a 501 of Central's (central-api.md §2a), and no mistake.
_ALLOWED = """[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501]
"""


@dataclass(frozen=True)
class _Asking:
    """How a server is asked."""

    folder: Path
    address: str
    examples: int
    seed: int

    def ask(self, door: str, found: Document) -> bool:
        """Whether nothing at that door answered 500."""
        file = self.folder / f"{door.strip('/')}.json"
        file.write_text(json.dumps(found))
        allowed = self.folder / "schemathesis.toml"
        allowed.write_text(_ALLOWED)
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(allowed),
            "run", str(file), "--url", self.address,
            "--auth", f"{ADMIN}:{ADMIN_PASSWORD}", "--checks", "not_a_server_error", "--mode", "all",
            "--max-examples", str(self.examples), "--seed", str(self.seed), "--workers", "2", "--no-color",
            "--request-timeout", "120", "--suppress-health-check", "all", "--continue-on-failure",
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, cwd=self.folder, env=environment, check=False, timeout=7200)
        return done.returncode == 0


def main() -> None:
    """Run it, print what came out, and leave with 1 unless nothing answered 500."""
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with empty_database(folder, postgresql="--postgresql" in sys.argv) as url:
            outcomes = prove(folder, url, examples=numbers[0] if numbers else 100, seed=seed)
    for outcome in outcomes:
        print(f"{outcome.door}: {'nothing answered 500' if outcome.passed else 'NOT well'}")
    raise SystemExit(not all(outcome.passed for outcome in outcomes))


if __name__ == "__main__":
    main()
