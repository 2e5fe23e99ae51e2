"""One evaluation with everything around it: target, facts, progress, teardown."""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from readiness_gate.checks import CHECKS
from readiness_gate.checks.context import CheckContext, MergeFacts, OwnRun, StepRecord
from readiness_gate.checks.judged import members
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import Doors
from readiness_gate.cli.progress import progress, silence
from readiness_gate.cli.subject import Case
from readiness_gate.cli.target import RUN_SECONDS, OpenTarget, open_target, project_of
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.settings import SECRETS, Settings
from readiness_gate.engine.databases import REHEARSALS
from readiness_gate.engine.deployed import endpoints_of
from readiness_gate.engine.evaluate import Means, evaluate, planned
from readiness_gate.engine.merge_facts import MergeGraphs
from readiness_gate.engine.merge_migrations import Known, simulated
from readiness_gate.engine.plan import PlannedItem, Scope
from readiness_gate.engine.policy_files import policy_files
from readiness_gate.engine.results import OtherHalf
from readiness_gate.engine.run import Listener
from readiness_gate.engine.steps import Step
from readiness_gate.engine.when import Circumstances
from readiness_gate.errors import ConfigurationError, ForgeError, NoConfiguration, StackError
from readiness_gate.forge.base import Forge
from readiness_gate.forge.once import FactsOnce
from readiness_gate.model.outcome import Half, Stage
from readiness_gate.model.report import ApiUsage, Report
from readiness_gate.report.redact import redaction
from readiness_gate.stack.base import Stack
from readiness_gate.stack.progress import Tell

_LOG_LINES = 2_000


@dataclass
class Gate:
    """What all evaluations of one command share."""

    settings: Settings
    doors: Doors
    forge: Forge | None
    console: Console
    graphs: MergeGraphs | None
    facts: FactsOnce | None = None
    """Further facts of GitHub, which the checks ask for."""
    passed_on: tuple[str, ...] = ()
    """Names of variables that reached the target, whose values are hidden in what is shown."""
    logs: dict[str, str] = field(default_factory=dict)
    """Tails of the services' logs, read before they are gone."""
    on_paper: Known = field(default_factory=dict)
    """What merging does to the histories of migrations."""
    close: Callable[[], None] = lambda: None
    """Takes down what the last evaluation booted; set by `evaluate_case`."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that nothing may show."""
        values = (self.settings.variables.get(name, "") for name in (*SECRETS, *self.passed_on))
        # Shorter ones (`true`, `8000`) would black out half of every sentence.
        return tuple(value for value in (self.settings.token, *values) if len(value) >= 8)


def open_gate(settings: Settings, doors: Doors, forge: Forge | None, console: Console) -> Gate:
    """Return the gate of one command."""
    graphs = None
    if forge is not None:
        graphs = MergeGraphs(forge, settings.server_url, doors.clock.now)
    facts = FactsOnce(forge) if forge is not None else None
    gate = Gate(settings, doors, forge, console, graphs, facts)
    console.hide = redaction(gate.secrets)
    return gate


def plan_case(gate: Gate, case: Case) -> tuple[PlannedItem, ...]:
    """Return the items of a case.

    Raises:
        ConfigurationError: the configuration binds what does not exist.
        NoConfiguration: the same of one that is not adopted yet.
    """
    settings, subjects = gate.settings, case.subject.pull_requests

    def changed_files() -> list[str] | None:
        if gate.forge is None or not subjects:
            return None
        return [name for one in subjects for name in gate.forge.changed_files(one.number)]

    circumstances = Circumstances(
        event=case.event,
        base_branch=case.base_branch,
        labels=case.labels,
        draft=case.subject.draft,
        changed_files=changed_files,
    )
    scope = Scope(Stage(settings.stage), settings.phase, settings.only, circumstances)
    try:
        return planned(case.policy, scope, CHECKS)
    except ConfigurationError as error:
        if case.policy.preview:
            raise NoConfiguration(error.message, advice=error.advice) from error
        raise


def evaluate_case(
    gate: Gate,
    case: Case,
    items: tuple[PlannedItem, ...],
    halves: frozenset[Half],
    *,
    quiet: bool = False,
) -> Report:
    """Return the report of a case; what was booted is gone, unless it is to be kept."""
    deadline = Deadline(gate.doors.clock, RUN_SECONDS)
    said: list[Listener] = []

    def tell(text: str) -> None:
        for listener in said:
            listener.waiting(text)

    opened = _opened(gate, case, items, halves, deadline, tell)
    with silence() if quiet else progress(gate.console) as listener:
        said.append(listener)
        means = Means(
            catalogue=CHECKS,
            clock=gate.doors.clock,
            deadline=deadline,
            listener=listener,
            stopped=lambda: False,
            steps=_steps(opened),
            context=_context(gate, case, items, opened),
            merge_facts=_merge_facts(gate, case, items, halves),
            other_half=lambda: _other_half(gate, case, halves),
            usage=lambda: gate.forge.usage if gate.forge is not None else ApiUsage(),
            release=lambda: _released(gate, opened),
        )
        return evaluate(case.policy, items, halves, case.subject, means)


def _released(gate: Gate, opened: OpenTarget | None) -> bool:
    """Keep what the services said, and remove the target; return whether there was one."""
    if opened is None:
        return False
    if opened.stack is not None:
        gate.logs.update(_logs(opened.stack))
    gate.close()
    return opened.stack is not None and not gate.settings.keep


def _opened(
    gate: Gate,
    case: Case,
    items: tuple[PlannedItem, ...],
    halves: frozenset[Half],
    deadline: Deadline,
    tell: Tell,
) -> OpenTarget | None:
    config = case.config
    needed = Half.CHECKS in halves and any(
        bound.needs for item in items if item.half is Half.CHECKS for bound in item.checks
    )
    if not needed or not (config.stack or config.databases):
        return None
    gate.passed_on = config.stack.environment if config.stack is not None else ()
    gate.console.hide = redaction(gate.secrets)
    opened = open_target(
        config,
        gate.settings,
        gate.doors,
        gate.forge,
        base_sha=case.subject.base_sha,
        deadline=deadline,
        project=project_of(gate.settings, os.getpid()),
        tell=tell,
        endpoints=_endpoints(case),
    )
    opened.target.database_steps.rehearsed = any(
        bound.check.id in REHEARSALS for item in items for bound in item.checks
    )

    def close() -> None:
        gate.close = lambda: None
        try:
            left = opened.close(keep=gate.settings.keep)
        except StackError as error:
            # Nobody's verdict is lost for it; the post step removes what is left.
            gate.console.problem(f"the stack was not removed: {error.message}", error.advice)
            return
        if gate.settings.keep and opened.stack is not None:
            kept = f"--project {opened.stack.project}"
            gate.console.note(f"kept up: remove it with `readiness-gate teardown {kept}`")
        if left:
            gate.console.problem(
                f"left behind: {left}", "Run `readiness-gate teardown`, or remove it by hand."
            )

    gate.close = close
    return opened


def _endpoints(case: Case) -> Mapping[str, str]:
    return endpoints_of(case.environment) if case.environment is not None else {}


def _logs(stack: Stack) -> Mapping[str, str]:
    """Return what the services said; a log that cannot be read costs nobody the verdict."""
    found: dict[str, str] = {}
    for service in stack.services:
        with contextlib.suppress(StackError):
            found[service] = stack.logs(service, _LOG_LINES)
    return found


def _steps(opened: OpenTarget | None) -> tuple[Step, ...]:
    return opened.target.steps() if opened is not None else ()


def _no_tree() -> None:
    return None


def _context(
    gate: Gate, case: Case, items: tuple[PlannedItem, ...], opened: OpenTarget | None
) -> Callable[[Mapping[str, StepRecord], MergeFacts | None], CheckContext]:
    config = case.config
    # Whatever is the same for all is worked out once: there may be hundreds of checks.
    common = CheckContext(
        item_id="",
        item_title="",
        home=case.subject.repository or "",
        workspace=gate.doors.workspace,
        clock=gate.doors.clock,
        web=gate.doors.web,
        sockets=gate.doors.sockets,
        programs=gate.doors.programs,
        timeout=0.0,
        git=gate.doors.git,
        base_sha=case.subject.base_sha,
        head_sha=case.subject.head_sha,
        variables={
            name: value for name, value in gate.settings.variables.items() if name not in SECRETS
        },
        github=gate.facts,
        own=OwnRun(
            status_prefix=gate.settings.status_prefix,
            workflow=gate.settings.workflow,
            job=gate.settings.job,
            run=int(gate.settings.run_id) if gate.settings.run_id.isdecimal() else None,
            runner=gate.settings.runner_name,
            halves=frozenset(one.half for one in items if one.stage is Stage.PRE_MERGE),
        ),
        policy_files=policy_files(gate.settings.config, config),
        stack=opened.stack if opened is not None else None,
        base_url=config.stack.base_url if config.stack is not None else None,
        endpoints=_endpoints(case),
        only_read=config.stack is not None and config.stack.driver == "external",
        allowed=frozenset(case.environment.allow if case.environment is not None else ()),
        base_tree=opened.target.database_steps.base_tree if opened is not None else _no_tree,
        migrations={
            name: database.migrations.config
            for name, database in config.databases.items()
            if database.migrations is not None
        },
        attestations=case.policy.attestations,
        ticks={
            line.id: (line.path, line.line) for line in case.policy.checklist.lines if line.ticked
        },
        roles=config.roles,
        inside_container=gate.settings.in_container,
        scratch=opened.scratch.name if opened is not None else "",
    )

    def context(records: Mapping[str, StepRecord], facts: MergeFacts | None) -> CheckContext:
        return replace(
            common,
            merge=facts,
            steps=records,
            databases=dict(opened.target.databases) if opened is not None else {},
        )

    return context


def _merge_facts(
    gate: Gate, case: Case, items: tuple[PlannedItem, ...], halves: frozenset[Half]
) -> Callable[[], MergeFacts] | None:
    graphs, forge = gate.graphs, gate.forge
    if graphs is None or forge is None:
        return None
    subject = case.subject
    named = {
        reference
        for item in items
        for bound in item.checks
        if bound.check.asks is not None
        for reference in bound.check.asks(bound.options, forge.repository)
    }

    def read() -> MergeFacts:
        own = subject.pull_request
        if own is not None and Half.CHECKS in halves:
            # The work took its time: what it says and where it goes may have been edited since.
            now = forge.pull_request(own.reference.number)
            own = replace(now, head_sha=own.head_sha)
        also = [own] if own is not None else []
        graph = graphs.graph(
            case.policy.loaded.config,
            also=also,
            merge_group=subject.merge_group,
            named=named,
        )
        facts = graphs.facts(graph, own, subject.merge_group)
        configs = _alembic_files(case, items)
        if configs:
            found = simulated(facts, forge, gate.doors.workspace, configs, gate.on_paper)
            facts = replace(facts, migrations=found)
        if gate.facts is not None and subject.merge_group is not None:
            gate.facts.expect(members(facts))
        return facts

    return read


def _alembic_files(case: Case, items: tuple[PlannedItem, ...]) -> tuple[str, ...]:
    """Return the configurations of migrations whose merging `merge-order` tells about."""
    if not any(bound.check.id == "merge-order" for item in items for bound in item.checks):
        return ()
    databases = case.policy.loaded.config.databases.values()
    return tuple(one.migrations.config for one in databases if one.migrations is not None)


def _other_half(gate: Gate, case: Case, halves: frozenset[Half]) -> OtherHalf | None:
    sha = case.subject.head_sha
    if halves == frozenset(Half) or gate.forge is None or sha is None:
        return None
    half = Half.CHECKS if Half.CHECKS not in halves else Half.MERGE
    context = f"{gate.settings.status_prefix} / {half.value}"
    try:
        status = gate.forge.statuses(sha).get(context)
        own = gate.forge.identity() if status is not None else ""
    except ForgeError as error:
        return OtherHalf(half, None, f"{context} could not be read: {error.message}")
    if status is None:
        return OtherHalf(half, None)
    if status.creator == own:
        return OtherHalf(half, status.state)
    # Whoever may write can write our contexts too (notes on security S-20).
    who = status.creator or "somebody unknown"
    return OtherHalf(half, status.state, f"{context} was written by {who}, not by {own}")
