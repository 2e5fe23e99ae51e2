"""Departments, doctors, patients, visits and the waiting room.

Revision ID: 58d2f6a4c110
Revises: 3c1a9e5b7d20
Create Date: 2023-02-20 16:40:02
"""

import sqlalchemy as sa
from alembic import op

revision = "58d2f6a4c110"
down_revision = "3c1a9e5b7d20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_departments"),
        sa.UniqueConstraint("name", name="uq_departments_name"),
    )
    op.create_table(
        "doctors",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("department_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_doctors"),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name="fk_doctors_department_id_departments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_doctors_user_id_users", ondelete="SET NULL"
        ),
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("born_on", sa.Date, nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patients"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_patients_user_id_users", ondelete="SET NULL"
        ),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("patient_id", sa.Integer, nullable=False),
        sa.Column("doctor_id", sa.Integer, nullable=True),
        sa.Column("starts_at", sa.DateTime, nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name="fk_visits_patient_id_patients"
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name="fk_visits_doctor_id_doctors"),
    )
    op.create_table(
        "queue_entries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("patient_id", sa.Integer, nullable=True),
        sa.Column("doctor_id", sa.Integer, nullable=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_entries"),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name="fk_queue_entries_patient_id_patients"
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name="fk_queue_entries_doctor_id_doctors"
        ),
    )


def downgrade() -> None:
    op.drop_table("queue_entries")
    op.drop_table("visits")
    op.drop_table("patients")
    op.drop_table("doctors")
    op.drop_table("departments")
