"""Fill an empty shop: `python create_test_data.py`. The rows are the same on every run."""

from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from shop import models
from shop.database import engine
from shop.passwords import digest

PASSWORD = "only for test data"
CATEGORIES = ("Tea", "Coffee", "Cups", "Books")
PRODUCTS = range(1, 25)
CUSTOMERS = range(1, 41)
ORDERS = range(1, 121)

Row = dict[str, Any]


def price(product: int) -> int:
    """Return a product's price in cents."""
    return 350 + 125 * (product % 9)


def lines() -> list[Row]:
    """Two products for each order."""
    return [
        {
            "order_id": order,
            "product_id": product,
            "quantity": 1 + order % 3,
            "price_cents": price(product),
        }
        for order in ORDERS
        for product in (1 + order % 24, 1 + (order + 7) % 24)
    ]


def orders() -> list[Row]:
    """Three orders for each customer, one of them not sent."""
    totals = dict.fromkeys(ORDERS, 0)
    for line in lines():
        totals[line["order_id"]] += line["quantity"] * line["price_cents"]
    return [
        {
            "id": order,
            "customer_id": 1 + (order - 1) % 40,
            "address_id": 1 + (order - 1) % 40,
            "status": "rejected" if order > 80 else "fulfilled",
            "total_cents": totals[order],
        }
        for order in ORDERS
    ]


def fill(connection: Connection) -> None:
    """Insert all rows, parents first."""
    tables: list[tuple[type[models.Base], list[Row]]] = [
        (models.Category, [{"id": i, "name": n} for i, n in enumerate(CATEGORIES, start=1)]),
        (
            models.Product,
            [
                {
                    "id": i,
                    "category_id": 1 + i % 4,
                    "sku": f"SKU-{i:04}",
                    "name": f"{CATEGORIES[i % 4]} No. {i}",
                    "price_cents": price(i),
                    "stock": 0 if i == 24 else 500,
                }
                for i in PRODUCTS
            ],
        ),
        (
            models.Customer,
            [
                {
                    "id": i,
                    "email": f"customer{i:02}@shop.example",
                    "name": f"Customer {i:02}",
                    # the telephone number became a field later: half of them never gave one
                    "phone": f"+49 30 5550 {i:04}" if i % 2 else None,
                    "password_digest": digest(PASSWORD, f"salt{i:04}"),
                }
                for i in CUSTOMERS
            ],
        ),
        (
            models.Address,
            [
                {"id": i, "customer_id": i, "street": f"Long Street {i}", "city": "Berlin"}
                for i in CUSTOMERS
            ],
        ),
        (models.Order, orders()),
        (models.OrderLine, lines()),
        (
            models.Shipment,
            [{"order_id": i, "tracking_code": f"SHOP-{i:08}"} for i in ORDERS if i <= 80],
        ),
        (
            models.StockMovement,
            [
                {
                    "product_id": line["product_id"],
                    "order_id": line["order_id"],
                    "change": -line["quantity"],
                }
                for line in lines()
                if line["order_id"] <= 80
            ],
        ),
    ]
    for model, rows in tables:
        connection.execute(insert(model), rows)
        if "id" in rows[0]:
            continue_numbering(connection, model.__tablename__)
        print(f"{model.__tablename__}: {len(rows)}")


def continue_numbering(connection: Connection, table: str) -> None:
    """Let the next inserted row get the next number."""
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    )


def main() -> None:
    """Fill an empty database; leave any other as it is."""
    with engine().begin() as connection:
        if connection.scalar(select(func.count()).select_from(models.Product)):
            print("there is data already, nothing to do")
            return
        fill(connection)


if __name__ == "__main__":
    main()
