"""Every customer has a telephone number.

Revision ID: 7c9ad3417e20
Revises: 6d02a4b8c7e5
Create Date: 2025-12-12 09:00:27
"""

from alembic import op

revision = "7c9ad3417e20"
down_revision = "6d02a4b8c7e5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("customers", "phone", nullable=False)


def downgrade() -> None:
    op.alter_column("customers", "phone", nullable=True)
