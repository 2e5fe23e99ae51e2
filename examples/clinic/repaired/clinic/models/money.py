"""What visits cost, and what the payment provider reported."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.models.base import Base, Recorded


class Payment(Recorded, Base):
    """Money owed for a visit."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="RESTRICT"))
    amount_cents: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), default="open")


class PaymentTransaction(Recorded, Base):
    """One message of the payment provider; the audit trail of a payment."""

    __tablename__ = "payment_transactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id", ondelete="SET NULL"))
    provider_reference: Mapped[str] = mapped_column(String(60), unique=True)
    result: Mapped[str] = mapped_column(String(20))
