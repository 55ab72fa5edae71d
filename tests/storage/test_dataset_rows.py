"""Records lie in a spool in the order of their keys, whole, cut to places; an empty cell says why it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from forms.datasets.describing import Version, describe
from forms.datasets.spool import Spool, unreadable
from storage.database import transaction
from storage.models import Form, Submission
from storage.queries import forms
from storage.queries.dataset_choice import Chosen, Wanted, choose, count
from storage.queries.dataset_rows import cells_of, fill
from storage.scope import WHOLE, Scope
from storage.snapshot import snapshot
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

ASKED = (
    "name:string born:date at:dateTime clock:time n:int weight:decimal where:geopoint langs:select "
    "member*/who:string member*/dish*/what:string"
)
RECEIVED = datetime(2026, 8, 3, 2, 0, 0, 123_000, tzinfo=UTC)
ANSWERS = {
    "uuid:b": (
        "<name>Lò Văn Ón</name><born>2026-08-01</born><at>2026-08-01T08:00:00.500+07:00</at>"
        "<clock>07:30:00.000+07:00</clock><n>5</n><weight>1.0E7</weight><where>22.5 105.1 812.0 4.5</where>"
        "<langs>x y</langs>"
        "<member><who>A</who><dish><what>a1</what></dish><dish><what>a2</what></dish></member>"
        "<member><who>B</who></member>"
    ),
    "uuid:Z": "<name/><born/><at>hôm qua</at><n>bốn</n><where/><langs>y</langs><member><who/></member>",
    "uuid:a": "<name>a</name>",
    "uuid:c": "<name>c</name>",
    "uuid:d": "<name>d</name>",
}


@pytest.fixture(scope="module")
def form(kept_office: Office) -> Form:
    """Five records: one is deleted, one rejected."""
    choices = {"/langs": ["x", "y"]}
    made = kept_office.publish(asked("hộ", "1", ASKED, choices=choices), filename="form.xml")
    phone = Volunteer(kept_office, form=made)
    for key, said in ANSWERS.items():
        phone.send(answered("hộ", "1", said, instance_id=key))
    _change(kept_office, made.id, "uuid:c", deleted_at=RECEIVED)
    _change(kept_office, made.id, "uuid:d", review_state="rejected")
    _change(kept_office, made.id, "uuid:b", created_at=RECEIVED)
    return made


def _change(office: Office, form_id: int, key: str, **values: object) -> None:
    with office.app.app_context(), transaction() as session:
        mine = (Submission.form_id == form_id, Submission.instance_id == key)
        session.execute(update(Submission).where(*mine).values(**values))


def _read(office: Office, form: Form, folder: Path, **more: Any) -> tuple[Chosen, Spool]:
    wanted = Wanted(form.id, more.pop("scope", WHOLE), **more)
    with office.app.app_context(), snapshot() as session:
        versions = [Version(one.xml, one.version) for one in forms.published_versions(session, form.id)]
        folder.mkdir(exist_ok=True)
        spool = Spool(folder, describe(versions, cells_of(session, form.id)))
        chosen = choose(session, wanted)
        assert count(session, wanted) == len(chosen.numbers)
        fill(session, chosen, spool, lambda _done, _all: None)
    return chosen, spool


def _rows(spool: Spool, number: int) -> list[dict[str, Any]]:
    table = spool.dataset.tables[number]
    return [row for batch in spool.batches(table) for row in batch.to_pylist()]


def test_all_tables_are_read_in_the_order_of_the_keys(
    kept_office: Office, form: Form, tmp_path: Path
) -> None:
    chosen, spool = _read(kept_office, form, tmp_path)
    root, members, dishes = (_rows(spool, number) for number in range(3))
    assert [row["KEY"] for row in root] == ["uuid:Z", "uuid:a", "uuid:b"]
    assert (chosen.received, dict(chosen.excluded)) == (5, {"deleted": 1, "state": 1})
    assert [(row["KEY"], row["PARENT_KEY"], row["n"], row["who"]) for row in members] == [
        ("uuid:Z/member[1]", "uuid:Z", 1, None),
        ("uuid:b/member[1]", "uuid:b", 1, "A"),
        ("uuid:b/member[2]", "uuid:b", 2, "B"),
    ]
    assert [(row["KEY"], row["what"]) for row in dishes] == [
        ("uuid:b/member[1]/dish[1]", "a1"),
        ("uuid:b/member[1]/dish[2]", "a2"),
    ]


def test_cells_are_of_their_kinds(kept_office: Office, form: Form, tmp_path: Path) -> None:
    row = _rows(_read(kept_office, form, tmp_path)[1], 0)[2]
    said = {name: row[name] for name in ("name", "born", "at", "clock", "n", "weight", "langs")}
    assert said == {
        "name": "Lò Văn Ón",
        "born": date(2026, 8, 1),
        "at": datetime(2026, 8, 1, 1, 0, 0, 500_000, UTC),
        "clock": "07:30:00",
        "n": 5,
        "weight": 1e7,
        "langs": "x y",
    }
    assert [row[f"where_{part}"] for part in ("latitude", "longitude", "altitude", "accuracy")] == [
        22.5,
        105.1,
        812.0,
        4.5,
    ]
    assert (row["langs__x"], row["langs__y"]) == (1, 1)
    assert (row["SubmissionDate"], row["ReviewState"], row["FormVersion"]) == (RECEIVED, "received", "1")
    assert (row["SubmitterName"], row["Edits"]) == ("Điện thoại 1", 0)


def test_an_empty_cell_was_left_blank_or_not_readable_or_not_asked(
    kept_office: Office, form: Form, tmp_path: Path
) -> None:
    odd, bare, _ = _rows(_read(kept_office, form, tmp_path)[1], 0)
    assert set((odd["__blank"] or "").split(",")) == {
        "name",
        "born",
        *(f"where_{part}" for part in ("latitude", "longitude", "altitude", "accuracy")),
    }
    assert unreadable(odd["__unreadable"]) == {"at": "hôm qua", "n": "bốn"}
    assert (odd["n"], odd["at"]) == (None, None)
    assert (odd["langs__x"], odd["langs__y"]) == (0, 1)
    assert (bare["__blank"], bare["__unreadable"], bare["langs__x"]) == (None, None, None)


def test_states_and_days_narrow_and_who_sees_nothing_gets_nothing(
    kept_office: Office, form: Form, tmp_path: Path
) -> None:
    chosen, spool = _read(kept_office, form, tmp_path / "a", states=("rejected",))
    assert [row["KEY"] for row in _rows(spool, 0)] == ["uuid:d"]
    assert dict(chosen.excluded) == {"deleted": 1, "state": 3}
    late = datetime(2026, 8, 4, tzinfo=UTC)
    _, spool = _read(kept_office, form, tmp_path / "b", until=late)
    assert [row["KEY"] for row in _rows(spool, 0)] == ["uuid:b"]
    chosen, spool = _read(kept_office, form, tmp_path / "c", scope=Scope(("08",)))
    assert (chosen.received, _rows(spool, 0)) == (0, [])
