"""Leads who gave no address"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("leads") as leads:
        leads.alter_column("email", existing_type=sa.String(length=254), nullable=True)
        leads.alter_column("email_hash", existing_type=sa.String(length=32), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("leads") as leads:
        leads.alter_column("email", existing_type=sa.String(length=254), nullable=False)
        leads.alter_column("email_hash", existing_type=sa.String(length=32), nullable=False)
