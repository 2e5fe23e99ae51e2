import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.exposition import exposition

PAGE = b"""# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045

# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1",} 33444
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# TYPE rpc summary
rpc{quantile="0.01"} NaN
rpc_sum 1.7560473e+07
rpc_count 2693
{"http.server.duration", "http.route"="/x"} 1
"""


def test_the_documented_format_is_read() -> None:
    found = exposition(PAGE)
    assert found.problems == ()
    requests = found.families["http_requests_total"]
    assert (requests.type, len(requests.samples)) == ("counter", 2)
    assert requests.samples[0].labels == (("code", "200"), ("method", "post"))
    assert found.families["something_weird"].samples[0].value == math.inf
    assert len(found.families["http_request_duration_seconds"].samples) == 5
    [count] = found.families["http_request_duration_seconds"].values
    assert count.value == 144320
    escaped = found.families["msdos"].samples[0]
    assert escaped.label("path") == "C:\\DIR\\FILE.TXT"
    assert escaped.label("error") == 'Cannot find file:\n"FILE.TXT"'
    assert found.families["http.server.duration"].samples[0].label("http.route") == "/x"
    assert found.series == 14


OPEN = b"""# TYPE orders counter
# HELP orders Orders.
# UNIT orders orders
orders_total{shop="a"} 3 # {trace_id="x"} 1 1395066363
orders_created{shop="a"} 1395066363
# EOF
"""


def test_openmetrics_is_read_with_its_end() -> None:
    found = exposition(OPEN, openmetrics=True)
    assert found.problems == ()
    family = found.family("orders_total")
    assert family is not None
    assert (family.name, [one.value for one in family.values]) == ("orders", [3.0])
    cut = exposition(OPEN.removesuffix(b"# EOF\n"), openmetrics=True)
    assert "# EOF is missing" in cut.problems[0][1]
    more = exposition(OPEN + b"a 1\n", openmetrics=True)
    assert more.problems == ((7, "stands behind # EOF"),)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"<html>", "no name of a metric"),
        (b"{}", "no name of a metric"),
        (b'{"status": "ok"} 1', "not separated by commas"),
        (b"9lives 1", "no name of a metric"),
        (b"a-b 1", "no name of a metric"),
        (b"a", "has to follow"),
        (b"a one", "is no number"),
        (b"a 1_000", "is no number"),
        (b"a 0x10", "is no number"),
        ("a \u0663".encode(), "is no number"),
        (b"a 1 2 3", "at most a time stamp"),
        (b'a{b="c" 1', "labels are not separated by commas"),
        (b'a{b="c"d="e"} 1', "not separated"),
        (b'a{b="c", b="d"} 1', "stands there twice"),
        (b"a{b=c} 1", "no value in quotes"),
        (b'a{b="c} 1', "no value in quotes"),
        (b'a{b="\\x"} 1', "is no escape"),
        (b"a{b} 1", "has no value"),
        (b'a{"b"} 1', "a second name"),
        (b"a 1\na 2", "a second sample of a"),
        (b"# TYPE a counter\na -1", "the counter a is -1"),
        (b"# TYPE a counter\na NaN", "the counter a is nan"),
        (b"# TYPE a odd", "is unknown"),
        (b"# TYPE a counter\n# TYPE a counter", "a second TYPE"),
        (b"# HELP a x\n# HELP a x", "a second HELP"),
        (b"a 1\n# TYPE a gauge", "behind its samples"),
        (b'# TYPE a histogram\na_bucket{le="1"} 1\na_count 1', "no bucket le"),
        (b'# TYPE a histogram\na_bucket{le="1"} 3\na_bucket{le="+Inf"} 2', "do not grow"),
        (b'# TYPE a histogram\na_bucket{le="+Inf"} 2\na_count 3', "is not its last bucket"),
        (b'# TYPE a histogram\na_bucket{le="x"} 2', "without a number as le"),
        (b'a 1 # {b="c"} 1', "an exemplar"),
        (b"a \xff", "is not UTF-8"),
    ],
)
def test_what_prometheus_would_refuse_is_a_problem_with_its_line(line: bytes, cause: str) -> None:
    found = exposition(b"ok 1\n" + line + b"\n")
    assert any(cause in text for _, text in found.problems), found.problems
    assert found.problems[0][0] >= 2


def test_a_last_line_without_an_end_may_be_cut() -> None:
    assert "it may be cut" in exposition(b"a 1\nb 2").problems[0][1]
    assert exposition(b"").problems == ()


def test_problems_are_bounded() -> None:
    assert len(exposition(b"!\n" * 100_000).problems) == 50


@given(st.binary(max_size=300), st.booleans())
def test_nothing_is_raised_for_any_bytes(data: bytes, openmetrics: bool) -> None:
    exposition(data, openmetrics=openmetrics)


@given(st.text(st.sampled_from('ab{}"=,\\ 1#\n.eE+-'), max_size=80))
def test_nothing_is_raised_for_what_looks_like_the_format(text: str) -> None:
    exposition(text.encode())
