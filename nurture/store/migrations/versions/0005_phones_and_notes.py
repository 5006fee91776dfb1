"""Phones as any phone dials them, and what staff should know of a lead"""

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("leads", sa.Column("phone_e164", sa.String(length=16), nullable=False, server_default=""))
    op.create_index(op.f("ix_leads_phone_e164"), "leads", ["phone_e164"])
    op.create_table(
        "notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("lead_id", Id, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("noted_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_notes_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_lead_id"), "notes", ["lead_id"])


def downgrade() -> None:
    op.drop_table("notes")
    op.drop_index(op.f("ix_leads_phone_e164"), "leads")
    op.drop_column("leads", "phone_e164")
