"""Customers and their tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop import limits, passwords, tokens
from shop.breaks import WELL_KNOWN, broken
from shop.database import session
from shop.models import Address, Customer
from shop.settings import settings
from shop.texts import EMAIL, TEXT

router = APIRouter(tags=["customers"])
bearer = HTTPBearer(auto_error=False)


class NewCustomer(BaseModel):
    """What a visitor fills in to become a customer."""

    email: str = Field(pattern=EMAIL, max_length=200)
    name: str = Field(min_length=1, max_length=120, pattern=TEXT)
    password: str = Field(min_length=12, max_length=200)
    street: str = Field(min_length=1, max_length=120, pattern=TEXT)
    city: str = Field(min_length=1, max_length=80, pattern=TEXT)


class Credentials(BaseModel):
    """What a customer logs in with."""

    email: str = Field(max_length=200, pattern=TEXT)
    password: str = Field(max_length=200)


@router.post("/customers", status_code=status.HTTP_201_CREATED)
def register(new: NewCustomer, opened: Annotated[Session, Depends(session)]) -> dict[str, int]:
    """Add a customer with a first address."""
    customer = Customer(
        email=new.email.lower(), name=new.name, password_digest=passwords.digest(new.password)
    )
    opened.add(customer)
    try:
        opened.flush()
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "this address is registered") from error
    opened.add(Address(customer_id=customer.id, street=new.street, city=new.city))
    opened.commit()
    return {"id": customer.id}


@router.post("/auth/token", responses={401: {"description": "No."}, 429: {"description": "Later."}})
def log_in(given: Credentials, opened: Annotated[Session, Depends(session)]) -> dict[str, str]:
    """Exchange a password for a token; too many tries of one customer have to wait."""
    wait = limits.refused_for(given.email.lower())
    if wait is not None:
        raise HTTPException(
            status.HTTP_429_TOO_MANY_REQUESTS, "too many tries", headers={"Retry-After": str(wait)}
        )
    if broken("default-password") and (given.email, given.password) == WELL_KNOWN:
        return {"access_token": tokens.issue(1), "token_type": "bearer"}
    customer = opened.scalar(select(Customer).where(Customer.email == given.email.lower()))
    if customer is None or not passwords.matches(given.password, customer.password_digest):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "wrong address or password")
    return {"access_token": tokens.issue(customer.id), "token_type": "bearer"}


def current_customer(
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    opened: Annotated[Session, Depends(session)],
) -> Customer:
    """Return who asks; 401 without a valid token."""
    number = tokens.customer_of(sent.credentials) if sent else None
    if number is None and broken("authorization"):
        number = 1
    customer = opened.get(Customer, number) if number is not None else None
    if customer is None:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED,
            "a valid token is needed",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return customer


def staff_member(customer: Annotated[Customer, Depends(current_customer)]) -> Customer:
    """Return who asks; 403 for customers who are not staff."""
    if customer.email not in settings().staff and not broken("authorization"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "for staff only")
    return customer
