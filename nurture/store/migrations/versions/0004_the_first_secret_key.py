"""Which secret key the ledger was begun with; written down by whoever opens it next"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("key_fingerprint", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger", "key_fingerprint")
