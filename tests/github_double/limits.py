"""The primary rate limits: requests and points an hour, per token."""

import time
from typing import Any, Literal

from tests.github_double.people import Token

Resource = Literal["core", "graphql"]

_HOUR = 3600


class Limits:
    """What each token has used. An Actions token has 1,000 of each an hour in a repository."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, Resource], int] = {}
        self._limits: dict[tuple[str, Resource], int] = {}
        self._reset = int(time.time()) + _HOUR

    @staticmethod
    def _name(token: Token | None) -> str:
        return token.value if token else ""

    def limit(self, token: Token | None, resource: Resource) -> int:
        """The size of the budget."""
        default = 60 if token is None else 1000 if token.kind == "installation" else 5000
        return self._limits.get((self._name(token), resource), default)

    def set_remaining(self, value: str, resource: Resource, remaining: int) -> None:
        """Leaves a token with this much of its budget."""
        key = (value, resource)
        self._limits[key] = self._used.get(key, 0) + remaining

    def remaining(self, token: Token | None, resource: Resource) -> int:
        """What is left until the reset."""
        used = self._used.get((self._name(token), resource), 0)
        return max(0, self.limit(token, resource) - used)

    def spend(self, token: Token | None, resource: Resource, amount: int = 1) -> bool:
        """Takes from the budget; False if nothing was left."""
        if self.remaining(token, resource) <= 0:
            return False
        key = (self._name(token), resource)
        self._used[key] = self._used.get(key, 0) + amount
        return True

    def rate(self, token: Token | None, resource: Resource) -> dict[str, int]:
        """One resource as `GET /rate_limit` tells it; `reset` is in seconds of UTC."""
        limit, remaining = self.limit(token, resource), self.remaining(token, resource)
        used = limit - remaining
        return {"limit": limit, "remaining": remaining, "reset": self._reset, "used": used}

    def headers(self, token: Token | None, resource: Resource) -> dict[str, str]:
        """The headers that every answer carries."""
        rate = self.rate(token, resource)
        return {f"x-ratelimit-{name}": str(value) for name, value in rate.items()} | {
            "x-ratelimit-resource": resource
        }

    def overview(self, token: Token | None) -> dict[str, Any]:
        """The answer of `GET /rate_limit`."""
        core = self.rate(token, "core")
        search = core | {"limit": 30, "remaining": 30, "used": 0}
        resources = {"core": core, "search": search, "graphql": self.rate(token, "graphql")}
        return {"resources": resources, "rate": core}
