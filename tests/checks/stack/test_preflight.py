from typing import Any

import pytest

from readiness_gate.checks.runs.preflight import run
from readiness_gate.checks.stack.preflight import CHECK
from readiness_gate.doors.programs import Completed
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.facts import Platform
from tests.fakes.context import context
from tests.fakes.options import options, refusal
from tests.fakes.programs import FakePrograms, Run
from tests.fakes.stack import FakeStack, completed

GB = 1_000_000_000


def platform(**changed: Any) -> Platform:
    facts: dict[str, Any] = {
        "engine": "28.2.2",
        "api": "1.50",
        "compose": "2.26.1-4",
        "memory": 16 * GB,
        "cpus": 4,
        "disk_free": 40 * GB,
        **changed,
    }
    return Platform(**facts)


def answer(text: str, found: Platform | StackError | None = None, **more: Any) -> CheckResult:
    stack = FakeStack(found_platform=found or platform())
    return run(context(stack=stack, **more), options(CHECK, text))


def test_a_machine_that_suffices_passes_with_its_facts() -> None:
    result = answer("{disk: 10GB, memory: 8GB, cpus: 2}", platform(warnings=("no swap limit",)))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "engine 28.2.2, compose 2.26.1-4, 40.0 GB free, 16.0 GB of memory"
    assert result.details == "no swap limit"
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert ("engine", "28.2.2") in table.rows


def test_it_looks_before_the_steps_and_needs_none_of_them() -> None:
    assert CHECK.before_steps
    assert not {need.value for need in CHECK.needs} & {"stack", "images", "database"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"engine": "19.03.15"}, "the container engine is 19.03.15, >=20.10 is required"),
        ({"api": "1.40"}, "the Engine API is 1.40, >=1.41 is required"),
        ({"compose": "2.3.3"}, "Docker Compose is 2.3.3, >=2.20 is required"),
        ({"compose": "dev"}, "Docker Compose tells no version"),
        ({"disk_free": GB}, "free space: 1.0 GB, at least 2.0 GB is required"),
    ],
)
def test_what_the_platform_lacks_is_its_own_fault(found: dict[str, Any], said: str) -> None:
    result = answer("{}", platform(**found))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert result.summary == said


@pytest.mark.parametrize("version", ["20.10.24+dfsg1", "28.0", "v27.3.1-rd", "29.1.2-ce"])
def test_versions_as_distributions_write_them(version: str) -> None:
    assert answer("{}", platform(engine=version)).outcome is Outcome.PASSED


def test_too_little_memory_and_too_few_processors() -> None:
    result = answer("{memory: 32GB, cpus: 8}")
    assert result.summary == (
        "memory: 16.0 GB, at least 32.0 GB is required; processors: 4, at least 8 required"
    )
    assert answer("{memory: 1GB}", platform(memory=None)).outcome is Outcome.ERROR


def test_a_disk_that_is_not_known_passes_only_where_nobody_asked() -> None:
    found = platform(disk_free=None, disk_unknown="the engine runs on another machine")
    assert answer("{}", found).outcome is Outcome.PASSED
    result = answer("{disk: 1GB}", found)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary == "the free space is not known: the engine runs on another machine"


def test_an_engine_that_does_not_answer_is_infrastructure_with_its_advice() -> None:
    error = StackError("no socket", advice="Start Docker.", infrastructure=True, log="dial unix")
    result = answer("{}", error)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)
    assert (result.summary, result.remediation) == ("no socket", "Start Docker.")


def test_a_variable_without_a_value_is_the_author_s() -> None:
    result = answer("{}", StackError("variables without a value: TAG", advice="Set it."))
    assert (result.outcome, result.remediation) == (Outcome.FAILED, "Set it.")


def test_tools_of_the_machine_are_asked_for_their_version() -> None:
    said = {"git": "git version 2.47.3", "python3": "Python 3.8.1"}

    def runs(asked: Run) -> Completed:
        if asked.argv[0] not in said:
            raise FileNotFoundError(asked.argv[0])
        return completed(stdout=said[asked.argv[0]])

    text = '{tools: {git: ">=2.30", python3: "", pip: ">=20"}}'
    programs = FakePrograms(runs)
    result = answer(text, programs=programs)
    assert result.summary == "pip is not installed"
    old = answer('{tools: {python3: ">=3.9"}}', programs=programs)
    assert old.summary == "python3 is 3.8.1, >=3.9 is required"
    held = run(context(programs=programs), options(CHECK, '{tools: {git: ">=2.30"}}'))
    assert (held.outcome, held.summary) == (Outcome.PASSED, "git 2.47.3")


def test_the_action_s_own_programs_are_nobody_s_tools() -> None:
    with pytest.raises(ConfigurationError, match="are not the machine's"):
        answer('{tools: {git: ">=2"}}', inside_container=True)


def test_a_driver_without_an_engine_is_judged_by_its_machine() -> None:
    bare = Platform(memory=8 * GB, cpus=2, disk_free=9 * GB)
    assert answer("{memory: 4GB}", bare).outcome is Outcome.PASSED
    result = answer('{compose: ">=2"}', bare)
    assert (result.error_class, result.unsupported) == (ErrorClass.CONFIGURATION, True)


def test_without_anything_to_look_at_it_is_a_wrong_configuration() -> None:
    with pytest.raises(ConfigurationError):
        run(context(), options(CHECK, "{}"))
    stack = ExternalStack(project="rg", base_url="http://localhost")
    with pytest.raises(NotSupported):
        run(context(stack=stack), options(CHECK, "{}"))


def test_wrong_options_are_refused() -> None:
    assert "version range" in refusal(CHECK, "{engine: new}")
    assert refusal(CHECK, "{tools: {/bin/sh: ''}}")
    assert refusal(CHECK, "{disk: 0GB}")
