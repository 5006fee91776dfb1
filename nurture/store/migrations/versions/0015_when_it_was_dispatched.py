"""When workers were last told of a delivery, by the word of the outbox"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deliveries RENAME COLUMN published_at TO dispatched_at")


def downgrade() -> None:
    op.execute("ALTER TABLE deliveries RENAME COLUMN dispatched_at TO published_at")
