"""Visits and what they cost."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from clinic.database import session
from clinic.models import Doctor, Patient, Payment, Visit

router = APIRouter(prefix="/visits", tags=["visits"])


class NewVisit(BaseModel):
    """An appointment that somebody asks for."""

    patient_id: int
    doctor_id: int
    starts_at: datetime


class VisitView(BaseModel):
    """An appointment as the API shows one."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    patient_id: int
    doctor_id: int | None
    starts_at: datetime
    status: str


class NewPayment(BaseModel):
    """What is owed for a visit."""

    amount_cents: int = Field(gt=0)


class PaymentView(BaseModel):
    """A payment as the API shows one."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    visit_id: int
    amount_cents: int
    status: str


@router.post("", status_code=status.HTTP_201_CREATED)
def create(new: NewVisit, opened: Annotated[Session, Depends(session)]) -> VisitView:
    """Plan a visit of a known patient with a known doctor."""
    if opened.get(Patient, new.patient_id) is None:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "no such patient")
    if opened.get(Doctor, new.doctor_id) is None:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "no such doctor")
    visit = Visit(
        patient_id=new.patient_id,
        doctor_id=new.doctor_id,
        starts_at=new.starts_at.replace(tzinfo=None),
        status="planned",
    )
    opened.add(visit)
    opened.commit()
    return VisitView.model_validate(visit)


@router.get("/{visit_id}")
def show(visit_id: int, opened: Annotated[Session, Depends(session)]) -> VisitView:
    """One visit."""
    visit = opened.get(Visit, visit_id)
    if visit is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such visit")
    return VisitView.model_validate(visit)


@router.post("/{visit_id}/payments", status_code=status.HTTP_201_CREATED)
def bill(
    visit_id: int, new: NewPayment, opened: Annotated[Session, Depends(session)]
) -> PaymentView:
    """Ask for money."""
    if opened.get(Visit, visit_id) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such visit")
    payment = Payment(visit_id=visit_id, amount_cents=new.amount_cents, status="open")
    opened.add(payment)
    opened.commit()
    return PaymentView.model_validate(payment)
