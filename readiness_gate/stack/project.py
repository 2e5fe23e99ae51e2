"""Names and labels of one run, derivable by whoever has to clean up after it (DESIGN 2.2)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROJECT_LABEL = "readiness-gate.project"
OWNER_LABEL = "readiness-gate.owner"
DEADLINE_LABEL = "readiness-gate.deadline"
PROJECT_NAME = re.compile(r"rg-[a-z0-9][a-z0-9_-]{0,100}")


def project_name(
    *,
    repository: str,
    workflow: str,
    job: str,
    action: str,
    runner: str,
    run_id: str,
    run_attempt: str,
) -> str:
    """Return `rg-<run>-<attempt>-<hash8>`, the same in every step of one job.

    The post step is a new container without state of the first: it derives the same name from the
    same variables. The hash tells jobs and runners of one run apart.
    """
    return f"rg-{_plain(run_id)}-{_plain(run_attempt)}-" + _hash8(
        repository, workflow, job, action, runner
    )


def local_project_name(*, pid: int, workspace: Path) -> str:
    """Return `rg-local-<pid>-<hash8 of the workspace>` for a run outside Actions."""
    return f"rg-local-{pid}-{_hash8(str(workspace))}"


@dataclass(frozen=True)
class Owner:
    """Who started a project; once it is gone a janitor may remove what is left."""

    kind: str
    """`container` or `process`."""
    name: str
    """Container id; or `<boot id>/<pid namespace>/<pid>/<start time>`."""

    @property
    def label(self) -> str:
        """Return the text of the owner label."""
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, label: str) -> "Owner | None":
        """Return the owner out of a label, `None` where it is not one of ours."""
        kind, _, name = label.partition(":")
        return cls(kind, name) if kind in {"container", "process"} and name else None


KEPT = Owner("kept", "by-its-user")
"""Owner of a stack that its user keeps: it reads as nobody's, and lives until its deadline."""


def labels(project: str, owner: Owner, deadline: datetime) -> Mapping[str, str]:
    """Return the labels that everything of a project carries."""
    return {
        PROJECT_LABEL: project,
        OWNER_LABEL: owner.label,
        DEADLINE_LABEL: deadline.isoformat(timespec="seconds"),
    }


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())[:32] or "0"


def _hash8(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
