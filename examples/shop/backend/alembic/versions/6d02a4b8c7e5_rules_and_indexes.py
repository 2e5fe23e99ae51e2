"""Rules that the code always kept, and an index for every reference.

Revision ID: 6d02a4b8c7e5
Revises: 58c6d7e9f013
Create Date: 2025-10-27 17:20:54
"""

from alembic import op

revision = "6d02a4b8c7e5"
down_revision = "58c6d7e9f013"
branch_labels = None
depends_on = None

REFERENCES = (
    ("products", "category_id"),
    ("addresses", "customer_id"),
    ("orders", "customer_id"),
    ("orders", "address_id"),
    ("order_lines", "order_id"),
    ("order_lines", "product_id"),
    ("stock_movements", "product_id"),
    ("stock_movements", "order_id"),
)


def upgrade() -> None:
    op.execute("UPDATE orders SET status = lower(trim(status))")
    op.create_check_constraint(
        op.f("ck_orders_known_status"), "orders", "status IN ('pending', 'fulfilled', 'rejected')"
    )
    op.create_check_constraint(op.f("ck_products_stock_not_negative"), "products", "stock >= 0")
    for table, column in REFERENCES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in reversed(REFERENCES):
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_constraint(op.f("ck_products_stock_not_negative"), "products", type_="check")
    op.drop_constraint(op.f("ck_orders_known_status"), "orders", type_="check")
