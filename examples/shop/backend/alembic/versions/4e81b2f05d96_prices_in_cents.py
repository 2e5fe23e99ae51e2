"""Prices in whole cents, and what an order costs.

Revision ID: 4e81b2f05d96
Revises: 3c5d08f7ab12
Create Date: 2025-04-09 08:15:00
"""

import sqlalchemy as sa
from alembic import op

revision = "4e81b2f05d96"
down_revision = "3c5d08f7ab12"
branch_labels = None
depends_on = None

PRICED = ("products", "order_lines")


def upgrade() -> None:
    for table in PRICED:
        op.add_column(table, sa.Column("price_cents", sa.Integer, nullable=True))
        op.execute(f"UPDATE {table} SET price_cents = round(price * 100)::integer")
        op.alter_column(table, "price_cents", nullable=False)
        op.drop_column(table, "price")
    op.add_column("orders", sa.Column("total_cents", sa.Integer, nullable=True))
    op.execute(
        "UPDATE orders SET total_cents = coalesce((SELECT sum(quantity * price_cents) "
        "FROM order_lines WHERE order_lines.order_id = orders.id), 0)"
    )
    op.alter_column("orders", "total_cents", nullable=False)


def downgrade() -> None:
    op.drop_column("orders", "total_cents")
    for table in PRICED:
        op.add_column(table, sa.Column("price", sa.Numeric(10, 2), nullable=True))
        op.execute(f"UPDATE {table} SET price = price_cents / 100.0")
        op.alter_column(table, "price", nullable=False)
        op.drop_column(table, "price_cents")
