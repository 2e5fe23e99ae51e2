"""The rules of `compose-model`, one function each, asked of one service at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.checks.options.compose_rule import Rule
from readiness_gate.checks.project_files import listed, mapping
from readiness_gate.formats.image_name import image_name

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_RESTARTS = ("always", "unless-stopped", "on-failure")
_POWERS = frozenset({"ALL", "SYS_ADMIN", "CAP_SYS_ADMIN"})
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


@dataclass(frozen=True)
class AskedService:
    """One service of the merged model, as a rule sees it."""

    name: str
    body: Mapping[str, Any]
    all: Mapping[str, Mapping[str, Any]]

    @property
    def ends_by_itself(self) -> bool:
        """Whether another service waits until it has completed."""
        return any(
            mapping(mapping(body.get("depends_on")).get(self.name)).get("condition")
            == "service_completed_successfully"
            for body in self.all.values()
        )

    @property
    def limits(self) -> Mapping[str, Any]:
        """Return `deploy.resources.limits`."""
        return mapping(mapping(mapping(self.body.get("deploy")).get("resources")).get("limits"))


@dataclass(frozen=True)
class Finding:
    """What does not hold, and the key it hangs on; `doubt`: a variable decides it."""

    key: str
    text: str
    doubt: bool = False


def has_health_check(body: Mapping[str, Any]) -> bool:
    """Return whether a service has a health check that is not turned off."""
    check = mapping(body.get("healthcheck"))
    test = check.get("test")
    off = str(check.get("disable")).lower() == "true" or test in ("NONE", ["NONE"])
    return bool(test) and not off


def _health_check(service: AskedService) -> Iterator[Finding]:
    if not has_health_check(service.body) and not service.ends_by_itself:
        yield Finding("healthcheck", "has no health check")


def _healthy_dependencies(service: AskedService) -> Iterator[Finding]:
    for name, entry in mapping(service.body.get("depends_on")).items():
        waits = mapping(entry).get("condition", "service_started") != "service_started"
        if not waits and has_health_check(mapping(service.all.get(name))):
            yield Finding("depends_on", f"does not wait until {name} is healthy")


def _memory_limit(service: AskedService) -> Iterator[Finding]:
    if not (service.limits.get("memory") or service.body.get("mem_limit")):
        yield Finding("deploy", "has no memory limit")


def _cpu_limit(service: AskedService) -> Iterator[Finding]:
    named = (service.limits.get("cpus"), service.body.get("cpus"), service.body.get("cpu_quota"))
    if not any(named):
        yield Finding("deploy", "has no CPU limit")


def _restart_policy(service: AskedService) -> Iterator[Finding]:
    restart = str(service.body.get("restart") or "")
    policy = mapping(mapping(service.body.get("deploy")).get("restart_policy"))
    if policy and policy.get("condition", "any") != "none":
        return
    if not restart.startswith(_RESTARTS) and not service.ends_by_itself:
        doubt = "$" in restart
        yield Finding("restart", f"is not restarted (restart: {restart or 'no'})", doubt=doubt)


def _log_rotation(service: AskedService) -> Iterator[Finding]:
    logging = mapping(service.body.get("logging"))
    driver = str(logging.get("driver") or "json-file")
    if "$" in driver:
        yield Finding("logging", f"logs to {driver[:60]}, which a variable decides", doubt=True)
    elif driver == "json-file" and not mapping(logging.get("options")).get("max-size"):
        yield Finding("logging", "has logs that grow without end (logging.options.max-size)")


def _pinned_image(service: AskedService) -> Iterator[Finding]:
    yield from _image(service, digest=False)


def _pinned_digest(service: AskedService) -> Iterator[Finding]:
    yield from _image(service, digest=True)


def _image(service: AskedService, *, digest: bool) -> Iterator[Finding]:
    image = str(service.body.get("image") or "")
    if service.body.get("build") or not image:
        return
    name = image_name(image)
    if name.digest and "$" not in name.digest:
        return
    if "$" in image:
        yield Finding("image", f"has the image {image[:80]}, which a variable decides", doubt=True)
    elif digest:
        yield Finding("image", f"has the image {image[:80]}, not named by digest")
    elif not name.is_pinned:
        yield Finding("image", f"has the image {image[:80]}, which no tag pins")


def _local_ports(service: AskedService) -> Iterator[Finding]:
    for port in listed(service.body.get("ports")):
        address = str(mapping(port).get("host_ip") or "")
        if address not in _LOOPBACK:
            target = mapping(port).get("target")
            doubt = "$" in address
            yield Finding("ports", f"publishes {target} beyond this machine", doubt=doubt)


def _no_privileges(service: AskedService) -> Iterator[Finding]:
    body = service.body
    if str(body.get("privileged")).lower() == "true":
        yield Finding("privileged", "is privileged")
    for key in ("network_mode", "pid", "ipc", "userns_mode"):
        if body.get(key) == "host":
            yield Finding(key, f"shares the host's {key.removesuffix('_mode')}")
    for power in _POWERS.intersection(str(one).upper() for one in listed(body.get("cap_add"))):
        yield Finding("cap_add", f"has the capability {power}")
    for option in listed(body.get("security_opt")):
        if str(option).replace("=", ":").endswith(":unconfined"):
            yield Finding("security_opt", f"runs with {option}")
    for volume in listed(body.get("volumes")):
        if str(mapping(volume).get("source") or "").rstrip("/") in _SOCKETS:
            yield Finding("volumes", "holds the engine's socket")


def _read_only(service: AskedService) -> Iterator[Finding]:
    if str(service.body.get("read_only")).lower() != "true":
        yield Finding("read_only", "can write to its own file system")


RULES: Mapping[Rule, Callable[[AskedService], Iterator[Finding]]] = {
    "health-check": _health_check,
    "healthy-dependencies": _healthy_dependencies,
    "memory-limit": _memory_limit,
    "cpu-limit": _cpu_limit,
    "restart-policy": _restart_policy,
    "log-rotation": _log_rotation,
    "pinned-image": _pinned_image,
    "pinned-digest": _pinned_digest,
    "local-ports": _local_ports,
    "no-privileges": _no_privileges,
    "read-only": _read_only,
}
"""Every rule by its name."""
