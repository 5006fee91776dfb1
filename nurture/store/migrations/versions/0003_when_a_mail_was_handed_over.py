"""When a mail was handed over, and every doubt counted"""

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("handed_at", Instant(timezone=True), nullable=True))
    # A doubt that was left to staff at once was not counted until now.
    op.execute("UPDATE deliveries SET doubts = 1, handed_at = settled_at WHERE state = 'uncertain' AND doubts = 0")


def downgrade() -> None:
    op.drop_column("deliveries", "handed_at")
