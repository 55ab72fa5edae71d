"""Batches: found by kind, by number and by the ticket of the attempt."""

from __future__ import annotations

import pytest

from storage.database import db, transaction
from storage.models import Batch
from storage.problems import BatchNotFound, BatchUndone
from storage.queries.batches import batches_of, batches_of_list, get_batch, open_batch, with_ticket
from tests.office import NOW, Office


def entered(kind: str, project_id: int | None = 1, **summary: object) -> int:
    """A batch of a kind; returns its number."""
    with transaction() as session:
        made = Batch(kind=kind, project_id=project_id, summary=summary, created_at=NOW)
        session.add(made)
        session.flush()
        return made.id


def test_a_batch_is_found_in_its_project_and_under_its_kind_only(office: Office) -> None:
    with office.app.app_context():
        first, second = entered("entities", list_id=7), entered("sample")
        entered("villages", None)
        session = db.session()
        found = batches_of(session, 1, "entities", "sample")
        assert [one.id for one in found] == [second, first]
        assert [one.id for one in batches_of(session, 1, "entities", "sample", limit=1)] == [second]
        assert [one.id for one in batches_of_list(session, 1, 7, "entities")] == [first]
        assert batches_of_list(session, 1, 8, "entities") == []
        assert get_batch(session, 1, {"sample", "entities"}, first).id == first
        for project_id, kind, number in ((2, "sample", second), (1, "entities", second), (1, "sample", 99)):
            with pytest.raises(BatchNotFound):
                get_batch(session, project_id, {kind}, number)
        found[0].undone_at = NOW
        with pytest.raises(BatchUndone):
            open_batch(session, 1, "sample", second)
        session.rollback()


def test_the_same_ticket_is_the_same_attempt_and_no_ticket_is_none(office: Office) -> None:
    with office.app.app_context():
        first = entered("entities", ticket="a")
        entered("entities", ticket="")
        entered("entities")
        session = db.session()
        again = with_ticket(session, 1, "entities", "a")
        assert again is not None
        assert again.id == first
        assert with_ticket(session, 1, "entities", "b") is None
        assert with_ticket(session, 1, "sample", "a") is None
        assert with_ticket(session, 1, "entities", "") is None
        session.rollback()
