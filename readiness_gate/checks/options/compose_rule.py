"""The rules of `compose-model`, by their names."""

from typing import Literal

Rule = Literal[
    "health-check",
    "healthy-dependencies",
    "memory-limit",
    "cpu-limit",
    "restart-policy",
    "log-rotation",
    "pinned-image",
    "pinned-digest",
    "local-ports",
    "no-privileges",
    "read-only",
]
