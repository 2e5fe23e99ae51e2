"""Catalogues, plans and runs in a few lines, for tests of the engine."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pydantic import Field

from readiness_gate.checklist.document import Checklist
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.context import CheckContext, StepRecord
from readiness_gate.checks.merge.rollup import CHECK as ROLLUP
from readiness_gate.config.load import load_config
from readiness_gate.doors.clock import Deadline, SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.bind import BoundCheck
from readiness_gate.engine.execute import GRACE, execute
from readiness_gate.engine.plan import PlannedItem, Scope, plan
from readiness_gate.engine.policy import Policy
from readiness_gate.engine.run import Execution, run
from readiness_gate.engine.steps import Step
from readiness_gate.engine.when import Circumstances
from readiness_gate.model.outcome import CheckClass, Family, Need, Stage
from readiness_gate.model.result import CheckResult, passed
from readiness_gate.stack.base import Stack

NO_CHECKLIST = Checklist((), ())


class Options(CheckOptions):
    """One option that a test can vary."""

    value: str = Field(default="", description="Anything.")
    database: str = Field(default="", description="Name of a database.")


Answer = Callable[[CheckContext, Any], CheckResult]


def fine(_context: CheckContext, _options: Any) -> CheckResult:
    return passed("1 thing seen")


def check(
    id_: str,
    answer: Answer = fine,
    *,
    family: Family = Family.REPOSITORY,
    check_class: CheckClass = CheckClass.READ,
    needs: Iterable[Need] = (),
    per_item: bool = False,
) -> Check[Any]:
    return Check(
        id=id_,
        title=f"title of {id_}",
        family=family,
        check_class=check_class,
        needs=frozenset(needs),
        options=Options,
        work=answer,
        remediation=f"advice of {id_}",
        per_item=per_item,
    )


ATTESTATION = check("attestation", family=Family.MERGE, per_item=True)
CATALOGUE: tuple[Check[Any], ...] = (
    check("merge-order", family=Family.MERGE),
    check("dependencies-merged", family=Family.MERGE),
    ATTESTATION,
    ROLLUP,
    check("file-exists"),
    check("image-build", family=Family.STACK, needs=[Need.IMAGES]),
    check("stack-health", family=Family.STACK, needs=[Need.STACK]),
    check("command", family=Family.STACK, check_class=CheckClass.EXERCISE, needs=[Need.STACK]),
    check("load", family=Family.NETWORK, check_class=CheckClass.MEASURE, needs=[Need.STACK]),
    check("fault", family=Family.STACK, check_class=CheckClass.DISRUPT, needs=[Need.STACK]),
    check("http", family=Family.NETWORK, needs=[Need.STACK]),
    check("migrations-heads", family=Family.DATABASE),
    check("migrations-applied", family=Family.DATABASE, needs=[Need.DATABASE]),
    check("orphaned-rows", family=Family.DATABASE, needs=[Need.DATABASE]),
)


def catalogue(*changed: Check[Any]) -> tuple[Check[Any], ...]:
    """The catalogue with some checks replaced or added."""
    by_id = {one.id: one for one in (*CATALOGUE, *changed)}
    return tuple(by_id.values())


def scope(
    *,
    stage: Stage = Stage.PRE_MERGE,
    phase: str | None = None,
    only: Sequence[str] = (),
    event: str = "pull_request",
    base_branch: str | None = "main",
    labels: Sequence[str] = (),
    draft: bool = False,
    changed_files: Callable[[], Sequence[str]] = lambda: (),
) -> Scope:
    circumstances = Circumstances(event, base_branch, tuple(labels), draft, changed_files)
    return Scope(stage, phase, tuple(only), circumstances)


def policy(text: str, markdown: str = "") -> Policy:
    """What decides, out of a configuration (without `version`) and a checklist."""
    loaded = load_config(f"version: 1\n{text}", name="gate.yml")
    lines = read_checklists([("list.md", markdown.encode())]) if markdown else NO_CHECKLIST
    return Policy(loaded, lines, {}, (), ())


def listed(checks: Iterable[Check[Any]]) -> dict[str, Check[Any]]:
    return {one.id: one for one in checks}


def items(
    text: str,
    markdown: str = "",
    *,
    checks: Sequence[Check[Any]] = CATALOGUE,
    about: Scope | None = None,
) -> tuple[PlannedItem, ...]:
    decided = policy(text, markdown)
    return plan(decided.loaded, decided.checklist, listed(checks), about or scope())


def context(workspace: Path = Path()) -> CheckContext:
    clock = SystemClock()
    return CheckContext(
        item_id="",
        item_title="",
        home="acme/shop",
        workspace=Workspace(workspace),
        clock=clock,
        web=TargetWeb(),
        programs=HostPrograms({}),
        timeout=0.0,
    )


class Heard:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ends: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def waiting(self, text: str) -> None:
        """Nothing is kept."""

    def began(self, name: str) -> None:
        with self._lock:
            self.begun.append(name)

    def ended(self, name: str, outcome: str, summary: str, seconds: float) -> None:
        with self._lock:
            self.ends.append((name, outcome))


STEP_NAMES = ("prepare", "images", "databases", "migrate", "stack", "settled")


def steps(
    records: Mapping[str, StepRecord] | None = None,
    *,
    names: Sequence[str] = STEP_NAMES,
    ran: list[str] | None = None,
) -> tuple[Step, ...]:
    """The steps of a target, one after another; those in `records` end as recorded."""
    given = dict(records or {})
    made = []
    before: tuple[str, ...] = ()
    for name in names:

        def work(name: str = name) -> StepRecord:
            if ran is not None:
                ran.append(name)
            return given.get(name, StepRecord(name, True, f"{name} done"))

        made.append(Step(name, before, work))
        before = (name,)
    return tuple(made)


def execute_all(
    planned: Sequence[PlannedItem],
    done: Sequence[Step] = (),
    *,
    seconds: float = 60.0,
    listener: Heard | None = None,
    stopped: Callable[[], bool] = lambda: False,
    stack: Stack | None = None,
) -> Execution:
    clock = SystemClock()

    def context_for(bound: BoundCheck, records: Mapping[str, StepRecord]) -> CheckContext:
        return replace(context(), steps=records, stack=stack)

    return run(
        planned,
        done,
        context_for,
        clock=clock,
        deadline=Deadline(clock, seconds),
        listener=listener or Heard(),
        stopped=stopped,
    )


def result_of(bound: BoundCheck, context: CheckContext, *, grace: float = GRACE) -> CheckResult:
    """Return what the engine makes of one check: its answer, what it raised, or that it hangs."""
    answers: SimpleQueue[CheckResult] = SimpleQueue()
    work = partial(execute, bound, context, answers.put, grace=grace)
    threading.Thread(target=work, daemon=True).start()
    return answers.get()


def by_id(planned: Collection[PlannedItem]) -> dict[str, PlannedItem]:
    return {item.id: item for item in planned}
