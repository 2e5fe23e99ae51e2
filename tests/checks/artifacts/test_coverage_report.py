from pathlib import Path

import pytest

from readiness_gate.checks.artifacts.coverage_report import CHECK
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import Outcome
from tests.fakes.artifacts import is_unclear, never_passes, run, run_change, write
from tests.fakes.checkout import Checkout
from tests.fakes.options import refusal


def lcov(path: str, *hits: int) -> str:
    lines = "".join(f"DA:{at},{hit}\n" for at, hit in enumerate(hits, start=1))
    return f"TN:\nSF:{path}\n{lines}end_of_record\n"


def test_a_share_within_its_limit_passes(tmp_path: Path) -> None:
    write(tmp_path, lcov_dot_info=lcov("a.py", 1, 1, 1, 1, 0))
    result = run(CHECK, tmp_path, "{total: '>=80%', paths: {'*.py': '>70%'}}")
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "lines 80.0 %; *.py 80.0 % (1 file)",
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{path: l.info, total: '>80%'}", "lines: expected >80%, got 80.0 %"),
        ("{path: l.info, paths: {'b/**': '>=90%'}}", "b/**: expected >=90%, got 50.0 %"),
    ],
)
def test_a_share_out_of_its_limit_fails_and_names_files(
    tmp_path: Path, text: str, cause: str
) -> None:
    write(tmp_path, l_dot_info=lcov("a.py", *[1] * 7, 0) + lcov("b/c.py", 1, 0))
    result = run(CHECK, tmp_path, text)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(cause)
    (table,) = result.evidence
    assert table.kind == "table"
    assert table.rows[0] == ("a.py", "8", "1")


def test_a_share_just_below_is_shown_exactly(tmp_path: Path) -> None:
    write(tmp_path, l_dot_info=lcov("a.py", *[1] * 1599, *[0] * 401))
    result = run(CHECK, tmp_path, "{path: l.info, total: '>=80%'}")
    assert result.summary == "lines: expected >=80%, got 80.0 % (79.950 %)"


def test_lines_that_one_of_several_reports_reaches_did_run(tmp_path: Path) -> None:
    write(tmp_path, a_dot_info=lcov("a.py", 1, 0), b_dot_info=lcov("/ci/work/a.py", 0, 1))
    write(tmp_path, a_dot_py="1\n2\n")
    assert "lines 100.0 %" in run(CHECK, tmp_path, "{path: '*.info', total: '>99%'}").summary


def test_what_was_not_measured_cannot_be_told(tmp_path: Path) -> None:
    write(tmp_path, l_dot_info=lcov("a.py", 1))
    is_unclear(run(CHECK, tmp_path, "{path: l.info, paths: {'b/**': '>1%'}}"), "b/**: nothing")
    is_unclear(run(CHECK, tmp_path, "{path: l.info, branches: '>1%'}"), "branches: nothing")
    write(tmp_path, l_dot_info="TN:\nSF:a.py\nend_of_record\n")
    is_unclear(run(CHECK, tmp_path, "{path: l.info, total: '>=0%'}"), "it measures no line")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "work")
    made.commit({"src/a.py": "1\n2\n3\n4\n", "floor.txt": "75.0\n"})
    return made


def test_lines_of_the_change_are_judged_alone(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"src/a.py": "1\nnew\nnew\n4\n", "src/b.py": "1\n"})
    write(checkout.root, l_dot_info=lcov("a.py", 0, 1, 0, 0))
    text = "{path: l.info, root: src, changed: '>=50%'}"
    result = run_change(CHECK, checkout, text, base=base)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "2 changed lines 50.0 % (1 file)",
    )
    assert "not measured by the report: src/b.py" in result.details
    result = run_change(CHECK, checkout, text.replace("50", "60"), base=base)
    assert result.outcome is Outcome.FAILED
    place = result.evidence[0]
    assert isinstance(place, LocationEvidence)
    assert (place.path, place.line) == ("src/a.py", 3)


def test_a_change_without_measured_lines_is_not_applicable(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"README.md": "x\n"})
    write(checkout.root, l_dot_info=lcov("src/a.py", 1))
    result = run_change(CHECK, checkout, "{path: l.info, changed: '>90%'}", base=base)
    assert (result.outcome, result.summary) == (
        Outcome.SKIPPED,
        "the change has no line that the report measures",
    )


def test_paths_that_lead_nowhere_cannot_be_told(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"src/a.py": "new\n"})
    write(checkout.root, l_dot_info=lcov("other.py", 1))
    result = run_change(CHECK, checkout, "{path: l.info, changed: '>90%'}", base=base)
    is_unclear(result, "no file of the report is in the checkout, such as other.py")


def test_without_a_pull_request_there_is_no_change(tmp_path: Path) -> None:
    write(tmp_path, l_dot_info=lcov("a.py", 1))
    assert run(CHECK, tmp_path, "{path: l.info, changed: '>1%'}").outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("hits", "outcome", "words"),
    [
        ((1, 1, 1, 0), Outcome.PASSED, "not below the base's 75.0 %"),
        ((1, 1, 0, 0), Outcome.FAILED, "lines fell from 75.00 % at the base to 50.00 %"),
    ],
)
def test_the_total_may_not_fall_below_the_base(
    checkout: Checkout, hits: tuple[int, ...], outcome: Outcome, words: str
) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"floor.txt": "0\n"})
    write(checkout.root, l_dot_info=lcov("src/a.py", *hits))
    result = run_change(CHECK, checkout, "{path: l.info, baseline: floor.txt}", base=base)
    assert result.outcome is outcome
    assert words in result.summary


@pytest.mark.parametrize(("name", "words"), [("none", "is not at the base"), ("src/a.py", "base")])
def test_a_baseline_that_is_none_cannot_be_told(checkout: Checkout, name: str, words: str) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"b.py": "1\n"})
    write(checkout.root, l_dot_info=lcov("src/a.py", 1))
    result = run_change(CHECK, checkout, f"{{path: l.info, baseline: {name}}}", base=base)
    is_unclear(result, words)


def test_what_is_no_report_is_never_a_pass(tmp_path: Path) -> None:
    never_passes(CHECK, tmp_path, "{path: c.xml, total: '>=0%'}", "c.xml")


def test_options_that_assert_nothing_are_refused() -> None:
    assert "set total, branches" in refusal(CHECK, "path: coverage.xml")
    assert "no limit" in refusal(CHECK, "total: '>80'")
    assert "no comparison" in refusal(CHECK, "total: 80%")
