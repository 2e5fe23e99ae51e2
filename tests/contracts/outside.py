"""The gate from outside: a folder, an environment, the GitHub double, and what came of a call."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.github_double import GitHubDouble, Repository
from tests.github_double.events import Event

ROOT = Path(__file__).parents[2]
CONFIG = ".github/readiness.yml"
MERGE, CHECKS = "readiness / merge", "readiness / checks"


@dataclass(frozen=True)
class Called:
    """What a call came to."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def said(self) -> str:
        """Return everything, for messages of tests."""
        return f"exit code {self.exit_code}\n{self.stdout}\n{self.stderr}"

    @property
    def json(self) -> Any:
        """Return standard output as JSON."""
        return json.loads(self.stdout)

    @property
    def report(self) -> dict[str, Any]:
        """Return the written report."""
        text = (self.folder / "readiness-report" / "report.json").read_text(encoding="utf-8")
        report: dict[str, Any] = json.loads(text)
        return report

    def item(self, id_: str) -> dict[str, Any]:
        """Return an item of the report."""
        found: dict[str, Any] = next(one for one in self.report["items"] if one["id"] == id_)
        return found


class Command:
    """The command line, warm."""

    def __init__(self) -> None:
        """Start the interpreter that calls are forked off."""
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.warm_command"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End it."""
        self._server.communicate(timeout=30)

    def __call__(
        self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Called:
        """Call `readiness-gate` in a folder; it gets `PATH`, `HOME` and what is given."""
        said = {name: folder.parent / f"{folder.name}.{name}" for name in ("stdout", "stderr")}
        call = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": {
                "PATH": os.environ["PATH"],
                "HOME": str(folder.parent),
                # Nothing of these tests may start a container.
                "DOCKER_HOST": "unix:///nonexistent/docker.sock",
                **(environment or {}),
            },
            **{name: str(path) for name, path in said.items()},
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(call) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        texts = [path.read_text(encoding="utf-8") for path in said.values()]
        return Called(code, texts[0], texts[1], folder)


@dataclass
class Site:
    """A repository on the double, with a folder that is checked out."""

    command: Command
    double: GitHubDouble
    home: Repository
    folder: Path
    token: str = "ghs_writer"
    extra: dict[str, str] = field(default_factory=dict)

    def on(self, event: Event, *arguments: str, **inputs: str) -> Called:
        """Call the command as a step of an event's run."""
        path = event.write(self.folder.parent / "event.json")
        said = {
            **event.environment(self.double, path),
            "GITHUB_TOKEN": self.token,
            "GITHUB_WORKSPACE": str(self.folder),
            "GITHUB_RUN_ID": "7001",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_OUTPUT": str(self.folder.parent / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder.parent / "summary"),
            **self.extra,
        }
        options = [f"--{name.replace('_', '-')}={value}" for name, value in inputs.items()]
        return self.command(self.folder, *(arguments or ("run",)), *options, environment=said)

    def asked(self, *arguments: str, **environment: str) -> Called:
        """Call the command as a person does, with a token."""
        said = {
            "GITHUB_TOKEN": self.token,
            "GITHUB_REPOSITORY": self.home.full_name,
            "GITHUB_API_URL": self.double.api_url,
            "GITHUB_GRAPHQL_URL": self.double.graphql_url,
            "GITHUB_SERVER_URL": self.double.web,
            **environment,
        }
        return self.command(self.folder, *arguments, environment=said)

    def states(self, sha: str) -> dict[str, str]:
        """Return the newest state of each context of a commit."""
        return {one.context: one.state for one in self.home.verdicts.newest(sha)}

    def said(self, sha: str) -> dict[str, str]:
        """Return the newest description of each context of a commit."""
        return {one.context: one.description or "" for one in self.home.verdicts.newest(sha)}

    def history(self, sha: str, context: str) -> list[str]:
        """Return every state that a context had on a commit, oldest first."""
        every = reversed(self.home.verdicts.on(sha))
        return [one.state for one in every if one.context == context]

    def comments(self, number: int) -> list[str]:
        """Return the comments on a pull request."""
        return [one.body for one in self.home.comments_on(number)]

    @property
    def writes(self) -> list[str]:
        """Return what was written to GitHub or refused there, as method and path."""
        return [f"{one.method} {one.path}" for one in self.double.requests if one.writes]

    @property
    def writes_done(self) -> list[str]:
        """Return what was written to GitHub."""
        done = (one for one in self.double.requests if one.writes and one.code in {200, 201})
        return [f"{one.method} {one.path}" for one in done]


@contextmanager
def site(
    command: Command,
    folder: Path,
    config: str | None,
    *,
    files: Mapping[str, str] | None = None,
    name: str = "acme/shop",
) -> Iterator[Site]:
    """Serve a repository whose base has `config` (`None`: none at all) and `files`.

    The folder is what a job has checked out: the same files, without git.
    """
    tree = {"README.md": "# Shop\n", **(files or {})}
    if config is not None:
        tree[CONFIG] = config
    write(folder, tree)
    with GitHubDouble() as double:
        home = double.repository(name, files=tree)
        yield Site(command, double, home, folder)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
