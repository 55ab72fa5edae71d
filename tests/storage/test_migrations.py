"""The steps from an empty database to this code's: they end where the models are, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

from storage.database import Base, prepare_engine
from storage.migrate import migrate, step_back
from storage.models import AppUser, EntityLock, Place, Submission
from storage.shape_problems import DatabaseNewer, TablesHeld


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database, as the server opens it."""
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def test_the_steps_end_where_the_models_are(engine: Engine) -> None:
    assert migrate(engine)
    with engine.connect() as connection:
        seen = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(seen, Base.metadata) == []


def test_a_second_time_there_is_nothing_to_do(engine: Engine) -> None:
    assert migrate(engine)
    before = _shape(engine)
    assert not migrate(engine)
    assert _shape(engine) == before


def test_servers_that_start_at_once_take_turns(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(engine), range(4)))
    assert not migrate(engine)
    assert set(Base.metadata.tables) < set(_shape(engine))


def test_the_release_before_serves_what_the_next_one_has_changed_and_no_later_one(engine: Engine) -> None:
    migrate(engine)
    known = _step(engine)
    _say_step(engine, f"{int(known) + 1:04}")
    assert not migrate(engine)
    _say_step(engine, f"{int(known) + 2:04}")
    with pytest.raises(DatabaseNewer, match=f"knows steps up to {known}"):
        migrate(engine)
    _say_step(engine, known)
    assert not migrate(engine)


def test_a_table_somebody_holds_is_not_waited_for_without_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        return
    migrate(engine)
    step_back(engine, "0010")
    monkeypatch.setattr("storage.migrate.ATTEMPTS", 1)
    monkeypatch.setattr("storage.migrate.HOLDS_UP", 0.2)
    with engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE actors IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(TablesHeld):
            migrate(engine)
    assert migrate(engine)


def _step(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalars(text("SELECT version_num FROM alembic_version")).one())


def _say_step(engine: Engine, number: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})


def test_tables_of_answers_are_nothing_to_the_steps(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE d1_0 (submission_id BIGINT)"))
    step_back(engine, "0001")
    assert migrate(engine)
    assert "d1_0" in _shape(engine)


def test_a_database_of_the_first_release_keeps_what_it_holds(engine: Engine) -> None:
    migrate(engine)
    step_back(engine, "0002")
    with engine.begin() as connection:
        for statement in FIRST_RELEASE.split(";"):
            connection.execute(text(statement))
    assert migrate(engine)
    with Session(engine) as session:
        phones = session.execute(select(AppUser.actor_id, AppUser.place_codes).order_by(AppUser.actor_id))
        assert [tuple(row) for row in phones] == [(1, ["00691"]), (2, [])]
        place = session.get_one(Place, "00691")
        assert (place.name, place.folded, place.uuid, place.valid_from) == ("Xã Mường Lai", "", None, None)
        # What has no day yet is placed at the next start (see tests/storage/test_placing.py).
        record = session.scalars(select(Submission)).one()
        assert (record.place_sent, record.place_code, record.reported_on) == (None, None, None)
        assert session.scalar(select(func.count()).select_from(EntityLock)) == 256


FIRST_RELEASE = """
INSERT INTO places (code, level, name, attributes) VALUES ('00691', 'commune', 'Xã Mường Lai', '{}');
INSERT INTO projects (id, name, archived, forms_stamp, created_at)
    VALUES (1, 'Điều tra', FALSE, 1, '2026-01-01');
INSERT INTO actors (id, type, display_name, created_at) VALUES (1, 'field_key', 'Xã', '2026-01-01'),
    (2, 'field_key', 'Tỉnh', '2026-01-01');
INSERT INTO app_users (actor_id, project_id, all_forms, place_code) VALUES (1, 1, TRUE, '00691'),
    (2, 1, TRUE, NULL);
INSERT INTO forms (id, project_id, xml_form_id, state, generation, created_at)
    VALUES (1, 1, 'f01', 'open', 1, '2026-01-01');
INSERT INTO form_versions (id, form_id, version, name, xml, md5, sha256, remarks, sheets, created_at)
    VALUES (1, 1, '1', 'Hộ', '', '', '', '[]', '{}', '2026-01-01');
INSERT INTO submissions (id, form_id, draft, instance_id, form_version_id, submitter_id, edits,
    files_expected, files_present, created_at) VALUES (1, 1, FALSE, 'uuid:1', 1, 1, 0, 0, 0, '2026-01-01')
"""


def _shape(engine: Engine) -> dict[str, set[str]]:
    seen = inspect(engine)
    return {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}
