"""The action's image started as GitHub's runner starts it (actions/runner, DockerRun).

Differences to the local runner: the default bridge instead of the host's network, the workspace at
`/github/workspace` instead of under its own path, the files of commands below `/github`.
"""

import itertools
import json
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.github import Site
from tests.e2e.leftovers import docker, left_behind
from tests.e2e.repository import NAME, ROOT, Checkout
from tests.github_double.events import Event

IMAGE = "readiness-gate-test/gate:e2e"
TEARDOWN = "/opt/readiness-gate/app/teardown"
_OUTPUT = re.compile(r"^([a-z-]+)<<(\S+)\n(.*?)\n\2$", re.MULTILINE | re.DOTALL)
_runs = itertools.count(1)


def build_image(action: Path) -> str:
    """Build the image by the same builder as the local runner, so that layers are shared."""
    done = subprocess.run(
        ["docker", "build", "--quiet", "--tag", IMAGE, str(action)],
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return IMAGE


def bridge_address() -> str:
    """Return the host's address on the default bridge: what containers there can reach."""
    shown = docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}").stdout
    pool = json.loads(shown)[0]
    return str(pool.get("Gateway") or pool["Subnet"].rpartition(".")[0] + ".1")


@dataclass
class Runner:
    """One job of one step: its folders on the host, its containers, its variables."""

    checkout: Checkout
    site: Site
    event: Event
    token: str = "ghs_writer"
    inputs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folders that the runner mounts."""
        self.run_id = f"{os.getpid()}{next(_runs):03d}9"
        self.work = self.checkout.folder.parent / "work"
        for name in ("temp", "home", "workflow", "file_commands"):
            (self.work / name).mkdir(parents=True, exist_ok=True)
        self.event.write(self.work / "workflow" / "event.json")
        for name in ("output", "summary", "state"):
            (self.work / "file_commands" / name).touch()

    @property
    def project_prefix(self) -> str:
        """Return how the names of this job's projects begin."""
        return f"rg-{self.run_id}-"

    def start(self, *, entrypoint: str | None = None) -> "Step":
        """Start a container of the step, or its post step."""
        name = f"gate-{self.run_id}-{'post' if entrypoint else 'main'}"
        mounts = {
            "/var/run/docker.sock": "/var/run/docker.sock",
            str(self.work / "temp"): "/github/runner_temp",
            str(self.work / "home"): "/github/home",
            str(self.work / "workflow"): "/github/workflow",
            str(self.work / "file_commands"): "/github/file_commands",
            str(self.checkout.folder): "/github/workspace",
        }
        variables = self._variables()
        command = ["docker", "run", "--name", name, "--label", "readiness-gate-test"]
        command += ["--workdir", "/github/workspace", "--rm"]
        command += [part for key in variables for part in ("-e", key)]
        command += ["--entrypoint", entrypoint] if entrypoint else []
        command += [part for here, there in mounts.items() for part in ("-v", f"{here}:{there}")]
        path = self.work / f"{name}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [*command, IMAGE],
                env={"PATH": os.environ["PATH"], **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return Step(name, process, path)

    def left(self) -> dict[str, list[str]]:
        """Return what is left of this job on the engine."""
        return left_behind(self.project_prefix)

    def containers(self, service: str) -> list[str]:
        """Return the running containers of a service of this job's project."""
        listed = docker(
            "ps", "--filter", f"label=com.docker.compose.service={service}",
            "--format", '{{.Label "com.docker.compose.project"}}',
        ).stdout.split()  # fmt: skip
        return [one for one in listed if one.startswith(self.project_prefix)]

    def wait_for(self, service: str, step: "Step", seconds: float = 240) -> None:
        """Wait until a service of the stack runs; fails when the step ends before."""
        deadline = time.monotonic() + seconds
        while not self.containers(service):
            assert step.process.poll() is None, f"it ended before {service} ran:\n{step.log}"
            assert time.monotonic() < deadline, f"{service} never ran:\n{step.log}"
            time.sleep(0.1)

    @property
    def outputs(self) -> dict[str, str]:
        """Return the step's outputs."""
        text = (self.work / "file_commands" / "output").read_text(encoding="utf-8")
        return {name: value for name, _, value in _OUTPUT.findall(text)}

    @property
    def summary(self) -> str:
        """Return the job summary."""
        return (self.work / "file_commands" / "summary").read_text(encoding="utf-8")

    @property
    def report(self) -> dict[str, Any]:
        """Return the report."""
        path = self.checkout.folder / self.outputs["report"]
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report

    def _variables(self) -> dict[str, str]:
        address = f"http://{bridge_address()}:{self.site.double.port}"
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        inputs = {name: str(one.get("default", "")) for name, one in action["inputs"].items()}
        inputs |= {"token": self.token, **self.inputs}
        return {
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION": "readiness-gate",
            "GITHUB_API_URL": address,
            "GITHUB_GRAPHQL_URL": f"{address}/graphql",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_JOB": "readiness",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": self.run_id,
            "GITHUB_SHA": self.checkout.test_merge_sha,
            "GITHUB_STATE": "/github/file_commands/state",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "GITHUB_WORKFLOW": "Readiness",
            "GITHUB_WORKSPACE": "/github/workspace",
            "RUNNER_NAME": "GitHub Actions 2",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": "/github/runner_temp",
            "RUNNER_WORKSPACE": str(self.checkout.folder.parent),
        }


@dataclass
class Step:
    """One container of a job, in the hands of its `docker run`."""

    name: str
    process: "subprocess.Popen[bytes]"
    written: Path

    def send(self, signal: int) -> None:
        """Signal the command, as the runner does; it hands on what it can."""
        self.process.send_signal(signal)

    def kill_container(self) -> None:
        """End the gate without any chance to clean up."""
        docker("kill", "--signal", "KILL", self.name)

    def wait(self, seconds: float = 300) -> int:
        """Return the exit code of the container."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            docker("rm", "--force", self.name)
            raise AssertionError(f"{self.name} did not end:\n{self.log}") from None

    @property
    def log(self) -> str:
        """Return what it has written so far."""
        return self.written.read_text(encoding="utf-8", errors="replace")
