"""What reading checks ask of a running project: inspections, statistics, logs, files, secrets."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from stat import S_IMODE
from typing import Any, Literal

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import ArchiveEntry, Inspection, NotThere
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.facts import CONTENT_CAP, FileEntry, Inspected, LogLine, Usage
from readiness_gate.stack.handed_secrets import secret_values

_HIDDEN = ("/proc", "/sys", "/dev")
_ACCOUNTS = ("/etc/passwd", "/etc/group")
_SECRET_CAP = 64 * 1024
_DIGITS = 10


class Reading:
    """Looks at the containers of one project through the Engine API."""

    def __init__(self, of: ComposeProject, passed_on: Mapping[str, str]) -> None:
        """Look at nothing yet."""
        self._of = of
        self._passed_on = passed_on
        self._accounts: dict[tuple[str, str], Mapping[int, str]] = {}

    def inspect(self, service: str) -> tuple[Inspected, ...]:
        """Return the containers of a service by number, with the body that was declared."""
        declared = self._of.service(service).body
        return tuple(Inspected(_name(one), one, declared) for one in self._of.containers(service))

    def usage(self, service: str) -> tuple[Usage, ...]:
        """Return one measurement of every container of a service."""
        containers = self._of.containers(service)
        exits = self._of.watch.last_exits([service])
        _, memory_ran_out = exits.get(service, (None, False))
        return tuple(self._used(one, memory_ran_out) for one in containers)

    def log_lines(
        self, service: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[LogLine]:
        """Yield the lines of each container, also of one that ended."""
        for inspection in self._of.containers(service):
            name = _name(inspection)
            lines = self._of.engine.log_lines(str(inspection["Id"]), since=since, until=until)
            for at, text, cut in lines:
                yield LogLine(name, at, text, cut)

    def file_entries(
        self, service: str, path: str, *, content: bool = False
    ) -> dict[str, FileEntry | None]:
        """Return what the archive API has at a path, in every running container."""
        if not path.startswith("/"):
            raise StackError(f"{path}: write an absolute path", advice=f"For example /{path}.")
        found: dict[str, FileEntry | None] = {}
        for inspection in self._of.containers(service):
            if (inspection.get("State") or {}).get("Status") == "running":
                _require_shown(service, path, inspection)
                container = str(inspection["Id"])
                entry = self._entry(container, path, content)
                if entry is None:
                    led = self._led_to(container, path)
                    _require_shown(service, led, inspection)
                found[_name(inspection)] = entry
        if not found:
            raise NotThere(f"service {service} is not running")
        return found

    def secrets(self, service: str) -> dict[str, str]:
        """Return passed-on values that reach a service, its secrets, and passwords of URLs.

        The value of a secret that cannot be read, such as one outside the checkout, is empty.
        """
        of = self._of.service(service)
        found = secret_values(of.environment, self._passed_on)
        declared = self._of.prepared().model.data.get("secrets") or {}
        for used in of.body.get("secrets") or ():
            source = str(used.get("source") if isinstance(used, Mapping) else used)
            found[f"secret {source}"] = self._secret(declared.get(source) or {})
        return found

    def _secret(self, declared: Mapping[str, Any]) -> str:
        if declared.get("environment"):
            return self._passed_on.get(str(declared["environment"]), "")
        if declared.get("content"):
            return str(declared["content"]).strip()
        source = self._of.prepared().source
        try:
            # Through the door to the checkout: what was a file may be a link out of it by now.
            path = Path(str(declared.get("file") or "")).relative_to(source.known_as)
            data = source.workspace.read(str(path), cap=_SECRET_CAP)
        except (OSError, ValueError):
            return ""
        return data.decode("utf-8", "replace").strip()

    def _used(self, inspection: Inspection, memory_ran_out: bool) -> Usage:
        state = inspection.get("State") or {}
        running = state.get("Status") == "running"
        given: Inspection = {}
        if running:
            try:
                given = self._of.engine.statistics(str(inspection["Id"]))
            except NotThere:
                running = False
        limit = int((inspection.get("HostConfig") or {}).get("Memory") or 0)
        return Usage(
            replica=_name(inspection),
            running=running,
            memory=_memory(given.get("memory_stats") or {}),
            memory_limit=limit or None,
            cpu_seconds=_cpu(given.get("cpu_stats") or {}),
            restarts=int(inspection.get("RestartCount") or 0),
            out_of_memory=bool(state.get("OOMKilled")) or memory_ran_out,
            exit_code=None if running else int(state.get("ExitCode") or 0),
            identity=f"{inspection['Id']} {state.get('StartedAt')}",
        )

    def _entry(self, container: str, path: str, content: bool) -> FileEntry | None:
        try:
            cap = CONTENT_CAP if content else 0
            entry = self._of.engine.entry(container, path, content_cap=cap)
        except NotThere:
            return None
        member = entry.member
        return FileEntry(
            kind=_kind(entry),
            mode=S_IMODE(member.mode),
            uid=member.uid,
            gid=member.gid,
            size=member.size,
            owner=self._account(container, _ACCOUNTS[0], member.uid),
            group=self._account(container, _ACCOUNTS[1], member.gid),
            target=entry.target,
            content=entry.content if content else None,
        )

    def _led_to(self, container: str, path: str) -> str:
        """Return where a path leads: a folder on its way may be a link into hidden places."""
        way = PurePosixPath(path)
        for folder in reversed(way.parents[:-1]):
            try:
                entry = self._of.engine.entry(container, str(folder), content_cap=0)
            except NotThere:
                break
            if entry.member.issym() and entry.target:
                return str(PurePosixPath(entry.target, way.relative_to(folder)))
        return path

    def _account(self, container: str, file: str, number: int) -> str:
        """Return the name of a number in the container's own list of users or groups."""
        key = (container, file)
        if key not in self._accounts:
            try:
                content = self._of.engine.entry(container, file, content_cap=CONTENT_CAP).content
            except NotThere:
                content = None
            self._accounts[key] = _accounts(content or b"")
        return self._accounts[key].get(number, "")


def _accounts(content: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        parts = line.split(":")
        if len(parts) > 2 and parts[2].isdecimal() and len(parts[2]) <= _DIGITS:
            found.setdefault(int(parts[2]), parts[0])
    return found


def _kind(entry: ArchiveEntry) -> Literal["file", "directory", "symlink", "other"]:
    member = entry.member
    if member.issym():
        return "symlink"
    if member.isdir():
        return "directory"
    return "file" if member.isreg() or member.islnk() else "other"


def _require_shown(service: str, path: str, inspection: Inspection) -> None:
    """Refuse places that the archive API does not show: there is nothing, whatever is there."""
    host = inspection.get("HostConfig") or {}
    mounts = inspection.get("Mounts") or ()
    hidden = [*_HIDDEN, *(host.get("Tmpfs") or {})]
    hidden += [str(one.get("Destination")) for one in mounts if one.get("Type") == "tmpfs"]
    for place in hidden:
        if path == place or path.startswith(f"{place.rstrip('/')}/"):
            raise StackError(
                f"{path} of {service} lies in {place}, whose files the engine does not show",
                advice="Look at it with the check command inside the service.",
            )


def _memory(given: Mapping[str, Any]) -> int | None:
    """Return the memory in use as `docker stats` counts it; nothing where nothing is counted."""
    usage = given.get("usage")
    if not isinstance(usage, int) or usage <= 0:
        return None
    details = given.get("stats") or {}
    # Version 1 of control groups counts with its children only under the first name.
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return usage - cache if isinstance(cache, int) and 0 <= cache < usage else usage


def _cpu(given: Mapping[str, Any]) -> float | None:
    total = (given.get("cpu_usage") or {}).get("total_usage")
    return total / 1e9 if isinstance(total, int) and total > 0 else None


def _name(inspection: Inspection) -> str:
    return str(inspection.get("Name") or inspection["Id"]).lstrip("/")
