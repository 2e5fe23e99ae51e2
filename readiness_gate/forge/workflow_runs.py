"""Workflow runs at GitHub, and what they uploaded: read in memory, never unpacked to a disk."""

import io
from urllib.parse import quote

from readiness_gate.errors import ForgeError
from readiness_gate.forge import archive
from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.rest import Fields
from readiness_gate.model.workflow_run import Artifact, WorkflowRun

_GONE = 410
_VIEWER = "query { viewer { login } rateLimit { cost remaining } }"


class WorkflowRuns:
    """Reads through a client; needs the permission `actions: read`."""

    def __init__(self, client: Client, repository: str, *, user_agent: str, api_url: str) -> None:
        """Read from `repository`; archives are fetched under `user_agent` and the API's scheme."""
        self._client = client
        self._repository = repository
        self._user_agent = user_agent
        self._api_url = api_url

    def identity(self) -> str:
        """Return the login that the token writes under, such as `github-actions[bot]`.

        Raises:
            ForgeError: GitHub does not say.
        """
        answer = self._client.query(_VIEWER, {}, permission="metadata: read")
        fields = Fields(answer.data, "the viewer").fields("data")
        return fields.fields("viewer").text("login")

    def run(self, number: int) -> WorkflowRun:
        """Return a run, read now.

        Raises:
            ForgeError: there is none, or no usable answer.
        """
        request = self._request(f"/actions/runs/{number}")
        return _run(Fields(self._client.send(request).data, f"run {number}"))

    def of_commit(self, sha: str, event: str) -> tuple[WorkflowRun, ...]:
        """Return the newest hundred runs of an event on a commit, newest first."""
        parameters: dict[str, str | int] = {"head_sha": sha, "event": event, "per_page": 100}
        request = self._request("/actions/runs", parameters)
        fields = Fields(self._client.send(request).data, f"the runs of {sha[:7]}")
        found = [_run(one) for one in fields.items("workflow_runs")]
        mine = [one for one in found if (one.head_sha, one.event) == (sha, event)]
        return tuple(sorted(mine, key=lambda one: one.id, reverse=True))

    def artifacts(self, run: int, name: str) -> tuple[Artifact, ...]:
        """Return the uploads of a run under a name, of every attempt, newest first."""
        request = self._request(f"/actions/runs/{run}/artifacts", {"name": name})
        found = [
            _artifact(one, run)
            for page in self._client.pages(request)
            for one in Fields(page, "artifacts").items("artifacts")
        ]
        mine = [one for one in found if one.name == name and one.run == run]
        return tuple(sorted(mine, key=lambda one: one.id, reverse=True))

    def content(self, artifact: Artifact, *, limit: int) -> bytes | None:
        """Return the zip of an upload, `None` where it has expired.

        Raises:
            ForgeError: it is over `limit` bytes, or did not come whole.
        """
        request = self._request(
            f"/actions/artifacts/{artifact.id}/zip", accept=frozenset({302, _GONE})
        )
        answer = self._client.send(request)
        if answer.status == _GONE:
            return None
        into = io.BytesIO()
        archive.fetch(
            answer.headers.get("location", ""),
            into,
            user_agent=self._user_agent,
            api_url=self._api_url,
            what=f"the artifact {artifact.name}",
            limit=limit,
        )
        return into.getvalue()

    def contains(self, tip: str, commit: str) -> bool:
        """Return whether `tip` has `commit` in its history, or is it.

        Raises:
            ForgeError: one of them is unknown, or no usable answer.
        """
        request = self._request(f"/compare/{quote(commit)}...{quote(tip)}", {"per_page": 1})
        fields = Fields(self._client.send(request).data, "the comparison")
        state = fields.text("status")
        if state not in {"ahead", "identical", "behind", "diverged"}:
            raise ForgeError(f"GitHub compares commits as {state!r}")
        return state in {"ahead", "identical"}

    def rerun(self, number: int, commit: str) -> bool:
        """Start every job of a completed run again; return `False` where it is still going.

        Raises:
            PermissionMissing: the token lacks `actions: write`.
            ForgeError: there is no such run, it is of another commit, or no usable answer.
        """
        known = self.run(number)
        if known.head_sha != commit:
            raise ForgeError(f"run {number} is not of {commit[:7]}")
        if known.status != "completed":
            return False

        def look_up() -> bool | None:
            # After an answer that leaves it open: who goes on was started.
            return True if self.run(number).status != "completed" else None

        path = f"/repos/{self._repository}/actions/runs/{number}/rerun"
        request = Request("POST", path, "actions: write", body={})
        return self._client.create(request, read=lambda _: True, look_up=look_up)

    def _request(
        self,
        path: str,
        parameters: dict[str, str | int] | None = None,
        *,
        accept: frozenset[int] = frozenset(),
    ) -> Request:
        permission = "contents: read" if path.startswith("/compare") else "actions: read"
        where = f"/repos/{self._repository}{path}"
        return Request("GET", where, permission, parameters, accept=accept)


def _run(fields: Fields) -> WorkflowRun:
    head = fields.fields("head_repository") if fields.has("head_repository") else None
    return WorkflowRun(
        id=fields.number("id"),
        attempt=fields.number("run_attempt"),
        repository=fields.fields("repository").text("full_name"),
        # GitHub adds `@ref` to the path of a workflow that another repository requires.
        path=fields.text("path"),
        event=fields.text("event"),
        status=fields.text("status"),
        conclusion=fields.text("conclusion", default="") or None,
        head_branch=fields.text("head_branch", default=""),
        head_sha=fields.text("head_sha"),
        head_repository=head.text("full_name") if head is not None else "",
        started_at=fields.time("run_started_at"),
    )


def _artifact(fields: Fields, run: int) -> Artifact:
    # Where GitHub names the run itself, that is the one: the list is only a way to it.
    own = fields.fields("workflow_run").number("id") if fields.has("workflow_run") else run
    return Artifact(
        id=fields.number("id"),
        name=fields.text("name"),
        run=own,
        size=fields.number("size_in_bytes"),
        expired=fields.truth("expired"),
        created_at=fields.time("created_at"),
    )
