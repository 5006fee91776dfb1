"""What the ledger knows of itself, and mails that staff send once more"""

import secrets

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("retried_at", Instant(timezone=True), nullable=True))
    table = op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("sweeps", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("swept_at", Instant(timezone=True), nullable=True),
        sa.Column("stopped_until", Instant(timezone=True), nullable=True),
        sa.Column("stopped_reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.bulk_insert(table, [{"id": 1, "name": secrets.token_urlsafe(15), "sweeps": 0}])


def downgrade() -> None:
    op.drop_table("ledger")
    op.drop_column("deliveries", "retried_at")
