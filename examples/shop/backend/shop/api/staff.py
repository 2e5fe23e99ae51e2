"""What the people of the shop see."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.api.access import staff_member
from shop.api.orders import OrderView
from shop.database import session
from shop.models import Order

LATEST = 50
router = APIRouter(prefix="/staff", tags=["staff"], dependencies=[Depends(staff_member)])


@router.get("/orders", responses={401: {"description": "Who?"}, 403: {"description": "No."}})
def orders(opened: Annotated[Session, Depends(session)]) -> list[OrderView]:
    """The latest orders of all customers."""
    latest = opened.scalars(select(Order).order_by(Order.id.desc()).limit(LATEST))
    return [
        OrderView(id=order.id, status=order.status, total_cents=order.total_cents)
        for order in latest
    ]
