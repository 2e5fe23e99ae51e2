"""What a build may read and where it may write: the checkout, and registries."""

# ruff: noqa: SIM905 - names in a sentence read better than a column of quoted ones

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from readiness_gate.stack.compose.files import Refusal
from readiness_gate.stack.compose.policy_places import PathRule

_FREE = frozenset(
    "args dockerfile_inline labels no_cache pull shm_size tags target ulimits platforms provenance"
    " sbom".split()
)
_KNOWN = frozenset(
    "context dockerfile additional_contexts cache_from network extra_hosts secrets".split()
)


def build_refusals(where: str, build: Any, paths: PathRule) -> Iterator[Refusal]:
    """Yield what is wrong with the `build` of a service."""
    if isinstance(build, str):
        build = {"context": build}
    context = str(build.get("context") or "")
    yield from _context(f"{where}.context", context, paths)
    dockerfile = str(build.get("dockerfile") or "")
    if dockerfile and not _is_remote(context):
        path = str(Path(context) / dockerfile)
        yield from paths.file(f"{where}.dockerfile", path, "file-outside")
    for name, source in _named(build.get("additional_contexts")):
        text = str(source)
        if not text.startswith("docker-image://"):
            yield from _context(f"{where}.additional_contexts.{name}", text, paths)
    yield from _caches(f"{where}.cache_from", build.get("cache_from") or ())
    if str(build.get("network") or "default") not in {"default", "none"}:
        yield Refusal(f"{where}.network", f"builds in {build['network']!r}", "build-network")
    for name, address in _named(build.get("extra_hosts")):
        if "host-gateway" in f"{name}={address}":
            yield Refusal(f"{where}.extra_hosts", "reaches the machine itself", "host-gateway")
    for key, value in build.items():
        if key not in _FREE | _KNOWN and not key.startswith("x-") and value:
            allow = f"build-{key.replace('_', '-')}"
            yield Refusal(f"{where}.{key}", "is not allowed in a build", allow)


def _context(where: str, context: str, paths: PathRule) -> Iterator[Refusal]:
    if _is_remote(context):
        yield Refusal(where, f"{context} is fetched from elsewhere", "remote-context")
    elif context:
        yield from paths.file(where, context, "file-outside")


def _is_remote(context: str) -> bool:
    return "://" in context or context.startswith(("git@", "github.com/")) or ":" in context


def _caches(where: str, entries: Any) -> Iterator[Refusal]:
    for number, entry in enumerate(entries):
        text = str(entry)
        if "type=" in text and not ("type=registry" in text or "type=gha" in text):
            yield Refusal(f"{where}[{number}]", f"reads {entry}", "build-cache-from")


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(name), entry) for name, entry in value.items())
    else:
        for entry in value or ():
            name, _, rest = str(entry).partition("=")
            yield name, rest
