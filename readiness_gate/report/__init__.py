"""Renders a report: comment, summary, terminal, files. Nothing here decides."""
