"""A production-readiness checklist, executed on every pull request."""

__version__ = "0.1.0"
