"""What is read of a real project: usage, logs of every kind, secrets in all their ways in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import NotThere
from readiness_gate.stack.compose.driver import ComposeStack
from readiness_gate.stack.compose.reading import _cpu, _memory
from readiness_gate.stack.facts import LogLine
from tests.stack.compose.real import opener


@pytest.mark.parametrize(
    ("given", "memory"),
    [
        ({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 1}}, 70),
        ({"usage": 100, "stats": {"inactive_file": 40}}, 60),
        ({"usage": 100, "stats": {"inactive_file": 400}}, 100),
        ({"usage": 100}, 100),
        ({"usage": 0, "stats": {}}, None),
        ({}, None),
    ],
)
def test_memory_is_counted_as_docker_stats_does(given: dict[str, Any], memory: int | None) -> None:
    assert _memory(given) == memory


def test_processor_time_that_is_not_counted_is_not_nothing() -> None:
    assert _cpu({"cpu_usage": {"total_usage": 1_500_000_000}}) == 1.5
    assert _cpu({"cpu_usage": {"total_usage": 0}}) is None
    assert _cpu({}) is None


COMPOSE = """
services:
  talker:
    image: python:3.13-slim-trixie
    init: true
    deploy: {replicas: 2}
    environment:
      API_TOKEN: "of the model"
      HANDED: ${HANDED_VALUE}
      DATABASE_URL: postgresql://shop:in-an-address@db/shop
      PLAIN: open
    secrets: [from-file, from-environment, swapped]
    command:
      - python
      - -uc
      - |
        import sys, time
        print("out")
        print("err", file=sys.stderr)
        print("x" * 40000 + "end")
        time.sleep(600)
  terminal:
    image: python:3.13-slim-trixie
    init: true
    tty: true
    command: [python, -uc, "import time; print('one'); print('two'); time.sleep(600)"]
  ended:
    image: python:3.13-slim-trixie
    command: [python, -uc, "print('last words')"]
secrets:
  from-file: {file: ./secret.txt}
  from-environment: {environment: HANDED_VALUE}
  swapped: {file: ./swapped.txt}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    root: Path = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    (root / "secret.txt").write_text("of a file\n")
    (root / "swapped.txt").write_text("harmless\n")
    with opener() as opened:
        made = opened(root, passed_on={"HANDED_VALUE": "of the step"})
        made.build(60.0)
        made.start(None, 60.0)
        made.wait(None, 30.0, 0.5)
        # As a container could that has the checkout mounted.
        (root / "swapped.txt").unlink()
        (root / "swapped.txt").symlink_to("/etc/hostname")
        yield made


def texts(lines: Iterator[LogLine]) -> list[str]:
    return [line.text for line in lines]


@pytest.mark.docker
def test_every_replica_is_read_with_whole_lines_and_times(stack: ComposeStack) -> None:
    found = list(stack.log_lines("talker"))
    names = {line.replica for line in found}
    assert len(names) == 2
    for name in names:
        mine = [line.text for line in found if line.replica == name]
        assert sorted(mine) == ["err", "out", "x" * 40000 + "end"]
    first = min(line.at for line in found)
    assert first > 1_700_000_000
    assert texts(stack.log_lines("talker", until=first - 10)) == []


@pytest.mark.docker
def test_lines_of_a_terminal_and_of_a_container_that_ended(stack: ComposeStack) -> None:
    assert texts(stack.log_lines("terminal")) == ["one", "two"]
    assert texts(stack.log_lines("ended")) == ["last words"]


@pytest.mark.docker
def test_usage_of_a_container_that_ended_is_its_exit(stack: ComposeStack) -> None:
    (ended,) = stack.usage("ended")
    assert (ended.running, ended.memory, ended.exit_code) == (False, None, 0)
    running = stack.usage("talker")
    assert len({one.identity for one in running}) == 2
    assert all((one.memory or 0) > 100_000 and one.cpu_seconds for one in running)


@pytest.mark.docker
def test_files_of_a_container_that_ended_are_not_read(stack: ComposeStack) -> None:
    with pytest.raises(NotThere):
        stack.file_entries("ended", "/etc/passwd")
    with pytest.raises(StackError, match="absolute path"):
        stack.file_entries("talker", "etc/passwd")


@pytest.mark.docker
def test_secrets_are_known_whichever_way_they_came_in(stack: ComposeStack) -> None:
    assert stack.secrets("talker") == {
        "API_TOKEN": "of the model",
        "HANDED": "of the step",
        "DATABASE_URL (its password)": "in-an-address",
        "secret from-file": "of a file",
        "secret from-environment": "of the step",
        "secret swapped": "",
    }
    assert stack.secrets("ended") == {}
