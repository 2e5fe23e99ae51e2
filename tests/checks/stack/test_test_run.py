import time
from pathlib import Path

import pytest

from readiness_gate.checks.stack.test_run import CHECK
from readiness_gate.checks.told_warnings import told_warnings
from readiness_gate.doors.programs import OUTPUT_CAP, Completed, HostPrograms
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import LocationEvidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal
from tests.fakes.stack import Call, FakeStack, completed

SERVICE = "{in: {service: api}, command: [pytest, --junitxml=/tmp/junit.xml], junit: /tmp/junit.xml"


def case(name: str, inner: str = "") -> str:
    return f'<testcase classname="tests.test_a" name="{name}" time="0.01">{inner}</testcase>'


def suite(*cases: str, attributes: str = "") -> bytes:
    return f"<testsuites><testsuite {attributes}>{''.join(cases)}</testsuite></testsuites>".encode()


FAILURE = '<failure message="assert 1 == 2">tests/test_a.py:7: AssertionError</failure>'
GREEN = suite(case("test_one"), case("test_two"))
RED = suite(case("test_one"), case("test_two", FAILURE))


def in_service(
    report: bytes | None,
    exit_code: int | None = 0,
    *,
    more: str = "",
    stderr: str = "",
    before: bytes | None = None,
    workspace: Path | None = None,
) -> CheckResult:
    """Run in a service whose command leaves `report` behind."""
    stack = FakeStack(service_names=("api",))
    if before is not None:
        stack.files["api", "/tmp/junit.xml"] = before

    def answer(call: Call) -> Completed:
        if report is not None:
            stack.files["api", "/tmp/junit.xml"] = report
        return completed(exit_code, stderr=stderr, argv=call.command)

    stack.answer = answer
    text = f"{SERVICE}{', ' if more else ''}{more}}}"
    return CHECK.run(context(stack=stack, workspace=workspace), options(CHECK, text))


def test_tests_that_ran_and_held_pass() -> None:
    result = in_service(suite(case("test_one"), case("test_two", "<skipped/>")))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "1 test passed, 1 skipped in 0.1 s (service api)"


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_failed_test_fails_whatever_the_exit_code_says(tmp_path: Path, exit_code: int) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    result = in_service(RED, exit_code, workspace=tmp_path)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "1 of 2 tests failed: tests.test_a.test_two (tests/test_a.py:7): assert 1 == 2"
    )
    table, location, _command = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows == (("tests.test_a.test_two", "tests/test_a.py:7", "assert 1 == 2"),)
    assert location == LocationEvidence(path="tests/test_a.py", line=7, text="assert 1 == 2")


def test_places_outside_of_the_checkout_are_named_but_not_linked(tmp_path: Path) -> None:
    failure = FAILURE.replace("tests/test_a.py", "../../etc/passwd")
    result = in_service(suite(case("test_one", failure)), 1, workspace=tmp_path)
    assert not [one for one in result.evidence if isinstance(one, LocationEvidence)]


def test_a_green_report_does_not_cover_an_exit_code() -> None:
    result = in_service(GREEN, 3)
    assert result.outcome is Outcome.FAILED
    assert "exit code 3, though no test of the report failed" in result.summary


@pytest.mark.parametrize(
    ("report", "exit_code", "says"),
    [
        (suite(), 0, "no test was collected"),
        (suite(), 5, "no test was collected"),
        (suite(case("test_one", "<skipped/>")), 0, "all 1 tests were skipped"),
        (None, 0, "this run wrote no report"),
        (None, 4, "exit code 4, and this run wrote no report"),
        (b"", 0, "is no report"),
        (GREEN[:-9], 0, "is no report"),
        (b"<!DOCTYPE x [<!ELEMENT x EMPTY>]><testsuite/>", 0, "document type"),
        (suite(case("test_one"), attributes='failures="2"'), 0, "counts 2 failures and shows none"),
    ],
)
def test_a_run_that_proves_nothing_decides_nothing(
    report: bytes | None, exit_code: int, says: str
) -> None:
    result = in_service(report, exit_code)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert says in result.summary


def test_a_report_of_an_older_run_is_none() -> None:
    assert in_service(None, 0, before=GREEN).error_class is ErrorClass.INCONCLUSIVE
    assert in_service(GREEN, 0, before=GREEN).error_class is ErrorClass.INCONCLUSIVE
    assert in_service(GREEN, 0, before=RED).outcome is Outcome.PASSED


def test_a_suite_that_does_not_end_tells_nothing() -> None:
    result = in_service(GREEN, None)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "did not end within 10 s" in result.summary


def test_a_program_that_is_not_there_decides_nothing() -> None:
    result = in_service(None, 127, stderr="pytest: not found\n")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


@pytest.mark.parametrize(
    ("more", "outcome", "says"),
    [
        ("minimum: 2", Outcome.PASSED, ""),
        ("minimum: 3", Outcome.FAILED, "2 tests ran, at least 3 are required"),
        ("skipped: 1", Outcome.PASSED, ""),
        ("skipped: {lt: 1}", Outcome.FAILED, "skipped tests: expected less than 1, got 1"),
        ("tests: [test_p, tests.test_a.test_one, 'tests.test_a::test_p[2]']", Outcome.PASSED, ""),
        ("tests: test_gone", Outcome.FAILED, "there is no test test_gone"),
        ("tests: [test_three]", Outcome.FAILED, "test_three was not run but skipped"),
    ],
)
def test_further_assertions(more: str, outcome: Outcome, says: str) -> None:
    report = suite(case("test_one"), case("test_p[2]"), case("test_three", "<skipped/>"))
    result = in_service(report, more=more)
    assert result.outcome is outcome
    assert says in result.summary


def test_a_relative_report_is_read_by_a_program_of_the_service() -> None:
    stack = FakeStack(service_names=("api",))
    written: list[bytes] = []

    def answer(call: Call) -> Completed:
        if call.command[0] == "cat":
            return completed(0, stdout=written[0].decode()) if written else completed(1)
        written.append(GREEN)
        return completed(0)

    stack.answer = answer
    text = "{in: {service: api}, command: pytest, junit: out/junit.xml, directory: /app}"
    result = CHECK.run(context(stack=stack), options(CHECK, text))
    assert result.outcome is Outcome.PASSED
    assert [call.command for call in stack.calls] == [
        ("cat", "--", "out/junit.xml"),
        ("pytest",),
        ("cat", "--", "out/junit.xml"),
    ]
    assert {call.directory for call in stack.calls} == {"/app"}


def one_off(text: str, folder: Path) -> CheckResult:
    def answer(call: Call) -> Completed:
        programs = HostPrograms({"PATH": "/usr/bin:/bin"})
        return programs.run(call.command, timeout=10.0, cwd=folder)

    stack = FakeStack(service_names=("api",), answer=answer)
    return CHECK.run(context(stack=stack), options(CHECK, text))


def test_a_report_leaves_a_container_that_is_removed(tmp_path: Path) -> None:
    (tmp_path / "green.xml").write_bytes(GREEN)
    text = "{in: {run: tests}, command: [cp, green.xml, junit.xml], junit: junit.xml, minimum: 2}"
    result = one_off(text, tmp_path)
    assert result.outcome is Outcome.PASSED, result
    assert "readiness-" not in str(result.evidence)


def test_a_one_off_report_that_was_there_before_is_none(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_bytes(GREEN)
    result = one_off("{in: {run: tests}, command: ['true'], junit: junit.xml}", tmp_path)
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_a_one_off_exit_code_arrives(tmp_path: Path) -> None:
    (tmp_path / "green.xml").write_bytes(GREEN)
    text = """
    in: {run: tests}
    command: [sh, -c, "cp green.xml junit.xml; exit 3"]
    junit: junit.xml
    """
    assert "exit code 3" in one_off(text, tmp_path).summary


def test_a_one_off_report_that_was_cut_off_is_none(tmp_path: Path) -> None:
    (tmp_path / "long.xml").write_bytes(suite(case("test_one")) + b" " * OUTPUT_CAP)
    text = "{in: {run: tests}, command: [cp, long.xml, junit.xml], junit: junit.xml}"
    assert one_off(text, tmp_path).error_class is ErrorClass.INCONCLUSIVE


def on_host(folder: Path, command: str, junit: str = "junit.xml") -> CheckResult:
    facts = context(workspace=folder, programs=HostPrograms({"PATH": "/usr/bin:/bin"}))
    return CHECK.run(facts, options(CHECK, f"{{in: host, command: {command}, junit: {junit}}}"))


def test_the_host_reads_the_checkouts_report(tmp_path: Path) -> None:
    (tmp_path / "green.xml").write_bytes(GREEN)
    assert on_host(tmp_path, "[cp, green.xml, junit.xml]").outcome is Outcome.PASSED
    stale = on_host(tmp_path, "['true']")
    assert (stale.outcome, stale.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_stack_that_is_gone_is_told_by_the_stack() -> None:
    def answer(call: Call) -> Completed:
        raise StackError("service api is not running")

    with pytest.raises(StackError, match="not running"):
        CHECK.run(context(stack=FakeStack(answer=answer)), options(CHECK, f"{SERVICE}}}"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{in: host, command: pytest}", "key 'junit' is missing"),
        ("{in: host, command: pytest, junit: ''}", "not empty"),
        ("{in: host, command: pytest, junit: ../../junit.xml}", "does not climb"),
        (f"{SERVICE}, minimum: 0}}", "minimum"),
        (f"{SERVICE}, skipped: null}}", "null asserts nothing"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)


def test_warnings_are_bounded_as_pytest_sums_them_up() -> None:
    said = "a.py:1: DeprecationWarning: x\n===== 2 passed, 3 warnings in 0.10s ====="
    held = in_service(GREEN, more="warnings: {le: 3}", stderr=said)
    assert held.outcome is Outcome.PASSED
    result = in_service(GREEN, more="warnings: 0", stderr=said)
    assert result.outcome is Outcome.FAILED
    assert "warnings: expected 0, got 3" in result.summary


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("2 passed in 0.10s", 0),
        ("1 passed, 1 warning in 0.10s", 1),
        ("=== 1 failed, 2 passed, 12 warnings in 61.10s (0:01:01) ===", 12),
        ("a.py:3: DeprecationWarning: old\n  old()\nRan 2 tests in 0.001s\nOK", 1),
        ("[WARN] slow test\nwarning: unused variable\nok 1 - no warning", 2),
        ("(node:1) ExperimentalWarning: VM Modules", 1),
        ("", 0),
    ],
)
def test_warnings_are_counted_for_any_runner(output: str, count: int) -> None:
    assert told_warnings(output) == count


@pytest.mark.parametrize("sign", ["=", "a", "1 warning ", "passed", " "])
def test_hostile_output_is_read_in_no_time(sign: str) -> None:
    begin = time.perf_counter()
    told_warnings(sign * (OUTPUT_CAP // len(sign)))
    assert time.perf_counter() - begin < 2


def test_warnings_of_an_output_that_was_cut_are_not_known() -> None:
    result = in_service(GREEN, more="warnings: 0", stderr="x" * OUTPUT_CAP)
    assert result.error_class is ErrorClass.INCONCLUSIVE


def matching(*reports: bytes, before: tuple[bytes, ...] = (), exit_code: int = 0) -> CheckResult:
    """Run in a service whose command leaves several reports behind."""
    there = [before]

    def answer(call: Call) -> Completed:
        if call.command[:2] != ("sh", "-c"):
            there[0] = reports
            return completed(exit_code, argv=call.command)
        marker = call.command[-1]
        shown = "".join(f"\n{marker}\n{one.decode()}" for one in there[0])
        return completed(0, stdout=shown)

    stack = FakeStack(service_names=("api",), answer=answer)
    text = "{in: {service: api}, command: mvn test, junit: target/TEST-*.xml}"
    return CHECK.run(context(stack=stack), options(CHECK, text))


def test_several_reports_are_judged_together() -> None:
    other = suite(case("test_three"))
    assert matching(GREEN, other).summary.startswith("3 tests passed")
    red = matching(GREEN, RED)
    assert (
        red.summary
        == "1 of 4 tests failed: tests.test_a.test_two (tests/test_a.py:7): assert 1 == 2"
    )
    claims = suite(case("test_x"), attributes='failures="1"')
    assert matching(GREEN, claims).error_class is ErrorClass.INCONCLUSIVE


def test_of_several_reports_only_those_of_this_run_count() -> None:
    old, new = suite(case("test_old")), suite(case("test_new"))
    assert matching(old, new, before=(old,)).summary.startswith("1 test passed")
    assert matching(old, before=(old,)).error_class is ErrorClass.INCONCLUSIVE


def test_one_report_of_many_that_is_none_proves_nothing() -> None:
    assert matching(GREEN, b"<html/>").error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.parametrize("pattern", ["a/**/b.xml", "a b/*.xml", "$(id)/*.xml", "../*.xml"])
def test_a_pattern_that_a_shell_could_misread_is_refused(pattern: str) -> None:
    text = f"{{in: host, command: x, junit: '{pattern}'}}"
    assert "pattern has" in refusal(CHECK, text) or "climb" in refusal(CHECK, text)


def test_several_reports_on_the_host_are_those_that_were_written_now(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/TEST-old.xml").write_bytes(RED)
    (tmp_path / "new.xml").write_bytes(GREEN)
    programs = HostPrograms({"PATH": "/usr/bin:/bin"})
    text = "{in: host, command: [cp, new.xml, out/TEST-new.xml], junit: out/TEST-*.xml}"
    result = CHECK.run(context(workspace=tmp_path, programs=programs), options(CHECK, text))
    assert result.summary.startswith("2 tests passed")
