"""The Message-ID of every delivery. `nurture upgrade` fills it in for old ones: a migration has no key"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("message_id", sa.String(320), nullable=True))
    op.create_index("ix_deliveries_message_id", "deliveries", ["message_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_deliveries_message_id", "deliveries")
    op.drop_column("deliveries", "message_id")
