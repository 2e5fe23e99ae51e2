"""Appointments, medical records and payments of a small clinic."""
