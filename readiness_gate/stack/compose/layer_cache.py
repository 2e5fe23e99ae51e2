"""The runner's cache for image layers, where it offers one and the engine can use it.

Only an engine that keeps images in containerd's store exports to GitHub's cache (notes on stacks
2.7); any other refuses the whole build, so that it is not asked to. The token stands in the
model's private file: the environment of a build is what a compose file can read from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_STORE = "io.containerd.snapshotter"


@dataclass(frozen=True)
class LayerCache:
    """GitHub's cache, as a runner announces it."""

    url: str
    token: str = field(repr=False)
    version: int = 1

    def attributes(self, scope: str) -> str:
        """Return the entry of `cache_from` and `cache_to` for one image."""
        address = "url_v2" if self.version == 2 else "url"
        return (
            f"type=gha,version={self.version},scope=readiness-gate-{scope},"
            f"{address}={self.url},token={self.token}"
        )


def offered_cache(variables: Mapping[str, str]) -> LayerCache | None:
    """Return the cache out of a runner's variables, `None` where there is none."""
    token = variables.get("ACTIONS_RUNTIME_TOKEN", "").strip()
    results = variables.get("ACTIONS_RESULTS_URL", "").strip()
    first = variables.get("ACTIONS_CACHE_URL", "").strip()
    if token and results and variables.get("ACTIONS_CACHE_SERVICE_V2"):
        return LayerCache(results, token, 2)
    return LayerCache(first, token) if token and first else None


def can_export(machine: Mapping[str, Any]) -> bool:
    """Return whether an engine exports layers, out of its `info`."""
    return any(_STORE in str(value) for _, value in machine.get("DriverStatus") or ())


def with_cache(data: Mapping[str, Any], cache: LayerCache) -> dict[str, Any]:
    """Return an isolated model whose builds read the cache and write it."""
    services = {
        name: {**body, "build": _cached(body["build"], cache.attributes(name))}
        if body.get("build")
        else body
        for name, body in data["services"].items()
    }
    return {**data, "services": services}


def _cached(build: Mapping[str, Any], entry: str) -> dict[str, Any]:
    return {
        **build,
        "cache_from": [*(build.get("cache_from") or ()), entry],
        # A token that may only read fails nobody's build.
        "cache_to": [f"{entry},mode=max,ignore-error=true"],
    }
