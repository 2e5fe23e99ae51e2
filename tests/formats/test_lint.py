import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.lint import LintProblem, read_lint

MYPY = b"a.py:2:5: error: Bad type  [assignment]\nFound 1 error in 1 file (x)\n"
MYPY_JSON = (
    b'{"file": "a.py", "line": 2, "column": 9, "message": "Bad type", "hint": null,'
    b' "code": "assignment", "severity": "error"}\n'
)
RUFF = json.dumps([
    {"code": "F401", "filename": "/w/a.py", "location": {"row": 2}, "message": "unused"}
]).encode()  # fmt: skip
FLAKE8 = b"./a.py:2:1: F401 'os' imported but unused\n"
FLAKE8_JSON = b'{"./a.py": [{"code": "F401", "line_number": 2, "text": "unused"}], "b.py": []}'
CHECKSTYLE = b"""<?xml version="1.0"?><checkstyle version="10"><file name="A.java">
<error line="2" severity="warning" message="Tabs" source="com.x.FileTabCheck"/>
</file></checkstyle>"""


@pytest.mark.parametrize(
    ("report", "kind", "problem"),
    [
        (MYPY, "mypy", LintProblem("a.py", 2, "assignment", "Bad type [assignment]", "error")),
        (MYPY_JSON, "mypy", LintProblem("a.py", 2, "assignment", "Bad type", "error")),
        (RUFF, "ruff", LintProblem("/w/a.py", 2, "F401", "unused", "error")),
        (FLAKE8, "flake8", LintProblem("./a.py", 2, "F401", "'os' imported but unused", "error")),
        (FLAKE8_JSON, "flake8", LintProblem("./a.py", 2, "F401", "unused", "error")),
        (CHECKSTYLE, "checkstyle", LintProblem("A.java", 2, "FileTabCheck", "Tabs", "warning")),
    ],
)
def test_every_format_is_told_and_read(report: bytes, kind: str, problem: LintProblem) -> None:
    read = read_lint(report)
    assert (read.format, read.problems) == (kind, (problem,))


@pytest.mark.parametrize(
    ("report", "kind", "words"),
    [
        (MYPY.replace(b"Found 1", b"Found 3"), None, "counts 3 errors and shows 1"),
        (b"a.py:1: error: x\n", None, "came to its end"),
        (b"Traceback (most recent call last):\n", "mypy", "traceback"),
        (b"Success: no issues found in 0 source files\n", "mypy", "came to its end"),
        (FLAKE8 + b"2\n", None, "counts 2 problems and shows 1"),
        (b"[{}]", "ruff", "neither file nor message"),
        (b"<a/>", None, "the root is 'a'"),
        (b'[{"filePath": "a.js"}]', None, "messages is no list"),
    ],
)
def test_what_is_broken_is_refused(report: bytes, kind: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_lint(report, kind)  # type: ignore[arg-type] # names of formats


@given(
    st.binary(max_size=200), st.sampled_from([b"{", b"<checkstyle>", b"[{", b"a.py:1: error: x"])
)
def test_noise_is_an_error_of_value_and_nothing_else(noise: bytes, start: bytes) -> None:
    with suppress(ValueError):
        assert read_lint(start + noise).problems
