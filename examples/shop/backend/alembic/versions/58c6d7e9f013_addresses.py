"""A customer can have several addresses.

Revision ID: 58c6d7e9f013
Revises: 4e81b2f05d96
Create Date: 2025-07-01 13:33:09
"""

import sqlalchemy as sa
from alembic import op

revision = "58c6d7e9f013"
down_revision = "4e81b2f05d96"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("customer_id", sa.Integer, nullable=False),
        sa.Column("street", sa.String(120), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name="fk_addresses_customer_id_customers",
            ondelete="CASCADE",
        ),
    )
    op.execute(
        "INSERT INTO addresses (customer_id, street, city) SELECT id, street, city "
        "FROM customers WHERE street IS NOT NULL AND city IS NOT NULL ORDER BY id"
    )
    op.add_column("orders", sa.Column("address_id", sa.Integer, nullable=True))
    op.create_foreign_key(
        "fk_orders_address_id_addresses",
        "orders",
        "addresses",
        ["address_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.execute(
        "UPDATE orders SET address_id = addresses.id FROM addresses "
        "WHERE addresses.customer_id = orders.customer_id"
    )
    op.drop_column("customers", "street")
    op.drop_column("customers", "city")


def downgrade() -> None:
    op.add_column("customers", sa.Column("street", sa.String(120), nullable=True))
    op.add_column("customers", sa.Column("city", sa.String(80), nullable=True))
    op.execute(
        "UPDATE customers SET street = first.street, city = first.city "
        "FROM (SELECT DISTINCT ON (customer_id) customer_id, street, city FROM addresses "
        "ORDER BY customer_id, id) AS first WHERE first.customer_id = customers.id"
    )
    op.drop_constraint("fk_orders_address_id_addresses", "orders", type_="foreignkey")
    op.drop_column("orders", "address_id")
    op.drop_table("addresses")
