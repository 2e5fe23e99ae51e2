"""Every check of files and reports bound once in a repository, with what each of them reads."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ITEMS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "file exists": ("file-exists", {"path": "**/f1.py"}),
    "file content": ("file-content", {"path": "**/*.py", "absent": [r"breakpoint\(\)"]}),
    "config value": (
        "config-value",
        {"path": "json_*/**/*.json", "jsonpath": {"$.name-1": {"exists": True}}},
    ),
    "env contract": (
        "env-contract",
        {
            "file": ".env.ci",
            "required": ["REGION_0"],
            "code": "py_*/**/*.py",
            "documentation": "md_*/**/*.md",
            "untracked": ".env",
        },
    ),
    "dependency declared": ("dependency-declared", {"required": {"fastapi": None}}),
    "source rule": (
        "source-rule",
        {"rules": ["sql-formatting", "debug-flag"], "path": "**/*.py"},
    ),
    "markers": ("code-metric", {"metric": "markers", "limit": "<=10", "ratchet": True}),
    "type hints": ("code-metric", {"metric": "type-hints", "limit": ">=50%", "ratchet": True}),
    "docstrings": ("code-metric", {"metric": "docstrings", "limit": ">=50%", "ratchet": True}),
    "doc sections": ("doc-sections", {"path": "md_*/**/*.md", "links": True, "complete": True}),
    "doc freshness": ("doc-freshness", {"code": "py_*/**/*.py", "docs": "md_*/**/*.md"}),
    "changelog": ("changelog", {"entry": True}),
    "dockerfile lint": ("dockerfile-lint", {}),
    "compose model": ("compose-model", {"rules": ["health-check"]}),
    "kubernetes manifest": (
        "kubernetes-manifest",
        {"path": "yaml_*/**/*.yaml", "rules": ["readiness-probe"]},
    ),
    "alert rules": ("alert-rules", {"path": "monitoring/alerts.yml"}),
    "dashboard file": ("dashboard-file", {"path": "monitoring/*.json"}),
    "ci config": ("ci-config", {"rules": ["permissions"]}),
    "junit report": ("junit-report", {"path": "reports/junit.xml", "minimum": 10}),
    "coverage report": ("coverage-report", {"path": "reports/coverage.json", "total": ">10%"}),
    "lint report": (
        "lint-report",
        {"path": "reports/mypy.txt", "format": "mypy", "maximum": 100_000},
    ),
    "sarif report": ("sarif-report", {"path": "reports/a.sarif", "severity": "critical"}),
    "performance report": (
        "performance-report",
        {"path": "reports/benchmark.json", "metrics": {"*.mean": "<1s"}},
    ),
}
SECRETS = ("secret scan", "secret-scan")
IN_CHANGE = (
    "file content", "config value", "env contract", "source rule", "markers", "type hints",
    "docstrings", "doc sections", "kubernetes manifest",
)  # fmt: skip
"""Items that may look at the change alone: `scope: diff`."""


def write_project(
    folder: Path, *, secrets: Mapping[str, Any] | None, files: int, of_change: bool = False
) -> None:
    """Write configuration, checklist, single files and reports; `None` leaves secrets out.

    With `of_change` every item that can looks at the files of a change alone.
    """
    items = dict(ITEMS)
    for name in IN_CHANGE if of_change else ():
        check, options = items[name]
        items[name] = (check, {**options, "scope": "diff"})
    if secrets is not None:
        items[SECRETS[0]] = (SECRETS[1], secrets)
    bound = {
        name.replace(" ", "-"): {"check": check, "with": options, "timeout": "300s"}
        for name, (check, options) in items.items()
    }
    config = {"version": 1, "checklist": "CHECKLIST.md", "enforce": "all", "items": bound}
    written = {
        ".github/readiness.yml": json.dumps(config, indent=1),
        "CHECKLIST.md": "# Files\n\n" + "".join(f"- [ ] {name}\n" for name in items),
        **_FILES,
        **dict(_reports(files)),
    }
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _reports(files: int) -> Iterator[tuple[str, str]]:
    cases = "".join(f'<testcase classname="c" name="t{at}" time="0.1"/>' for at in range(files))
    yield "reports/junit.xml", f'<testsuite name="s" tests="{files}">{cases}</testsuite>'
    numbers = list(range(1, 60))
    covered = {
        f"py_{at // 1000}/part_{at // 50}/f{at}.py": {
            "executed_lines": numbers,
            "missing_lines": [60, 61],
            "summary": {"covered_lines": 59, "num_statements": 61},
        }
        for at in range(files)
        if at % 100 < 70  # those that are Python
    }
    totals = {"covered_lines": 59 * len(covered), "num_statements": 61 * len(covered)}
    meta = {"version": "7.6", "format": 3}
    yield "reports/coverage.json", json.dumps({"meta": meta, "files": covered, "totals": totals})
    lines = [f"py_0/part_0/f0.py:{at}: error: Wrong  [misc]" for at in range(1, 1001)]
    told = "Found 1000 errors in 1 file (checked 7000 source files)"
    yield "reports/mypy.txt", "\n".join([*lines, told, ""])
    result = {"ruleId": "r", "level": "note", "message": {"text": "A note."}}
    run = {"tool": {"driver": {"name": "scanner"}}, "results": [result] * 1000}
    yield "reports/a.sarif", json.dumps({"version": "2.1.0", "runs": [run]})
    stats = {"min": 0.1, "max": 0.2, "mean": 0.1, "median": 0.1, "stddev": 0.01, "rounds": 5}
    one = {"name": "test_it", "fullname": "t.py::test_it", "stats": stats}
    yield "reports/benchmark.json", json.dumps({"machine_info": {}, "benchmarks": [one]})


_PANEL = {"title": "P", "type": "timeseries", "targets": [{"expr": "up"}]}
_FILES: Mapping[str, str] = {
    ".gitignore": "reports/\nreadiness-report/\n",
    ".env.ci": "".join(f"REGION_{at}=north\n" for at in range(20)),
    "md_0/settings.md": "# Settings\n\n" + "".join(f"REGION_{at} " for at in range(20)) + "\n",
    "requirements.txt": "fastapi==0.120.0\n",
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- First.\n",
    "Dockerfile": 'FROM python:3.13-slim\nUSER 1000\nHEALTHCHECK CMD ["true"]\nCMD ["python"]\n',
    "compose.yaml": "services:\n  a:\n    image: a:1\n    healthcheck: {test: [CMD, true]}\n",
    "monitoring/alerts.yml": "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0}\n",
    "monitoring/board.json": json.dumps({"title": "B", "uid": "b", "panels": [_PANEL]}),
    ".github/workflows/ci.yml": (
        "on: pull_request\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
        "    steps: [{run: pytest}]\n"
    ),
}
