"""The catalogue."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy.orm import Session

from shop import catalogue
from shop.database import session
from shop.models import Category, Product

router = APIRouter(prefix="/products", tags=["products"])


@router.get("")
def listed(opened: Annotated[Session, Depends(session)]) -> list[dict[str, Any]]:
    """All products."""
    return catalogue.products(opened)


@router.get("/{product_id}")
def one(product_id: int, opened: Annotated[Session, Depends(session)]) -> dict[str, Any]:
    """One product, with the stock of this moment."""
    product = opened.get(Product, product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such product")
    category = opened.get_one(Category, product.category_id)
    return catalogue.shown(product, category.name)
