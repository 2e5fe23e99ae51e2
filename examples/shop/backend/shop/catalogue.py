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
log = logging.getLogger("shop.catalogue")


def products(session: Session) -> list[dict[str, Any]]:
    """Return all products by number; without Redis they come from the database."""
    try:
        kept = client().get(KEY)
        if kept:
            listed: list[dict[str, Any]] = json.loads(str(kept))
            return listed
    except RedisError as error:
        log.warning("catalogue not cached: %s", error)
    rows = session.execute(
        select(Product, Category.name)
        .join(Category, Category.id == Product.category_id)
        .order_by(Product.id)
    )
    read = [shown(product, category) for product, category in rows]
    try:
        client().set(KEY, json.dumps(read), ex=settings().cache_seconds)
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
        client().delete(KEY)
    except RedisError as error:
        log.warning("catalogue not forgotten: %s", error)
