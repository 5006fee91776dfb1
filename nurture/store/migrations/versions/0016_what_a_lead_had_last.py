"""What of a lead's mail is under way, and what came last, found without a look at what was in between"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_deliveries_lead_id_settled_at", "deliveries", ["lead_id", "settled_at"])
    op.drop_index("ix_deliveries_lead_id", "deliveries")
    # An enrolment with mail under way is looked at again within the hour from now on, never not at all.
    op.execute("UPDATE enrolments SET due_at = enrolled_at WHERE due_at IS NULL AND ended_at IS NULL")


def downgrade() -> None:
    op.create_index("ix_deliveries_lead_id", "deliveries", ["lead_id"])
    op.drop_index("ix_deliveries_lead_id_settled_at", "deliveries")
