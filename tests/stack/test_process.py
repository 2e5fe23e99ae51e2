"""The process driver with real child processes."""

import os
import socket
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers, NotSupported
from readiness_gate.stack.owner import identity_of
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from readiness_gate.stack.process_state import ProcessState, abandoned
from readiness_gate.stack.ready import Readiness

Open = Callable[..., ProcessStack]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    return root


@pytest.fixture
def opened(workspace: Path, tmp_path: Path) -> Iterator[Open]:
    stacks: list[ProcessStack] = []

    def opener(
        specs: Mapping[str, ProcessSpec], project: str = "rg-local-1-aa", **options: object
    ) -> ProcessStack:
        stack = ProcessStack(
            specs,
            project=project,
            base_url=str(options.get("base_url") or "http://127.0.0.1:1"),
            workspace=Workspace(workspace),
            programs=HostPrograms(os.environ),
            clock=SystemClock(),
            web=TargetWeb(),
            passed_on={"SECRET_OF_STEP": "s3cret"},
            inside_action=bool(options.get("inside_action")),
            state_root=tmp_path / "state",
        )
        stacks.append(stack)
        return stack

    yield opener
    for stack in stacks:
        stack.tear_down(2.0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(code: str, **changes: object) -> ProcessSpec:
    return ProcessSpec(
        command=["python", "-c", textwrap.dedent(code)],
        python=".venv/bin/python",
        **changes,  # type: ignore[arg-type]
    )


def server(port: int) -> ProcessSpec:
    return ProcessSpec(
        command=["python", "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        python=".venv/bin/python",
        ready=Readiness(http=f"http://127.0.0.1:{port}/"),
    )


def test_a_server_is_healthy_when_it_answers(opened: Open) -> None:
    port = free_port()
    stack = opened({"api": server(port)})
    stack.prepare()
    stack.start(None, 5.0)
    (found,) = stack.wait(None, 10.0, 0.2)
    assert found.healthy
    assert stack.address("api", port).port == port
    assert stack.tear_down(5.0) == Leftovers()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1.0)


def test_a_readiness_path_starts_at_the_base_url(opened: Open) -> None:
    port = free_port()
    spec = server(port)
    spec = ProcessSpec(spec.command, spec.python, ready=Readiness(http="/"))
    stack = opened({"api": spec}, base_url=f"http://127.0.0.1:{port}")
    stack.start(None, 5.0)
    assert stack.wait(None, 10.0, 0.0)[0].healthy


def test_a_crash_is_told_with_code_and_log(opened: Open) -> None:
    stack = opened({"api": python("print('no such table'); raise SystemExit(3)")})
    stack.start(None, 5.0)
    (found,) = stack.wait(None, 10.0, 1.0)
    assert found.cause == "it exited with code 3"
    assert found.log_tail == "no such table"


def test_an_exit_within_the_settle_window_is_seen(opened: Open) -> None:
    stack = opened({"api": python("import time; time.sleep(0.4)")})
    stack.start(None, 5.0)
    (found,) = stack.wait(None, 10.0, 1.0)
    assert found.cause == "it exited with code 0; it is configured as no one-shot"


def test_a_program_that_is_not_there_is_named(opened: Open) -> None:
    stack = opened({"api": ProcessSpec(["no-such-program-at-all"])})
    stack.start(None, 5.0)
    (found,) = stack.wait(None, 5.0, 0.0)
    assert "no-such-program-at-all: No such file or directory" in found.cause


def test_a_taken_port_is_refused_before_somebody_else_answers_for_us(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stack = opened({"api": server(port)})
        with pytest.raises(StackError, match=f"port {port} of api is taken") as refused:
            stack.start(None, 5.0)
    assert refused.value.infrastructure


def test_a_missing_interpreter_is_a_clear_refusal(opened: Open) -> None:
    stack = opened({"api": ProcessSpec(["python", "-V"], python="missing/bin/python")})
    with pytest.raises(StackError, match=r"processes\.api\.python: missing/bin/python"):
        stack.prepare()


def test_inside_the_action_s_container_it_is_refused(opened: Open) -> None:
    with pytest.raises(StackError, match="inside the action's container"):
        opened({"api": python("pass")}, inside_action=True).prepare()


def test_a_folder_outside_the_workspace_is_refused(opened: Open) -> None:
    stack = opened({"api": ProcessSpec(["true"], directory="../..")})
    with pytest.raises(StackError, match="leads out of the workspace"):
        stack.prepare()


def test_commands_run_with_the_project_s_interpreter_variables_and_input(
    opened: Open, workspace: Path
) -> None:
    code = "import os, sys; print(sys.argv[0], os.environ['PATH'], os.environ['A'], os.getcwd())"
    spec = ProcessSpec(["true"], python=".venv/bin/python", environment={"A": "model"})
    stack = opened({"api": spec})
    done = stack.one_off("api", ["python", "-c", code], timeout=10.0)
    assert str(workspace / ".venv/bin") + ":" in done.stdout
    assert done.argv[0] == str(workspace / ".venv/bin/python")
    assert done.stdout.rstrip().endswith(f"model {workspace}")
    asked = stack.execute(
        "api", ["python3", "-c", "import sys; print(sys.stdin.read())"], timeout=10.0, stdin=b"x"
    )
    assert asked.stdout == "x\n"


def test_a_child_sees_what_is_passed_on_and_nothing_else(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_canary")
    done = opened({"api": python("pass")}).one_off("api", ["env"], timeout=10.0)
    assert "SECRET_OF_STEP=s3cret" in done.stdout
    assert "ghs_canary" not in done.stdout


def test_a_command_past_its_time_is_ended(opened: Open) -> None:
    done = opened({"api": python("pass")}).one_off("api", ["sleep", "60"], timeout=0.3)
    assert done.timed_out


def test_an_unknown_command_is_127_as_in_a_shell(opened: Open) -> None:
    done = opened({"api": python("pass")}).one_off("api", ["no-such-thing"], timeout=5.0)
    assert done.exit_code == 127


def test_children_of_a_program_end_with_it(opened: Open, workspace: Path) -> None:
    code = """
        import pathlib, subprocess, time
        child = subprocess.Popen(["sleep", "300"])
        pathlib.Path("child").write_text(str(child.pid))
        time.sleep(300)
    """
    stack = opened({"api": python(code, ready=Readiness(log=None, tcp=None, http=None))})
    stack.start(None, 5.0)
    stack.wait(None, 5.0, 0.5)
    child = int((workspace / "child").read_text())
    assert identity_of(child) is not None
    stack.tear_down(5.0)
    assert identity_of(child) is None


def test_another_process_can_tear_down_by_name_and_puts_files_back(
    opened: Open, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "app.db").write_bytes(b"original")
    stack = opened({"api": python("import time; time.sleep(300)")})
    stack.start(None, 5.0)
    stack.keep_file(Path("app.db"))
    (workspace / "app.db").write_bytes(b"migrated")
    by_name = ProcessState("rg-local-1-aa", tmp_path / "state")
    assert by_name.tear_down(3.0) == ()
    assert (workspace / "app.db").read_bytes() == b"original"
    assert ProcessState("rg-local-1-aa", tmp_path / "state").tear_down(3.0) == ()


def test_what_a_killed_gate_left_is_cleaned_up_by_the_next(
    opened: Open, workspace: Path, tmp_path: Path
) -> None:
    stack = opened({"api": python("import time; time.sleep(300)")}, project="rg-local-2-bb")
    stack.start(None, 5.0)
    state = tmp_path / "state/rg-local-2-bb/state.json"
    pid = int(state.read_text().split('"pid": ')[2].split(",")[0])
    assert list(abandoned(tmp_path / "state")) == []
    state.write_text(state.read_text().replace(f'"pid": {os.getpid()},', '"pid": 999999999,'))
    assert list(abandoned(tmp_path / "state")) == ["rg-local-2-bb"]
    opened({"api": python("pass")}, project="rg-local-3-cc").prepare()
    assert not state.exists()
    stack.tear_down(1.0)
    assert identity_of(pid) is None


def test_a_reused_process_id_is_left_alone(tmp_path: Path) -> None:
    state = ProcessState("rg-local-4-dd", tmp_path / "state")
    state.open()
    state.add_process("api", os.getpid())
    file = tmp_path / "state/rg-local-4-dd/state.json"
    identity = identity_of(os.getpid())
    assert identity is not None
    head, tail = file.read_text().split('"processes"')
    file.write_text(f'{head}"processes"' + tail.replace(f'"{identity.started}"', '"1"'))
    assert ProcessState("rg-local-4-dd", tmp_path / "state").tear_down(0.2) == ()


def test_files_are_copied_out_of_the_workspace_only(opened: Open, workspace: Path) -> None:
    (workspace / "junit.xml").write_text("<testsuite/>")
    stack = opened({"api": python("pass")})
    assert stack.copy_out("api", "junit.xml") == b"<testsuite/>"
    with pytest.raises(StackError):
        stack.copy_out("api", "/etc/passwd")


def test_images_are_not_supported(opened: Open) -> None:
    stack = opened({"api": python("pass")})
    for question in (
        lambda: stack.build(1.0),
        lambda: stack.image("api"),
        lambda: stack.build_base("api", "/tmp", 1.0),
        lambda: stack.one_off("api", ["true"], timeout=1.0, image="x"),
    ):
        with pytest.raises(NotSupported):
            question()


def test_an_unknown_process_is_named(opened: Open) -> None:
    with pytest.raises(StackError, match="there are api"):
        opened({"api": python("pass")}).logs("web")


def test_the_ports_of_a_program_are_those_that_its_readiness_names(opened: Open) -> None:
    stack = opened(
        {
            "api": ProcessSpec(["x"], ready=Readiness(http="/health", tcp=9000)),
            "web": ProcessSpec(["x"], ready=Readiness(http="http://127.0.0.1/")),
            "worker": ProcessSpec(["x"]),
        },
        base_url="http://127.0.0.1:8123",
    )
    assert {name: stack.ports(name) for name in stack.services} == {
        "api": (9000, 8123),
        "web": (80,),
        "worker": (),
    }
    assert stack.host("api") == "127.0.0.1"
    assert stack.published() == ()


def test_a_program_that_fails_once_is_started_again_and_settles(
    opened: Open, workspace: Path
) -> None:
    once = "import os,sys,time\nif not os.path.exists('been'):\n open('been','w'); sys.exit(3)\n"
    spec = ProcessSpec(
        ["python", "-c", once + "time.sleep(60)"], python=".venv/bin/python", restart="on-failure"
    )
    stack = opened({"api": spec})
    stack.start(None, 10.0)
    (found,) = stack.wait(None, 20.0, 0.5)
    assert found.healthy
    assert found.restarts == 1


def test_a_program_that_only_crashes_is_a_crash_loop(opened: Open) -> None:
    spec = ProcessSpec(["python", "-c", "raise SystemExit(7)"], python=".venv/bin/python",
                       restart="always")  # fmt: skip
    stack = opened({"api": spec})
    stack.start(None, 10.0)
    (found,) = stack.wait(None, 20.0, 0.5)
    assert found.cause.startswith("crash loop: restarted ")
    assert found.exit_code == 7


def test_a_program_that_is_killed_ends_with_the_code_of_its_signal(opened: Open) -> None:
    kill = "import os,signal; os.kill(os.getpid(), signal.SIGKILL)"
    stack = opened({"api": ProcessSpec(["python", "-c", kill], python=".venv/bin/python")})
    stack.start(None, 10.0)
    (found,) = stack.wait(None, 5.0, 0.2)
    assert found.cause == "it exited with code 137 (SIGKILL)"


def test_a_command_is_a_readiness_beside_a_process_too(opened: Open) -> None:
    spec = ProcessSpec(
        ["python", "-c", "import time; time.sleep(0.5); open('up','w'); time.sleep(60)"],
        python=".venv/bin/python",
        ready=Readiness(command=["python", "-c", "open('up')"]),
    )
    stack = opened({"api": spec})
    stack.start(None, 10.0)
    (found,) = stack.wait(None, 20.0, 0.2)
    assert found.healthy
    assert found.seconds >= 0.4
