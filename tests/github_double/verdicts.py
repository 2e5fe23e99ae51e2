"""What was reported about commits: statuses, check runs, workflow runs."""

from typing import TYPE_CHECKING

from tests.github_double.records import (
    Artifact,
    CheckRun,
    CheckSuite,
    Deployment,
    Status,
    StatusState,
    WorkflowRun,
)
from tests.github_double.refusals import RefusalError, invalid

if TYPE_CHECKING:
    from tests.github_double.repository import Repository

STATUSES_A_CONTEXT = 1000
DESCRIPTION_CHARACTERS = 140
_STATES = ("error", "failure", "pending", "success")


class Verdicts:
    """The reports on a repository's commits."""

    def __init__(self, repository: "Repository") -> None:
        self._repository = repository
        self.statuses: dict[str, list[Status]] = {}
        self.check_runs: dict[str, list[CheckRun]] = {}
        self.deployments: list[Deployment] = []
        self.workflow_runs: dict[int, WorkflowRun] = {}
        self.artifacts: dict[int, Artifact] = {}

    def status(
        self,
        sha: str,
        context: str,
        state: StatusState,
        *,
        description: str | None = None,
        target_url: str | None = None,
        creator: str = "github-actions[bot]",
    ) -> Status:
        """Adds a status; raises a 422 on an unknown commit or beyond GitHub's limits."""
        if sha not in self._repository.objects:
            raise RefusalError(422, f"No commit found for SHA: {sha}")
        if state not in _STATES:
            raise invalid("Status", "state", "state is not included in the list", "invalid")
        if description and len(description) > DESCRIPTION_CHARACTERS:
            message = f"description is too long (maximum is {DESCRIPTION_CHARACTERS} characters)"
            raise invalid("Status", "description", message)
        before = self.statuses.setdefault(sha, [])
        if sum(status.context == context for status in before) >= STATUSES_A_CONTEXT:
            message = "This SHA and context has reached the maximum number of statuses."
            raise invalid("Status", "context", message)
        world = self._repository.world
        status = Status(
            id=world.next_id(),
            sha=sha,
            context=context,
            state=state,
            description=description,
            target_url=target_url,
            creator=world.user(creator),
            created_at=world.now(),
        )
        before.append(status)
        return status

    def on(self, sha: str) -> list[Status]:
        """Every status of a commit, newest first."""
        return list(reversed(self.statuses.get(sha, [])))

    def newest(self, sha: str) -> list[Status]:
        """The status that counts for each context of a commit."""
        latest = {status.context: status for status in self.statuses.get(sha, [])}
        return list(latest.values())

    def combined(self, sha: str) -> str:
        """GitHub's combined state: `pending` also when there is nothing."""
        states = {status.state for status in self.newest(sha)}
        if states & {"error", "failure"}:
            return "failure"
        return "success" if states == {"success"} else "pending"

    def check_run(
        self,
        sha: str,
        name: str,
        *,
        status: str = "completed",
        conclusion: str | None = "success",
        app: str = "github-actions",
        run: WorkflowRun | None = None,
        runner: str | None = None,
    ) -> CheckRun:
        """Adds a check run, a job of `run` if that is given.

        `conclusion` is dropped unless it is completed.
        """
        now = self._repository.world.now()
        done = status == "completed"
        made = CheckRun(
            id=self._repository.world.next_id(),
            sha=sha,
            name=name,
            status=status,
            conclusion=conclusion if done else None,
            started_at=now,
            completed_at=now if done else None,
            app=app,
            run=run.id if run else None,
            runner=runner,
        )
        self.check_runs.setdefault(sha, []).append(made)
        return made

    def suites(self, sha: str) -> list[CheckSuite]:
        """The check suites of a commit, oldest first."""
        of_runs = [run for run in self.workflow_runs.values() if run.head_sha == sha]
        found = [CheckSuite(run.id, sha, "github-actions", run, run.created_at) for run in of_runs]
        alone = {one.app: one for one in self.check_runs.get(sha, []) if one.run is None}
        found += [CheckSuite(one.id, sha, app, None, one.started_at) for app, one in alone.items()]
        return sorted(found, key=lambda suite: suite.created_at)

    def suite_of(self, check: CheckRun) -> CheckSuite:
        """The suite that a check run belongs to."""
        for suite in self.suites(check.sha):
            mine = suite.run.id if suite.run else None
            if (suite.app, mine) == (check.app, check.run):
                return suite
        raise KeyError(check.name)

    def checks_in(self, suite: CheckSuite) -> list[CheckRun]:
        """The check runs of a suite."""
        mine = suite.run.id if suite.run else None
        runs = self.check_runs.get(suite.sha, [])
        return [one for one in runs if (one.app, one.run) == (suite.app, mine)]

    def deployment(
        self, sha: str, environment: str, *states: str, creator: str = "github-actions[bot]"
    ) -> Deployment:
        """Adds a deployment of a commit that went through these states, the last one holding."""
        world = self._repository.world
        made = Deployment(world.next_id(), sha, environment, world.user(creator), world.now(), [])
        made.states += [(state, world.now()) for state in states]
        self.deployments.append(made)
        return made

    def deployment_state(self, item: Deployment) -> str:
        """The state that holds: a successful one is inactive once another one followed it."""
        said = item.states[-1][0] if item.states else "pending"
        if said != "success":
            return said
        place = self.deployments.index(item)
        later = [
            one
            for one in self.deployments[place + 1 :]
            if one.environment == item.environment and one.states[-1:] and one.states[-1][0] == said
        ]
        return "inactive" if later else "active"

    def workflow_run(
        self,
        head_branch: str,
        *,
        event: str = "pull_request",
        name: str = "Readiness",
        path: str = ".github/workflows/readiness.yml",
        head_repository: "Repository | None" = None,
        status: str = "completed",
        conclusion: str | None = "success",
        attempt: int = 1,
    ) -> WorkflowRun:
        """Adds a workflow run on the tip of a branch, of this repository or of a fork."""
        source = head_repository or self._repository
        pulls = self._repository.pulls.values()
        run = WorkflowRun(
            id=self._repository.world.next_id(),
            name=name,
            path=path,
            event=event,
            head_branch=head_branch,
            head_sha=source.tip(head_branch).sha,
            head_repository=source.full_name,
            status=status,
            conclusion=conclusion if status == "completed" else None,
            run_number=len(self.workflow_runs) + 1,
            attempt=attempt,
            pull_requests=[
                pull.number
                for pull in pulls
                if pull.comes_from(source, head_branch) and source is self._repository
            ],
            created_at=self._repository.world.now(),
        )
        self.workflow_runs[run.id] = run
        return run

    def rerun(self, run: WorkflowRun, *, conclusion: str | None = "success") -> WorkflowRun:
        """Runs it again: the same id, one attempt more; in progress with a conclusion of None."""
        run.attempt += 1
        run.started_at = self._repository.world.now()
        run.status = "completed" if conclusion else "in_progress"
        run.conclusion = conclusion
        return run

    def artifact(self, run: WorkflowRun, name: str, content: bytes) -> Artifact:
        """Adds what a run uploaded: `content` is a zip, or is said to be one."""
        world = self._repository.world
        made = Artifact(world.next_id(), run.id, name, content, world.now())
        self.artifacts[made.id] = made
        return made
