"""Migrations and referential integrity."""
