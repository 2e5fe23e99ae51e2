"""Who may do what in a repository, and whose approval its files need."""

from urllib.parse import quote

from readiness_gate.errors import ForgeError
from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.files import Files
from readiness_gate.forge.rest import Fields
from readiness_gate.formats.code_owners import LARGEST, PLACES
from readiness_gate.model.delivery import OwnersFile

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""GitHub's roles, each with all that the one before it may."""
_ABSENT = frozenset({404})
_UNUSED = "Unknown owner"


def read_permission(client: Client, repository: str, login: str) -> str:
    """Return one of `ROLES`; who is no collaborator of a public repository has `read`.

    A role that an organisation made is told by the one that it grants at least.
    """
    path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
    request = Request("GET", path, "metadata: read", accept=_ABSENT)
    answer = client.send(request)
    if answer.status == 404:
        return "none"
    fields = Fields(answer.data, f"the permission of {login}")
    granted = fields.text("permission")
    role = fields.text("role_name", default=granted)
    found = role if role in ROLES else granted
    if found not in ROLES:
        raise ForgeError(f"GitHub names a permission that is not known: {found}")
    return found


def read_owners(client: Client, files: Files, repository: str, commit: str) -> OwnersFile:
    """Return the CODEOWNERS that GitHub uses at a commit, with the lines that it does not use."""
    for path in PLACES:
        data = files.file(path, commit)
        if data is None:
            continue
        if len(data) > LARGEST:
            raise ForgeError(f"{path} is larger than the 3 MB that GitHub reads")
        return OwnersFile(
            commit=commit,
            path=path,
            text=data.decode("utf-8", errors="replace"),
            errors=_errors(client, repository, commit),
        )
    return OwnersFile(commit=commit)


def _errors(client: Client, repository: str, commit: str) -> tuple[int, ...]:
    request = Request(
        "GET", f"/repos/{repository}/codeowners/errors", "contents: read", {"ref": commit},
        accept=_ABSENT,
    )  # fmt: skip
    answer = client.send(request)
    if answer.status == 404:
        return ()
    found = Fields(answer.data, str(request)).items("errors")
    # An owner without access to the repository does not take the line away: it waits for ever.
    lines = {one.number("line") for one in found if one.text("kind") != _UNUSED}
    return tuple(sorted(lines))
