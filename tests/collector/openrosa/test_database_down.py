"""The database is gone: OR-13. An empty list would wipe every phone, so trouble is always an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from storage.database import db, release_connections
from tests.collector.openrosa.sheets import SERVER, answer, collect, sheet
from tests.office import Office
from tests.phone import Phone, PhoneComplains, SendFailed, in_process
from tests.phone_documents import read_message


@contextmanager
def shut(office: Office) -> Iterator[None]:
    """PostgreSQL lets nobody into the database; SQLite's file is not there."""
    url = make_url(office.settings.database_url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        with office.app.app_context():
            release_connections()
        away = path.rename(path.with_suffix(".away"))
        yield
        with office.app.app_context():
            release_connections()
        away.replace(path)
        return
    keeper = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(keeper, autocommit=True) as connection:
        name = sql.Identifier(url.database or "")
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database]
        )
        yield
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


@contextmanager
def spoilt(office: Office) -> Iterator[None]:
    """The tables are not what they should be: dropped by accident, or a file full of something else."""
    url = make_url(office.settings.database_url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        with office.app.app_context():
            release_connections()
        kept = path.read_bytes()
        path.write_bytes(b"not a database" * 1000)
        yield
        path.write_bytes(kept)
        return
    rename = "ALTER TABLE {} RENAME TO {}"
    with office.app.app_context(), db.engine.begin() as connection:
        for name in ("projects", "forms"):
            connection.exec_driver_sql(rename.format(name, f"lost_{name}"))
    yield
    with office.app.app_context(), db.engine.begin() as connection:
        for name in ("projects", "forms"):
            connection.exec_driver_sql(rename.format(f"lost_{name}", name))


@pytest.mark.parametrize("trouble", [shut, spoilt])
def test_or_13_a_phone_keeps_its_forms_while_the_database_is_down(
    office: Office, trouble: Callable[[Office], AbstractContextManager[None]]
) -> None:
    office.publish(sheet())
    given = office.phone()
    phone = collect(office, given)
    before = dict(phone.sync())
    with trouble(office):
        for path in ("formList", "forms/f01.xml", "forms/f01/manifest"):
            response = office.client().get(f"{given.path}/{path}")
            assert response.status_code >= 500
            assert response.headers["X-OpenRosa-Version"] == "1.0"
            assert read_message(response.data)
        with pytest.raises(PhoneComplains):
            phone.sync()
        assert phone.forms == before
        with pytest.raises(SendFailed) as refused:
            phone.send(answer())
        assert refused.value.status >= 500
    # The database is back, and so is the server, without being started again.
    office.publish(sheet("f02"))
    assert [*phone.sync()] == ["f01", "f02"]
    assert phone.send(answer()).status == 201


def test_or_13_a_phone_set_up_by_hand_is_told_too(office: Office) -> None:
    office.publish(sheet())
    password = office.collect_password()
    phone = Phone(SERVER, username="admin", password=password, session=in_process(office.app))
    before = dict(phone.sync())
    with shut(office):
        with pytest.raises(PhoneComplains) as told:
            phone.sync()
        # Not a challenge: asking for a password now would send people looking for one.
        assert told.value.status == 503
        headers = {"X-OpenRosa-Version": "1.0", "Authorization": "Bearer abc"}
        assert office.client().get("/v1/projects/1/formList", headers=headers).status_code == 503
    assert phone.forms == before
    assert phone.sync() == before


def test_or_13_a_list_that_cannot_be_made_is_not_an_empty_one(office: Office) -> None:
    office.publish(sheet())
    given = office.phone()
    rename = "ALTER TABLE {} RENAME TO {}"
    with office.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(rename.format("form_versions", "lost"))
    for query in ("", "?formID=f01", "?listAllVersions=true"):
        assert office.client().get(f"{given.path}/formList{query}").status_code >= 500
    with office.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(rename.format("lost", "form_versions"))
    assert [*collect(office, given).sync()] == ["f01"]


def test_or_13_the_wait_is_minutes_not_moments(office: Office) -> None:
    given = office.phone()
    with shut(office):
        response = office.client().get(f"{given.path}/formList")
    assert response.status_code == 503
    # A phone that is told 0 sends everything again at once.
    assert int(response.headers["Retry-After"]) >= 30
