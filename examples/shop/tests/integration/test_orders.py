"""From the API through Redis and the worker to PostgreSQL and back."""

import time
from typing import Any

import httpx

PATIENCE_SECONDS = 20.0
SOLD_OUT = 24


def settled(shop: httpx.Client, customer: dict[str, str], order: int) -> dict[str, Any]:
    """Return an order once the worker has decided."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        shown: dict[str, Any] = shop.get(f"/orders/{order}", headers=customer).json()
        if shown["status"] != "pending":
            return shown
        time.sleep(0.1)
    raise AssertionError(f"order {order} is still pending after {PATIENCE_SECONDS:.0f} s")


def ordered(shop: httpx.Client, customer: dict[str, str], *lines: tuple[int, int]) -> Any:
    """Send an order of (product, quantity) pairs; return the answer."""
    body = {"lines": [{"product_id": product, "quantity": n} for product, n in lines]}
    return shop.post("/orders", json=body, headers=customer)


def test_the_worker_ships_an_order(shop: httpx.Client, customer: dict[str, str]) -> None:
    before = shop.get("/products/1").json()
    answer = ordered(shop, customer, (1, 2), (2, 1))
    assert answer.status_code == 202
    order = settled(shop, customer, answer.json()["id"])
    assert order["status"] == "fulfilled"
    assert order["tracking_code"] == f"SHOP-{order['id']:08}"
    assert shop.get("/products/1").json()["stock"] == before["stock"] - 2


def test_the_catalogue_shows_the_new_stock(shop: httpx.Client, customer: dict[str, str]) -> None:
    answer = ordered(shop, customer, (3, 1))
    settled(shop, customer, answer.json()["id"])
    left = shop.get("/products/3").json()["stock"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while listed_stock(shop, 3) != left:
        assert time.monotonic() < deadline, "the catalogue still shows the old stock"
        time.sleep(0.1)


def listed_stock(shop: httpx.Client, product: int) -> int:
    """Return the stock that visitors of the catalogue see."""
    listed: list[dict[str, Any]] = shop.get("/products").json()
    return int(next(shown["stock"] for shown in listed if shown["id"] == product))


def test_an_order_that_is_short_is_rejected_as_a_whole(
    shop: httpx.Client, customer: dict[str, str]
) -> None:
    before = shop.get("/products/4").json()["stock"]
    answer = ordered(shop, customer, (4, 1), (SOLD_OUT, 1))
    assert settled(shop, customer, answer.json()["id"])["status"] == "rejected"
    assert shop.get("/products/4").json()["stock"] == before


def test_an_order_costs_the_sum_of_its_lines(shop: httpx.Client, customer: dict[str, str]) -> None:
    prices = {n: shop.get(f"/products/{n}").json()["price-cents"] for n in (5, 6)}
    answer = ordered(shop, customer, (5, 3), (6, 1))
    assert answer.json()["total_cents"] == 3 * prices[5] + prices[6]


def test_an_unknown_product_is_refused(shop: httpx.Client, customer: dict[str, str]) -> None:
    assert ordered(shop, customer, (999999, 1)).status_code == 422


def test_an_order_has_at_most_twenty_lines(shop: httpx.Client, customer: dict[str, str]) -> None:
    assert ordered(shop, customer, *[(1, 1)] * 21).status_code == 422
