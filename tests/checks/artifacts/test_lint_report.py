from pathlib import Path

import pytest

from readiness_gate.checks.artifacts.lint_report import CHECK
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear, never_passes, run, run_change, write
from tests.fakes.checkout import Checkout
from tests.fakes.options import refusal

MYPY = "a.py:2: error: Bad type  [assignment]\na.py:3: note: see\nFound 1 error in 1 file (x)\n"
ESLINT = (
    '[{"filePath": "/ci/work/web/a.js", "messages": ['
    '{"ruleId": "no-eval", "severity": 2, "line": 3, "message": "eval"},'
    '{"ruleId": "semi", "severity": 1, "line": 9, "message": "semicolon"}]}]'
)


def test_a_linter_that_found_nothing_passes(tmp_path: Path) -> None:
    write(tmp_path, m_dot_txt="Success: no issues found in 12 source files\n")
    result = run(CHECK, tmp_path, "path: m.txt")
    assert (result.outcome, result.summary) == (Outcome.PASSED, "0 problems in 1 report of mypy")


def test_what_was_found_is_placed(tmp_path: Path) -> None:
    write(tmp_path, e_dot_json=ESLINT, web__a_dot_js="x\n")
    result = run(CHECK, tmp_path, "path: e.json")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "2 problems in 1 report of eslint, first web/a.js:3: no-eval: eval"
    first = result.evidence[0]
    assert isinstance(first, LocationEvidence)
    assert (first.path, first.line, first.text) == ("web/a.js", 3, "no-eval: eval")


@pytest.mark.parametrize(
    "text",
    [
        "{path: e.json, maximum: 2}",
        "{path: e.json, level: error, ignore: [no-eval]}",
        "{path: e.json, level: error, maximum: 1}",
    ],
)
def test_what_does_not_count_passes(tmp_path: Path, text: str) -> None:
    write(tmp_path, e_dot_json=ESLINT)
    assert run(CHECK, tmp_path, text).outcome is Outcome.PASSED


def test_only_lines_of_the_change_count_where_asked(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "work")
    base = checkout.commit({"a.py": "1\n2\n3\n"})
    checkout.commit({"a.py": "1\n2\nnew\n"})
    write(checkout.root, m_dot_txt=MYPY)
    text = "{path: m.txt, changed: true}"
    assert run_change(CHECK, checkout, text, base=base).outcome is Outcome.PASSED
    noted = run_change(CHECK, checkout, "{path: m.txt, changed: true, level: note}", base=base)
    assert (
        noted.summary == "1 problem in 1 report of mypy, on lines of the change, first a.py:3: see"
    )
    write(checkout.root, m_dot_txt="gone.py:1: error: x\nFound 1 error in 1 file\n")
    assert run_change(CHECK, checkout, text, base=base).outcome is Outcome.FAILED
    assert run(CHECK, checkout.root, text).outcome is Outcome.SKIPPED


def test_an_empty_report_is_not_believed(tmp_path: Path) -> None:
    write(tmp_path, f_dot_txt="\n")
    is_unclear(run(CHECK, tmp_path, "path: f.txt"), "it is empty, as after a crash")
    is_unclear(run(CHECK, tmp_path, "{path: f.txt, format: flake8}"), "run flake8 with `--count`")
    write(tmp_path, f_dot_txt="0\n")
    assert run(CHECK, tmp_path, "{path: f.txt, format: flake8}").outcome is Outcome.PASSED
    write(tmp_path, f_dot_txt="[]")
    is_unclear(run(CHECK, tmp_path, "{path: f.txt, format: eslint}"), "looked at no file")
    is_unclear(run(CHECK, tmp_path, "path: f.txt"), "an empty list")
    assert run(CHECK, tmp_path, "{path: f.txt, format: ruff}").outcome is Outcome.PASSED


def test_what_is_no_report_is_never_a_pass(tmp_path: Path) -> None:
    for kind in ("mypy", "ruff", "eslint", "checkstyle"):
        never_passes(CHECK, tmp_path, f"{{path: l.txt, format: {kind}}}", "l.txt")
    never_passes(CHECK, tmp_path, "path: l.txt", "l.txt")


def test_options_that_are_refused() -> None:
    assert "path" in refusal(CHECK, "{}")
    assert "path" in refusal(CHECK, "path: []")
    assert "format" in refusal(CHECK, "{path: a, format: pylint}")
