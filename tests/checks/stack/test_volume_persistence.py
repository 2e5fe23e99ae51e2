from collections.abc import Iterator

import pytest

from readiness_gate.checks.runs.volume_persistence import covering, run
from readiness_gate.checks.stack.volume_persistence import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.programs import Completed
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.disruption import Mount, MountKind
from tests.fakes.context import booted, context
from tests.fakes.disruption import FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import Call, FakeStack, completed
from tests.forge.clock import FakeClock
from tests.stack.compose.real import Opened, opener

NAMED = Mount(MountKind.NAMED, "/data", "rg-1_data")
ANONYMOUS = Mount(MountKind.ANONYMOUS, "/data", "0" * 64)
BIND = Mount(MountKind.BIND, "/data", "/home/somebody/data")
FILE = "{service: backend, path: /data}"
COMMANDS = "{service: backend, path: /data, write: [store, set, '{marker}'], read: [store, get]}"


class Keeping(FakeStack):
    """Keeps files and stored texts until told to lose them."""

    def __init__(self, *mounts: Mount, loses_at: str = "") -> None:
        super().__init__(("backend",))
        self.loses_at = loses_at
        self.stored = ""
        self.fake = FakeDisruption(found=mounts, replaced=self.replaced)
        self.operations = self.fake
        self.answer = self.command

    def replaced(self, how: str) -> None:
        if how == self.loses_at:
            self.fake.files.clear()
            self.stored = ""

    def copy_out(self, service: str, path: str) -> bytes:
        if (service, path) not in self.fake.files:
            raise StackError(f"no such file {path}")
        return self.fake.files[service, path]

    def command(self, call: Call) -> Completed:
        if call.command[1] == "set":
            self.stored = call.command[2]
        return completed(stdout=f"{self.stored}\n")


def ran(stack: FakeStack, text: str = FILE, timeout: float = 60.0) -> CheckResult:
    facts = context(stack=stack, clock=FakeClock(), timeout=timeout)
    return run(facts, options(CHECK, text))


@pytest.mark.parametrize("text", [FILE, COMMANDS])
def test_a_marker_that_survives_in_a_named_volume_passes(text: str) -> None:
    stack = Keeping(NAMED)
    result = ran(stack, text)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary.endswith(
        "survives recreation, and down and up: /data is the named volume data"
    )
    assert [call for call in stack.fake.calls if not call.startswith("write")] == [
        "recreate backend", "wait backend", "down and up", "wait backend",
    ]  # fmt: skip
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows == (("/data", "named", "rg-1_data", ""),)


def test_what_is_in_no_volume_goes_with_the_container() -> None:
    result = ran(Keeping(loses_at="backend"))
    assert result.outcome is Outcome.FAILED
    assert "after it was recreated, the file /data/.readiness-" in result.summary
    assert result.summary.endswith("is gone: /data is in no volume: it goes with the container")
    assert '"data:/data"' in str(result.remediation)


def test_a_volume_without_a_name_survives_the_first_and_not_the_second() -> None:
    result = ran(Keeping(ANONYMOUS, loses_at="down and up"))
    assert result.outcome is Outcome.FAILED
    assert "after it was down and up" in result.summary
    assert "a volume without a name, which is lost when the stack goes down" in result.summary


def test_an_unnamed_place_never_passes_even_where_the_marker_stayed() -> None:
    assert ran(Keeping(ANONYMOUS)).outcome is Outcome.FAILED
    assert ran(Keeping()).outcome is Outcome.FAILED


def test_a_service_that_loses_its_data_in_spite_of_the_volume_fails() -> None:
    result = ran(Keeping(NAMED, loses_at="backend"), COMMANDS)
    assert result.outcome is Outcome.FAILED
    assert "read does not print the marker any more" in result.summary
    assert "let the service write to it in time" in str(result.remediation)
    result = ran(Keeping(NAMED, loses_at="backend"))
    assert "what empties /data" in str(result.remediation)


@pytest.mark.parametrize(
    ("mount", "said"),
    [
        (Mount(MountKind.MEMORY, "/data"), "/data is a tmpfs, which is memory"),
        (BIND, "/data is a bind of /home/somebody/data, which is kept on this one machine"),
        (
            Mount(MountKind.NAMED, "/data", "rg-1_data", read_only=True),
            "/data is the named volume data and is read-only",
        ),
    ],
)
def test_what_is_plainly_wrong_is_told_without_disturbing(mount: Mount, said: str) -> None:
    stack = Keeping(mount)
    result = ran(stack)
    assert (result.outcome, result.summary) == (Outcome.FAILED, f"backend: {said}")
    assert stack.fake.calls == []


def test_a_bind_may_be_accepted_and_no_file_is_left_in_it() -> None:
    stack = Keeping(BIND)
    text = COMMANDS.replace("path:", "accept: [named, bind], path:")
    assert ran(stack, text).outcome is Outcome.PASSED
    assert stack.fake.files == {}


def test_a_marker_that_cannot_be_written_tells_nothing() -> None:
    stack = Keeping(NAMED)
    stack.answer = lambda call: completed(1, stderr="no such command", argv=call.command)
    result = ran(stack, COMMANDS)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "store ended with exit code 1: no such command" in result.summary
    stack.answer = lambda call: completed(None, argv=call.command)
    assert "did not end in" in ran(stack, COMMANDS).summary
    stack.answer = lambda _call: completed(0, stdout="something else")
    assert ran(stack, COMMANDS).error_class is ErrorClass.INCONCLUSIVE
    assert stack.fake.calls == []


def test_a_path_that_is_not_there_tells_nothing() -> None:
    stack = Keeping(NAMED)

    def refuse(service: str, path: str, content: bytes) -> None:
        raise StackError("no such folder")

    stack.fake.write = refuse  # type: ignore[method-assign]
    result = ran(stack)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "no such folder" in result.summary


def test_a_service_that_does_not_come_back_has_not_kept_its_data() -> None:
    stack = Keeping(NAMED)
    stack.fake.unhealthy = "it exited with code 1"
    result = ran(stack)
    assert result.outcome is Outcome.FAILED
    assert "the service is not healthy: it exited with code 1" in result.summary


def test_out_of_time_is_no_answer() -> None:
    assert ran(Keeping(NAMED), timeout=0.0).error_class is ErrorClass.INCONCLUSIVE


def test_the_deepest_mount_holds_a_path() -> None:
    inner = Mount(MountKind.ANONYMOUS, "/var/lib/postgresql/data", "1" * 64)
    outer = Mount(MountKind.NAMED, "/var/lib/postgresql", "rg-1_data")
    assert covering([outer, inner], "/var/lib/postgresql/data/base") is inner
    assert covering([outer, inner], "/var/lib/postgresql/database") is outer
    assert covering([outer, inner], "/var/lib/mysql") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{service: db}", "path"),
        ("{service: db, path: data}", "starts with /"),
        ("{service: db, path: /data/../etc}", "no .."),
        ("{service: db, path: /data, write: [a, '{marker}']}", "belong together"),
        ("{service: db, path: /data, write: [a], read: [b]}", "{marker}"),
        ("{service: db, path: /data, accept: []}", "accept"),
        ("{service: db, path: /data, accept: [bind]}", "needs write and read"),
        ("{service: db, path: /data, accept: [tmpfs]}", "accept"),
    ],
)
def test_options_that_prove_nothing_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


def test_without_a_stack_nothing_is_done() -> None:
    with pytest.raises(ConfigurationError):
        run(context(), options(CHECK, FILE))


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


@pytest.mark.docker
@pytest.mark.slow
def test_mounts_of_every_kind_of_a_real_stack(opened: Opened) -> None:
    stack = opened("disrupted")
    stack.build(60.0)
    stack.start(None, 60.0)
    assert all(one.healthy for one in stack.wait(None, 60.0, 0.0))
    facts = context(stack=stack, clock=SystemClock(), timeout=60.0, steps=booted("api"))

    def answer(text: str) -> CheckResult:
        result = run(facts, options(CHECK, text))
        assert all(one.healthy for one in stack.disruption().recover(60.0, 0.0))
        return result

    read = "read: [sh, -c, 'cat /data/*'], write: [sh, -c, 'echo {marker} >/data/m']"
    for text in ("{service: api, path: /data}", f"{{service: api, path: /data, {read}}}"):
        assert answer(text).outcome is Outcome.PASSED
    for path, said in {
        "/anonymous": "after it was down and up",
        "/srv": "after it was recreated",
        "/scratch": "/scratch is a tmpfs",
        "/served": "/served is a bind of ",
    }.items():
        result = answer(f"{{service: api, path: {path}}}")
        assert (result.outcome, said in result.summary) == (Outcome.FAILED, True), result
    result = answer("{service: api, path: /nowhere}")
    assert result.error_class is ErrorClass.INCONCLUSIVE
