"""Every foreign key says what happens when its parent goes.

Revision ID: e315951c2f57
Revises: d61f8b402ea9
Create Date: 2025-12-02 18:41:13
"""

from alembic import op

revision = "e315951c2f57"
down_revision = "d61f8b402ea9"
branch_labels = None
depends_on = None

POLICIES = (
    ("user_sessions", "user_id", "users", "CASCADE"),
    ("two_factor_secrets", "user_id", "users", "CASCADE"),
    ("two_factor_backup_codes", "user_id", "users", "CASCADE"),
    ("visits", "patient_id", "patients", "RESTRICT"),
    ("visits", "doctor_id", "doctors", "SET NULL"),
    ("queue_entries", "patient_id", "patients", "RESTRICT"),
    ("queue_entries", "doctor_id", "doctors", "SET NULL"),
    ("emr_records", "visit_id", "visits", "SET NULL"),
    ("prescriptions", "visit_id", "visits", "SET NULL"),
    ("lab_results", "patient_id", "patients", "SET NULL"),
    ("files", "patient_id", "patients", "SET NULL"),
    ("files", "owner_id", "users", "SET NULL"),
    ("payments", "visit_id", "visits", "RESTRICT"),
    ("payment_transactions", "payment_id", "payments", "SET NULL"),
)


def upgrade() -> None:
    for table, column, parent, action in POLICIES:
        replace(table, column, parent, ondelete=action)


def downgrade() -> None:
    for table, column, parent, _action in reversed(POLICIES):
        replace(table, column, parent, ondelete=None)


def replace(table: str, column: str, parent: str, *, ondelete: str | None) -> None:
    name = f"fk_{table}_{column}_{parent}"
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="foreignkey")
        batch.create_foreign_key(name, parent, [column], ["id"], ondelete=ondelete)
