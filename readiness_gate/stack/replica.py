"""One container of a service at one moment, in the engine's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Replica:
    """What the engine says of a container; times are its own, in RFC 3339."""

    id: str
    name: str
    service: str
    number: int = 1
    status: str = "created"
    """`created`, `running`, `restarting`, `paused`, `exited`, `dead`, `removing`."""
    health: str | None = None
    """`starting`, `healthy`, `unhealthy`; `None` without a health check."""
    exit_code: int = 0
    restarts: int = 0
    started_at: str = ""
    finished_at: str = ""
    out_of_memory: bool = False
    restart_policy: str = "no"
    max_retries: int = 0
    error: str = ""
    """Why the engine could not start it."""
    health_output: str = ""

    @property
    def was_started(self) -> bool:
        """Whether it ever ran."""
        return bool(self.started_at)

    @property
    def fingerprint(self) -> tuple[str, str, int]:
        """Return what stays the same as long as it runs without a restart."""
        return (self.id, self.started_at, self.restarts)

    @property
    def comes_back(self) -> bool:
        """Whether the engine will start it again after the exit that was seen."""
        if self.restart_policy in {"always", "unless-stopped"}:
            return True
        if self.restart_policy != "on-failure" or self.exit_code == 0:
            return False
        return self.max_retries == 0 or self.restarts < self.max_retries


def replica_of(inspection: Mapping[str, Any], *, service: str, number: int) -> Replica:
    """Return the replica out of the engine's answer to `GET /containers/{id}/json`."""
    state = inspection["State"]
    health = state.get("Health") or {}
    status = health.get("Status")
    log = health.get("Log") or []
    policy = (inspection.get("HostConfig") or {}).get("RestartPolicy") or {}
    return Replica(
        id=str(inspection["Id"]),
        name=str(inspection.get("Name", "")).lstrip("/"),
        service=service,
        number=number,
        status=str(state.get("Status", "")),
        health=None if status in {None, "", "none"} else str(status),
        exit_code=int(state.get("ExitCode") or 0),
        restarts=int(inspection.get("RestartCount") or 0),
        started_at=_moment(state.get("StartedAt")),
        finished_at=_moment(state.get("FinishedAt")),
        out_of_memory=bool(state.get("OOMKilled")),
        restart_policy=str(policy.get("Name") or "no"),
        max_retries=int(policy.get("MaximumRetryCount") or 0),
        error=str(state.get("Error") or "")[:500],
        health_output=str(log[-1].get("Output") or "")[:500].strip() if log else "",
    )


def instant(text: str) -> datetime | None:
    """Return the engine's time stamp (nanoseconds cut off), `None` where there is none."""
    if not text:
        return None
    whole, _, rest = text.partition(".")
    digits = rest.rstrip("Z")[:6]
    try:
        moment = datetime.fromisoformat(whole.rstrip("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.replace(microsecond=int(digits.ljust(6, "0"))) if digits.isdigit() else moment


def _moment(text: object) -> str:
    return "" if text in {None, "", _NEVER} else str(text)
