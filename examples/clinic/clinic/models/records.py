"""The medical record."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.models.base import Base, Recorded


class EmrRecord(Recorded, Base):
    """What the doctor wrote down."""

    __tablename__ = "emr_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    note: Mapped[str] = mapped_column(Text)


class Prescription(Recorded, Base):
    """A medicine for a patient."""

    __tablename__ = "prescriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    medicine: Mapped[str] = mapped_column(String(120))
    dose: Mapped[str] = mapped_column(String(60))


class LabResult(Recorded, Base):
    """A finding of the laboratory."""

    __tablename__ = "lab_results"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    analysis: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(60))
