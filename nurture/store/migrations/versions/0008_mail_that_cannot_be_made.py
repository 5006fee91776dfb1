"""Mail that cannot be made waits for the files it is made of"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("unmade_with", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_deliveries_unmade",
        "deliveries",
        ["unmade_with"],
        sqlite_where=sa.text("unmade_with IS NOT NULL"),
        postgresql_where=sa.text("unmade_with IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_unmade", "deliveries")
    op.drop_column("deliveries", "unmade_with")
