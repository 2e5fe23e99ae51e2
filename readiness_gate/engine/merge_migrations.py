"""Reads the revisions of the open pull requests of the declared order, and merges them on paper.

Only blobs are read, by `ast`; no code of a pull request runs.
"""

from collections.abc import Collection, Hashable, Iterable

from readiness_gate.checks.context import MergeFacts
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.migrations.location import find_versions, revision_files
from readiness_gate.migrations.reading import RevisionFile, read_revision
from readiness_gate.migrations.simulation import Branch, simulate
from readiness_gate.model.change import FileChange
from readiness_gate.model.pull_request import PullRequest

_FILES = 100
"""Revision files that are read in all: what is beyond costs more than it tells."""


Known = dict[Hashable, tuple[str, ...]]
"""What one command has found, by the heads of the order: a sweep asks for each of its members."""


def simulated(
    facts: MergeFacts,
    forge: Forge,
    workspace: Workspace,
    configs: Collection[str],
    known: Known | None = None,
) -> tuple[str, ...]:
    """Return what the declared order does to the histories of migrations, a line for each problem.

    Empty where no order is declared, where the checkout has no migrations, and where GitHub does
    not tell: this is advice beside the verdict.
    """
    waiting = _waiting(facts)
    if len(waiting) < 2:
        return ()
    known = known if known is not None else {}
    asked = (tuple((one.reference, one.head_sha) for one in waiting), frozenset(configs))
    if asked not in known:
        known[asked] = _read_all(waiting, facts, forge, workspace, configs)
    return known[asked]


def _read_all(
    waiting: list[PullRequest],
    facts: MergeFacts,
    forge: Forge,
    workspace: Workspace,
    configs: Collection[str],
) -> tuple[str, ...]:
    lines: list[str] = []
    for config in sorted(set(configs)):
        try:
            folders = find_versions(workspace, config)
            lines += _of_history(waiting, facts, forge, workspace, folders)
        except (ConfigurationError, ForgeError):
            continue
    return tuple(dict.fromkeys(lines))


def _waiting(facts: MergeFacts) -> list[PullRequest]:
    found = (facts.facts.get(one) for group in facts.order for one in group)
    return [one for one in found if isinstance(one, PullRequest) and one.state == "open"]


def _of_history(
    waiting: list[PullRequest],
    facts: MergeFacts,
    forge: Forge,
    workspace: Workspace,
    folders: Iterable[str],
) -> tuple[str, ...]:
    prefixes = tuple(f"{folder}/" for folder in folders)
    changes = forge.inventory.plain_changes([one.reference.number for one in waiting])
    branches: list[Branch] = []
    added: set[str] = set()
    room = _FILES
    for one in waiting:
        number = one.reference.number
        listed = changes[number] if number in changes else forge.inventory.changes(number)
        paths = [each.path for each in listed if _is_revision(each, prefixes)][:room]
        room -= len(paths)
        added |= set(paths)
        branches.append(Branch(one.reference.short(facts.home), _read(forge, one, paths)))
    # The checkout may hold the pull request at hand: what any of them brings is not the base.
    base = [
        found
        for folder in folders
        for path, content in revision_files(workspace, folder).items()
        if path not in added and isinstance(found := read_revision(path, content), RevisionFile)
    ]
    return simulate(base, branches)


def _is_revision(change: FileChange, prefixes: tuple[str, ...]) -> bool:
    return change.present and change.path.endswith(".py") and change.path.startswith(prefixes)


def _read(forge: Forge, one: PullRequest, paths: Iterable[str]) -> tuple[RevisionFile, ...]:
    found = []
    for path in paths:
        content = forge.file(path, one.head_sha)
        revision = read_revision(path, content) if content is not None else None
        if isinstance(revision, RevisionFile):
            found.append(revision)
    return tuple(found)
