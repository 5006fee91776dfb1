"""Until when a sweep is at work, unless it is heard of again"""

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("system_state", sa.Column("sweeping_until", Instant(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("system_state", "sweeping_until")
