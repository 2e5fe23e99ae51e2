"""Clean up the rows whose parents are gone.

Every row is copied to `orphan_quarantine` before it is changed, in the order of the references:
parents first, because a row that is taken out can leave others behind. Accounts go with their
user; medical records, files and the audit trail stay and lose the reference; visits, payments and
places in the queue without their patient or visit are set aside for the front desk.

Revision ID: d61f8b402ea9
Revises: c05e319d2b7a
Create Date: 2025-12-02 18:20:44
"""

import sqlalchemy as sa
from alembic import op

revision = "d61f8b402ea9"
down_revision = "c05e319d2b7a"
readiness_gate = "clean-up"  # may run while rows without parents are still there
branch_labels = None
depends_on = None

DELETE, SET_NULL, SET_ASIDE = "delete", "set null", "set aside"

# table, column, parent, action; parents before children
REFERENCES = (
    ("user_sessions", "user_id", "users", DELETE),
    ("two_factor_secrets", "user_id", "users", DELETE),
    ("two_factor_backup_codes", "user_id", "users", DELETE),
    ("audit_entries", "user_id", "users", SET_NULL),
    ("doctors", "user_id", "users", SET_NULL),
    ("patients", "user_id", "users", SET_NULL),
    ("visits", "patient_id", "patients", SET_ASIDE),
    ("visits", "doctor_id", "doctors", SET_NULL),
    ("queue_entries", "patient_id", "patients", SET_ASIDE),
    ("queue_entries", "doctor_id", "doctors", SET_NULL),
    ("emr_records", "visit_id", "visits", SET_NULL),
    ("prescriptions", "visit_id", "visits", SET_NULL),
    ("lab_results", "patient_id", "patients", SET_NULL),
    ("files", "patient_id", "patients", SET_NULL),
    ("files", "owner_id", "users", SET_NULL),
    ("file_versions", "file_id", "files", DELETE),
    ("payments", "visit_id", "visits", SET_ASIDE),
    ("payment_transactions", "payment_id", "payments", SET_NULL),
)


def upgrade() -> None:
    op.create_table(
        "orphan_quarantine",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("table_name", sa.String(60), nullable=False),
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("column_name", sa.String(60), nullable=False),
        sa.Column("missing_id", sa.Integer, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("row_content", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orphan_quarantine"),
    )
    for table, column, parent, action in REFERENCES:
        orphaned = f"{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})"
        op.execute(
            "INSERT INTO orphan_quarantine "
            "(table_name, row_id, column_name, missing_id, action, row_content) "
            f"SELECT '{table}', id, '{column}', {column}, '{action}', {content(table)} "
            f"FROM {table} WHERE {orphaned}"
        )
        if action == SET_NULL:
            op.execute(f"UPDATE {table} SET {column} = NULL WHERE {orphaned}")
        else:
            op.execute(f"DELETE FROM {table} WHERE {orphaned}")


def downgrade() -> None:
    for table, column, _parent, action in reversed(REFERENCES):
        mine = f"table_name = '{table}' AND column_name = '{column}'"
        if action == SET_NULL:
            op.execute(
                f"UPDATE {table} SET {column} = (SELECT missing_id FROM orphan_quarantine "
                f"WHERE {mine} AND row_id = {table}.id) "
                f"WHERE id IN (SELECT row_id FROM orphan_quarantine WHERE {mine})"
            )
        else:
            names = columns(table)
            values = ", ".join(f"json_extract(row_content, '$.{name}')" for name in names)
            op.execute(
                f"INSERT INTO {table} ({', '.join(names)}) "
                f"SELECT {values} FROM orphan_quarantine WHERE {mine}"
            )
    op.drop_table("orphan_quarantine")


def columns(table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]


def content(table: str) -> str:
    pairs = ", ".join(f"'{name}', {name}" for name in columns(table))
    return f"json_object({pairs})"
