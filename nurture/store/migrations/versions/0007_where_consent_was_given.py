"""Which version of the words was agreed to, and where they were shown"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("version", sa.String(length=12), nullable=True))
    op.add_column("consents", sa.Column("page", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("consents", "page")
    op.drop_column("consents", "version")
