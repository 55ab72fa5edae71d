"""Erasure on request: what a person asks to have erased is found, shown, destroyed, and stays destroyed.

Law 91/2025/QH15 gives everybody that right over his own data. Received bytes change nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from collector.actions import auditing, releases
from collector.actions.erasure_preview import Asked, Looking, Preview
from collector.actions.erasure_targets import Person, Target, entity, known_person, members_of, person, record
from collector.actions.web_drafts import WebDrafts
from forms.erasing import without_row
from storage.blobs import BlobStore
from storage.cuts import within
from storage.database import db, transaction
from storage.erasing import entities, leavings, records, withdrawing
from storage.erasing.problems import ErasureGroundMissing, ErasureOvertaken
from storage.erasing.rewriting import By, Held, Rewriting
from storage.erasing.tombstones import ROW, Buried, Order, bury
from storage.models import Entity, EntityList, Erasure, Form, Release, Submission, SubmissionVersion
from storage.portable_wiping import wipe
from storage.projection.shelf import Shelf
from storage.purging.files import Files
from storage.queries import belongings
from storage.queries.belongings import ENTITY, RECORD
from storage.scope import WHOLE

_ATTEMPTS = 5
MOST = 50
"""Things that are erased at once."""
SHORTEST_GROUND = 10


@dataclass
class Done:
    """What was erased: the tombstones, releases withdrawn (and the numbers of those made anew), drafts gone.

    `wiped` says whether the files of the database hold none of it any more.
    """

    stones: list[Erasure] = field(default_factory=list)
    releases: list[int] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)
    drafts: int = 0
    wiped: bool = True


def ground_of(words: str) -> str:
    """A legal ground as it is kept. Raises ErasureGroundMissing."""
    said = " ".join(words.split())
    if len(said) < SHORTEST_GROUND:
        raise ErasureGroundMissing
    return said


class Erasing:
    """Erases out of a database and a blob store. `drafts` opens what people have begun in a browser."""

    def __init__(self, blobs: BlobStore, shelf: Shelf, drafts: WebDrafts | None = None) -> None:
        self._blobs = blobs
        self._drafts = drafts
        self._rewriting = Rewriting(blobs, shelf)

    # Looking ----------------------------------------------------------------------------------------

    def preview(self, project_id: int, targets: Sequence[Target], said: str = "") -> Preview:
        """What would go with these; `said` is the name that was searched for. Raises NothingToErase."""
        session = db.session()
        with within(WHOLE):
            seen = Looking(session, self._rewriting, self._drafts, Asked(project_id, said))
            for one in targets[:MOST]:
                seen.look(one)
            found = seen.finish()
        session.rollback()
        return found

    def person_in(
        self, session: Session, form: Form, found: Submission, rows: Mapping[str, str]
    ) -> Person | None:
        """A person by where he stands in each version of a record; None where none of these is here."""
        return known_person(session, self._rewriting, (form, found), rows)

    # Erasing ----------------------------------------------------------------------------------------

    def erase(self, project_id: int, targets: Iterable[Target], order: Order, said: str = "") -> Done:
        """Destroy these, each in a transaction of its own, and what was made of them.

        Rows go first, the last of a record before the others, so that no key moves under a later one.
        Words beside the answers that name `said` go too. Raises NothingToErase, ErasureGroundMissing.
        """
        ground_of(order.ground)
        done = Done()
        chosen = sorted(set(list(targets)[:MOST]), key=_turn)
        with within(WHOLE):
            while auditing.derive(order.now):
                pass
            for one in chosen:
                self._one(project_id, one, order, done)
            beside = leavings.naming(db.session(), project_id, said) if said else None
            if beside is not None:
                with transaction() as session:
                    leavings.forget_words(session, beside)
            again(done, order)
            # What was read lately on this connection keeps the database's files as they were.
            db.session().rollback()
            done.wiped = wipe(db.engine)
        return done

    def _one(self, project_id: int, target: Target, order: Order, done: Done) -> None:
        session: Session = db.session()
        if target.kind == RECORD:
            form, found = record(session, project_id, target.key)
            self.erase_record(form.id, found.id, order, done)
        elif target.kind == ENTITY:
            member, of = entity(session, project_id, target.key)
            self.erase_entity(of.id, member.id, order, done)
        else:
            self.erase_row(project_id, target.key, order, done)

    def erase_record(self, form_id: int, number: int, order: Order, done: Done, *, digest: str = "") -> None:
        """One record with the members of lists it made; what was made of its form's tables is withdrawn."""
        reading = db.session()
        found, form = reading.get_one(Submission, number), reading.get_one(Form, form_id)
        ids = {found.instance_id}
        made = [(of.id, one.id) for one, of in belongings.made_by(reading, form.id, found.instance_id)]
        beside = leavings.beside_others(reading, form.project_id, number)
        for list_id, member in made:
            self.erase_entity(list_id, member, order, done)
        files = Files()
        with transaction() as session:
            form = session.get_one(Form, form_id)
            leavings.forget_findings(session, beside)
            stone = records.erase(
                session, form, session.get_one(Submission, number), files, order, digest=digest
            )
            self._finish(session, [form_id], files, order, done)
            session.refresh(stone)
            session.expunge(stone)
        done.stones.append(stone)
        self.destroy(files)
        self._forget_drafts(form_id, ids, (), done)

    def erase_entity(self, list_id: int, number: int, order: Order, done: Done, *, digest: str = "") -> None:
        """One member of a list."""
        with transaction() as session:
            found = session.get(Entity, number)
            if found is None:
                return
            stone = entities.erase(session, session.get_one(EntityList, list_id), found, order, digest=digest)
            session.refresh(stone)
            session.expunge(stone)
        done.stones.append(stone)

    def erase_row(self, project_id: int, key: str, order: Order, done: Done) -> None:
        """One person out of a record: his row in every version, and what names him in the rest of it."""
        made: list[tuple[int, int]] = []
        for attempt in range(_ATTEMPTS):
            session = db.session()
            found = person(session, self._rewriting, project_id, key)
            made = members_of(session, found)
            try:
                self.take_out(found, order, done)
                break
            except ErasureOvertaken:
                if attempt == _ATTEMPTS - 1:
                    raise
        for list_id, member in made:
            self.erase_entity(list_id, member, order, done)

    def take_out(self, one: Person, order: Order, done: Done, *, digest: str = "") -> None:
        """Rewrite the versions of a record without a one. Raises ErasureOvertaken."""
        form_id, number, place = one.form.id, one.record.id, one.record.place_code
        instance_id, project_id = one.record.instance_id, one.form.project_id
        ids = [held.version.instance_id for held in one.held]
        several = self._rewriting.prepare(one.record, one.held, _taking_out(one))
        files = Files()
        db.session().rollback()
        with transaction() as session:
            found = session.get_one(Submission, number)
            known = session.scalars(
                select(SubmissionVersion.id).where(SubmissionVersion.submission_id == number)
            ).all()
            prefix = f"{instance_id}{one.row.rpartition('[')[0]}["
            by = By(order.now, files, known, one.traces, prefix)
            self._rewriting.write(session, found, several, by)
            what = Buried(
                ROW,
                project_id,
                form_id,
                instance_id,
                f"{instance_id}{one.row}",
                place_code=place,
                details={"rows": dict(one.rows), "versions": ids},
                destroyed=[held.data for held in one.held],
            )
            stone = bury(session, what, order, digest=digest)
            self._finish(session, [form_id], files, order, done)
            session.refresh(stone)
            session.expunge(stone)
        done.stones.append(stone)
        self.destroy(files)
        self._forget_drafts(form_id, set(ids), one.traces, done)

    def _finish(
        self, session: Session, form_ids: Sequence[int], files: Files, order: Order, done: Done
    ) -> None:
        done.releases += withdrawing.withdraw(session, form_ids, files, order)
        session.flush()
        files.forget(session)

    def destroy(self, files: Files) -> None:
        """Bytes of files go at once, not with the sweep a week later."""
        for name in files.gone:
            with suppress(OSError):
                self._blobs.delete(name)

    def _forget_drafts(self, form_id: int, ids: set[str], traces: Iterable[str], done: Done) -> None:
        if self._drafts is not None:
            done.drafts += self._drafts.forget_holding(form_id, ids, frozenset(traces))


def again(done: Done, order: Order) -> None:
    """Order the releases anew that were withdrawn, from the data as they are now."""
    for number in dict.fromkeys(done.releases):
        with transaction() as session:
            release = session.get_one(Release, number)
            made = releases.reissue(session, release, releases.Maker(order.actor_id, order.now))
            done.anew.append(made.number)


def _turn(target: Target) -> tuple[int, tuple[int, ...], str]:
    """Rows before records, and of rows the last ones first, inner ones before outer ones."""
    numbers = [int(part.split("]")[0]) for part in target.key.split("[")[1:] if part.split("]")[0].isdigit()]
    return (
        0 if target.kind == ROW else 1,
        tuple(-number for number in numbers) + (0,) * (8 - len(numbers)),
        target.key,
    )


def _taking_out(found: Person) -> Callable[[Held], bytes | None]:
    def redact(one: Held) -> bytes | None:
        key = found.rows.get(one.version.instance_id)
        return without_row(one.data, one.shelved.writer.schema, key, found.traces).xml

    return redact
