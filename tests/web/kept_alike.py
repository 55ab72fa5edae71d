"""Whether a server keeps of a record of the web form what it keeps of the phone's.

Two servers alike get one record each: what lies in the tables of answers and on the lists of entities must
be the same, but for the ids each record has made and for what `tests.web.parity` normalises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from forms.entities import Change
from storage.database import transaction
from storage.entities import lists, reading
from storage.entities.writing import Changes, Source, find
from storage.models import EntityList, EntityOutcome, Submission
from tests.kept import looking
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.proofs.wholeness import Books
from tests.tree import plant
from tests.xlsforms.surveys import LISTS, Row, converted, media

_OWN = ("submission_id", "id", "as_sent")
"""Columns that number a server's rows, or keep how a decimal was spelled."""


@dataclass(frozen=True)
class Kept:
    """What a server has of one record: its rows by table, the lists as they are now, what entities met."""

    tables: Mapping[str, list[dict[str, Any]]]
    entities: list[tuple[str, ...]]
    outcomes: list[tuple[str, ...]]
    place: str | None


def settle(office: Office, form_id: str) -> Phone:
    """A server with the survey, the places and everybody who is on the phone's lists; a phone for it."""
    office.publish(converted(form_id).xform, filename=f"{form_id}.xml", media=media(form_id))
    with office.app.app_context(), transaction() as session:
        plant(session)
        for where in lists.lists_of(session, 1):
            for row in LISTS.get(f"{where.name}.csv", ()):
                _member(office, session, where, row)
    return Phone("http://server" + office.phone().path, session=in_process(office.app))


def _member(office: Office, session: Any, where: EntityList, row: Row) -> None:
    values = {name: str(text) for name, text in row.items() if name not in ("name", "label", "__version")}
    lists.ensure_properties(session, where, values, now=NOW)
    number, label = str(row["name"]), str(row["label"])
    changes = Changes(session, Source(office.admin_id, NOW))
    changes.create(where, Change(number, label, values))
    changes.finish()
    for _ in range(int(row.get("__version", 1)) - 1):
        again = Changes(session, Source(office.admin_id, NOW))
        found = find(session, where.id, number)
        assert found is not None
        again.update(where, found, Change(number, label, values))
        again.finish()


def kept(office: Office, form_id: str, instance_id: str) -> Kept:
    """What the server has of a record it has taken."""
    with looking(office) as session:
        tables = Books(session, office.parts.blobs, form_id).answers(instance_id)
        entities: list[tuple[str, ...]] = [
            (one.name, row.uuid, row.label, str(row.version), repr(sorted(row.data.items())))
            for one in session.query(EntityList).order_by(EntityList.name)
            for row in reading.rows(session, one.id)
        ]
        met: list[tuple[str, ...]] = [(one.state, repr(one.error)) for one in session.query(EntityOutcome)]
        place = session.query(Submission.place_code).filter_by(instance_id=instance_id).scalar()
    return Kept(tables, entities, met, place)


def unlike(phone: Kept, web: Kept, *, ids: Mapping[str, str], loose: Collection[str]) -> list[str]:
    """Where they differ; `ids` are the phone's to the web form's, `loose` the questions that may."""
    translate = _translator(ids)
    faults = []
    for path, rows in phone.tables.items():
        others = web.tables.get(path, [])
        if len(rows) != len(others):
            faults.append(f"{path or '/'}: {len(rows)} rows, of the web form {len(others)}")
        for mine, theirs in zip(rows, others, strict=False):
            for name in mine.keys() | theirs.keys():
                question = name.rpartition("_")[0] if name.endswith("_at") else name
                if name in _OWN or question in loose:
                    continue
                one, other = translate(mine.get(name)), theirs.get(name)
                if name == "blank":
                    one, other = set(one) - set(loose), set(other or ()) - set(loose)
                if one != other:
                    faults.append(f"{path} {name}: {one!r}, of the web form {other!r}")
    pairs = {
        "place": (phone.place, web.place),
        "entities": (_several(phone.entities, translate), _several(web.entities, str)),
        "outcomes": (_several(phone.outcomes, translate), _several(web.outcomes, str)),
    }
    return faults + [
        f"{what}: {mine!r}, of the web form {theirs!r}"
        for what, (mine, theirs) in pairs.items()
        if mine != theirs
    ]


def _several(rows: Collection[tuple[str, ...]], translate: Callable[[Any], Any]) -> list[tuple[str, ...]]:
    return sorted(tuple(translate(text) for text in row) for row in rows)


def _translator(ids: Mapping[str, str]) -> Callable[[Any], Any]:
    def translate(value: Any) -> Any:
        if isinstance(value, str):
            for mine, theirs in ids.items():
                value = value.replace(mine, theirs)
        return value

    return translate
