"""How often a mail was in doubt, by the word that is used for it everywhere else"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both databases understand this, and it copies no row: there may be millions.
    op.execute("ALTER TABLE deliveries RENAME COLUMN doubts TO times_in_doubt")


def downgrade() -> None:
    op.execute("ALTER TABLE deliveries RENAME COLUMN times_in_doubt TO doubts")
