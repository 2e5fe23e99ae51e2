"""A sign-off, as the attestations file at the base has it."""

from typing import NamedTuple


class Attestation(NamedTuple):
    """One person's sign-off, out of the attestations file at the base."""

    id: str
    by: str
    evidence: str
    date: str
    expires: str | None
    scope: str
    """`repository`, `pull-request N` or `commit SHA`."""
