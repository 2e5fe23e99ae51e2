"""Steps and checks as one graph: what runs, what is kept from running, and under which cause."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from readiness_gate.checks.context import CheckContext, StepRecord
from readiness_gate.engine.run import Executed, Execution
from readiness_gate.engine.steps import REPORTER, Step
from readiness_gate.model.outcome import CheckClass, ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult, failed, passed
from readiness_gate.stack.base import BuiltImage, ServiceHealth
from tests.engine.builders import STEP_NAMES, Heard, catalogue, check, execute_all, items, steps
from tests.fakes.stack import FakeStack

EVERYTHING = """
stack: {}
databases: {main: {service: db, migrations: {}}}
items:
  page: http
  suite: command
  rows: orphaned-rows
"""


def of(execution: Execution, check_id: str) -> Executed:
    (found,) = [one for key, one in execution.executed.items() if key.startswith(f"{check_id} ")]
    return found


def broken(name: str, **more: Any) -> dict[str, StepRecord]:
    return {name: StepRecord(name, False, f"{name} broke", **more)}


def test_with_every_step_done_every_check_runs() -> None:
    execution = execute_all(items(EVERYTHING), steps())
    assert {one.result.outcome for one in execution.executed.values()} == {Outcome.PASSED}
    assert set(execution.records) == set(STEP_NAMES)


@pytest.mark.parametrize("name", STEP_NAMES)
def test_behind_a_step_that_broke_nothing_is_green(name: str) -> None:
    execution = execute_all(items(EVERYTHING), steps(broken(name)))
    reporter = REPORTER[name]
    for key, one in execution.executed.items():
        check_id = key.split()[0]
        if check_id == reporter or one.result.outcome is Outcome.PASSED:
            continue
        assert one.result.error_class is ErrorClass.PREREQUISITE
        assert one.cause == reporter
        assert one.result.summary == f"not run: {name} broke"
    reached = {key.split()[0] for key, one in execution.executed.items() if one.cause is None}
    assert reporter in reached


@pytest.mark.parametrize(
    ("name", "more", "outcome", "error_class"),
    [
        ("prepare", {}, Outcome.FAILED, None),
        ("prepare", {"configuration": True}, Outcome.ERROR, ErrorClass.CONFIGURATION),
        ("databases", {}, Outcome.FAILED, None),
        ("databases", {"infrastructure": True}, Outcome.ERROR, ErrorClass.INFRASTRUCTURE),
    ],
)
def test_a_step_that_its_reporter_does_not_read_is_reported_by_its_record(
    name: str, more: dict[str, bool], outcome: Outcome, error_class: ErrorClass | None
) -> None:
    execution = execute_all(items("stack: {}"), steps(broken(name, log="last words", **more)))
    result = of(execution, "stack-health").result
    assert (result.outcome, result.error_class) == (outcome, error_class)
    assert (result.summary, result.details) == (f"{name} broke", "last words")


@pytest.mark.parametrize(
    ("name", "reporter"),
    [("images", "image-build"), ("stack", "stack-health"), ("migrate", "migrations-applied")],
)
def test_a_reporter_reads_the_record_of_its_own_step(name: str, reporter: str) -> None:
    def tell(seen: CheckContext, _options: Any) -> CheckResult:
        record = seen.steps[name]
        return failed(f"told: {record.summary}") if not record.succeeded else passed("told")

    needs = {"images": Need.IMAGES, "stack": Need.STACK, "migrate": Need.DATABASE}[name]
    checks = catalogue(check(reporter, tell, needs=[needs]))
    planned = items("stack: {}\ndatabases: {main: {service: db, migrations: {}}}", checks=checks)
    execution = execute_all(planned, steps(broken(name)))
    assert of(execution, reporter).result.summary == f"told: {name} broke"


def test_images_that_broke_leave_the_stack_a_prerequisite() -> None:
    execution = execute_all(items("stack: {}"), steps(broken("images")))
    health = of(execution, "stack-health")
    assert health.result.error_class is ErrorClass.PREREQUISITE
    assert health.cause == "image-build"


def test_steps_behind_a_broken_one_are_not_begun() -> None:
    ran: list[str] = []
    execute_all(items(EVERYTHING), steps(broken("images"), ran=ran))
    assert ran == ["prepare", "images"]


def test_what_no_item_needs_is_not_booted() -> None:
    ran: list[str] = []
    execute_all(items("items: {a: file-exists}"), steps(ran=ran))
    assert ran == []
    execute_all(
        items("stack: {}\nitems: {a: image-build, b: {check: stack-health, todo: later}}"),
        steps(ran=ran),
    )
    assert ran == ["prepare", "images"]


def test_a_step_that_this_configuration_does_not_have_is_an_error() -> None:
    execution = execute_all(items("items: {page: http, rows: orphaned-rows, i: image-build}"))
    for check_id in ("http", "orphaned-rows", "image-build"):
        result = of(execution, check_id).result
        assert result.error_class is ErrorClass.CONFIGURATION
        assert result.unsupported


def test_identical_checks_run_once_and_other_options_again() -> None:
    seen: list[str] = []

    def count(_context: CheckContext, options: Any) -> CheckResult:
        seen.append(options.value)
        return passed("counted")

    planned = items(
        "items: {a: file-exists, b: file-exists, c: {check: file-exists, with: {value: x}},"
        " d: {checks: [file-exists]}}",
        checks=catalogue(check("file-exists", count)),
    )
    execute_all(planned)
    assert Counter(seen) == {"": 1, "x": 1}


def test_a_check_that_depends_on_its_item_runs_for_each() -> None:
    execution = execute_all(items("items: {a: {check: attestation}, b: {check: attestation}}"))
    assert len(execution.executed) == 2


def test_skipped_and_unfinished_items_run_nothing() -> None:
    ran: list[str] = []
    execution = execute_all(
        items(
            "items: {a: {check: http, todo: later}, b: {check: http, stage: scheduled},"
            " c: {check: http, when: {labels: [x]}}}"
        ),
        steps(ran=ran),
    )
    assert execution.executed == {}
    assert ran == []


def test_disrupting_checks_come_last_one_at_a_time_and_measuring_ones_alone() -> None:
    order: list[str] = []
    beside: list[set[str]] = []
    running: set[str] = set()
    lock = threading.Lock()

    def slow(seen: CheckContext, options: Any) -> CheckResult:
        with lock:
            running.add(options.value)
            beside.append(set(running))
        time.sleep(0.02)
        with lock:
            running.discard(options.value)
            order.append(options.value)
        return passed("done")

    classes = {
        "read": CheckClass.READ, "exercise": CheckClass.EXERCISE,
        "measure": CheckClass.MEASURE, "disrupt": CheckClass.DISRUPT,
    }  # fmt: skip
    checks = [check(name, slow, check_class=one) for name, one in classes.items()]
    text = "items:\n" + "\n".join(
        f"  {name}-{at}: {{check: {name}, with: {{value: {name}-{at}}}}}"
        for at in (1, 2)
        for name in ("disrupt", "measure", "exercise", "read")
    )
    execute_all(items(text, checks=checks))
    assert {name.split("-")[0] for name in order[-2:]} == {"disrupt"}
    for together in beside:
        kinds = [name.split("-")[0] for name in together]
        assert kinds.count("exercise") <= 1
        if {"measure", "disrupt"} & set(kinds):
            assert len(kinds) == 1


def test_the_platform_is_looked_at_before_the_steps_and_logs_after_the_rest() -> None:
    order: list[str] = []

    def note(name: str) -> Callable[[CheckContext, Any], CheckResult]:
        def run(_seen: CheckContext, _options: Any) -> CheckResult:
            time.sleep(0.01)
            order.append(name)
            return passed("done")

        return run

    checks = [
        check("logs", note("logs"))._replace(at_the_end=True),
        check("disrupt", note("disrupt"), check_class=CheckClass.DISRUPT),
        check("suite", note("suite"), check_class=CheckClass.EXERCISE),
        check("load", note("load"), check_class=CheckClass.MEASURE),
        check("platform", note("platform"))._replace(before_steps=True),
        check("page", note("page"), needs=[Need.STACK]),
    ]

    def prepare() -> StepRecord:
        order.append("prepare")
        return StepRecord("prepare", True, "done")

    begun = [Step("prepare", (), prepare), Step("stack", ("prepare",), steps()[4].run)]
    text = "items:\n" + "".join(f"  {one.id}: {one.id}\n" for one in checks)
    execute_all(items(text, checks=checks), begun)
    assert order.index("platform") < order.index("prepare") < order.index("page")
    assert order[-2:] == ["logs", "disrupt"]


def test_past_the_deadline_nothing_is_begun() -> None:
    execution = execute_all(items("stack: {}\nitems: {a: file-exists}"), steps(), seconds=0)
    assert execution.executed == {}


def test_once_stopped_nothing_is_begun() -> None:
    assert execute_all(items("items: {a: file-exists}"), stopped=lambda: True).executed == {}


def test_progress_and_the_timeline_name_steps_and_checks() -> None:
    heard = Heard()
    execution = execute_all(
        items("stack: {}"), steps(broken("stack"), names=["prepare", "images", "stack", "settled"]),
        listener=heard,
    )  # fmt: skip
    assert ("images", "done") in heard.ends
    assert ("stack", "failed") in heard.ends
    assert ("image-build", "passed") in heard.ends
    kinds = {span.name: span.kind for span in execution.spans}
    assert kinds["images"] == "build"
    assert kinds["stack"] == "boot"
    assert kinds["image-build"] == "check"
    assert all(0 <= span.start_ms <= span.end_ms for span in execution.spans)


def test_a_failure_on_a_platform_that_broke_down_is_not_the_authors() -> None:
    def fails(_context: Any, _options: Any) -> CheckResult:
        return failed("no answer")

    checks = catalogue(
        check("http", fails, needs=frozenset({Need.STACK})), check("file-exists", fails)
    )
    text = "stack: {}\nitems: {page: http, readme: file-exists}"
    stack = FakeStack(disturbed="the container engine was restarted")
    execution = execute_all(items(text, checks=checks), steps(), stack=stack)
    answers = {key.partition(" ")[0]: one.result for key, one in execution.executed.items()}
    page = next(one for key, one in answers.items() if "http" in key)
    readme = next(one for key, one in answers.items() if "file-exists" in key)
    assert page.error_class is ErrorClass.INFRASTRUCTURE
    assert page.summary.startswith("the container engine was restarted")
    assert readme.outcome is Outcome.FAILED


def test_the_timeline_has_every_image_and_every_service_once() -> None:
    now = time.monotonic()
    health = (
        ServiceHealth("db", True, "healthy", seconds=2.0, began=now + 60.5),
        ServiceHealth("job", False, "missing"),
    )
    image = BuiltImage("web", "rg-web", True, 1, 3.0, began=now + 60.0)

    def did(name: str, **facts: Any) -> Step:
        return Step(name, (), lambda: StepRecord(name, True, "done", **facts))

    execution = execute_all(
        items("stack: {}"),
        [
            did("prepare"),
            did("images", images=(image,)),
            did("stack", health=health),
            did("settled", health=health),
        ],
    )
    shown = {span.name: span for span in execution.spans}
    assert [span.name for span in execution.spans].count("service db") == 1
    assert (shown["image web"].kind, shown["service db"].kind) == ("build", "boot")
    assert shown["image web"].end_ms - shown["image web"].start_ms == 3_000
    assert "service job" not in shown


def test_a_check_gets_the_longest_time_that_any_of_its_items_gives_it() -> None:
    limits: list[float] = []

    def note(seen: CheckContext, _options: Any) -> CheckResult:
        limits.append(seen.timeout)
        return passed("noted")

    text = (
        "items: {a: {check: file-exists, timeout: 2s}, b: {check: file-exists, timeout: 9s},"
        " c: {check: file-exists, timeout: 5s}}"
    )
    execute_all(items(text, checks=catalogue(check("file-exists", note))), seconds=30)
    assert limits == [9.0]
    execute_all(items(text, checks=catalogue(check("file-exists", note))), seconds=4)
    assert limits[1] <= 4


@pytest.mark.parametrize("check_id", ["http", "command"])
def test_where_the_upgrade_comes_late_what_uses_the_stack_waits_for_it(check_id: str) -> None:
    late = [
        Step("stack", (), lambda: StepRecord("stack", True, "up")),
        Step("migrate", ("stack",), lambda: StepRecord("migrate", False, "revision broke")),
        Step("settled", ("stack",), lambda: StepRecord("settled", True, "up")),
    ]
    execution = execute_all(items(f"stack: {{}}\nitems:\n  used: {check_id}\n"), late)
    used = of(execution, check_id)
    assert used.result.error_class is ErrorClass.PREREQUISITE
    assert used.cause == "migrations-applied"
    assert of(execution, "stack-health").result.outcome is Outcome.PASSED
