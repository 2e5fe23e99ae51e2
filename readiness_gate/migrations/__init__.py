"""Revision history read as text, and the probe that drives the project's own Alembic."""
