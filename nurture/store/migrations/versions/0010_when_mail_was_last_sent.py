"""When mail was last sent, found without a look at all of it"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sent = sa.text("state = 'sent'")
    op.create_index("ix_deliveries_sent", "deliveries", ["settled_at"], sqlite_where=sent, postgresql_where=sent)


def downgrade() -> None:
    op.drop_index("ix_deliveries_sent", "deliveries")
