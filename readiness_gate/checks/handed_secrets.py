"""What a secret looks like where it leaks: as it is, in a URL, in base64."""

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus

from readiness_gate.checks.log_tally import Sought
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Stack

_SHORTEST = 6
_LONG_LINE = 20


def sought_secrets(stack: Stack, services: Iterable[str]) -> tuple[list[Sought], list[str]]:
    """Return the secrets of all services in their forms, and the names of those left out.

    Left out is what is too short, or is no secret at all: the name of a service, or the open value
    of another variable (`postgres` as user and as password), is in every log.
    """
    handed: dict[str, str] = {}
    common = set(services)
    for service in sorted(common):
        mine = stack.secrets(service)
        handed |= {f"{name} of {service}": value for name, value in mine.items()}
        with suppress(StackError):
            common |= _open_values(stack.environment(service), mine)
    found: dict[str, Sought] = {}
    left_out: list[str] = []
    for name, value in handed.items():
        forms = _forms(value)
        if value in common or not forms:
            left_out.append(name)
        else:
            # One value that many services share is told once.
            found.setdefault(value, Sought(name, forms))
    return list(found.values()), left_out


def _open_values(variables: Mapping[str, str], secret: Mapping[str, str]) -> set[str]:
    return {value for name, value in variables.items() if name not in secret}


def _forms(value: str) -> tuple[str, ...]:
    plain = [line.strip() for line in value.splitlines()]
    texts = [value] if len(plain) == 1 else [line for line in plain if len(line) >= _LONG_LINE]
    texts = [text for text in texts if len(text) >= _SHORTEST]
    forms: dict[str, None] = {}
    for text in texts:
        encoded = base64.b64encode(text.encode()).decode().rstrip("=")
        # The last sign of a rest also holds what stands behind the secret.
        encoded = encoded if len(text.encode()) % 3 == 0 else encoded[:-1]
        for form in (text, quote(text, safe=""), quote_plus(text), encoded):
            forms[form] = None
    return tuple(forms)
