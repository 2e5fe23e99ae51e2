"""Shipments and the audit trail of the warehouse.

Revision ID: 3c5d08f7ab12
Revises: 2a90e6d31c57
Create Date: 2025-02-21 11:47:30
"""

import sqlalchemy as sa
from alembic import op

revision = "3c5d08f7ab12"
down_revision = "2a90e6d31c57"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("order_id", sa.Integer, nullable=False),
        sa.Column("tracking_code", sa.String(40), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shipments"),
        sa.UniqueConstraint("order_id", name="uq_shipments_order_id"),
        sa.UniqueConstraint("tracking_code", name="uq_shipments_tracking_code"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_shipments_order_id_orders", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Integer, nullable=False),
        sa.Column("order_id", sa.Integer, nullable=True),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movements"),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name="fk_stock_movements_product_id_products",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name="fk_stock_movements_order_id_orders",
            ondelete="SET NULL",
        ),
    )
    # what was sent before the warehouse was recorded
    op.execute(
        "INSERT INTO shipments (order_id, tracking_code) "
        "SELECT id, 'SHOP-' || lpad(id::text, 8, '0') FROM orders WHERE status = 'fulfilled'"
    )


def downgrade() -> None:
    op.drop_table("stock_movements")
    op.drop_table("shipments")
