"""`load`: how the target answers many requests at once, in k6's executors and thresholds.

`constant-vus` and `ramping-vus` are users with one request after another; `constant-arrival-rate`
and `ramping-arrival-rate` start requests whatever becomes of those before. Endpoints take turns by
weight. Latency counts from the intended start to the last byte, of answers as they have to be and
of requests that waited in vain; what failed has a metric of its own, and so has 429. A process of
its own sends the requests, and is watched: where it is the bottleneck, the answer is that nobody
can tell. With `repeat` a threshold has to hold every time, and one that holds only sometimes is no
answer either. Nothing that was not measured passes: an endpoint that never answered as asserted,
starts that were dropped, a rate limit that let nothing through.

It takes one machine, up to about a thousand requests a second. Those who need more run k6 or Locust
distributed and hand their summary to `performance-report`.
"""

from readiness_gate.checks.base import Check
from readiness_gate.checks.load_options import LoadOptions
from readiness_gate.model.outcome import CheckClass, Family, Need

CHECK = Check(
    id="load",
    title="The target keeps its promises under load",
    family=Family.NETWORK,
    check_class=CheckClass.MEASURE,
    needs=frozenset({Need.STACK}),
    options=LoadOptions,
    remediation="Find what is slow or fails under load: the slowest endpoint and the busiest "
    "service stand in the tables.",
    example={
        "executor": "constant-arrival-rate",
        "rate": 50,
        "duration": "30s",
        "warm-up": "5s",
        "endpoints": [
            {"url": "/products", "weight": 8},
            {"url": "/orders", "weight": 2, "name": "orders"},
        ],
        "login": {"url": "/login", "json": {"email": "ada@shop.example", "password": "example"}},
        "thresholds": {
            "http_req_duration": ["p(95)<200", "p(99)<500"],
            "http_req_duration{name:orders}": "p(95)<300",
            "http_req_failed": "rate<0.01",
        },
        "repeat": 3,
        "max-memory": "500MB",
    },
)
