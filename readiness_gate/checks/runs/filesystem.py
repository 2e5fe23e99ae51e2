"""What `filesystem` does when it runs; what it promises stands beside its options."""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.services import chosen, stack_of
from readiness_gate.checks.stack.filesystem import FileExpectation, FilesystemOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import Stack
from readiness_gate.stack.facts import CONTENT_CAP, FileEntry

_SHOWN = 20
_LINKS = 10


def run(context: CheckContext, options: FilesystemOptions) -> CheckResult:
    """Look at every path in every running replica of the services."""
    stack = stack_of(context)
    problems: list[str] = []
    unclear: list[str] = []
    rows: list[tuple[str, ...]] = []
    for service in chosen(context, options.services):
        for path, wanted in options.files.items():
            found = _found(stack, service, path, wanted)
            if not found:
                unclear.append(f"{service} has no replica to look into")
            for replica, entry in found.items():
                rows.append((replica, path, *_row(entry)))
                where = f"{service}: {path}"
                if wanted.reads and entry and entry.kind == "file" and entry.content is None:
                    unclear.append(f"{where} is over {CONTENT_CAP} bytes and is not read")
                problems += [f"{where}: {text}" for text in _judged(wanted, entry)]
                if wanted.writable is not None and entry is not None:
                    problems += _writable(stack, service, replica, path, entry, wanted)
    table = TableEvidence(
        title="Files",
        columns=("replica", "path", "type", "mode", "owner", "group", "size"),
        rows=tuple(rows[:_SHOWN]),
        omitted=max(0, len(rows) - _SHOWN),
    )
    problems = list(dict.fromkeys(problems))
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(problems[0] + more, details="\n".join(problems[:_SHOWN]), evidence=[table])
    if unclear:
        return cannot_tell(ErrorClass.INCONCLUSIVE, unclear[0], evidence=[table])
    return passed(f"{len(rows)} path{'s' if len(rows) != 1 else ''} as asserted", evidence=[table])


def _found(
    stack: Stack, service: str, path: str, wanted: FileExpectation
) -> Mapping[str, FileEntry | None]:
    """Return what is at a path in each replica, with links followed where that is meant."""
    found = dict(stack.file_entries(service, path, content=wanted.reads))
    if wanted.asks_of_the_link:
        return found
    for replica, first in found.items():
        entry, seen = first, {path}
        for _ in range(_LINKS):
            if entry is None or entry.kind != "symlink" or not entry.target:
                break
            target = posixpath.normpath(entry.target)
            if target in seen:
                raise ConfigurationError(f"{path} of {service} is a link in a circle")
            seen.add(target)
            entry = stack.file_entries(service, target, content=wanted.reads).get(replica)
        else:
            if entry is not None and entry.kind == "symlink":
                raise ConfigurationError(f"{path} of {service} leads over more than {_LINKS} links")
        found[replica] = entry
    return found


def _judged(wanted: FileExpectation, entry: FileEntry | None) -> Iterator[str]:
    if entry is None:
        if wanted.exists:
            yield "is not there"
        return
    if not wanted.exists:
        yield f"is there, a {entry.kind}"
        return
    if wanted.filetype is not None and wanted.filetype != entry.kind:
        yield f"is a {entry.kind}, expected a {wanted.filetype}"
    if wanted.mode is not None and wanted.mode != f"{entry.mode:04o}":
        yield f"has mode {entry.mode:04o}, expected {wanted.mode}"
    content = entry.content
    text = ABSENT if content is None else content.decode("utf-8", "replace")
    digest = ABSENT if content is None else hashlib.sha256(content).hexdigest()
    for name, raw, actual in (
        ("owner", wanted.owner, entry.owner or str(entry.uid)),
        ("group", wanted.group, entry.group or str(entry.gid)),
        ("uid", wanted.uid, entry.uid),
        ("gid", wanted.gid, entry.gid),
        ("size", wanted.size, entry.size if entry.kind == "file" else ABSENT),
        ("linked-to", wanted.linked_to, entry.target or ABSENT),
    ):
        if name.replace("-", "_") in wanted.model_fields_set:
            yield from _explained(name, raw, actual)
    if entry.kind == "file" and content is None:
        return
    if "contents" in wanted.model_fields_set:
        yield from _of_content(wanted.contents, text)
    if "sha256" in wanted.model_fields_set:
        yield from _explained("sha256", wanted.sha256, digest)


def _of_content(raw: Any, text: object) -> Iterator[str]:
    """Yield what does not hold of a content; never the content, which may be a secret."""
    matcher = compile_matcher(raw)
    if matcher.holds(text):
        return
    failing = next((part for part in matcher.parts if not part.holds(text)), matcher)
    got = ", got nothing" if text is ABSENT else ""
    yield f"contents: expected {failing.expectation}{got}"


def _explained(name: str, raw: Any, actual: object) -> Iterator[str]:
    cause = compile_matcher(raw).explain(actual)
    if cause is not None:
        yield f"{name}: {cause}"


def _writable(
    stack: Stack,
    service: str,
    replica: str,
    path: str,
    entry: FileEntry,
    wanted: FileExpectation,
) -> Iterator[str]:
    """Yield a line where the configured user may, or may not, write in spite of what is wanted."""
    one = next((one for one in stack.inspect(service) if one.replica == replica), None)
    if one is None:
        raise ConfigurationError(f"{replica} is gone")
    host = one.engine.get("HostConfig") or {}
    mount = _mount_of(path, one.engine.get("Mounts") or ())
    reason = _refusal(
        stack, service, str((one.engine.get("Config") or {}).get("User") or ""), entry
    )
    if mount is not None and not mount.get("RW", True):
        reason = f"{mount['Destination']} is mounted read-only"
    elif mount is None and host.get("ReadonlyRootfs"):
        reason = "the root file system is read-only"
    if bool(reason) is wanted.writable:
        yield f"{service}: {path}: {f'cannot be written: {reason}' if reason else 'can be written'}"


def _mount_of(path: str, mounts: Any) -> Mapping[str, Any] | None:
    holding = [one for one in mounts if _holds(str(one.get("Destination")), path)]
    return max(holding, key=lambda one: len(str(one["Destination"])), default=None)


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _refusal(stack: Stack, service: str, user: str, entry: FileEntry) -> str:
    """Return why the rights let a user not write, empty where they do."""
    name, _, group = (user or "root").partition(":")
    if name in {"root", "0"}:
        return ""
    accounts = _accounts(stack, service, "/etc/passwd")
    groups = _accounts(stack, service, "/etc/group")
    known = accounts.get(name) or next((a for a in accounts.values() if a[2] == name), None)
    uid = known[2] if known else name
    gids = {known[3]} if known and len(known) > 3 else {"0"}
    if group:
        gids = {groups[group][2] if group in groups else group}
    else:
        login = known[0] if known else name
        gids |= {one[2] for one in groups.values() if login in one[-1].split(",")}
    if uid == "0":
        return ""
    bit = 0o002
    if str(entry.uid) == uid:
        bit = 0o200
    elif str(entry.gid) in gids:
        bit = 0o020
    return "" if entry.mode & bit else f"{name} has no right to ({entry.mode:04o})"


def _accounts(stack: Stack, service: str, file: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in stack.file_entries(service, file, content=True).values():
        text = ((entry.content if entry else None) or b"").decode("utf-8", "replace")
        for parts in (line.split(":") for line in text.splitlines()):
            if len(parts) > 3:
                found.setdefault(parts[0], parts)
    return found


def _row(entry: FileEntry | None) -> tuple[str, ...]:
    if entry is None:
        return ("not there", "", "", "", "")
    owner, group = entry.owner or str(entry.uid), entry.group or str(entry.gid)
    return (entry.kind, f"{entry.mode:04o}", owner, group, str(entry.size))
