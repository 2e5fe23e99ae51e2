"""Who may do what."""

import httpx
import pytest

ORDER = {"lines": [{"product_id": 1, "quantity": 1}]}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer forged"}])
def test_orders_need_a_token(shop: httpx.Client, header: dict[str, str]) -> None:
    assert shop.post("/orders", json=ORDER, headers=header).status_code == 401


def test_somebody_elses_order_is_not_shown(shop: httpx.Client, customer: dict[str, str]) -> None:
    assert shop.get("/orders/1", headers=customer).status_code == 404


def test_a_wrong_password_is_refused(shop: httpx.Client) -> None:
    credentials = {"email": "customer01@shop.example", "password": "a wrong password"}
    assert shop.post("/auth/token", json=credentials).status_code == 401


def test_an_address_registers_once(shop: httpx.Client) -> None:
    new = {
        "email": "customer01@shop.example",
        "name": "Customer",
        "password": "a long enough password",
        "street": "Long Street 1",
        "city": "Berlin",
    }
    assert shop.post("/customers", json=new).status_code == 409


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://shop.example", True), ("https://evil.example", False)]
)
def test_only_the_front_end_may_call_from_a_browser(
    shop: httpx.Client, origin: str, allowed: bool
) -> None:
    answer = shop.get("/health", headers={"Origin": origin})
    assert ("access-control-allow-origin" in answer.headers) == allowed
