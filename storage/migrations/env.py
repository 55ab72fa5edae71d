"""What Alembic runs: migrations on the connection it is handed."""

from alembic import context
from sqlalchemy.engine import Connection

from storage import models
from storage.database import Base


def run() -> None:
    """Apply the steps inside the caller's transaction."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=_is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tables of answers (`d12_0`) belong to the catalogue, not to the migrations."""
    return kind != "table" or name in Base.metadata.tables


assert models.__all__  # noqa: S101 - imported so that every table is known
run()
