"""What many pull requests do to files, in batches, as far as one query can tell.

GraphQL tells neither the old name of a renamed file nor more than a hundred files at once; such a
pull request is left out, and REST lists it whole.
"""

from collections.abc import Collection

from readiness_gate.errors import ForgeError
from readiness_gate.forge.batch import read_batch
from readiness_gate.forge.client import Client
from readiness_gate.forge.rest import Fields
from readiness_gate.model.change import FileChange

_PERMISSION = "pull-requests: read"
_KINDS = {"ADDED": "added", "DELETED": "removed", "MODIFIED": "modified", "CHANGED": "changed"}
FRAGMENT = """
fragment changed on PullRequest {
  files(first: 100) { nodes { path changeType } pageInfo { hasNextPage } }
}
"""


def read_plain_changes(
    client: Client, repository: str, numbers: Collection[int]
) -> dict[int, tuple[FileChange, ...]]:
    """Return the changes of those that are told whole; the others are left out."""
    found = read_batch(
        client,
        repository,
        numbers,
        field=lambda number: f"pullRequest(number: {number}) {{ ...changed }}",
        fragment=FRAGMENT,
        permission=_PERMISSION,
        read=_changes,
    )
    return {number: told for number, told in found.items() if isinstance(told, tuple)}


def _changes(number: int, fields: Fields) -> tuple[FileChange, ...]:
    files = fields.fields("files")
    nodes = files.items("nodes")
    kinds = [node.text("changeType") for node in nodes]
    if files.fields("pageInfo").truth("hasNextPage") or not set(kinds) <= set(_KINDS):
        raise ForgeError(f"the files of #{number} are not told whole")
    return tuple(
        FileChange(path=node.text("path"), kind=_KINDS[kind])
        for node, kind in zip(nodes, kinds, strict=True)
    )
