"""Removes projects of the gate whose owner is gone, and no others (self-hosted runners)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import Engine, NotThere
from readiness_gate.stack.compose.teardown import tear_down
from readiness_gate.stack.owner import is_gone
from readiness_gate.stack.project import DEADLINE_LABEL, OWNER_LABEL, PROJECT_LABEL, Owner

_TIMEOUT = 20.0
_QUICK = 0.0


def abandoned(engine: Engine, *, now: datetime, ours: str) -> tuple[str, ...]:
    """Return the projects, other than `ours`, that lost their owner.

    Raises:
        StackError: the engine does not answer.
    """
    projects: dict[str, Mapping[str, str]] = {}
    for labels in _labels(engine):
        if labels.get(PROJECT_LABEL) and labels.get(OWNER_LABEL):
            projects[labels[PROJECT_LABEL]] = labels

    def runs(container: str) -> bool:
        try:
            return bool((engine.container(container).get("State") or {}).get("Running"))
        except NotThere:
            return False

    return tuple(
        sorted(
            project
            for project, labels in projects.items()
            if project != ours
            and is_gone(
                Owner.parse(labels[OWNER_LABEL]),
                _deadline(labels),
                now=now,
                container_runs=runs,
            )
        )
    )


def clean_up(
    engine: Engine, *, now: datetime, ours: str, timeout: float = _TIMEOUT
) -> tuple[str, ...]:
    """Remove abandoned projects; return those that are gone now. One that resists is left."""
    removed = []
    for project in abandoned(engine, now=now, ours=ours):
        try:
            # Where nothing runs any more, what resists is the engine's own leftover, and every
            # run would wait for it.
            runs = bool(engine.containers([f"{PROJECT_LABEL}={project}"]))
            if not tear_down(engine, project, timeout if runs else min(timeout, _QUICK)):
                removed.append(project)
        except StackError:
            continue
    return tuple(removed)


def _labels(engine: Engine) -> Iterator[Mapping[str, str]]:
    everything: list[Mapping[str, Any]] = [
        *engine.containers([PROJECT_LABEL]),
        *engine.networks([PROJECT_LABEL]),
        *engine.labelled_volumes([PROJECT_LABEL]),
    ]
    for thing in everything:
        yield thing.get("Labels") or {}


def _deadline(labels: Mapping[str, str]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(labels.get(DEADLINE_LABEL, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
