"""Whose fault is a failed build, pull or start: the platform's or the pull request's?"""

import re
from dataclasses import dataclass

from readiness_gate.errors import StackError

TAIL = 4000
_LIMIT = re.compile(r"toomanyrequests|429 too many requests|rate limit", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"manifest unknown|manifest for .* not found|pull access denied|repository does not exist"
    r"|: not found$|no such image|no such manifest",
    re.IGNORECASE | re.MULTILINE,
)
_NETWORK = re.compile(
    r"i/o timeout|tls handshake timeout|no such host|connection refused|connection reset"
    r"|network is unreachable|temporary failure in name resolution|could not resolve host"
    r"|name or service not known|failed to establish a new connection|context deadline exceeded"
    r"|unexpected eof|50[0234] (?:bad gateway|service|gateway|internal)|server misbehaving"
    r"|proxyconnect|temporary failure resolving",
    re.IGNORECASE,
)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_NO_ENGINE = re.compile(r"cannot connect to the docker daemon|error during connect", re.IGNORECASE)
_DENIED = re.compile(
    r"unauthorized|authentication required|denied: |no basic auth credentials", re.IGNORECASE
)

_STEP = re.compile(r'process "(?P<shell>.*)" did not complete successfully: exit code: (\d+)')
_EXECUTOR = re.compile(r"executor failed running \[(?P<shell>.*)\]: exit code: (\d+)")
_CLASSIC = re.compile(r"The command '(?P<shell>.*)' returned a non-zero code: (\d+)")
_MARKED = re.compile(r"^\s*(\d+)\s*\|\s*>>>\s?(.*)$", re.MULTILINE)
_PARSE = re.compile(r"dockerfile parse error(?: on)? line (\d+): (.*)", re.IGNORECASE)
_PULLED = re.compile(r"(failed to resolve source metadata for|pull access denied for) (\S+)")
_SHELL = re.compile(r"^/bin/sh -c ")


@dataclass(frozen=True)
class Cause:
    """Why a command of the platform failed, in one line."""

    message: str
    infrastructure: bool
    advice: str = ""


def pull_failure(image: str, log: str) -> Cause:
    """Return why an image could not be pulled; never the pull request's fault."""
    if _LIMIT.search(log):
        return Cause(
            f"the registry's pull limit is reached for {image}",
            True,
            "Log in to the registry (DOCKER_AUTH_CONFIG), or run again later.",
        )
    platform = _platform(log)
    if platform is not None:
        return platform
    if _DENIED.search(log) and "pull access denied" not in log:
        return Cause(f"the registry refuses {image}", True, "Give credentials for the registry.")
    if _UNKNOWN.search(log):
        return Cause(
            f"no registry has the image {image} for us",
            True,
            "Check the image's name and tag, and the credentials if it is private.",
        )
    return Cause(f"the image {image} cannot be pulled: {_last_line(log)}", True)


def build_failure(service: str, log: str, dockerfile: str) -> Cause:
    """Return why the image of a service could not be built, with the failing line where known."""
    cause = _step_failure(log, dockerfile) or _base_failure(log) or _platform(log)
    if cause is None:
        number = _marked_line(log)
        place = f"Dockerfile line {number}: " if number else ""
        cause = Cause(f"{place}{_last_line(log)}", False)
    return Cause(f"building {service}: {cause.message}", cause.infrastructure, cause.advice)


def _step_failure(log: str, dockerfile: str) -> Cause | None:
    step = _STEP.search(log) or _EXECUTOR.search(log) or _CLASSIC.search(log)
    if step is None:
        parse = _PARSE.search(log)
        return Cause(f"Dockerfile line {parse[1]}: {parse[2][:200]}", False) if parse else None
    shell = _SHELL.sub("", step["shell"].replace('\\"', '"'))
    number = _marked_line(log) or _line_of(shell, dockerfile)
    place = f"Dockerfile line {number}" if number else "a step of the Dockerfile"
    output = log[-TAIL:]
    if _NETWORK.search(output) or _FULL.search(output):
        reason = "has no network" if _NETWORK.search(output) else "found the disk full"
        return Cause(f"{place} ({shell[:120]}) {reason}", True)
    return Cause(f"{place} failed with exit code {step[2]}: {shell[:200]}", False)


def _base_failure(log: str) -> Cause | None:
    if _LIMIT.search(log):
        return Cause("the registry's pull limit is reached", True, "Log in, or run again later.")
    pulled = _PULLED.search(log)
    return pull_failure(pulled[2].rstrip(":,"), log) if pulled else None


def start_failure(log: str) -> Cause:
    """Return why containers could not be created or started."""
    platform = _platform(log)
    if platform is not None:
        return platform
    if "port is already allocated" in log or "address already in use" in log:
        return Cause(f"a port of the machine is taken: {_last_line(log)}", True)
    if "could not find an available" in log or "Pool overlaps" in log:
        return Cause(f"no address range is left for a network: {_last_line(log)}", True)
    if _UNKNOWN.search(log):
        return Cause(f"an image is missing: {_last_line(log)}", True)
    return Cause(_last_line(log), False)


def as_error(cause: Cause, log: str) -> StackError:
    """Return the cause as the error that the engine reports."""
    return StackError(
        cause.message, advice=cause.advice, infrastructure=cause.infrastructure, log=log[-TAIL:]
    )


def _platform(log: str) -> Cause | None:
    if _NO_ENGINE.search(log):
        return Cause("the container engine does not answer", True, "Start Docker.")
    if _FULL.search(log):
        return Cause("the disk of the engine is full", True, "Free space on the machine.")
    if _NETWORK.search(log):
        return Cause(f"the registry cannot be reached: {_last_line(log)}", True, "Run again.")
    return None


def _marked_line(log: str) -> int | None:
    found = _MARKED.search(log)
    return int(found[1]) if found else None


def _line_of(shell: str, dockerfile: str) -> int | None:
    wanted = " ".join(shell.split())
    for number, line in enumerate(dockerfile.splitlines(), start=1):
        words = " ".join(line.rstrip("\\").split()).partition(" ")
        if words[0].upper() == "RUN" and words[2] and wanted.startswith(words[2].strip()):
            return number
    return None


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("time=") and set(line) != {"-"}]
    return lines[-1][:300] if lines else "it said nothing"
