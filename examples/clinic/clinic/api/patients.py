"""Patients: create, look up, remove."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.database import session
from clinic.models import Patient

router = APIRouter(prefix="/patients", tags=["patients"])


class NewPatient(BaseModel):
    """What the desk knows about somebody new."""

    name: str = Field(min_length=1, max_length=120)
    phone: str = Field(pattern=r"^\+?[0-9 ]{5,30}$")
    born_on: date


class PatientView(NewPatient):
    """A patient as the API shows one."""

    model_config = ConfigDict(from_attributes=True)

    id: int


@router.post("", status_code=status.HTTP_201_CREATED)
def create(new: NewPatient, opened: Annotated[Session, Depends(session)]) -> PatientView:
    """Add a patient."""
    patient = Patient(name=new.name, phone=new.phone, born_on=new.born_on)
    opened.add(patient)
    opened.commit()
    return PatientView.model_validate(patient)


@router.get("")
def search(
    opened: Annotated[Session, Depends(session)],
    phone: Annotated[str | None, Query(description="exact number")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[PatientView]:
    """Look patients up, oldest number first."""
    query = select(Patient).order_by(Patient.id).limit(limit)
    if phone is not None:
        query = query.where(Patient.phone == phone)
    return [PatientView.model_validate(patient) for patient in opened.scalars(query)]


@router.get("/{patient_id}")
def show(patient_id: int, opened: Annotated[Session, Depends(session)]) -> PatientView:
    """One patient."""
    patient = opened.get(Patient, patient_id)
    if patient is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such patient")
    return PatientView.model_validate(patient)


@router.delete("/{patient_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(patient_id: int, opened: Annotated[Session, Depends(session)]) -> None:
    """Remove a patient that was entered twice."""
    patient = opened.get(Patient, patient_id)
    if patient is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such patient")
    opened.delete(patient)
    try:
        opened.commit()
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "the patient has a history") from error
