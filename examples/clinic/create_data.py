"""Fill an empty clinic with three years of work: `python create_data.py`.

The rows are the same on every run. At the end the script removes what the desk really removed:
people who left, patients entered twice, visits and payments that never were. What becomes of the
rows that point at them is up to the database.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from clinic import models
from clinic.database import engine
from clinic.models import Base

OPENING = datetime(2023, 3, 1, 8, 0)  # noqa: DTZ001 - the columns hold local time
DEPARTMENTS = ("Cardiology", "Dermatology", "Paediatrics", "Surgery", "General practice")
DOCTORS = range(1, 13)
DESK = range(13, 21)
PORTAL = range(21, 41)
PATIENTS = range(1, 57)
ENTERED_TWICE = range(57, 61)
VISITS_OF_DUPLICATES = {89: 57, 90: 57, 91: 58, 92: 58, 93: 59, 94: 60}
NEVER_WERE = range(95, 100)

REMOVED: tuple[tuple[type[Base], tuple[int, ...]], ...] = (
    (models.User, (17, 18, 19, 20)),
    (models.Doctor, (12,)),
    (models.Patient, tuple(ENTERED_TWICE)),
    (models.Visit, tuple(NEVER_WERE)),
    (models.Payment, (75, 76, 77)),
)

Row = dict[str, Any]


def digest(text: str) -> str:
    """Something that looks like a secret and is the same each time."""
    return sha256(text.encode()).hexdigest()


def at(days: int, *, hours: int = 0) -> datetime:
    """A moment after the clinic opened."""
    return OPENING + timedelta(days=days, hours=hours)


def accounts() -> Iterator[tuple[type[Base], list[Row]]]:
    """Users with their sessions and second factors."""
    roles = [("doctor", DOCTORS), ("desk", DESK), ("patient", PORTAL)]
    yield (
        models.User,
        [
            {"id": user, "email": f"{role}{user}@clinic.example", "role": role, "created_at": at(0)}
            for role, users in roles
            for user in users
        ],
    )
    sessions = [(user, number) for user in DESK for number in range(3)]
    yield (
        models.UserSession,
        [
            {"user_id": user, "expires_at": at(900 + number), "created_at": at(890 + number)}
            for user, number in sessions
        ],
    )
    staff = [*DOCTORS, *DESK]
    yield (
        models.TwoFactorSecret,
        [{"user_id": user, "secret": digest(f"2fa {user}"), "created_at": at(2)} for user in staff],
    )
    codes = [(user, number) for user in DESK for number in range(4)]
    yield (
        models.BackupCode,
        [{"user_id": user, "code_digest": digest(f"{user}/{code}")} for user, code in codes],
    )
    entries = [(user, action) for user in DESK for action in ("login", "export")]
    yield (
        models.AuditEntry,
        [{"user_id": user, "action": action, "created_at": at(40)} for user, action in entries],
    )


def visits() -> Iterator[tuple[int, int, int]]:
    """Number, patient and doctor of every visit."""
    for number in range(1, 85):
        yield number, 1 + (number - 1) % 56, 1 + (number - 1) % 11
    for number in range(85, 89):
        yield number, number - 84, 12
    for number, patient in VISITS_OF_DUPLICATES.items():
        yield number, patient, 1 + number % 11
    for number in NEVER_WERE:
        yield number, number - 90, 1 + number % 11


def care() -> Iterator[tuple[type[Base], list[Row]]]:
    """Doctors, patients, visits and the waiting room."""
    yield models.Department, [{"id": i, "name": n} for i, n in enumerate(DEPARTMENTS, start=1)]
    yield (
        models.Doctor,
        [
            {"id": i, "department_id": 1 + i % 5, "user_id": i, "name": f"Doctor {i:02}"}
            for i in DOCTORS
        ],
    )
    yield (
        models.Patient,
        [
            {
                "id": i,
                "user_id": PORTAL[i - 1] if i <= len(PORTAL) else None,
                "name": f"Patient {i:03}",
                "phone": f"+998 90 000 {i:04}",
                "born_on": date(1950 + i, 1 + i % 12, 1 + i % 28),
                "created_at": at(i),
            }
            for i in (*PATIENTS, *ENTERED_TWICE)
        ],
    )
    yield (
        models.Visit,
        [
            {
                "id": number,
                "patient_id": patient,
                "doctor_id": doctor,
                "starts_at": at(30 + number, hours=number % 9),
                "status": "done",
                "created_at": at(20 + number),
            }
            for number, patient, doctor in visits()
        ],
    )
    waiting = [*range(1, 21), *ENTERED_TWICE]
    yield (
        models.QueueEntry,
        [
            {"patient_id": patient, "doctor_id": 1 + i % 11, "number": i + 1, "created_at": at(950)}
            for i, patient in enumerate(waiting)
        ],
    )


def records() -> Iterator[tuple[type[Base], list[Row]]]:
    """The medical record, laboratory and files."""
    noted = [*range(1, 81), 90, 95, 96, 97]
    yield (
        models.EmrRecord,
        [
            {"visit_id": visit, "note": f"Findings of visit {visit}", "created_at": at(30 + visit)}
            for visit in noted
        ],
    )
    prescribed = [*range(1, 51), 95, 96, 97, 98]
    yield (
        models.Prescription,
        [
            {"visit_id": i, "medicine": f"Medicine {i % 7}", "dose": "1-0-1", "created_at": at(90)}
            for i in prescribed
        ],
    )
    tested = [*range(1, 31), 57, 58, 59]
    yield (
        models.LabResult,
        [
            {"patient_id": i, "analysis": "glucose", "value": f"{4 + i % 3}.1", "created_at": at(i)}
            for i in tested
        ],
    )
    of_patients = [*range(1, 23), 57, 58]
    yield (
        models.File,
        [
            {
                "id": i,
                "patient_id": patient,
                "owner_id": DESK[(i - 1) % 8] if i <= 16 else DESK[(i - 1) % 4],
                "name": f"letter-{i:02}.pdf",
                "created_at": at(100 + i),
            }
            for i, patient in enumerate(of_patients, start=1)
        ],
    )
    yield (
        models.FileVersion,
        [
            {"file_id": i, "digest": digest(f"letter {i}"), "created_at": at(100 + i)}
            for i in range(1, 25)
        ],
    )


def money() -> Iterator[tuple[type[Base], list[Row]]]:
    """Payments and the messages of the provider."""
    billed = [*range(1, 71), 95, 96, 97, 98, 71, 72, 73, 89]
    yield (
        models.Payment,
        [
            {
                "id": i,
                "visit_id": visit,
                "amount_cents": 4500 + 250 * (visit % 9),
                "status": "paid",
                "created_at": at(40 + visit),
            }
            for i, visit in enumerate(billed, start=1)
        ],
    )
    reported = [*range(1, 71), 75, 75, 76, 76, 77, 77, 78]
    yield (
        models.PaymentTransaction,
        [
            {
                "payment_id": payment,
                "provider_reference": f"txn-{i:04}",
                "result": "success",
                "created_at": at(200 + i),
            }
            for i, payment in enumerate(reported, start=1)
        ],
    )


def fill(database: Engine) -> int:
    """Insert all rows, parents first; answers how many."""
    rows = 0
    with database.begin() as connection:
        for part in (accounts, care, records, money):
            for model, values in part():
                connection.execute(insert(model), values)
                rows += len(values)
    return rows


def remove(database: Engine) -> Iterator[str]:
    """Remove what the desk removed; names what the database did not let go."""
    for model, numbers in REMOVED:
        for number in numbers:
            try:
                with database.begin() as connection:
                    connection.execute(delete(model).where(model.__table__.c.id == number))
            except IntegrityError:
                yield f"{model.__tablename__} {number}"


def main() -> None:
    """Fill an empty database; leave any other as it is."""
    with engine.connect() as connection:
        users = connection.scalar(select(func.count()).select_from(models.User))
    if users:
        print("there is data already, nothing to do")
        return
    print(f"{fill(engine)} rows")
    kept = list(remove(engine))
    print(f"kept because rows point at them: {', '.join(kept) or 'none'}")


if __name__ == "__main__":
    main()
