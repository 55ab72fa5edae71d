"""A leader goes everywhere in his own commune, and meets nobody there: no record, no member of a list."""

from __future__ import annotations

from http import HTTPStatus

from tests.collector.walk.free import FREE
from tests.collector.walk.routes import CUT, NAMED
from tests.collector.walk.test_walk import leaks, ways
from tests.collector.walk.world import OWN, build, person, texts
from tests.office import Office

ANSWERED = (OWN, "uuid:here")
"""What stands in records and lists of his commune."""


def test_a_leader_is_shown_figures_and_nobody_in_them(screen_office: Office) -> None:
    world = build(screen_office)
    leader, officer = person(world, "leader"), person(world, "officer")
    # The ids of things stand in addresses, and an address may be said again.
    here = {**world.there, **world.here, "token": "none"}
    shown, told, known = 0, [], 0
    for endpoint in (*NAMED, *CUT, *FREE):
        for method, path in ways(world, endpoint, here):
            if method != "GET" or leaks(iter([path.encode()]), *ANSWERED):
                continue
            answer = leader.ask(method, path)
            shown += answer.status_code == HTTPStatus.OK
            if leaks(texts(answer), *ANSWERED):
                told.append(path)
            known += bool(leaks(texts(officer.ask(method, path)), *ANSWERED))
    assert told == []
    assert shown > 20
    assert known > 5, "who may read records finds them"
