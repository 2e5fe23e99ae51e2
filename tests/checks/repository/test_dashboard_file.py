import json
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.repository.dashboard_file import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal


def panel(title: str, *queries: str, **more: Any) -> dict[str, Any]:
    targets = [{"expr": query, "refId": "A"} for query in queries]
    return {"title": title, "type": "timeseries", "targets": targets, **more}


BACKEND = {
    "uid": "backend",
    "title": "Backend \u00fcber alles",
    "panels": [
        {"type": "text", "title": "About", "options": {"content": "words"}},
        panel("Requests", 'sum(rate(http_requests_total{job="api"}[5m]))'),
        {
            "type": "row",
            "title": "More",
            "panels": [panel("Latency", "histogram_quantile(0.95, latency_bucket)")],
        },
    ],
}
OLD = {"dashboard": {"title": "Old", "rows": [{"title": "r", "panels": [panel("A", "up")]}]}}


def run(tree: Path, text: str = "", **files: Any) -> CheckResult:
    for name, content in (files or {"backend": BACKEND}).items():
        written = content if isinstance(content, str) else json.dumps(content, indent=2)
        (tree / f"{name}.json").write_text(written)
    return CHECK.run(context(workspace=tree), options(CHECK, f"{{path: '*.json', {text}}}"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "titles: [backend]",
        "{titles: 'Backend über alles'}"[1:-1],
        "panels: [Requests, Latency]",
        "metrics: [http_requests_total, latency_bucket]",
        "min-panels: 2",
    ],
)
def test_a_sound_dashboard_passes(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 dashboard with 2 panels: all that is asserted holds",
    )


def test_several_dashboards_are_judged_together(tmp_path: Path) -> None:
    result = run(tmp_path, "titles: [Old, backend], metrics: up", a=BACKEND, b=OLD)
    assert result.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("titles: Gone", "backend.json: there is no dashboard Gone"),
        ("panels: About", "backend.json: there is no panel About"),
        ("metrics: job", "backend.json: no panel asks for job"),
        ("min-panels: 3", "backend.json: 2 panels with data, at least 3 required"),
    ],
)
def test_what_is_not_shown_fails(tmp_path: Path, text: str, cause: str) -> None:
    result = run(tmp_path, text)
    assert (result.outcome, result.summary) == (Outcome.FAILED, cause)


def test_a_panel_without_query_is_placed(tmp_path: Path) -> None:
    result = run(tmp_path, "", a={"title": "A", "panels": [panel("Empty"), panel("B", " ")]})
    assert result.summary == "a.json:5: panel Empty asks for nothing; and 1 more"
    shared = {"title": "A", "panels": [panel("B", libraryPanel={"uid": "x"})]}
    assert run(tmp_path, "", a=shared).outcome is Outcome.PASSED


def test_one_uid_in_two_files_fails(tmp_path: Path) -> None:
    result = run(tmp_path, "", a=BACKEND, b=BACKEND)
    assert result.summary == "b.json: it has the uid backend of a.json"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "no dashboard"),
        ("{", "no dashboard"),
        ("[]", "it is no JSON object"),
        ("{}", "it has no title"),
        ('{"title": 1, "panels": []}', "it has no title"),
        ('{"title": "a"}', "it has no list of panels"),
        ('{"title": "a", "panels": []}', "0 panels with data, at least 1 required"),
        ('{"title": "a", "panels": [1]}', "a panel is no JSON object"),
        ('{"title": "a", "panels": [{"targets": 1}]}', "panel without title asks for nothing"),
        ('{"title": "a", "panels": [{"targets": [1, {"expr": {}}]}]}', "asks for nothing"),
        ("[" * 100_000, "no dashboard"),
        ('{"title": NaN}', "NaN"),
        ("\x00\ufffd", "no dashboard"),
    ],
)
def test_broken_and_hostile_files_fail(tmp_path: Path, content: str, cause: str) -> None:
    result = run(tmp_path, "", a=content)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


def test_what_is_missing_leads_out_or_is_too_large(tmp_path: Path) -> None:
    gone = options(CHECK, "path: gone/*.json")
    assert CHECK.run(context(workspace=tmp_path), gone).summary == "no file at gone/*.json"
    out = CHECK.run(context(workspace=tmp_path), options(CHECK, "path: ../a.json"))
    assert out.error_class is ErrorClass.CONFIGURATION
    (tmp_path / "large.json").write_bytes(b" " * (8 * 1024 * 1024 + 1))
    large = CHECK.run(context(workspace=tmp_path), options(CHECK, "path: large.json"))
    assert large.outcome is Outcome.ERROR


@pytest.mark.parametrize("text", ["{}", "{path: a, min-panels: 0}", "{path: []}"])
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
