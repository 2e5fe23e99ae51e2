"""Indexes for the searches of the front desk.

Revision ID: c05e319d2b7a
Revises: a472c3be82f0
Create Date: 2024-11-18 10:01:07
"""

from alembic import op

revision = "c05e319d2b7a"
down_revision = "a472c3be82f0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_patients_phone", "patients", ["phone"])
    op.create_index("ix_visits_starts_at", "visits", ["starts_at"])


def downgrade() -> None:
    op.drop_index("ix_visits_starts_at", table_name="visits")
    op.drop_index("ix_patients_phone", table_name="patients")
