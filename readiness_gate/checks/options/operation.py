"""Operations as people name them in options: `GET /orders/{order_id}`, `* /admin/*`."""

from typing import Annotated

from readiness_gate.model.written import Written

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
"""Methods that a description may have for a path (OpenAPI 3)."""


def _pattern(text: str) -> str:
    method, _, path = text.partition(" ")
    if method not in {"*", *METHODS} or not path.startswith(("/", "*")):
        raise ValueError(f"{text[:60]!r}: write a method and a path such as GET /orders, or * /x/*")
    return text


OperationPattern = Annotated[
    str,
    Written(after=_pattern, schema={"type": "string", "pattern": r"^(\*|[A-Z]+) [/*]"}),
]
"""A method or `*`, a space, a path as the description writes it; `*` stands for any text."""
