"""What `container-inspect` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness_gate.checks.container_facts import (
    DEFAULT_CAPABILITIES,
    bind_sources,
    capabilities,
    cpus,
    exposed,
    has_health_check,
    memory,
    mounts,
    new_privileges,
    pids,
    published,
    restart,
    starts_as_root,
)
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.stack.container_inspect import ContainerInspectOptions
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.matchers.jsonpath import compile_path
from readiness_gate.matchers.matcher import shown
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import Stack
from readiness_gate.stack.facts import Inspected

_SHOWN = 20
_SHORTEST = 4
"""Characters of a secret; a shorter one would blank out words of every text."""


_COLUMNS = ("replica", "user", "capabilities", "memory", "cpus", "restart", "mounts")


def run(context: CheckContext, options: ContainerInspectOptions) -> CheckResult:
    """Judge every container of the services."""
    stack = stack_of(context)
    seen: list[Inspected] = []
    problems: list[str] = []
    for service in chosen(context, options.services):
        found = stack.inspect(service)
        if not found:
            return cannot_tell(ErrorClass.INCONCLUSIVE, f"service {service} has no container")
        seen += found
        hidden = _hidden(stack, service) if options.jsonpath else ()
        for one in found:
            name = _shown(one, found, service)
            problems += [f"{name}: {text}" for text in judged(options, one, hidden)]
        problems += _renamed_root(options, stack, service, found)
    table = _table(seen)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(problems[0] + more, details="\n".join(problems[:_SHOWN]), evidence=[table])
    number = f"{len(seen)} container{'s' if len(seen) != 1 else ''}"
    return passed(f"{_asserted(options)} in {number}", evidence=[table])


def _hidden(stack: Stack, service: str) -> tuple[str, ...]:
    """Return values that no message may show: a description has the variables, too."""
    return tuple(value for value in stack.secrets(service).values() if len(value) >= _SHORTEST)


def _without(value: object, hidden: Sequence[str]) -> object:
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, list):
        return [_without(one, hidden) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, hidden) for key, one in value.items()}
    return value


def _renamed_root(
    options: ContainerInspectOptions, stack: Stack, service: str, found: Sequence[Inspected]
) -> Iterator[str]:
    """Yield a line where a user of another name has the number of root."""
    names = {str((one.engine.get("Config") or {}).get("User") or "") for one in found}
    names = {name.partition(":")[0] for name in names if not starts_as_root(name)}
    if options.non_root is not True or all(name.isdecimal() for name in names):
        return
    running = [one for one in found if (one.engine.get("State") or {}).get("Running")]
    if not running:
        return
    for entry in stack.file_entries(service, "/etc/passwd", content=True).values():
        lines = ((entry.content if entry else None) or b"").decode("utf-8", "replace").splitlines()
        for parts in (line.split(":") for line in lines):
            if len(parts) > 2 and parts[0] in names and parts[2] == "0":
                yield f"{service}: starts as {parts[0]}, which is root by another name"
                return


def judged(
    options: ContainerInspectOptions, one: Inspected, hidden: Sequence[str] = ()
) -> Iterator[str]:
    """Yield a line for every assertion that does not hold of one container, without `hidden`."""
    given = options.model_fields_set
    config: Mapping[str, Any] = one.engine.get("Config") or {}
    host: Mapping[str, Any] = one.engine.get("HostConfig") or {}
    user = str(config.get("User") or "")
    for name, raw, actual in (
        ("user", options.user, user or "root"),
        ("capabilities", options.capabilities, capabilities(one)),
        ("restart", options.restart, restart(one)),
        ("ports", options.ports, published(one)),
        ("exposed", options.exposed, exposed(one)),
    ):
        if name in given:
            yield from _explained(name, raw, actual)
    for name, wanted, is_so in (
        ("non-root", options.non_root, not starts_as_root(user)),
        ("privileged", options.privileged, bool(host.get("Privileged"))),
        ("read-only", options.read_only, bool(host.get("ReadonlyRootfs"))),
        ("no-new-privileges", options.no_new_privileges, not new_privileges(one)),
        ("health-check", options.health_check, has_health_check(one)),
    ):
        if wanted is not None and wanted is not is_so:
            yield _WORDS[name][is_so].format(user=user or "root")
    for name, limit, unit, number in (
        ("memory", options.memory, Unit.SIZE, memory(one)),
        ("cpus", options.cpus, Unit.NUMBER, cpus(one)),
        ("pids", options.pids, Unit.NUMBER, pids(one)),
    ):
        if limit:
            cause = threshold(limit, unit).explain(number)
            if cause is not None:
                yield f"{name}: {'no limit is declared' if number is None else cause}"
    yield from _mounted(options, one)
    for path, raw in options.jsonpath.items():
        matcher, found = compile_matcher(raw), compile_path(path)(one.engine)
        if not matcher.holds(found):
            failing = next((part for part in matcher.parts if not part.holds(found)), matcher)
            yield f"{path}: expected {failing.expectation}, got {shown(_without(found, hidden))}"


_WORDS = {
    "non-root": {False: "starts as {user}", True: "starts as {user}, which is not root"},
    "privileged": {True: "is privileged", False: "is not privileged"},
    "read-only": {
        False: "its root file system can be written",
        True: "its root file system is read-only",
    },
    "no-new-privileges": {
        False: "its programs may gain privileges",
        True: "its programs cannot gain privileges",
    },
    "health-check": {False: "has no health check", True: "has a health check"},
}


def _mounted(options: ContainerInspectOptions, one: Inspected) -> Iterator[str]:
    found = mounts(one)
    for path, raw in options.mounts.items():
        yield from _explained(f"mount {path}", raw, found.get(path.rstrip("/") or "/", ABSENT))
    binds = bind_sources(one)
    if options.binds is False and binds:
        yield f"mounts {binds[0]} of the host"
    if options.binds is True and not binds:
        yield "mounts nothing of the host"


def _explained(name: str, raw: Any, actual: object) -> Iterator[str]:
    cause = compile_matcher(raw).explain(actual)
    if cause is not None:
        yield f"{name}: {cause}"


def _shown(one: Inspected, found: Sequence[Inspected], service: str) -> str:
    return one.replica if len(found) > 1 else service


def _asserted(options: ContainerInspectOptions) -> str:
    single = options.model_fields_set - {"services", "mounts", "jsonpath"}
    number = len(single) + len(options.mounts) + len(options.jsonpath)
    return f"{number} assertion{'s hold' if number != 1 else ' holds'}"


def _in_words(names: Sequence[str]) -> str:
    if set(names) == DEFAULT_CAPABILITIES:
        return "default"
    return " ".join(names) if len(names) <= len(DEFAULT_CAPABILITIES) else f"{len(names)}"


def _table(seen: Sequence[Inspected]) -> TableEvidence:
    return TableEvidence(
        title="Containers",
        columns=_COLUMNS,
        rows=tuple(
            (
                one.replica,
                str((one.engine.get("Config") or {}).get("User") or "root"),
                _in_words(capabilities(one)),
                "" if memory(one) is None else f"{(memory(one) or 0) / 1_000_000:.0f} MB",
                "" if cpus(one) is None else f"{cpus(one):g}",
                restart(one),
                " ".join(f"{path}={kind}" for path, kind in mounts(one).items()),
            )
            for one in seen
        ),
    )
