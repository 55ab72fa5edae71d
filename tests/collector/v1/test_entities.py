"""Programs make, change, take out and read entities."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.collector.v1.program import EXTENDED, Program

LIST = "projects/1/datasets/people/entities"
ONE = "12345678-1234-4123-8234-123456789abc"
OTHER = "12345678-1234-4123-8234-123456789def"


@pytest.fixture(scope="module")
def program(kept_program: Program) -> Program:
    """Its administrator; each test makes a list of its own."""
    return kept_program


@pytest.fixture
def listed(program: Program) -> str:
    """A fresh list with two properties; the path of its entities."""
    name = f"l{uuid.uuid4().hex[:8]}"
    program.post("projects/1/datasets", json={"name": name})
    for one in ("age", "first_name"):
        program.post(f"projects/1/datasets/{name}/properties", json={"name": one})
    return f"projects/1/datasets/{name}/entities"


def made(program: Program, path: str, number: str = ONE, **data: str) -> Any:
    """An entity made over the wire."""
    return program.post(path, json={"uuid": number, "label": f"Label {number[-3:]}", "data": data})


def bulk(*several: dict[str, Any]) -> dict[str, Any]:
    """A body that makes many."""
    return {"entities": list(several), "source": {"name": "dân.csv", "size": 100}}


def test_case_37_an_entity_has_the_shape_central_gives_it(program: Program, listed: str) -> None:
    found = made(program, listed, age="30", first_name="Lan")
    current = found["currentVersion"]
    assert found == {
        "uuid": ONE,
        "creatorId": 1,
        "conflict": None,
        "createdAt": found["createdAt"],
        "updatedAt": None,
        "deletedAt": None,
        "currentVersion": {
            "current": True,
            "label": "Label abc",
            "creatorId": 1,
            "userAgent": current["userAgent"],
            "version": 1,
            "baseVersion": None,
            "conflictingProperties": None,
            "createdAt": found["createdAt"],
            "branchId": None,
            "trunkVersion": None,
            "branchBaseVersion": None,
            "data": {"age": "30", "first_name": "Lan"},
            "dataReceived": {"age": "30", "first_name": "Lan", "label": "Label abc"},
        },
    }
    assert current["userAgent"].startswith("Werkzeug/")
    [line] = program.get(listed)
    assert line == found | {
        "currentVersion": {name: current[name] for name in current if not name.startswith("data")}
    }
    # ruODK asks so.
    assert program.get(f"{listed}/", headers={"Accept": "application/xml"}) == [line]
    extended = program.get(f"{listed}/{ONE}", headers=EXTENDED)
    assert extended["creator"]["displayName"] == "admin"
    assert extended["currentVersion"]["creator"]["type"] == "user"
    assert program.get(f"{listed}/uuid:{ONE.upper()}") == found


def test_case_37_without_an_id_one_is_made_and_an_id_is_used_once(program: Program, listed: str) -> None:
    fresh = program.post(f"{listed}/", json={"label": "Mai"})
    assert uuid.UUID(fresh["uuid"]).version == 4
    made(program, listed)
    body = {"uuid": f"uuid:{ONE.upper()}", "label": "again"}
    assert program.refused("POST", listed, json=body) == (409, 409.3)
    program.ask("DELETE", f"{listed}/{ONE}")
    assert program.refused("POST", listed, json=body) == (409, 409.19)
    assert program.refused("POST", listed, json=bulk(body)) == (409, 409.19)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"data": {"age": "1"}}, 400.2),
        ({"label": "a", "uuid": "no uuid"}, 400.11),
        ({"label": "a", "uuid": 7}, 400.11),
        ({"label": " "}, 400.8),
        ({"label": 7}, 400.11),
        ({"label": "a\0"}, 400.11),
        ({"label": "a", "data": {"colour": "red"}}, 400.28),
        ({"label": "a", "data": {"age": 7}}, 400.11),
        ({"label": "a", "data": {"age": None}}, 400.11),
        ({"label": "a", "data": ["age"]}, 400.11),
        ({"label": "a", "age": "7"}, 400.31),
    ],
)
def test_case_37_what_is_no_entity_is_refused_alone_and_among_others(
    program: Program, listed: str, said: dict[str, Any], code: float
) -> None:
    assert program.refused("POST", listed, json=said) == (400, code)
    assert program.refused("POST", listed, json=bulk({"label": "good"}, said)) == (400, code)
    assert program.get(listed) == []


@pytest.mark.parametrize("bomb", [b'{"entities":[%s{}]}' % (b"{}," * 2_500_000), b"[" * 5_000_001])
def test_what_would_fill_the_memory_is_refused_unread(program: Program, listed: str, bomb: bytes) -> None:
    assert program.refused("POST", listed, data=bomb) == (413, 413.1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400.1),
        (b"[]", 400.1),
        (b'{"entities": 7, "source": {"name": "a"}}', 400.31),
        (b'{"entities": [], "source": {"name": "a"}}', 400.31),
        (b'{"entities": [7], "source": {"name": "a"}}', 400.11),
        (b'{"entities": [{"label": "a"}]}', 400.2),
        (b'{"entities": [{"label": "a"}], "source": {"size": 1}}', 400.2),
        (b'{"entities": [{"label": "a"}], "source": {"name": "a", "size": "1"}}', 400.11),
    ],
)
def test_case_37_a_body_that_cannot_be_is_refused(
    program: Program, listed: str, body: bytes, code: float
) -> None:
    told = program.refused("POST", listed, data=body, content_type="application/json")
    assert told == (400, code)
    assert program.get(listed) == []


def test_case_37_many_are_made_together_or_not_at_all(
    program: Program, listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.actions.members.STEP", 2)
    several = [{"label": f"n{number}", "data": {"age": str(number)}} for number in range(5)]
    assert program.post(listed, json=bulk(*several)) == {"success": True}
    assert len(program.get(listed)) == 5
    made(program, listed)
    for faulty in ({"uuid": ONE, "label": "taken"}, {"label": "twice", "uuid": OTHER}):
        body = bulk(*several, {"uuid": OTHER, "label": "x"}, faulty)
        assert program.refused("POST", listed, json=body) == (409, 409.3)
        assert len(program.get(listed)) == 6
    [version] = program.get(f"{listed}/{program.get(listed)[-1]['uuid']}/versions")
    assert version["source"]["name"] == "dân.csv"
    assert (version["source"]["count"], version["source"]["size"]) == (5, 100)


def test_case_37_what_breaks_off_half_way_is_as_if_it_had_never_been(
    program: Program, listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collector.actions import members

    monkeypatch.setattr(members, "STEP", 2)
    several = [{"label": f"n{number}", "uuid": str(uuid.uuid4())} for number in range(5)]
    seen: list[str] = []
    finish = members._finish

    def stumble(*given: Any) -> None:
        # One by one: to ask for the list is noted, and that waits for the writing which is going on.
        seen.extend(program.get(f"{listed}/{one['uuid']}")["currentVersion"]["label"] for one in several)
        finish(*given)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(members, "_finish", stumble)
    assert program.refused("POST", listed, json=bulk(*several)) == (500, 500.1)
    assert (seen, program.get(listed)) == ([one["label"] for one in several], [])
    monkeypatch.setattr(members, "_finish", finish)
    assert program.post(listed, json=bulk(*several)) == {"success": True}


def test_case_37_a_change_names_the_version_it_rests_on(program: Program, listed: str) -> None:
    made(program, listed, age="30", first_name="Lan")
    one = f"{listed}/{ONE}"
    assert program.refused("PATCH", one, json={"label": "x"}) == (409, 409.15)
    assert program.refused("PATCH", f"{one}?baseVersion=2", json={"label": "x"}) == (409, 409.15)
    assert program.refused("PATCH", f"{one}?baseVersion=x", json={"label": "x"}) == (400, 400.11)
    changed = program.patch(f"{one}?baseVersion=1", json={"data": {"age": "31"}})
    current = changed["currentVersion"]
    assert (current["version"], current["baseVersion"]) == (2, 1)
    assert current["data"] == {"age": "31", "first_name": "Lan"}
    assert current["dataReceived"] == {"age": "31"}
    changed = program.patch(f"{one}?force=True", json={"label": "Mai", "data": {"age": ""}})
    assert changed["currentVersion"]["label"] == "Mai"
    assert changed["currentVersion"]["data"] == {"age": "", "first_name": "Lan"}
    assert changed["updatedAt"] > changed["createdAt"]
    for said, code in (({}, 400.28), ({"label": ""}, 400.8), ({"data": {"colour": "red"}}, 400.28)):
        assert program.refused("PATCH", f"{one}?force=true", json=said) == (400, code)
    assert program.refused("PATCH", f"{one}?force=true&resolve=true", json={}) == (400, 400.32)


def test_case_37_what_is_taken_out_is_gone_until_it_is_put_back(program: Program, listed: str) -> None:
    made(program, listed, age="1")
    made(program, listed, OTHER)
    assert program.ask("DELETE", f"{listed}/{ONE}").json == {"success": True}
    assert program.refused("DELETE", f"{listed}/{ONE}") == (404, 404.1)
    assert program.refused("GET", f"{listed}/{ONE}") == (404, 404.1)
    assert program.refused("PATCH", f"{listed}/{ONE}?force=true", json={"label": "x"}) == (404, 404.1)
    assert [one["uuid"] for one in program.get(listed)] == [OTHER]
    [gone] = program.get(f"{listed}?deleted=true")
    assert (gone["uuid"], gone["deletedAt"] is not None) == (ONE, True)
    assert program.post(f"{listed}/{ONE}/restore") == {"success": True}
    assert program.refused("POST", f"{listed}/{ONE}/restore") == (404, 404.1)
    assert program.get(f"{listed}/{ONE}")["updatedAt"] is not None


def test_case_37_many_are_taken_out_and_put_back_at_once(program: Program, listed: str) -> None:
    for number in (ONE, OTHER):
        made(program, listed, number)
    unknown = str(uuid.uuid4())
    ids = {"ids": [ONE, OTHER.upper(), unknown]}
    assert program.post(f"{listed}/bulk-delete", json=ids) == {"count": 2}
    assert program.post(f"{listed}/bulk-delete", json=ids) == {"count": 0}
    assert program.get(listed) == []
    assert program.post(f"{listed}/bulk-restore", json=ids) == {"count": 2}
    # A phone compares nothing else.
    assert all(one["updatedAt"] for one in program.get(listed))
    assert program.post(f"{listed}/bulk-delete", json={"ids": [ONE]}) == {"count": 1}
    actions = [one["action"] for one in program.get(f"{listed}/{OTHER}/audits")]
    assert actions == ["entity.bulk.restore", "entity.bulk.delete", "entity.create"]
    for said in ({}, {"ids": ONE}, {"ids": [7]}, {"ids": ["x"]}):
        assert program.ask("POST", f"{listed}/bulk-delete", json=said).status_code == 400


def test_what_a_version_changed_and_who_did_it_is_told(program: Program, listed: str) -> None:
    made(program, listed, age="30")
    one = f"{listed}/{ONE}"
    program.ask("PATCH", f"{one}?baseVersion=1", json={"label": "Mai", "data": {"age": "31"}})
    program.ask(
        "PATCH",
        f"{one}?baseVersion=2",
        json={"data": {"first_name": "M"}},
        headers={"X-Action-Notes": "s%C6%A1"},
    )
    assert program.get(f"{one}/diffs") == [
        [
            {"old": "Label abc", "new": "Mai", "propertyName": "label"},
            {"old": "30", "new": "31", "propertyName": "age"},
        ],
        [{"old": None, "new": "M", "propertyName": "first_name"}],
    ]
    versions = program.get(f"{one}/versions", headers=EXTENDED)
    assert [version["version"] for version in versions] == [1, 2, 3]
    assert [version["current"] for version in versions] == [False, False, True]
    assert versions[2]["lastGoodVersion"]
    assert versions[1]["serverDiff"] == versions[1]["baseDiff"] == ["age", "label"]
    assert versions[0]["creator"]["displayName"] == "admin"
    assert program.get(f"{one}/versions?relevantToConflict=true") == []
    last, *_earlier = program.get(f"{one}/audits")
    assert (last["action"], last["actorId"], last["notes"]) == ("entity.update.version", 1, "sơ")
    assert last["details"]["entity"] == {"uuid": ONE, "dataset": listed.split("/")[3]}
    assert len(program.get(f"{one}/audits?limit=1&offset=1")) == 1
    [creator] = program.get(f"{listed}/creators")
    assert creator["displayName"] == "admin"


def test_a_long_list_comes_whole(program: Program, listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.queries.members._PAGE", 2)
    program.post(listed, json=bulk(*({"label": f"n{number}"} for number in range(5))))
    labels = [one["currentVersion"]["label"] for one in program.get(listed)]
    assert labels == ["n4", "n3", "n2", "n1", "n0"]


def test_a_list_nobody_knows_is_not_there(program: Program) -> None:
    for path in ("", f"/{ONE}", "/creators", f"/{ONE}/versions"):
        assert program.refused("GET", f"{LIST}{path}") == (404, 404.1)
    assert program.refused("POST", LIST, json={"label": "a"}) == (404, 404.1)
