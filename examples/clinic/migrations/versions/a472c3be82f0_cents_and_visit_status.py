"""Money in whole cents; visits say how far they are.

Revision ID: a472c3be82f0
Revises: 91b3a07ce6d4
Create Date: 2024-03-04 14:22:31
"""

import sqlalchemy as sa
from alembic import op

revision = "a472c3be82f0"
down_revision = "91b3a07ce6d4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("amount_cents", sa.Integer, nullable=True))
    op.execute("UPDATE payments SET amount_cents = CAST(ROUND(amount * 100) AS INTEGER)")
    with op.batch_alter_table("payments") as payments:
        payments.alter_column("amount_cents", existing_type=sa.Integer, nullable=False)
        payments.drop_column("amount")

    with op.batch_alter_table("visits") as visits:
        visits.add_column(sa.Column("status", sa.String(20), nullable=True))
    op.execute(
        "UPDATE visits SET status = "
        "CASE WHEN starts_at < CURRENT_TIMESTAMP THEN 'done' ELSE 'planned' END"
    )
    with op.batch_alter_table("visits") as visits:
        visits.alter_column("status", existing_type=sa.String(20), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("visits") as visits:
        visits.drop_column("status")

    with op.batch_alter_table("payments") as payments:
        payments.add_column(sa.Column("amount", sa.Float, nullable=True))
    op.execute("UPDATE payments SET amount = amount_cents / 100.0")
    with op.batch_alter_table("payments") as payments:
        payments.alter_column("amount", existing_type=sa.Float, nullable=False)
        payments.drop_column("amount_cents")
