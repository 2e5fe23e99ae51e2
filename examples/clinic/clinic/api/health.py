"""Is the process alive, and can it work?"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from clinic.database import session
from clinic.models import User

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(opened: Annotated[Session, Depends(session)]) -> dict[str, str]:
    """The database answers and has its tables."""
    try:
        opened.execute(select(User.id).limit(1)).all()
    except OperationalError as error:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "database not ready") from error
    return {"status": "ready", "database": "ok"}
