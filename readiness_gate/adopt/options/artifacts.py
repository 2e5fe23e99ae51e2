"""Options of checks that read reports of other tools."""

import re

from readiness_gate.adopt.options import floors
from readiness_gate.adopt.options.wanted import Filled, Wanted, number

_LINTERS = {
    "mypy": ("mypy", "reports/mypy.txt", "mypy . > reports/mypy.txt"),
    "eslint": ("eslint", "reports/eslint.json", "eslint -f json -o reports/eslint.json"),
    "flake8": ("flake8", "reports/flake8.txt", "flake8 --output-file reports/flake8.txt"),
    "ruff": ("ruff", "reports/ruff.json", "ruff check --output-format json"),
    "duplication": ("checkstyle", "reports/duplication.xml", "jscpd or pmd cpd"),
}


def junit_report(wanted: Wanted) -> Filled:
    """Return the report that CI leaves; tests by name where the text speaks of some of them."""
    path = wanted.facts.junit
    options: dict[str, object] = {"path": path or "reports/junit.xml"}
    lacks = "" if path else "say where the tests leave their JUnit report"
    named = _named_tests(wanted)
    if named:
        options["tests"] = named
    elif not _all_tests(wanted.small):
        lacks = "; ".join(filter(None, (lacks, "name the tests that prove it under `tests`")))
    if "warnings" in wanted.small or "all" in wanted.small.split():
        options["skipped"] = 0
    return Filled(options, lacks)


def _all_tests(text: str) -> bool:
    return bool(re.search(r"\b(tests?|testing|suite) |\b(all|unit|integration)\b|tests?$", text))


def _named_tests(wanted: Wanted) -> list[str]:
    found = re.findall(r"\b(test_\w+)(?:\.py)?\b", wanted.told)
    return [f"*{name}*" for name in dict.fromkeys(found)]


def coverage_report(wanted: Wanted) -> Filled:
    """Return the report and the share that the text promises."""
    path = wanted.facts.coverage
    share = floors.promised(wanted)
    total = floors.floor(wanted, share) if share else None
    missing = "" if path else "say where the tests leave their coverage report"
    lacks = "; ".join(filter(None, (missing, "" if total else floors.UNCLEAR)))
    return Filled({"path": path or "reports/coverage.xml", "total": total or ">=80%"}, lacks)


def lint_report(wanted: Wanted) -> Filled:
    """Return the report of the tool that the text names."""
    kind = "ruff" if "ruff" in wanted.small else wanted.kind
    format_, path, how = _LINTERS[kind]
    there = wanted.facts.workspace.lists(path)
    options = {"path": path, "format": format_}
    if kind == "eslint" and "error" in wanted.small:
        options["level"] = "error"
    return Filled(options, "" if there else f"let CI leave the report ({how})")


def sarif_report(wanted: Wanted) -> Filled:
    """Return the reports of scanners."""
    found = wanted.facts.first("**/*.sarif")
    path = found or "reports/**/*.sarif"
    lacks = "" if found else "let CI leave the scanner's SARIF report"
    return Filled({"path": path, "severity": "high"}, lacks)


def performance_report(wanted: Wanted) -> Filled:
    """Return the report of the kind that the rule found, and the limit of the text."""
    if wanted.kind == "accessibility":
        metrics = {"critical": "==0", "serious": "==0"}
        return _performance(wanted, "reports/axe.json", metrics, "")
    limit = wanted.threshold("ms", "s")
    told = f"<{number(limit.value)}{limit.unit}" if limit else ""
    if wanted.kind == "page":
        metrics = {"largest-contentful-paint": told or "<2.5s"}
        return _performance(wanted, "reports/lighthouse.json", metrics, told or "say how fast")
    metrics = {"*.mean": told or "<200ms"}
    return _performance(wanted, "reports/benchmark.json", metrics, told or "say how fast")


def _performance(wanted: Wanted, path: str, metrics: dict[str, str], lacks: str) -> Filled:
    there = wanted.facts.workspace.lists(path)
    missing = "" if there else "let CI leave the report"
    slow = "say how fast" if lacks == "say how fast" else ""
    return Filled({"path": path, "metrics": metrics}, "; ".join(filter(None, (missing, slow))))
