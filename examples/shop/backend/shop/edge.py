"""What every answer carries, and what is counted and logged of every request."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

from fastapi import Request, Response

from shop.breaks import broken

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
QUIET = frozenset({"/health", "/metrics"})
log = logging.getLogger("shop.requests")
requests: Counter[tuple[str, str, int]] = Counter()
durations: Counter[float] = Counter()
totals = {"seconds": 0.0}


async def watched(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer a request with the headers of the house, count it and log it."""
    started = time.perf_counter()
    number = uuid4().hex
    response = await go_on(request)
    if not broken("headers"):
        response.headers.update(HEADERS)
        if request.url.path != "/products":
            response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-ID"] = number
    route = getattr(request.scope.get("route"), "path", "unknown")
    seen(request.method, route, response.status_code, time.perf_counter() - started, number)
    return response


def seen(method: str, route: str, status: int, seconds: float, number: str) -> None:
    """Count and log one request; the path of a route holds no numbers of customers."""
    if not broken("metrics"):
        requests[method, route, status] += 1
        durations[next((limit for limit in BUCKETS if seconds <= limit), float("inf"))] += 1
        totals["seconds"] += seconds
    if route not in QUIET:
        fields = {"method": method, "route": route, "status": status, "request": number}
        log.info("request", extra={"fields": {**fields, "ms": round(seconds * 1000, 1)}})


def exposition() -> list[str]:
    """Return the counters in the format of Prometheus."""
    lines = ["# HELP shop_http_requests_total Requests.", "# TYPE shop_http_requests_total counter"]
    for (method, route, status), count in sorted(requests.items()):
        labels = f'method="{method}",route="{route}",status="{status}"'
        lines.append(f"shop_http_requests_total{{{labels}}} {count}")
    name = "shop_http_request_duration_seconds"
    lines += [f"# HELP {name} Time to the answer.", f"# TYPE {name} histogram"]
    total = 0
    for limit in (*BUCKETS, float("inf")):
        total += durations[limit]
        text = "+Inf" if limit == float("inf") else str(limit)
        lines.append(f'{name}_bucket{{le="{text}"}} {total}')
    return [*lines, f"{name}_sum {totals['seconds']:.6f}", f"{name}_count {total}"]
