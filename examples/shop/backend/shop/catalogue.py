"""The product list, kept in Redis for a short time because every visitor asks for it."""

import json
import logging
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Category, Product
from shop.queue import client
from shop.settings import settings

KEY = "catalogue"
PATIENCE = 0.5
"""Seconds for Redis to answer: the database is quicker than a cache that hangs."""
log = logging.getLogger("shop.catalogue")


def products(session: Session) -> list[dict[str, Any]]:
    """Return all products by number; without Redis they come from the database."""
    cached = True
    try:
        kept = client(PATIENCE).get(KEY)
        if kept:
            listed: list[dict[str, Any]] = json.loads(str(kept))
            return listed
    except RedisError as error:
        log.warning("catalogue not cached: %s", error)
        cached = False
    rows = session.execute(
        select(Product, Category.name)
        .join(Category, Category.id == Product.category_id)
        .order_by(Product.id)
    )
    read = [shown(product, category) for product, category in rows]
    if not cached:
        # Who did not answer just now would let the visitor wait a second time.
        return read
    try:
        client(PATIENCE).set(KEY, json.dumps(read), ex=settings().cache_seconds)
    except RedisError as error:
        log.warning("catalogue not cached: %s", error)
    return read


def shown(product: Product, category: str) -> dict[str, Any]:
    """Return a product as visitors see it."""
    return {
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "category": category,
        "price-cents": product.price_cents,
        "currency": settings().currency,
        "stock": product.stock,
    }


def forget() -> None:
    """Drop the kept list after a change; a list that stays ends by itself."""
    try:
        client(PATIENCE).delete(KEY)
    except RedisError as error:
        log.warning("catalogue not forgotten: %s", error)
