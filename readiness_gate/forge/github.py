"""GitHub through PyGithub; the only module that imports it, and slow to import for that.

Callers import this module when they need it: `validate` and `checks` do without.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from github import Auth, Github

from readiness_gate.doors.clock import Clock
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.forge import graphql, queries, rest
from readiness_gate.forge.alerts import read_alerts
from readiness_gate.forge.base import Comment, CommitStatus, OpenList, Tip
from readiness_gate.forge.checks import read_checks
from readiness_gate.forge.client import PAGES, PER_PAGE, Client, Request, Requester
from readiness_gate.forge.deployments import read_deployments
from readiness_gate.forge.facts import resolve_facts
from readiness_gate.forge.files import Files
from readiness_gate.forge.inventory import LiveInventory
from readiness_gate.forge.jobs import read_jobs
from readiness_gate.forge.open_list import read_labels, read_open_list
from readiness_gate.forge.queue import PREFIX, members_ahead, parse_queue_branch
from readiness_gate.forge.remarks import read_remarks
from readiness_gate.forge.retry import TOTAL_WAIT, Answer, Patience
from readiness_gate.forge.reviews import read_reviews, team_members
from readiness_gate.forge.rules import read_rules
from readiness_gate.forge.tips import read_tips
from readiness_gate.forge.workflow_runs import WorkflowRuns
from readiness_gate.model.alert import AlertKind, Alerts
from readiness_gate.model.branch_rules import BranchRules
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.deployment import CommitDeployments
from readiness_gate.model.job import Job
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import (
    Fact,
    MergeGroup,
    PullRequest,
    Reference,
)
from readiness_gate.model.remark import Remark
from readiness_gate.model.report import ApiUsage
from readiness_gate.model.review import Reviews

_TIMEOUT = 15
_API_VERSION = "2022-11-28"
_FILES_SHOWN = 3000
"""GitHub lists no more changed files of one pull request than these."""
_ABSENT = frozenset({404})
_URL = re.compile(r"https?://[^/\s@]+(/[^\s@]*)?")
_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class GitHubForge:
    """The whole `Forge`, live. Requests go one after another and are bounded in time."""

    def __init__(
        self,
        *,
        repository: str,
        token: str | None,
        api_url: str,
        graphql_url: str,
        clock: Clock,
        user_agent: str = "readiness-gate",
        seconds_between_writes: float = 1.0,
        total_wait: float = TOTAL_WAIT,
    ) -> None:
        """Speak for `repository` (`owner/repo`) at the given addresses, GHES's or github.com's.

        `seconds_between_writes` follows GitHub's best practices; `total_wait` bounds what is
        spent on waiting for limits and broken answers, in seconds, over all requests.

        Raises:
            ConfigurationError: the token or an address cannot be one.
        """
        if token is not None and (not token or not token.isprintable() or " " in token):
            raise ConfigurationError("the token is empty or holds spaces", advice="set it anew")
        if not _NAME.fullmatch(repository):
            raise ConfigurationError(f"{repository!r} is not a repository written owner/repo")
        for name, url in (("REST", api_url), ("GraphQL", graphql_url)):
            if not _URL.fullmatch(url):
                raise ConfigurationError(
                    f"the address of GitHub's {name} interface is not one",
                    advice="it is written https://HOST/PATH, without user or password",
                )
        self._repository = repository
        graphql_base = graphql_url.rstrip("/").removesuffix("/graphql")
        self._client = Client(
            _requester(api_url.rstrip("/"), token, user_agent, seconds_between_writes),
            _requester(graphql_base, token, user_agent, 0.0),
            clock=clock,
            patience=Patience(clock, total=total_wait),
        )
        self._identity: str | None = None
        self._files = Files(self._client, repository, user_agent=user_agent, api_url=api_url)
        self.inventory = LiveInventory(self._client, self._files, repository)
        self.runs = WorkflowRuns(self._client, repository, user_agent=user_agent, api_url=api_url)

    @property
    def repository(self) -> str:
        """The home repository, `owner/repo`."""
        return self._repository

    @property
    def usage(self) -> ApiUsage:
        """Requests, repetitions included, and GraphQL points spent so far."""
        return self._client.usage

    def pull_request(self, number: int) -> PullRequest:
        """Return one pull request of the home repository, read now.

        `reverted_by` is not looked for here; `resolve` does.
        """
        request = self._request("GET", f"/pulls/{number}", "pull-requests: read")
        data = self._client.send(request).data
        return rest.pull_request(rest.Fields(data, f"#{number}"), self._repository)

    def resolve(self, references: Collection[Reference]) -> Mapping[Reference, Fact]:
        """Return a fact for every reference: one query per fifty of them.

        A merged pull request whose revert on the same base was merged carries it in
        `reverted_by`, unless that revert was reverted in turn.
        """
        return resolve_facts(self._client, references)

    def open_pull_requests(self) -> Sequence[PullRequest]:
        """Return every open pull request of the home repository, with bodies, by number."""
        found = [
            graphql.pull_request(node, self._repository)
            for page in self._connection(
                queries.OPEN_PULL_REQUESTS, {}, "repository", "pullRequests"
            )
            for node in page.items("nodes")
        ]
        return sorted(found, key=lambda pull: pull.reference.number)

    def open_list(self) -> OpenList:
        """Return every open pull request with the statuses of its head: a query per hundred."""
        found = read_open_list(self._client, self._repository)
        self._files.known_default_branch(found.default_branch)
        self._identity = self._identity or found.identity
        return found

    def labels(self, numbers: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Return the labels of pull requests: a query per hundred."""
        return read_labels(self._client, self._repository, numbers)

    def changed_files(self, number: int) -> Sequence[str]:
        """Return the paths that the pull request changes; both names of a renamed file.

        Raises:
            ForgeError: as ever, and where GitHub lists only the first 3000.
        """
        files = self._list(f"/pulls/{number}/files", "pull-requests: read")
        if len(files) >= _FILES_SHOWN:
            raise ForgeError(f"#{number} changes more files than the {_FILES_SHOWN} GitHub lists")
        names = {file.text("filename") for file in files}
        names |= {file.text("previous_filename", default="") for file in files}
        return sorted(names - {""})

    def merge_group(self, head_ref: str, head_sha: str, base_sha: str) -> MergeGroup:
        """Return the group with the groups ahead of it, out of the queue's branches.

        Each group is built on the one ahead, so what is ahead are the queue branches whose
        commits lie between the base branch and `base_sha`. The branches are read first: a group
        that is merged in between is then no longer ahead, and is seen as merged.
        """
        branch = parse_queue_branch(head_ref)
        base = branch.base_branch
        prefix = f"/git/matching-refs/heads/{PREFIX}{quote(base)}/"
        refs = {
            ref.text("ref"): ref.fields("object").text("sha")
            for ref in self._list(prefix, "contents: read")
        }
        ahead = members_ahead(refs, self._unmerged(base, base_sha), base)
        members = [number for number in ahead if number != branch.number] + [branch.number]
        return MergeGroup(
            head_sha=head_sha,
            base_sha=base_sha,
            base_branch=base,
            head_ref=head_ref,
            members=tuple(Reference(self._repository, number) for number in members),
        )

    def default_branch(self) -> str:
        """Return the name of the default branch; asked for once."""
        return self._files.default_branch()

    def branch_tip(self, branch: str) -> str:
        """Return the commit SHA at the tip of a branch, read now."""
        return self._files.branch_tip(branch)

    def tips(self, branches: Collection[str], paths: Sequence[str]) -> Mapping[str, Tip]:
        """Return the tips of branches with files at them: a query per fifty."""
        return read_tips(self._client, self._repository, branches, paths)

    def file(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit; `None` only if the commit is there without it."""
        return self._files.file(path, commit)

    def export(self, commit: str, directory: Path) -> None:
        """Write the whole tree of a commit below `directory`, links and devices left out."""
        self._files.export(commit, directory)

    def identity(self) -> str:
        """Return the login that the token writes under; asked for once."""
        if self._identity is None:
            self._identity = self.runs.identity()
        return self._identity

    def statuses(self, sha: str) -> Mapping[str, CommitStatus]:
        """Return the newest status of every context on a commit, by context."""
        newest: dict[str, CommitStatus] = {}
        for fields in self._list(f"/commits/{quote(sha)}/statuses", "statuses: read"):
            status = rest.commit_status(fields)
            newest.setdefault(status.context, status)  # GitHub lists the newest first
        return newest

    def set_status(
        self, sha: str, context: str, state: Conclusion, description: str, target_url: str
    ) -> None:
        """Write one status; one that may have been written is looked up before it is repeated."""
        body = {"context": context, "state": str(state), "description": description}
        if target_url:
            body["target_url"] = target_url
        request = self._request("POST", f"/statuses/{quote(sha)}", "statuses: write")

        def look_up() -> CommitStatus | None:
            found = self.statuses(sha).get(context)
            wanted = (state, description, target_url)
            same = found and (found.state, found.description, found.target_url) == wanted
            return found if same else None

        self._client.create(
            replace(request, body=body),
            read=lambda answer: rest.commit_status(rest.Fields(answer.data, context)),
            look_up=look_up,
        )

    def checks(self, commits: Collection[str]) -> Mapping[str, CommitChecks | ForgeError]:
        """Return what was reported on each commit: one query per 25 of them."""
        return read_checks(self._client, self._repository, commits)

    def remarks(self, numbers: Collection[int]) -> Mapping[int, tuple[Remark, ...] | ForgeError]:
        """Return what was said on each pull request: one query per 25 of them."""
        return read_remarks(self._client, self._repository, numbers)

    def deployments(self, commits: Collection[str]) -> Mapping[str, CommitDeployments | ForgeError]:
        """Return what was deployed of each commit: one query per 25 of them."""
        return read_deployments(self._client, self._repository, commits)

    def reviews(self, numbers: Collection[int]) -> Mapping[int, Reviews | ForgeError]:
        """Return what reviewers said of each pull request: one query per 25 of them."""
        return read_reviews(self._client, self._repository, numbers)

    def alerts(self, kind: AlertKind, ref: str) -> Alerts:
        """Return the open alerts of one scanner."""
        return read_alerts(self._client, self._repository, kind, ref)

    def team(self, name: str) -> Collection[str]:
        """Return the logins of a team, `organisation/team`, in lower case."""
        return team_members(self._client, name)

    def jobs(self, run: int) -> tuple[Job, ...]:
        """Return the jobs of the newest attempt of a workflow run."""
        return read_jobs(self._client, self._repository, run)

    def branch_rules(self, branch: str) -> BranchRules:
        """Return the rulesets and the classic protection of a branch together."""
        return read_rules(self._client, self._repository, branch)

    def rerun(self, run: int, commit: str) -> bool:
        """Start a completed run again."""
        return self.runs.rerun(run, commit)

    def own_comments(self, number: int, marker: str) -> Sequence[Comment]:
        """Return own comments whose first line is `marker`, from all pages, oldest first."""
        return [
            comment
            for page in self._connection(
                queries.COMMENTS, {"number": number}, "repository", "pullRequest", "comments"
            )
            for comment in graphql.own_comments(page)
            if _first_line(comment.body) == marker
        ]

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a new comment; one that may have been written is looked up, never doubled.

        It is known by its first line, which for the gate's own comments is a marker.
        """
        request = self._request("POST", f"/issues/{number}/comments", "pull-requests: write")

        def look_up() -> Comment | None:
            found = self.own_comments(number, _first_line(body))
            return found[-1] if found else None

        comment = self._client.create(
            replace(request, body={"body": body}), read=_read_comment, look_up=look_up
        )
        return (
            comment if comment.body.strip() == body.strip() else self.update_comment(comment, body)
        )

    def update_comment(self, comment: Comment, body: str) -> Comment:
        """Replace a comment's body."""
        path = f"/issues/comments/{comment.id}"
        request = self._request("PATCH", path, "pull-requests: write")
        return _read_comment(self._client.send(replace(request, body={"body": body})))

    def delete_comment(self, comment: Comment) -> None:
        """Delete an own duplicate; one that is gone already is as good."""
        path = f"/issues/comments/{comment.id}"
        request = self._request("DELETE", path, "pull-requests: write")
        self._client.send(replace(request, accept=_ABSENT))

    def _request(self, verb: str, path: str, permission: str) -> Request:
        return Request(verb, f"/repos/{self._repository}{path}", permission)

    def _list(self, path: str, permission: str) -> list[rest.Fields]:
        request = self._request("GET", path, permission)
        return [
            item for page in self._client.pages(request) for item in rest.listed(page, str(request))
        ]

    def _connection(
        self, text: str, variables: Mapping[str, object], *path: str
    ) -> Iterator[rest.Fields]:
        owner, _, name = self._repository.partition("/")
        after: str | None = None
        for _ in range(PAGES):
            given = {"owner": owner, "name": name, "after": after, **variables}
            answer = self._client.query(text, given, permission="pull-requests: read")
            page = graphql.whole(answer, *path, permission="pull-requests: read")
            yield page
            position = page.fields("pageInfo")
            if not position.truth("hasNextPage"):
                return
            after = position.text("endCursor")
        raise ForgeError(f"{path[-1]} of {self._repository} go on after {PAGES} pages")

    def _unmerged(self, base: str, sha: str) -> list[str]:
        request = self._request("GET", f"/compare/{quote(base)}...{quote(sha)}", "contents: read")
        commits: list[str] = []
        for page in self._client.pages(request):
            fields = rest.Fields(page, str(request))
            commits += [commit.text("sha") for commit in fields.items("commits")]
        return commits


def _requester(
    base_url: str, token: str | None, user_agent: str, seconds_between_writes: float
) -> Requester:
    return Github(
        auth=Auth.Token(token) if token else None,
        base_url=base_url,
        user_agent=user_agent,
        timeout=_TIMEOUT,
        per_page=PER_PAGE,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=seconds_between_writes,
        api_version=_API_VERSION,
    ).requester


def _read_comment(answer: Answer) -> Comment:
    return rest.comment(rest.Fields(answer.data, "a comment"))


def _first_line(body: str) -> str:
    return body.split("\n", 1)[0].rstrip()
