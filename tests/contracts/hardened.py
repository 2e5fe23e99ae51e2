"""The hardened pair from outside: a fork's checks with a reading token, then `publish`."""

import copy
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contracts.outside import CHECKS, Called, Command, Site, site
from tests.github_double import PullRequest, events
from tests.github_double.records import WorkflowRun

WORKFLOW = ".github/workflows/readiness-checks.yml"
NAME = "readiness-report"
CHECKS_WORKFLOW = """\
name: Readiness checks
on:
  pull_request:
  merge_group:
permissions: {}
jobs:
  checks:
    runs-on: ubuntu-24.04
    permissions: {contents: read, pull-requests: read}
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - uses: readiness-gate/readiness-gate@0000000000000000000000000000000000000000
        with: {mode: checks}
      - uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02
        if: always()
        with: {name: readiness-report, path: readiness-report/report.json}
"""
CONFIG = """\
version: 1
merge: {}
items:
  readme: {check: file-exists, with: {path: README.md}}
  licence: {check: file-exists, with: {path: LICENSE}, severity: low, blocking: false}
  deployed: {check: file-exists, with: {path: README.md}, stage: post-deploy}
"""
_NO_COMMENT = "--comment=never"
Json = dict[str, Any]


def packed(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def artifact_of(report: Json) -> bytes:
    """Return what upload-artifact makes of a report."""
    return packed({"report.json": json.dumps(report).encode()})


@dataclass
class Hardened:
    """A repository with the pair of workflows, and a pull request from a fork."""

    site: Site
    pull: PullRequest
    written: Json = field(default_factory=dict)

    def report(self, *, in_actions: bool = False) -> Json:
        """Return what the untrusted run wrote; it is run once.

        In Actions it tries to write, and is refused, a second apart.
        """
        if not self.written:
            trusted, self.site.token = self.site.token, "ghs_readonly"
            self.site.extra["GITHUB_ACTIONS"] = str(in_actions).lower()
            event = events.pull_request(self.site.double, self.pull, "opened")
            done = self.site.on(event, "run", "--half", "checks")
            self.site.token = trusted
            del self.site.extra["GITHUB_ACTIONS"]
            assert done.exit_code == 0, done.said
            self.written = done.report
        return copy.deepcopy(self.written)

    def run(self, content: bytes | None = None, **details: Any) -> WorkflowRun:
        """Return a completed run of the checks on the head, with its artifact (`b""`: without)."""
        given: dict[str, Any] = {"path": WORKFLOW, "name": "Readiness checks", **details}
        head = self.pull.head_repository
        made = self.site.home.verdicts.workflow_run(
            self.pull.head_ref, head_repository=head, **given
        )
        if content != b"":
            content = content or artifact_of(self.report())
            self.site.home.verdicts.artifact(made, NAME, content)
        return made

    def publish(
        self, run: WorkflowRun, *arguments: str, action: Any = "completed", comment: bool = False
    ) -> Called:
        """Call `publish` as a step of the trusted workflow; a comment costs three seconds."""
        event = events.workflow_run(self.site.double, self.site.home, run, action)
        return self.site.on(event, "publish", *arguments, *([] if comment else [_NO_COMMENT]))

    def published(
        self, change: Callable[[Json], None] | None = None, *, comment: bool = False
    ) -> Called:
        """Publish a run whose report is as it was written, but for a change."""
        report = self.report()
        if change is not None:
            change(report)
        return self.publish(self.run(artifact_of(report)), comment=comment)

    @property
    def state(self) -> str | None:
        """Return the state of the checks half on the head."""
        return self.site.states(self.pull.head_sha).get(CHECKS)

    @property
    def comment(self) -> str:
        """Return the only comment."""
        (only,) = self.site.comments(self.pull.number)
        return only


@contextmanager
def hardened(
    command: Command,
    folder: Path,
    *,
    config: str = CONFIG,
    files: Mapping[str, str] | None = None,
    fork: bool = True,
    changed: Mapping[str, str] | None = None,
) -> Iterator[Hardened]:
    """Serve the repository; the pull request 14 changes the files of `changed`."""
    tree = {WORKFLOW: CHECKS_WORKFLOW, "LICENSE": "MIT\n", **(files or {})}
    with site(command, folder, config, files=tree) as made:
        source = made.double.fork(made.home, "contributor") if fork else made.home
        pull = made.home.pull_request(
            number=14,
            head="change-14",
            head_repository=source,
            author="contributor",
            files=changed,
        )
        yield Hardened(made, pull)
