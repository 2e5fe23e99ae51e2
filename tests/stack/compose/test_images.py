from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.errors import StackError
from readiness_gate.stack.base import BuiltImage
from readiness_gate.stack.compose.command_line import CommandLine, DockerAccess
from readiness_gate.stack.compose.engine import DockerEngine
from readiness_gate.stack.compose.images import Images, write_model
from readiness_gate.stack.compose.isolation import isolate
from tests.fakes.programs import FakePrograms, Run
from tests.stack.compose.fake_engine import InMemoryEngine
from tests.stack.compose.real import opener

PROJECT = "rg-1-1-aa"
LABELS = {"readiness-gate.project": PROJECT}


class Bench:
    """An engine and a command line that adds to it what it builds and pulls."""

    def __init__(self, tmp_path: Path, services: dict[str, Any]) -> None:
        self.engine = InMemoryEngine()
        self.layers: list[int] = []
        self.fail: Callable[[Run], str] = lambda _: ""
        self.programs = FakePrograms(self._run)
        line = CommandLine(
            self.programs, DockerAccess(), project=PROJECT, scratch=tmp_path, passed_on={}
        )
        isolated = isolate({"services": services}, project=PROJECT, labels=LABELS, publish=False)
        self.images = Images(self.engine, line, isolated, tmp_path / "model.json", tmp_path, 0.0)

    def _run(self, run: Run) -> Completed:
        log = self.fail(run)
        if log:
            return Completed(run.argv, 1, "", log, 0.1)
        name = f"{PROJECT}-{run.argv[-1]}" if "build" in run.argv else run.argv[-1]
        self.engine.add("images", name, {}, Size=1_000, Layers=self.layers)
        return Completed(run.argv, 0, "", "", 0.1)

    def all(self) -> tuple[BuiltImage, ...]:
        return self.images.all(lambda: 60.0)

    @property
    def commands(self) -> list[str]:
        """Return the verb and its object of every command, in any order."""
        verbs = {"build", "pull"}
        return sorted(
            f"{next(word for word in run.argv if word in verbs)} {run.argv[-1]}"
            for run in self.programs.runs
        )


def test_each_image_is_built_or_pulled_once(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path,
        {
            "api": {"build": {"context": "/w"}},
            "worker": {"build": {"context": "/w"}},
            "db": {"image": "postgres:17"},
            "replica": {"image": "postgres:17"},
        },
    )
    found = bench.all()
    assert bench.commands == ["build api", "pull postgres:17"]
    assert [(one.service, one.name, one.built, one.size) for one in found] == [
        ("api", f"{PROJECT}-api", True, 1_000),
        ("db", "postgres:17", False, 1_000),
    ]


def test_an_image_that_is_there_is_not_pulled_unless_the_project_says_always(
    tmp_path: Path,
) -> None:
    bench = Bench(
        tmp_path, {"db": {"image": "a:1"}, "mail": {"image": "b:1", "pull_policy": "always"}}
    )
    bench.engine.add("images", "a:1", {}, Size=1)
    bench.engine.add("images", "b:1", {}, Size=1)
    bench.all()
    assert bench.commands == ["pull b:1"]


def test_a_pull_is_tried_twice_and_then_the_platform_s_fault(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"db": {"image": "a:1"}})
    bench.fail = lambda _: "toomanyrequests: limit"
    with pytest.raises(StackError) as refused:
        bench.all()
    assert bench.commands == ["pull a:1", "pull a:1"]
    assert refused.value.infrastructure
    assert refused.value.message == "service db: the registry's pull limit is reached for a:1"


def test_a_build_is_never_tried_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"web": {"build": {"context": "/w"}}})
    bench.fail = lambda _: 'process "/bin/sh -c x" did not complete successfully: exit code: 1'
    with pytest.raises(StackError) as refused:
        bench.all()
    assert bench.commands == ["build web"]
    assert not refused.value.infrastructure


def test_what_the_author_can_fix_comes_before_what_a_new_run_can(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"db": {"image": "a:1"}, "web": {"build": {"context": "/w"}}})
    bench.fail = lambda run: (
        "toomanyrequests" if "pull" in run.argv else "dockerfile parse error on line 2: x"
    )
    with pytest.raises(StackError, match="building web: Dockerfile line 2"):
        bench.all()


def test_a_service_with_neither_image_nor_build_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"services\.web: neither image nor build"):
        Bench(tmp_path, {"web": {}}).all()


def test_an_image_that_looks_like_an_option_is_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"web": {"image": "--all-tags"}})
    bench.all()
    assert bench.programs.runs[0].argv[-2:] == ("--", "--all-tags")


def test_the_model_is_for_this_user_s_eyes_only(tmp_path: Path) -> None:
    write_model({"services": {}}, tmp_path / "model.json")
    assert (tmp_path / "model.json").stat().st_mode & 0o077 == 0


def test_a_size_is_that_of_the_unpacked_layers_and_bases_are_read(tmp_path: Path) -> None:
    dockerfile = """
ARG TAG=3.12
FROM python:${TAG} AS build
FROM debian:13
COPY --from=build /a /a
COPY --from=nginx:1.26 /b /b
COPY --from=0 /c /c
"""
    (tmp_path / "Dockerfile").write_text(dockerfile)
    build = {"context": str(tmp_path), "args": {"TAG": "3.13"}}
    bench = Bench(tmp_path, {"api": {"build": build}})
    bench.layers = [7_000, 0, 500]
    (image,) = bench.all()
    assert (image.size, image.measure) == (7_500, "unpacked layers")
    assert image.bases == ("python:3.13", "debian:13", "nginx:1.26")


def test_an_engine_that_tells_no_layers_is_asked_for_its_own_figure(tmp_path: Path) -> None:
    (image,) = Bench(tmp_path, {"db": {"image": "postgres:17"}}).all()
    assert (image.size, image.measure, image.bases) == (1_000, "the engine's own figure", ())


@pytest.mark.docker
def test_a_real_image_has_its_layers_and_its_base(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(
        "services: {app: {build: {context: ., args: {TAG: 3.13-slim-trixie}}, command: sleep 1}}"
    )
    dockerfile = "ARG TAG\nFROM python:${TAG}\nRUN head -c 5000000 /dev/zero > /five\n"
    (tmp_path / "Dockerfile").write_text(dockerfile)
    with opener() as opened:
        stack = opened(tmp_path)
        (image,) = stack.build(120.0)
        engine = DockerEngine()
        base = sum(engine.layers("python:3.13-slim-trixie"))
        engine.close()
    assert image.bases == ("python:3.13-slim-trixie",)
    assert image.measure == "unpacked layers"
    assert 5_000_000 <= image.size - base < 5_100_000
    assert image.seconds > 0
