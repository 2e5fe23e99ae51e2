"""The suites talk to a running shop, wherever BASE_URL says it is."""

import os
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest


@pytest.fixture(scope="session")
def shop() -> Iterator[httpx.Client]:
    """A client of the running shop."""
    with httpx.Client(base_url=os.environ["BASE_URL"], timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def customer(shop: httpx.Client) -> dict[str, str]:
    """Headers of a customer who has just registered."""
    credentials = {"email": f"{uuid4().hex}@shop.example", "password": "a long enough password"}
    details = {"name": "Customer of the suite", "street": "Long Street 1", "city": "Berlin"}
    shop.post("/customers", json={**credentials, **details}).raise_for_status()
    token = shop.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
