"""Orders: taken here, fulfilled by the worker."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop import queue
from shop.api.access import current_customer
from shop.breaks import broken
from shop.database import session
from shop.models import Address, Customer, Order, OrderLine, Product, Shipment
from shop.settings import settings
from shop.texts import Number, NumberInPath

router = APIRouter(prefix="/orders", tags=["orders"])


class NewLine(BaseModel):
    """How many of what."""

    product_id: Number
    quantity: int = Field(gt=0, le=100)


class NewOrder(BaseModel):
    """What a customer sends."""

    lines: list[NewLine] = Field(min_length=1, max_length=1000)


class OrderView(BaseModel):
    """An order as its customer sees it."""

    id: int
    status: str
    total_cents: int
    tracking_code: str | None = None


@router.post("", status_code=status.HTTP_202_ACCEPTED)
def take(
    new: NewOrder,
    customer: Annotated[Customer, Depends(current_customer)],
    opened: Annotated[Session, Depends(session)],
) -> OrderView:
    """Take an order and hand it to the worker."""
    if len(new.lines) > settings().maximum_lines:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "too many lines")
    lines = [line_of(opened, line) for line in new.lines]
    order = Order(
        customer_id=customer.id,
        address_id=opened.scalar(
            select(Address.id).where(Address.customer_id == customer.id).order_by(Address.id)
        ),
        status="pending",
        total_cents=sum(line.quantity * line.price_cents for line in lines),
        lines=lines,
    )
    opened.add(order)
    opened.commit()
    if not broken("fulfilment"):
        queue.publish(order.id)
    return OrderView(id=order.id, status=order.status, total_cents=order.total_cents)


def line_of(opened: Session, line: NewLine) -> OrderLine:
    """Return an order's line at today's price."""
    product = opened.get(Product, line.product_id)
    if product is None:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "no such product")
    return OrderLine(product_id=product.id, quantity=line.quantity, price_cents=product.price_cents)


@router.get("/{order_id}", responses={401: {"description": "Who?"}, 404: {"description": "None."}})
def show(
    order_id: NumberInPath,
    customer: Annotated[Customer, Depends(current_customer)],
    opened: Annotated[Session, Depends(session)],
) -> OrderView:
    """One of the customer's own orders."""
    order = opened.get(Order, order_id)
    if order is None or order.customer_id != customer.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such order")
    code = opened.scalar(select(Shipment.tracking_code).where(Shipment.order_id == order.id))
    return OrderView(
        id=order.id, status=order.status, total_cents=order.total_cents, tracking_code=code
    )
