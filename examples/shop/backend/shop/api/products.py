"""The catalogue."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy.orm import Session

from shop import catalogue
from shop.breaks import broken
from shop.database import session
from shop.models import Category, Product
from shop.texts import NumberInPath

SLOW_SECONDS = 5.0

router = APIRouter(prefix="/products", tags=["products"])


@router.get("")
def listed(opened: Annotated[Session, Depends(session)]) -> list[dict[str, Any]]:
    """All products."""
    if broken("products"):
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "out of order")
    return catalogue.products(opened)


@router.get("/{product_id}", responses={404: {"description": "None."}})
def one(product_id: NumberInPath, opened: Annotated[Session, Depends(session)]) -> dict[str, Any]:
    """One product, with the stock of this moment."""
    if broken("slow"):
        time.sleep(SLOW_SECONDS)
    product = opened.get(Product, product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such product")
    category = opened.get_one(Category, product.category_id)
    return catalogue.shown(product, category.name)
