"""Products know their weight.

Revision ID: 7b62d80f41ce
Revises: 58c6d7e9f013
Create Date: 2025-08-19 16:45:03
"""

import sqlalchemy as sa
from alembic import op

revision = "7b62d80f41ce"
down_revision = "58c6d7e9f013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("weight_grams", sa.Integer, nullable=True))


def downgrade() -> None:
    op.drop_column("products", "weight_grams")
