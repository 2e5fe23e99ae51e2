"""From orphaned rows to a reviewable Alembic revision that sets them right and can be undone."""
