import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.runs.filesystem import run
from readiness_gate.checks.stack.filesystem import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.programs import HostPrograms
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.facts import FileEntry, Inspected
from readiness_gate.stack.process import ProcessStack
from readiness_gate.stack.process_launch import ProcessSpec
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.stack.compose.real import opener

REPLICA = "rg-test-backend-1"
FOLDER = FileEntry("directory", 0o755, 1000, 1000, 0, "app", "app")
NOTE = FileEntry("file", 0o640, 0, 0, 12, "root", "root", content=b"debug: off\nx")
LINK = FileEntry("symlink", 0o777, 0, 0, 0, "root", "root", target="/data")
PASSWD = b"root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"
GROUP = b"root:x:0:\napp:x:1000:\nshared:x:50:app\n"


def listed(content: bytes) -> FileEntry:
    return FileEntry("file", 0o644, 0, 0, len(content), content=content)


def stack_of(**places: FileEntry | None) -> FakeStack:
    stack = FakeStack(("backend",))
    entries = {"/etc/passwd": listed(PASSWD), "/etc/group": listed(GROUP)}
    for name, entry in {**entries, **places}.items():
        stack.entries["backend", name] = {REPLICA: entry}
    return stack


def answer(files: str, stack: FakeStack) -> CheckResult:
    facts = context(stack=stack, steps=booted("backend"))
    return run(facts, options(CHECK, f"files: {files}"))


def test_what_is_as_asserted_passes_with_a_table() -> None:
    stack = stack_of(**{"/data": FOLDER, "/note": NOTE})
    text = (
        '{/data/: {filetype: directory, mode: "755", owner: app, uid: 1000, group: app}, '
        '/note: {mode: "0640", gid: 0, size: {gt: 0}, contents: ["debug: off", "!/secret/"]}, '
        "/nowhere: {exists: false}}"
    )
    result = answer(text, stack)
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == "3 paths as asserted"
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0] == (REPLICA, "/data", "directory", "0755", "app", "app", "0")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("{/nowhere: {}}", "backend: /nowhere: is not there"),
        ("{/data: {exists: false}}", "backend: /data: is there, a directory"),
        ("{/data: {filetype: file}}", "backend: /data: is a directory, expected a file"),
        ('{/data: {mode: "0700"}}', "backend: /data: has mode 0755, expected 0700"),
        ("{/note: {owner: app}}", 'backend: /note: owner: expected "app", got "root"'),
        ("{/note: {contents: [debug]}, /data: {uid: 0}}", "backend: /data: uid: expected 0"),
        ("{/note: {contents: ['!debug']}}", "backend: /note: contents: expected it not to contain"),
        ("{/data: {size: {ge: 0}}}", "backend: /data: size: expected at least 0, got nothing"),
        ("{/data: {contents: x}}", 'backend: /data: contents: expected "x", got nothing'),
        ("{/data: {linked-to: /x}}", 'backend: /data: linked-to: expected "/x", got nothing'),
    ],
)
def test_what_is_otherwise_fails_with_both_values(files: str, said: str) -> None:
    result = answer(files, stack_of(**{"/data": FOLDER, "/note": NOTE}))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(said)


def test_a_link_is_followed_unless_it_is_meant_itself() -> None:
    stack = stack_of(**{"/current": LINK, "/data": FOLDER})
    followed = answer("{/current: {filetype: directory, owner: app}}", stack)
    assert followed.outcome is Outcome.PASSED
    itself = answer("{/current: {filetype: symlink, linked-to: /data}}", stack)
    assert itself.outcome is Outcome.PASSED
    gone = answer("{/current: {}}", stack_of(**{"/current": LINK}))
    assert gone.summary == "backend: /current: is not there"


def test_a_link_in_a_circle_is_a_wrong_configuration() -> None:
    circle = FileEntry("symlink", 0o777, 0, 0, 0, target="/current")
    with pytest.raises(ConfigurationError, match="circle"):
        answer("{/current: {}}", stack_of(**{"/current": circle}))


def test_a_chain_of_links_without_an_end_in_sight_is_not_taken_for_a_file() -> None:
    chain = {
        f"/l{number}": FileEntry("symlink", 0o777, 0, 0, 0, target=f"/l{number + 1}")
        for number in range(12)
    }
    with pytest.raises(ConfigurationError, match="more than 10 links"):
        answer("{/l0: {}}", stack_of(**chain))


def test_where_no_replica_was_looked_into_nothing_is_as_asserted() -> None:
    stack = stack_of()
    stack.entries["backend", "/data"] = {}
    result = answer("{/data: {}}", stack)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert "no replica" in result.summary


def test_one_replica_of_two_is_enough_to_fail() -> None:
    stack = stack_of()
    stack.entries["backend", "/data"] = {REPLICA: FOLDER, "rg-test-backend-2": None}
    result = answer("{/data: {}}", stack)
    assert result.outcome is Outcome.FAILED


def test_a_file_that_is_too_long_to_be_read_proves_nothing() -> None:
    long = FileEntry("file", 0o644, 0, 0, 9_000_000)
    result = answer("{/log: {contents: ['!secret']}}", stack_of(**{"/log": long}))
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_the_content_of_a_file_is_never_shown() -> None:
    result = answer("{/note: {contents: [missing]}}", stack_of(**{"/note": NOTE}))
    assert result.summary == 'backend: /note: contents: expected it to contain "missing"'
    assert "debug" not in str(result)


def test_the_hash_of_the_content_is_judged() -> None:
    digest = hashlib.sha256(NOTE.content or b"").hexdigest()
    stack = stack_of(**{"/note": NOTE})
    assert answer(f"{{/note: {{sha256: {digest}}}}}", stack).outcome is Outcome.PASSED
    assert answer("{/note: {sha256: beef}}", stack).outcome is Outcome.FAILED


def described(user: str, **more: Any) -> tuple[Inspected, ...]:
    host = {"ReadonlyRootfs": more.pop("read_only", False)}
    engine = {"Config": {"User": user}, "HostConfig": host, "Mounts": more.pop("mounts", [])}
    return (Inspected(REPLICA, engine, {}),)


@pytest.mark.parametrize(
    ("user", "uid", "gid", "mode", "writes"),
    [
        ("", 0, 0, 0o000, True),
        ("app", 1000, 0, 0o755, True),
        ("app", 1000, 0, 0o555, False),
        ("1000", 1000, 1000, 0o700, True),
        ("app", 0, 1000, 0o775, True),
        ("app", 0, 50, 0o775, True),
        ("app:root", 0, 50, 0o775, False),
        ("app", 0, 0, 0o755, False),
        ("app", 0, 0, 0o777, True),
        ("app", 1000, 1000, 0o077, False),
        ("4711", 0, 0, 0o775, True),
        ("4711:4711", 0, 0, 0o775, False),
    ],
)
def test_rights_are_those_of_the_configured_user(
    user: str, uid: int, gid: int, mode: int, writes: bool
) -> None:
    stack = stack_of(**{"/data": FileEntry("directory", mode, uid, gid, 0)})
    stack.containers["backend"] = described(user)
    wanted = str(writes).lower()
    assert answer(f"{{/data: {{writable: {wanted}}}}}", stack).outcome is Outcome.PASSED
    other = str(not writes).lower()
    assert answer(f"{{/data: {{writable: {other}}}}}", stack).outcome is Outcome.FAILED


def test_what_is_mounted_read_only_cannot_be_written_even_by_root() -> None:
    stack = stack_of(**{"/data": FOLDER, "/data/in": FOLDER})
    mounts = [
        {"Destination": "/data", "RW": False},
        {"Destination": "/data/in", "RW": True},
    ]
    stack.containers["backend"] = described("", mounts=mounts, read_only=True)
    result = answer("{/data: {writable: true}}", stack)
    assert result.summary == "backend: /data: cannot be written: /data is mounted read-only"
    assert answer("{/data/in: {writable: true}}", stack).outcome is Outcome.PASSED
    root = answer("{/etc/passwd: {writable: true}}", stack)
    assert root.summary.endswith("the root file system is read-only")


def test_what_asserts_nothing_is_refused() -> None:
    assert refusal(CHECK, "{files: {}}")
    assert refusal(CHECK, "{services: backend}")
    assert "nothing more can be said" in refusal(CHECK, "files: {/a: {exists: false, uid: 0}}")
    assert "in quotes" in refusal(CHECK, "files: {/a: {mode: 644}}")
    assert "octal" in refusal(CHECK, 'files: {/a: {mode: "0999"}}')
    assert "climb" in refusal(CHECK, "files: {/a/../b: {}}")


def test_a_system_of_somebody_else_has_no_files() -> None:
    stack = ExternalStack(project="rg", base_url="http://localhost")
    with pytest.raises(NotSupported):
        run(context(stack=stack), options(CHECK, "files: {/a: {}}"))


def test_files_of_a_process_are_those_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o750)
    (tmp_path / "data/note").write_text("hello")
    (tmp_path / "link").symlink_to("data")
    (tmp_path / "out").symlink_to("/etc")
    stack = ProcessStack(
        {"app": ProcessSpec(command=(sys.executable, "-V"))},
        project="rg-test",
        base_url=None,
        workspace=Workspace(tmp_path),
        programs=HostPrograms({"PATH": os.environ["PATH"]}),
        clock=SystemClock(),
        web=TargetWeb(),
        passed_on={},
        state_root=tmp_path / "state",
    )
    facts = context(stack=stack, workspace=tmp_path)
    text = 'files: {link: {mode: "0750"}, data/note: {contents: hello}, nowhere: {exists: false}}'
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.details
    with pytest.raises(StackError, match="leads out"):
        run(facts, options(CHECK, "files: {out/passwd: {}}"))


COMPOSE = """
services:
  app:
    build: .
    init: true
    user: app
    volumes: ["data:/data", "data:/shown:ro"]
    tmpfs: [/scratch]
volumes: {data: {}}
"""
DOCKERFILE = """
FROM python:3.13-slim-trixie
RUN useradd --uid 1000 app && mkdir /data && chown app /data && chmod 750 /data \\
    && printf 'debug: off' > /etc/app.yml && chmod 640 /etc/app.yml \\
    && ln -s /etc/app.yml /app.yml && ln -s /scratch /memory && chmod 4755 /usr/bin/env
CMD ["python", "-c", "import time; time.sleep(600)"]
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    (root / "Dockerfile").write_text(DOCKERFILE)
    with opener() as opened:
        stack = opened(root)
        stack.build(60.0)
        stack.start(None, 60.0)
        assert all(one.healthy for one in stack.wait(None, 60.0, 0.2))
        yield context(workspace=root, stack=stack, steps=booted("app"))


@pytest.mark.docker
def test_files_of_a_real_container_are_read_without_its_programs(facts: CheckContext) -> None:
    text = """
files:
  /data: {filetype: directory, mode: "0750", owner: app, uid: 1000, writable: true}
  /shown: {writable: false}
  /etc/app.yml: {mode: "0640", owner: root, group: root, contents: "debug: off", writable: false}
  /app.yml: {size: 10}
  /app.yml/below: {exists: false}
  /usr/bin/env: {mode: "4755"}
  /usr: {filetype: directory}
  /nowhere/at/all: {exists: false}
"""
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.details
    link = "files: {/app.yml: {filetype: symlink, linked-to: /etc/app.yml}}"
    assert run(facts, options(CHECK, link)).outcome is Outcome.PASSED


@pytest.mark.docker
@pytest.mark.parametrize(
    "path", ["/scratch/upload", "/memory/upload", "/memory", "/proc/1/environ", "/dev/shm"]
)
def test_what_the_engine_does_not_show_is_not_taken_for_absent(
    path: str, facts: CheckContext
) -> None:
    with pytest.raises(StackError, match="the engine does not show"):
        run(facts, options(CHECK, f"files: {{{path}: {{exists: false}}}}"))
