"""Values that a check was handed or found, and that no reader may see; they leave every text."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

from readiness_gate.model.result import CheckResult

HIDDEN = "***"
_SHORTEST = 4

PartT = TypeVar("PartT")


class Masks:
    """Remembers secrets as they become known, and takes them out of results."""

    def __init__(self) -> None:
        """Know none yet."""
        self._forms: set[str] = set()

    def add(self, values: Iterable[str]) -> None:
        """Remember values; those of less than four signs are words of every text."""
        for value in values:
            if len(value) >= _SHORTEST:
                self._forms |= set(_forms(value))

    def hide(self, text: str) -> str:
        """Return a text without them, longest first."""
        for form in sorted(self._forms, key=lambda one: (-len(one), one)):
            text = text.replace(form, HIDDEN)
        return text

    def result(self, result: CheckResult) -> CheckResult:
        """Return a result without them in any of its texts."""
        if not self._forms:
            return result
        advice = result.remediation
        return replace(
            result,
            summary=self.hide(result.summary),
            details=self.hide(result.details),
            evidence=tuple(self._walked(one) for one in result.evidence),
            remediation=None if advice is None else self.hide(advice),
        )

    def _walked(self, value: PartT) -> PartT:
        if isinstance(value, str):
            return self.hide(value)  # type: ignore[return-value]
        if isinstance(value, tuple):
            return tuple(self._walked(one) for one in value)  # type: ignore[return-value]
        if isinstance(value, BaseModel):
            parts = {
                name: self._walked(getattr(value, name))
                for name in type(value).model_fields
                if name != "kind"
            }
            return value.model_copy(update=parts)
        return value


def _forms(value: str) -> Iterable[str]:
    yield value
    yield quote(value, safe="")
    yield quote_plus(value)
    encoded = base64.b64encode(value.encode()).decode()
    # The last sign of a rest also holds what stands behind the secret.
    yield encoded if len(value.encode()) % 3 == 0 else encoded.rstrip("=")[:-1]
