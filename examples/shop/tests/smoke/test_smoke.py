"""Two seconds of questions after every deployment."""

import httpx


def test_the_api_answers(shop: httpx.Client) -> None:
    assert shop.get("/health").json() == {"status": "ok"}


def test_database_and_redis_are_there(shop: httpx.Client) -> None:
    answer = shop.get("/ready")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"status": "ready", "database": "ok", "redis": "ok"}


def test_the_catalogue_has_products(shop: httpx.Client) -> None:
    products = shop.get("/products").json()
    assert products
    assert {product["currency"] for product in products} == {"EUR"}


def test_the_metrics_count_orders(shop: httpx.Client) -> None:
    assert 'shop_orders{status="fulfilled"}' in shop.get("/metrics").text


def test_the_documentation_is_generated(shop: httpx.Client) -> None:
    assert "/orders" in shop.get("/openapi.json").json()["paths"]
