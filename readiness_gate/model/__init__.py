"""Frozen data that every room shares; imports nothing else of the package."""
