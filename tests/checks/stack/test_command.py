from dataclasses import replace
from pathlib import Path

import pytest

from readiness_gate.checks.stack.command import CHECK
from readiness_gate.doors.programs import OUTPUT_CAP, Completed, HostPrograms
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import CommandEvidence
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.programs import FakePrograms
from tests.fakes.stack import Call, FakeStack, completed

REDIS = "in: {service: redis}\ncommand: [redis-cli, config, get, maxmemory-policy]\n"


def ran(text: str, done: Completed) -> CheckResult:
    stack = FakeStack(answer=lambda call: replace(done, argv=call.command))
    return CHECK.run(context(stack=stack, base_url="http://backend:8000"), options(CHECK, text))


def test_exit_code_zero_passes() -> None:
    result = ran(REDIS, completed(0, stdout="maxmemory-policy\nnoeviction\n"))
    assert result.outcome is Outcome.PASSED
    assert result.summary.startswith("redis-cli config get maxmemory-policy (service redis): exit")
    (evidence,) = result.evidence
    assert isinstance(evidence, CommandEvidence)
    assert (evidence.exit_code, evidence.where) == (0, "service redis")


def test_what_it_prints_is_judged() -> None:
    text = REDIS + "stdout: [noeviction]\nstderr: ''\n"
    assert ran(text, completed(0, stdout="noeviction\n")).outcome is Outcome.PASSED
    result = ran(text, completed(0, stdout="allkeys-lru\n"))
    assert result.outcome is Outcome.FAILED
    assert 'stdout: expected it to contain "noeviction", got "allkeys-lru"' in result.summary
    assert ran(text, completed(0, stdout="noeviction", stderr="warning")).outcome is Outcome.FAILED


def test_a_bare_text_is_compared_without_the_newline_at_the_end() -> None:
    assert ran(REDIS + "stdout: PONG\n", completed(0, stdout="PONG\n")).outcome is Outcome.PASSED


def test_another_exit_code_fails_and_may_be_asked_for() -> None:
    result = ran(REDIS, completed(3, stderr="no\n"))
    assert result.outcome is Outcome.FAILED
    assert "exit code: expected 0, got 3" in result.summary
    assert ran(REDIS + "exit-code: {or: [3, 4]}\n", completed(3)).outcome is Outcome.PASSED
    assert ran(REDIS + "exit-code: {gt: 0}\n", completed(0)).outcome is Outcome.FAILED


def test_a_command_that_does_not_end_tells_nothing() -> None:
    result = ran(REDIS, completed(None))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "did not end within 10 s" in result.summary
    assert ran(REDIS + "exit-code: {not: 0}\n", completed(None)).outcome is Outcome.ERROR


@pytest.mark.parametrize("code", [126, 127])
def test_a_program_that_is_not_there_decides_nothing(code: int) -> None:
    result = ran(REDIS, completed(code, stderr="exec: no such file\n"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "exec: no such file" in result.summary
    assert ran(f"{REDIS}exit-code: {code}\n", completed(code)).outcome is Outcome.PASSED
    either = ran(f"{REDIS}exit-code: {{or: [1, {code}]}}\n", completed(code))
    assert either.outcome is Outcome.PASSED


@pytest.mark.parametrize("expected", ["{not: 0}", "{gt: 0}", "{ge: 1}", "{or: [{gt: 0}]}"])
def test_a_command_that_has_to_fail_has_to_run(expected: str) -> None:
    text = f"{REDIS}exit-code: {expected}\n"
    assert ran(text, completed(1)).outcome is Outcome.PASSED
    result = ran(text, completed(127, stderr="exec: no such file\n"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_output_that_was_cut_off_decides_nothing() -> None:
    text = REDIS + "stdout: {not: {contain-substring: secret}}\n"
    result = ran(text, completed(0, stdout="x" * OUTPUT_CAP))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_places_and_variables() -> None:
    stack = FakeStack()
    facts = context(stack=stack, base_url="http://backend:8000", timeout=7.0)
    for place in ("{service: backend}", "{run: tests}"):
        text = f"{{in: {place}, command: 'make smoke', directory: /app, environment: {{A: b}}}}"
        CHECK.run(facts, options(CHECK, text))
    inside, beside = stack.calls
    assert (inside.way, inside.service, inside.command) == ("execute", "backend", ("make", "smoke"))
    assert (inside.environment, inside.directory, inside.timeout) == ({"A": "b"}, "/app", 7.0)
    assert (beside.way, beside.service, beside.image) == ("one_off", "tests", None)
    assert beside.environment == {"BASE_URL": "http://backend:8000", "A": "b"}


def on_this_machine(checkout: Path) -> FakeStack:
    """Return a stack whose one-off containers are this machine, `/workspace` being `checkout`."""

    def answer(call: Call) -> Completed:
        words = [str(checkout) if word == "/workspace" else word for word in call.command]
        programs = HostPrograms({"PATH": "/usr/bin:/bin"})
        return programs.run(
            words, timeout=10.0, stdin=call.stdin, environment=call.environment, cwd=checkout.parent
        )

    return FakeStack(answer=answer)


def test_an_image_gets_the_checkout_and_its_set_up_first(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "src").mkdir(parents=True)
    (source / "src" / "hello").write_text("hello")
    stack = on_this_machine(target)
    text = """
    in: {image: "python:3.13", setup: ["echo set-up; printf ' there' >> src/hello"]}
    command: [cat, hello]
    directory: src
    stdout: hello there
    """
    facts = context(stack=stack, workspace=source, base_url="http://backend:8000")
    result = CHECK.run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result
    (call,) = stack.calls
    assert (call.way, call.service, call.image) == ("one_off", "backend", "python:3.13")


def test_a_set_up_that_fails_decides_nothing(tmp_path: Path) -> None:
    stack = on_this_machine(tmp_path / "target")
    text = "{in: {image: 'python:3.13', setup: ['echo no network >&2; exit 4']}, command: 'true'}"
    with pytest.raises(StackError, match=r"set-up in image python:3\.13 failed") as stopped:
        CHECK.run(context(stack=stack, workspace=tmp_path), options(CHECK, text))
    assert "no network" in stopped.value.log


def test_words_of_a_command_reach_it_untouched(tmp_path: Path) -> None:
    stack = on_this_machine(tmp_path / "target")
    text = """
    in: {image: "alpine:3"}
    command: [printf, "%s|", "$(touch hacked)", "a b", "; exit 3", "*"]
    stdout: "$(touch hacked)|a b|; exit 3|*|"
    """
    result = CHECK.run(context(stack=stack, workspace=tmp_path), options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result


def test_the_host_runs_it_in_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    facts = context(workspace=tmp_path, programs=HostPrograms({"PATH": "/usr/bin:/bin"}))
    result = CHECK.run(facts, options(CHECK, "{in: host, command: [ls], stdout: there}"))
    assert result.outcome is Outcome.PASSED


def test_the_host_gets_the_address_of_a_stack_that_it_needs(tmp_path: Path) -> None:
    programs = FakePrograms()
    stack = FakeStack(addresses={("backend", 8000): Address("127.0.0.1", 32768)})
    facts = context(
        workspace=tmp_path,
        stack=stack,
        base_url="http://backend:8000/api",
        steps=booted(),
        programs=programs,
    )
    CHECK.run(facts, options(CHECK, "{in: host, command: make smoke, needs: [stack]}"))
    CHECK.run(facts, options(CHECK, "{in: host, command: make lint}"))
    smoke, lint = programs.runs
    assert smoke.environment == {"BASE_URL": "http://127.0.0.1:32768/api"}
    assert lint.environment == {}
    with pytest.raises(ConfigurationError, match="only reads"):
        CHECK.run(
            replace(facts, steps={}),
            options(CHECK, "{in: host, command: make smoke, needs: [stack]}"),
        )


@pytest.mark.parametrize(
    ("text", "inside_container", "says"),
    [
        ("{in: host, command: make}", True, "refused inside the action's container"),
        ("{in: host, command: nosuchprogram}", False, "nosuchprogram cannot be run"),
        ("{in: host, command: ls, directory: ../up}", False, "leads out of the workspace"),
        ("{in: host, command: ls, directory: gone}", False, "is not in the checkout"),
    ],
)
def test_the_host_is_refused(tmp_path: Path, text: str, inside_container: bool, says: str) -> None:
    facts = context(
        workspace=tmp_path,
        programs=HostPrograms({"PATH": "/usr/bin:/bin"}),
        inside_container=inside_container,
    )
    with pytest.raises(ConfigurationError, match=says):
        CHECK.run(facts, options(CHECK, text))


def test_needs_follow_the_place() -> None:
    refine = CHECK.refine_needs
    assert refine is not None
    for text, needs in {
        "{in: host, command: ls}": {Need.WORKSPACE},
        "{in: host, command: ls, needs: [database]}": {Need.WORKSPACE, Need.DATABASE},
        "{in: {service: a}, command: ls}": {Need.STACK},
        "{in: {run: a}, command: ls, needs: [database]}": {Need.STACK, Need.DATABASE},
    }.items():
        assert refine(options(CHECK, text)) == needs


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{command: ls}", "key 'in' is missing"),
        ("{in: host}", "key 'command' is missing"),
        ("{in: host, command: []}", "name a program"),
        ("{in: host, command: ''}", "name a program"),
        ('{in: host, command: "ls \'"}', "cannot be split"),
        ("{in: {}, command: ls}", "exactly one of service, run and image"),
        ("{in: {service: a, run: b}, command: ls}", "exactly one of"),
        ("{in: {run: a, setup: [ls]}, command: ls}", "belong to image"),
        ("{in: {image: --privileged}, command: ls}", "has to match"),
        ("{in: {servise: a}, command: ls}", "with.yml:1:7: in: unknown key 'servise'"),
        ("{in: nowhere, command: ls}", "'host'"),
        ("{in: host, command: ls, stdout: null}", "null asserts nothing"),
        ("{in: host, command: ls, stdout: []}", "asserts nothing"),
        ("{in: host, command: ls, exit-code: '0'}", "an exit code is one number"),
        ("{in: host, command: ls, environment: {'a=b': c}}", "environment"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(text: str, says: str) -> None:
    assert says in refusal(CHECK, text)


def trying(text: str, *codes: int) -> tuple[CheckResult, FakeStack]:
    left = list(codes)
    stack = FakeStack(answer=lambda call: completed(left.pop(0), argv=call.command, seconds=1.5))
    facts = context(stack=stack, steps=booted("backend"), timeout=10)
    return CHECK.run(facts, options(CHECK, f"{{in: {{service: backend}}, {text}}}")), stack


def test_a_command_may_be_tried_again_while_it_fails() -> None:
    result, stack = trying("command: ready, retry: 3, retry-interval: 2s", 1, 1, 0)
    assert (result.outcome, result.details) == (Outcome.PASSED, "3 tries")
    assert len(stack.calls) == 3
    result, stack = trying("command: ready, retry: 1", 1, 1)
    assert result.outcome is Outcome.FAILED
    assert result.details.endswith("\n2 tries")


def test_no_try_begins_that_the_time_of_the_item_has_no_room_for() -> None:
    _, stack = trying("command: ready, retry: 9, retry-interval: 4s", *[1] * 9)
    assert len(stack.calls) == 3
    assert stack.calls[-1].timeout == 2


def test_what_cannot_be_told_is_not_tried_again() -> None:
    result, stack = trying("command: ready, retry: 3", 127)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert len(stack.calls) == 1


def test_the_time_of_a_command_is_bounded() -> None:
    held, _ = trying("command: quick, duration: <2s", 0)
    assert held.summary.endswith("1 further assertion held")
    slow, _ = trying("command: slow, duration: <1s", 0)
    assert slow.summary.endswith("duration: expected <1s, got 1500 ms")
