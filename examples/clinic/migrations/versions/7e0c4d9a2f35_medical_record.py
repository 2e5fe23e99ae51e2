"""Medical record and files.

Revision ID: 7e0c4d9a2f35
Revises: 58d2f6a4c110
Create Date: 2023-05-11 11:05:19
"""

import sqlalchemy as sa
from alembic import op

revision = "7e0c4d9a2f35"
down_revision = "58d2f6a4c110"
branch_labels = None
depends_on = None


def created_at() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "emr_records",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("visit_id", sa.Integer, nullable=True),
        sa.Column("note", sa.Text, nullable=False),
        created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_emr_records"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_emr_records_visit_id_visits"),
    )
    op.create_table(
        "prescriptions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("visit_id", sa.Integer, nullable=True),
        sa.Column("medicine", sa.String(120), nullable=False),
        sa.Column("dose", sa.String(60), nullable=False),
        created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_prescriptions"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name="fk_prescriptions_visit_id_visits"
        ),
    )
    op.create_table(
        "lab_results",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("patient_id", sa.Integer, nullable=True),
        sa.Column("analysis", sa.String(60), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_lab_results"),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name="fk_lab_results_patient_id_patients"
        ),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("patient_id", sa.Integer, nullable=True),
        sa.Column("owner_id", sa.Integer, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name="fk_files_patient_id_patients"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_files_owner_id_users"),
    )
    op.create_table(
        "file_versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("file_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_file_versions"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name="fk_file_versions_file_id_files", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("file_versions")
    op.drop_table("files")
    op.drop_table("lab_results")
    op.drop_table("prescriptions")
    op.drop_table("emr_records")
