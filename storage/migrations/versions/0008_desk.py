"""What officers keep at their desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.database import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("disabled_at", Instant(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("users", "disabled_at")
