"""From a pending order to a parcel."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Order, OrderLine, Product, Shipment, StockMovement


def fulfil(session: Session, order_id: int) -> str:
    """Ship an order or reject it; answers its status. An order is never shipped twice."""
    order = session.get(Order, order_id, with_for_update=True)
    if order is None:
        return "unknown"
    if order.status != "pending":
        return order.status
    order.status = "fulfilled" if take_from_stock(session, order) else "rejected"
    if order.status == "fulfilled":
        session.add(Shipment(order_id=order.id, tracking_code=f"SHOP-{order.id:08}"))
    return order.status


def take_from_stock(session: Session, order: Order) -> bool:
    """Take every line from stock, or none when one is short."""
    lines = session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.product_id)
    ).all()
    taken: list[tuple[Product, int]] = []
    for line in lines:
        product = session.get_one(Product, line.product_id, with_for_update=True)
        if product.stock < line.quantity:
            return False
        taken.append((product, line.quantity))
    for product, quantity in taken:
        product.stock -= quantity
        session.add(StockMovement(product_id=product.id, order_id=order.id, change=-quantity))
    return True
