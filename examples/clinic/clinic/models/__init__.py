"""All tables of the clinic."""

from clinic.models.access import AuditEntry, BackupCode, TwoFactorSecret, User, UserSession
from clinic.models.base import Base
from clinic.models.care import Department, Doctor, Patient, QueueEntry, Visit
from clinic.models.files import File, FileVersion
from clinic.models.money import Payment, PaymentTransaction
from clinic.models.records import EmrRecord, LabResult, Prescription

__all__ = [
    "AuditEntry",
    "BackupCode",
    "Base",
    "Department",
    "Doctor",
    "EmrRecord",
    "File",
    "FileVersion",
    "LabResult",
    "Patient",
    "Payment",
    "PaymentTransaction",
    "Prescription",
    "QueueEntry",
    "TwoFactorSecret",
    "User",
    "UserSession",
    "Visit",
]
