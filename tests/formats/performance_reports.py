"""Reports as the tools write them, short."""

import json

K6 = json.dumps({
    "metrics": {
        "http_req_duration": {
            "type": "trend", "contains": "time",
            "values": {"avg": 80.5, "p(95)": 150.25, "max": 400},
            "thresholds": {"p(95)<500": {"ok": True}},
        },
        "http_req_failed": {"type": "rate", "values": {"rate": 0.002, "passes": 2, "fails": 998}},
        "http_reqs": {"type": "counter", "values": {"count": 1000, "rate": 33.3}},
    },
})  # fmt: skip
K6_EXPORT = json.dumps({
    "metrics": {
        "http_req_duration": {
            "avg": 80.5, "p(95)": 150.25, "thresholds": {"p(95)<500": False, "max<1": True},
        },
        "http_req_failed": {"value": 0.002, "passes": 2, "fails": 998},
        "http_reqs": {"count": 1000, "rate": 33.3},
    },
})  # fmt: skip
_HEAD = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
)
LOCUST = _HEAD + (
    "GET,/orders,400,4,20,25.5,3,300,512,13.3,0.1,20,30,40,50,100,150,200,250,300,300,300\n"
    ",Aggregated,400,4,20,25.5,3,300,512,13.3,0.1,20,30,40,50,100,150,200,250,300,300,300\n"
)
LOCUST_JSON = json.dumps([
    {"name": "/orders", "method": "GET", "num_requests": 100, "num_failures": 1,
     "response_times": {"10": 94, "200": 5, "900": 1}},
])  # fmt: skip
LIGHTHOUSE = json.dumps({
    "lighthouseVersion": "12.0.0",
    "categories": {"performance": {"score": 0.92}},
    "audits": {
        "largest-contentful-paint": {"numericValue": 2100.4, "numericUnit": "millisecond"},
        "total-byte-weight": {"numericValue": 300000, "numericUnit": "byte"},
    },
})  # fmt: skip
AXE = json.dumps({
    "violations": [{"id": "label", "impact": "serious", "nodes": []}],
    "passes": [{"id": "html-has-lang"}], "incomplete": [],
})  # fmt: skip
BENCHMARK = json.dumps({
    "commit_info": {},
    "benchmarks": [
        {"name": "test_total",
         "stats": {"min": 0.001, "max": 0.009, "mean": 0.002, "rounds": 50, "ops": 500.0}},
    ],
})  # fmt: skip
