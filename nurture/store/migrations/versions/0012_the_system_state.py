"""The one row that the ledger keeps of itself, in a table that says so"""

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = "id, name, sweeps, swept_at, stopped_until, stopped_reason, key_fingerprint"


def upgrade() -> None:
    _move("ledger", "system_state")


def downgrade() -> None:
    _move("system_state", "ledger")


def _move(old: str, new: str) -> None:
    """A new table and not another name for the old one: SQLite cannot rename the constraint of a primary key."""
    op.create_table(
        new,
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("sweeps", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("swept_at", Instant(timezone=True), nullable=True),
        sa.Column("stopped_until", Instant(timezone=True), nullable=True),
        sa.Column("stopped_reason", sa.String(length=200), nullable=True),
        sa.Column("key_fingerprint", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{new}")),
    )
    op.execute(f"INSERT INTO {new} ({_COLUMNS}) SELECT {_COLUMNS} FROM {old}")  # noqa: S608 - names of ours
    op.drop_table(old)
