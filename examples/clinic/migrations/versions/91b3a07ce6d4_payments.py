"""Payments, what the provider reported, and the audit trail.

Revision ID: 91b3a07ce6d4
Revises: 7e0c4d9a2f35
Create Date: 2023-09-28 08:30:55
"""

import sqlalchemy as sa
from alembic import op

revision = "91b3a07ce6d4"
down_revision = "7e0c4d9a2f35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("visit_id", sa.Integer, nullable=False),
        sa.Column("amount", sa.Float, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_payments_visit_id_visits"),
    )
    op.create_table(
        "payment_transactions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("payment_id", sa.Integer, nullable=True),
        sa.Column("provider_reference", sa.String(60), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_transactions"),
        sa.UniqueConstraint(
            "provider_reference", name="uq_payment_transactions_provider_reference"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name="fk_payment_transactions_payment_id_payments"
        ),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_audit_entries_user_id_users", ondelete="SET NULL"
        ),
    )


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_table("payment_transactions")
    op.drop_table("payments")
