from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.coverage import branch_share, line_share, read_coverage

COBERTURA = b"""<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'coverage-04.dtd'>
<coverage line-rate="1" version="7"><sources><source>/ci/work/backend</source></sources>
<packages><package name="app"><classes><class filename="app/a.py" line-rate="1"><methods/>
<lines><line number="1" hits="1"/>
<line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
</classes></package></packages></coverage>"""
JACOCO = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="shop"><package name="acme/shop"><class name="acme/shop/Cart"/>
<sourcefile name="Cart.java"><line nr="3" mi="0" ci="4" mb="1" cb="1"/>
<line nr="4" mi="2" ci="0" mb="0" cb="0"/></sourcefile></package></report>"""
LCOV = b"""TN:
SF:src/a.js
FN:1,f
DA:1,5
DA:2,0
BRDA:1,0,0,3
BRDA:1,0,1,-
end_of_record
"""
COVERAGE_PY = b"""{"meta": {"format": 3}, "files": {"app\\\\a.py": {"executed_lines": [1],
"missing_lines": [2], "summary": {"num_branches": 2, "covered_branches": 1}}}, "totals": {}}"""


@pytest.mark.parametrize(
    ("report", "kind", "path"),
    [
        (COBERTURA, "Cobertura", "app/a.py"),
        (JACOCO, "JaCoCo", "acme/shop/Cart.java"),
        (LCOV, "LCOV", "src/a.js"),
        (COVERAGE_PY, "coverage.py JSON", "app/a.py"),
    ],
)
def test_every_format_tells_lines_and_branches(report: bytes, kind: str, path: str) -> None:
    read = read_coverage(report)
    assert (read.format, list(read.files)) == (kind, [path])
    assert line_share(read.files.values()) == 50.0
    assert branch_share(read.files.values()) == 50.0


def test_the_folders_of_cobertura_are_kept() -> None:
    assert read_coverage(COBERTURA).sources == ("/ci/work/backend",)


def test_a_percentage_that_a_report_claims_is_not_read() -> None:
    assert line_share(read_coverage(COBERTURA).files.values()) == 50.0


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (COBERTURA.replace(b'hits="0"', b'hits="-1"'), "hits is"),
        (COBERTURA.replace(b"(1/2)", b"(3/2)"), "3 of 2 branches"),
        (COBERTURA.replace(b"'coverage-04.dtd'", b"'x' [<!ENTITY a 'b'>]"), "definitions"),
        (COBERTURA.replace(b"<methods/>", b"&x;"), "entity"),
        (b"<html/>", "the root is 'html'"),
        (b"<coverage/>", "measures no line"),
        (LCOV.replace(b"DA:2,0", b"DA:2,x"), "is no count"),
        (LCOV.replace(b"SF:src/a.js\n", b""), "neither|out of place"),
        (LCOV.replace(b"end_of_record\n", b""), "ends within a record"),
        (COVERAGE_PY.replace(b"[1]", b"[true]"), "is no line"),
        (COVERAGE_PY.replace(b'"missing_lines"', b'"lines"'), "missing_lines of .* is no list"),
    ],
)
def test_what_is_broken_is_refused(report: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_coverage(report)


@given(st.binary(max_size=200), st.sampled_from([b"{", b"<coverage>", b"TN:\nSF:a\n", b""]))
def test_noise_is_an_error_of_value_and_nothing_else(noise: bytes, start: bytes) -> None:
    with suppress(ValueError):
        assert line_share(read_coverage(start + noise).files.values()) is not None
