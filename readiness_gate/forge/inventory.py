"""What one repository has at GitHub: changes, people, owners, runs, releases and images."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from readiness_gate.errors import ForgeError
from readiness_gate.forge.blame import read_lines
from readiness_gate.forge.changes import read_plain_changes
from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.files import Files
from readiness_gate.forge.people import read_owners, read_permission
from readiness_gate.forge.rest import Fields, listed
from readiness_gate.formats.image_name import image_name
from readiness_gate.model.change import FileChange
from readiness_gate.model.delivery import (
    CommitRuns,
    DeliveredRun,
    ImageAnswer,
    ImageVersion,
    LineHistory,
    OwnersFile,
    Release,
    ReleaseAnswer,
    ReleaseAsset,
    TagAnswer,
    WorkflowArtifact,
    WorkflowHistory,
)

LATEST = "latest"
_FILES_SHOWN = 3000
"""GitHub lists no more changed files of one pull request than these."""
_ABSENT = frozenset({404})
_SUCCESSES = 10
"""Pages of successful runs that are looked through for one of this repository's own."""
# A fork's branch may be called like ours: its runs say nothing about our branch.
_OF_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target", "merge_group"})


class LiveInventory:
    """Reads through a client; each method names the permission that it needs."""

    def __init__(self, client: Client, files: Files, repository: str) -> None:
        """Read from `repository`, `owner/repo`, and its files through `files`."""
        self._client = client
        self._files = files
        self._repository = repository

    def permission(self, login: str) -> str:
        """Return what a person may here, one of `people.ROLES` (`metadata: read`)."""
        return read_permission(self._client, self._repository, login)

    def owners(self, commit: str) -> OwnersFile:
        """Return CODEOWNERS at a commit (`contents: read`)."""
        return read_owners(self._client, self._files, self._repository, commit)

    def lines(self, path: str, commit: str) -> LineHistory:
        """Return who last changed the lines of a file (`contents`, `pull-requests: read`)."""
        return read_lines(self._client, self._repository, path, commit)

    def changes(self, number: int) -> tuple[FileChange, ...]:
        """Return what a pull request does to files (`pull-requests: read`).

        Raises:
            ForgeError: as ever, and where GitHub lists only the first 3000.
        """
        request = self._request(f"/pulls/{number}/files", "pull-requests: read")
        found = [one for page in self._client.pages(request) for one in listed(page, str(request))]
        if len(found) >= _FILES_SHOWN:
            raise ForgeError(
                f"#{number} changes more files than the {_FILES_SHOWN} that GitHub lists",
                advice="Split the pull request.",
            )
        return tuple(
            FileChange(
                path=one.text("filename"),
                kind=one.text("status"),
                previous=one.text("previous_filename", default="") or None,
            )
            for one in found
        )

    def plain_changes(self, numbers: Collection[int]) -> Mapping[int, tuple[FileChange, ...]]:
        """Return the changes that one query for 25 can tell (`pull-requests: read`)."""
        return read_plain_changes(self._client, self._repository, numbers)

    def history(self, workflow: str, branch: str) -> WorkflowHistory:
        """Return the newest runs of a workflow on a branch of ours (`actions: read`).

        Where none of the newest hundred succeeded, older ones are looked through.
        """
        runs = self._runs(workflow, branch=branch, pages=1)
        if not any(run.state == "success" for run in runs):
            runs += self._runs(workflow, branch=branch, status="success", pages=_SUCCESSES)
        newest = sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True)
        return WorkflowHistory(workflow=workflow, branch=branch, runs=tuple(newest))

    def _runs(self, workflow: str, *, pages: int, **wanted: str) -> list[DeliveredRun]:
        given = {"exclude_pull_requests": "true", **wanted}
        found: list[DeliveredRun] = []
        for number, page in enumerate(self._listed_runs(workflow, given), 1):
            found += [
                run
                for run in (_run(one) for one in page.items("workflow_runs"))
                if run.repository.lower() == self._repository.lower()
                and run.event not in _OF_PULL_REQUESTS
            ]
            if number >= pages or (found and "status" in wanted):
                break
        return found

    def _listed_runs(self, workflow: str, given: Mapping[str, str]) -> Iterator[Fields]:
        of = f"/workflows/{quote(workflow, safe='')}" if workflow else ""
        request = self._request(f"/actions{of}/runs", "actions: read", given)
        for page in self._client.pages(request):
            yield Fields(page, str(request))

    def commit_runs(self, commit: str, workflow: str) -> CommitRuns:
        """Return the runs of a commit, of one workflow or of all, with their artifacts.

        Needs `actions: read`.
        """
        runs = [
            _run(one)
            for page in self._listed_runs(workflow, {"head_sha": commit})
            for one in page.items("workflow_runs")
        ]
        return CommitRuns(
            commit=commit,
            workflow=workflow,
            runs=tuple(self._with_artifacts(run) for run in runs if run.commit == commit),
        )

    def _with_artifacts(self, run: DeliveredRun) -> DeliveredRun:
        request = self._request(f"/actions/runs/{run.id}/artifacts", "actions: read")
        artifacts = tuple(
            WorkflowArtifact(
                name=one.text("name"),
                size=one.number("size_in_bytes"),
                expired=one.truth("expired"),
                digest=one.text("digest", default=""),
            )
            for page in self._client.pages(request)
            for one in Fields(page, str(request)).items("artifacts")
        )
        return run.model_copy(update={"artifacts": artifacts})

    def release(self, tag: str) -> ReleaseAnswer:
        """Return the published release of a tag, or the `latest` one (`contents: read`)."""
        path = "/releases/latest" if tag == LATEST else f"/releases/tags/{quote(tag, safe='')}"
        fields = self._present(path, "contents: read")
        return ReleaseAnswer(asked=tag, release=_release(fields) if fields else None)

    def tag(self, name: str) -> TagAnswer:
        """Return the object of a git tag (`contents: read`)."""
        fields = self._present(f"/git/ref/tags/{quote(name)}", "contents: read")
        return TagAnswer(tag=name, object=fields.fields("object").text("sha") if fields else None)

    def image(self, image: str) -> ImageAnswer:
        """Return the version of a container package, by tag or digest (`packages: read`).

        `image` is `owner/name:tag` or `owner/name@sha256:…` of GitHub's own registry.

        Raises:
            ForgeError: as ever, and where the package is not there or not visible to the token.
        """
        name = image_name(image)
        owner, _, package = name.repository.partition("/")
        place = f"packages/container/{quote(package, safe='')}/versions"
        for kind in ("orgs", "users"):
            request = Request(
                "GET", f"/{kind}/{quote(owner, safe='')}/{place}", "packages: read",
                accept=_ABSENT,
            )  # fmt: skip
            if self._client.send(replace(request, parameters={"per_page": 1})).status == 404:
                continue
            return ImageAnswer(image=image, version=self._version(request, name.tag, name.digest))
        raise ForgeError(
            f"GitHub has no container package {name.repository}, or does not show it to the token",
            advice="Add `packages: read` below `permissions:` of the job, and give the repository "
            "access to the package.",
        )

    def _version(self, request: Request, tag: str, digest: str) -> ImageVersion | None:
        for page in self._client.pages(replace(request, accept=frozenset())):
            for fields in listed(page, str(request)):
                version = _version(fields)
                if version.digest == digest if digest else tag in version.tags:
                    return version
        return None

    def _present(self, path: str, permission: str) -> Fields | None:
        request = replace(self._request(path, permission), accept=_ABSENT)
        answer = self._client.send(request)
        return None if answer.status == 404 else Fields(answer.data, str(request))

    def _request(
        self, path: str, permission: str, parameters: Mapping[str, str] | None = None
    ) -> Request:
        return Request("GET", f"/repos/{self._repository}{path}", permission, parameters)


def _run(fields: Fields) -> DeliveredRun:
    created = fields.time("created_at")
    if created is None:
        raise ForgeError("GitHub's answer for a workflow run has no usable created_at")
    home = fields.fields("head_repository") if fields.has("head_repository") else None
    state = fields.text("status", default="unknown")
    done = state == "completed"
    return DeliveredRun(
        id=fields.number("id"),
        workflow=fields.text("path").partition("@")[0],
        event=fields.text("event"),
        state=fields.text("conclusion", default="unknown") if done else state,
        branch=fields.text("head_branch", default=""),
        commit=fields.text("head_sha"),
        repository=home.text("full_name") if home else "",
        created_at=created,
        url=fields.text("html_url"),
    )


def _release(fields: Fields) -> Release:
    return Release(
        tag=fields.text("tag_name"),
        draft=fields.truth("draft"),
        prerelease=fields.truth("prerelease"),
        url=fields.text("html_url"),
        assets=tuple(
            ReleaseAsset(
                name=one.text("name"),
                size=one.number("size"),
                uploaded=one.text("state") == "uploaded",
                digest=one.text("digest", default=""),
            )
            for one in fields.items("assets")
        ),
    )


def _version(fields: Fields) -> ImageVersion:
    metadata = fields.fields("metadata") if fields.has("metadata") else None
    container = metadata.fields("container") if metadata and metadata.has("container") else None
    return ImageVersion(
        digest=fields.text("name"),
        tags=container.texts("tags") if container else (),
        url=fields.text("html_url", default=""),
    )
