"""Signups to be counted, for a day"""

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("mailbox", sa.String(length=32), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("domain", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signups")),
    )
    op.create_index(op.f("ix_signups_at"), "signups", ["at"])
    for column in ("mailbox", "network", "domain"):
        op.create_index(f"ix_signups_{column}_at", "signups", [column, "at"])


def downgrade() -> None:
    op.drop_table("signups")
