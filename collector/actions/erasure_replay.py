"""Erasures done again: on a backup that was restored, and that still knows who was erased since.

A list of tombstones is JSON, one a line, ids only. Each is done once: its digest tells whether it is here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions import auditing
from collector.actions.erasing import Done, Erasing
from collector.actions.erasure_targets import entity
from collector.actions.keeping import Keeping
from storage.cuts import within
from storage.database import db, transaction
from storage.entities.lists import list_by_name
from storage.entities.problems import EntityListNotFound
from storage.erasing import entities, records, tombstones
from storage.erasing.problems import NothingToErase, TombstonesUnreadable
from storage.erasing.tombstones import ENTITY, IDENTIFIERS, KINDS, ROW, Buried, Order, bury
from storage.models import Form
from storage.portable_wiping import wipe
from storage.scope import WHOLE

_Line = Mapping[str, Any]


def lines(session: Session) -> Iterator[str]:
    """Every tombstone as a line of JSON, in the order in which they were set."""
    rows = session.execute(select(Form.id, Form.xml_form_id))
    names = {row.id: row.xml_form_id for row in rows}
    for one in tombstones.all_of(session):
        said = {
            "kind": one.kind,
            "project": one.project_id,
            "form": names.get(one.form_id or 0),
            "formNumber": one.form_id,
            "instanceId": one.instance_id,
            "row": one.row_key,
            "entity": one.entity_uuid,
            "digest": one.digest,
            "ground": one.ground,
            "erasedAt": one.erased_at.isoformat(),
            **one.details,
        }
        yield json.dumps(said, ensure_ascii=False, sort_keys=True)


class Replay:
    """Does again what a list of tombstones says."""

    def __init__(self, erasing: Erasing, keeping: Keeping) -> None:
        self._erasing = erasing
        self._keeping = keeping

    def run(self, several: Iterable[str], now: datetime) -> int:
        """Do each that this database does not know; returns how many. Raises TombstonesUnreadable."""
        done = 0
        with within(WHOLE):
            while auditing.derive(now):
                pass
            known = tombstones.known_digests(db.session())
            for number, line in enumerate(several, 1):
                said = _read(line, number)
                if said is not None and said["digest"] not in known:
                    self._one(said, Order(said["ground"], None, now))
                    known.add(said["digest"])
                    done += 1
            db.session().rollback()
            if done:
                wipe(db.engine)
        return done

    def _one(self, said: _Line, order: Order) -> None:
        session = db.session()
        project_id = int(said["project"])
        if said["kind"] == ENTITY:
            self._entity(session, project_id, said, order)
            return
        form = _form(session, said)
        if form is None:
            # A form the backup never had: its records cannot come either.
            self._bury(said, order, None)
        elif said["kind"] == ROW:
            self._row(session, form, said, order)
        elif said["kind"] == IDENTIFIERS:
            self._keeping.unname(form.id, datetime.fromisoformat(said["before"]), order)
            self._bury(said, order, form)
        else:
            self._record(session, form, said, order)

    def _record(self, session: Session, form: Form, said: _Line, order: Order) -> None:
        ids = [said["instanceId"], *said.get("versions", ())]
        found, form_id = records.found(session, form.id, ids), form.id
        if found is not None:
            self._erasing.erase_record(form_id, found.id, order, Done(), digest=said["digest"])
        else:
            self._bury(said, order, form)
        with transaction() as writing:
            records.take_ids(writing, writing.get_one(Form, form_id), ids, order)

    def _row(self, session: Session, form: Form, said: _Line, order: Order) -> None:
        rows: dict[str, str] = said.get("rows", {})
        found = records.found(session, form.id, list(rows))
        person = None if found is None else self._erasing.person_in(session, form, found, rows)
        if person is None:
            self._bury(said, order, form)
            return
        self._erasing.take_out(person, order, Done(), digest=said["digest"])

    def _entity(self, session: Session, project_id: int, said: _Line, order: Order) -> None:
        try:
            member, of = entity(session, project_id, said["entity"])
            self._erasing.erase_entity(of.id, member.id, order, Done(), digest=said["digest"])
        except NothingToErase:
            self._bury(said, order, None)
            with transaction() as writing:
                try:
                    of = list_by_name(writing, project_id, said.get("list", ""))
                except EntityListNotFound:
                    return
                entities.take_id(writing, of, said["entity"], order)

    @staticmethod
    def _bury(said: _Line, order: Order, form: Form | None) -> None:
        form_id = None if form is None else form.id
        what = Buried(
            said["kind"],
            int(said["project"]),
            form_id,
            said.get("instanceId"),
            said.get("row"),
            said.get("entity"),
            details={name: said[name] for name in ("versions", "rows", "list", "before") if name in said},
        )
        with transaction() as session:
            bury(session, what, order, digest=said["digest"])


def _form(session: Session, said: _Line) -> Form | None:
    mine = select(Form).where(Form.project_id == int(said["project"]), Form.xml_form_id == said["form"])
    return session.scalars(mine.order_by(Form.id == said.get("formNumber"), Form.deleted_at)).first()


_NEEDED = ("project", "digest", "ground")


def _read(line: str, number: int) -> _Line | None:
    if not line.strip():
        return None
    try:
        said = json.loads(line)
    except ValueError as error:
        raise TombstonesUnreadable(line=number) from error
    if (
        not isinstance(said, dict)
        or said.get("kind") not in KINDS
        or any(not said.get(one) for one in _NEEDED)
    ):
        raise TombstonesUnreadable(line=number)
    return said
