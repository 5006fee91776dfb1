"""Mail to the desk, and which of it another tells of"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("digest_id", Id, nullable=True))
    is_staff = sa.text("kind = 'staff'")
    op.create_index("ix_deliveries_staff", "deliveries", ["state"], sqlite_where=is_staff, postgresql_where=is_staff)


def downgrade() -> None:
    op.drop_index("ix_deliveries_staff", "deliveries")
    op.drop_column("deliveries", "digest_id")
