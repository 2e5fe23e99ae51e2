"""Is the process alive, and can it work?"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop import edge, queue
from shop.database import session
from shop.models import Order, Product

PATIENCE = 2.0
router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready", responses={503: {"description": "Something is missing."}})
def ready(response: Response, opened: Annotated[Session, Depends(session)]) -> dict[str, str]:
    """The database has its tables and Redis answers; 503 names what is missing."""
    state = {"status": "ready", "database": "ok", "redis": "ok"}
    try:
        opened.execute(select(Product.id).limit(1)).all()
    except DBAPIError:
        state["database"] = "not ready"
    try:
        queue.client(PATIENCE).ping()
    except RedisError:
        state["redis"] = "not ready"
    if "not ready" in state.values():
        state["status"] = "not ready"
        response.status_code = 503
    return state


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(opened: Annotated[Session, Depends(session)]) -> str:
    """Orders by status and the length of the stream, in the format of Prometheus."""
    counted = dict.fromkeys(("pending", "fulfilled", "rejected"), 0)
    for status, number in opened.execute(select(Order.status, func.count()).group_by(Order.status)):
        counted[status] = number
    lines = ["# HELP shop_orders Orders by status.", "# TYPE shop_orders gauge"]
    lines += [f'shop_orders{{status="{status}"}} {number}' for status, number in counted.items()]
    lines += ["# HELP shop_queue_length Orders in the stream.", "# TYPE shop_queue_length gauge"]
    lines.append(f"shop_queue_length {queue.waiting()}")
    return "\n".join([*lines, *edge.exposition()]) + "\n"
