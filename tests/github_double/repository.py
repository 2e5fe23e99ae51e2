"""A repository: its refs, and all that was opened, said and reported in it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tests.github_double.alerts import Alerts
from tests.github_double.merge_queue import MergeQueue
from tests.github_double.objects import Commit, Files, Objects
from tests.github_double.people import User
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Comment, Issue, Label
from tests.github_double.refusals import invalid
from tests.github_double.rules import Rules
from tests.github_double.shelf import Asset, Release
from tests.github_double.verdicts import Verdicts

if TYPE_CHECKING:
    from tests.github_double.world import World

Role = Literal["admin", "maintain", "write", "triage", "read", "none"]

COMMENT_CHARACTERS = 65_536


class Repository:
    """The state of one repository and the events that change it."""

    def __init__(
        self, world: "World", full_name: str, owner: User, *, private: bool, default_branch: str
    ) -> None:
        self.world = world
        self.full_name = full_name
        self.name = full_name.partition("/")[2]
        self.owner = owner
        self.id = world.next_id()
        self.private = private
        self.default_branch = default_branch
        self.created_at = world.now()
        self.parent: Repository | None = None
        self.objects = Objects()
        self.refs: dict[str, str] = {}
        self.pulls: dict[int, PullRequest] = {}
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, Comment] = {}
        self.collaborators: dict[str, Role] = {"maintainer": "admin", "author": "write"}
        self.labels: dict[str, Label] = {}
        self.verdicts = Verdicts(self)
        self.queue = MergeQueue(self)
        self.rules = Rules()
        self.alerts = Alerts()
        self.required_approvals = 0
        self.releases: list[Release] = []

    # -- git

    def resolve(self, ref: str) -> Commit | None:
        """The commit of a SHA, a branch, a tag, or a ref in full; None if there is none."""
        for name in (ref, f"refs/{ref}", f"refs/heads/{ref}", f"refs/tags/{ref}"):
            if name in self.refs:
                return self.objects[self.refs[name]]
        return self.objects.get(ref)

    def tip(self, branch: str) -> Commit:
        """The commit that a branch points to; raises KeyError without the branch."""
        return self.objects[self.refs[f"refs/heads/{branch}"]]

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str = "Change files",
        author: str = "author",
    ) -> str:
        """A commit on a branch (made from the default branch if new); None deletes a path.

        Answers its SHA.
        """
        parent = self.resolve(f"heads/{branch}") or self.resolve(f"heads/{self.default_branch}")
        tree = dict(parent.files) if parent else {}
        for path, content in files.items():
            if content is None:
                tree.pop(path, None)
            else:
                tree[path] = content.encode() if isinstance(content, str) else content
        parents = (parent.sha,) if parent else ()
        return self.move(branch, self._write(tree, parents, message, author).sha)

    def _write(self, files: Files, parents: tuple[str, ...], message: str, author: str) -> Commit:
        return self.objects.write(
            files, parents=parents, message=message, author=author, date=self.world.now()
        )

    def merged(self, ours: str, theirs: str, message: str) -> Commit | None:
        """A merge commit of two commits that is on no branch yet; None on a conflict."""
        files = self.objects.merged_files(ours, theirs)
        if files is None:
            return None
        return self._write(files, (ours, theirs), message, "web-flow")

    def squashed(self, ours: str, theirs: str, message: str) -> Commit | None:
        """What a squash merge makes: one parent, so the head is not among its ancestors."""
        files = self.objects.merged_files(ours, theirs)
        return None if files is None else self._write(files, (ours,), message, "web-flow")

    def move(self, branch: str, sha: str) -> str:
        """A push: the branch points to the commit, and open pull requests from it follow."""
        self.refs[f"refs/heads/{branch}"] = sha
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                if pull.comes_from(self, branch):
                    pull.synchronize(sha)
        return sha

    def delete_branch(self, branch: str) -> None:
        """A deletion by API: pull requests from or into the branch are closed."""
        for repository in self.world.repositories.values():
            for pull in repository.pulls.values():
                into = repository is self and pull.base_ref == branch
                if pull.state == "open" and (into or pull.comes_from(self, branch)):
                    pull.close()
        self.refs.pop(f"refs/heads/{branch}")

    # -- numbers

    def next_number(self) -> int:
        """The next number of an issue or a pull request: they share one sequence."""
        return max([0, *self.pulls, *self.issues]) + 1

    def label(self, name: str) -> Label:
        """The label of this name, made on first use."""
        return self.labels.setdefault(name, Label(self.world.next_id(), name))

    def issue(
        self,
        *,
        number: int | None = None,
        title: str = "An issue",
        body: str | None = None,
        author: str = "author",
        closed_as: Literal["completed", "not_planned", "duplicate"] | None = None,
    ) -> Issue:
        """Opens an issue, and closes it again if told how."""
        now, number = self.world.now(), number or self.next_number()
        opened = Issue(self.world.next_id(), number, title, body, self.world.user(author), now, now)
        if closed_as:
            opened.state, opened.state_reason, opened.closed_at = "closed", closed_as, now
        self.issues[number] = opened
        return opened

    def pull_request(
        self,
        *,
        number: int | None = None,
        base: str | None = None,
        head: str | None = None,
        head_repository: "Repository | None" = None,
        title: str | None = None,
        body: str | None = None,
        author: str = "author",
        files: Mapping[str, str | bytes | None] | None = None,
        draft: bool = False,
        labels: Iterable[str] = (),
        merged: bool = False,
        closed: bool = False,
        stack: dict[str, Any] | None = None,
    ) -> PullRequest:
        """Opens a pull request (its head branch is made unless it exists), and ends it if told."""
        number = number or self.next_number()
        base, head = base or self.default_branch, head or f"change-{number}"
        source = head_repository or self
        if files or f"refs/heads/{head}" not in source.refs:
            if f"refs/heads/{head}" not in source.refs:
                source.refs[f"refs/heads/{head}"] = self.tip(base).sha
            source.commit(head, files or {f"changes/{number}.txt": f"{number}\n"}, author=author)
        pull = PullRequest(
            self,
            number,
            title=title or f"Change {number}",
            body=body,
            author=self.world.user(author),
            base=base,
            head=head,
            head_repository=source,
        )
        self.pulls[number] = pull
        pull.draft, pull.stack = draft, stack
        pull.labels = [self.label(name).name for name in labels]
        if merged:
            pull.merge()
        elif closed:
            pull.close()
        return pull

    def release(
        self, tag: str, *assets: str, draft: bool = False, prerelease: bool = False
    ) -> Release:
        """Publishes a release of the default branch's tip, with files of ten bytes."""
        world = self.world
        author, now = world.user("maintainer"), world.now()
        if not draft:
            self.refs[f"refs/tags/{tag}"] = self.tip(self.default_branch).sha
        found = Release(world.next_id(), tag, author, now, draft, prerelease)
        found.assets = [Asset(world.next_id(), name, 10, author, now) for name in assets]
        self.releases.append(found)
        return found

    # -- people and words

    def role(self, login: str) -> Role:
        """What an account may do here; read on a public repository for everybody."""
        return self.collaborators.get(login, "none" if self.private else "read")

    def comment(self, number: int, body: str, *, author: str = "author") -> Comment:
        """Writes a comment on an issue or a pull request; raises a 422 on a body too long."""
        _check_body(body)
        now = self.world.now()
        comment = Comment(self.world.next_id(), number, body, self.world.user(author), now, now)
        self.comments[comment.id] = comment
        return comment

    def edit_comment(self, comment: Comment, body: str, *, editor: str) -> None:
        """Changes a comment's text; raises a 422 on a body too long."""
        _check_body(body)
        comment.body, comment.updated_at = body, self.world.now()
        comment.edited_by = self.world.user(editor)

    def comments_on(self, number: int) -> list[Comment]:
        """The comments of an issue or a pull request, oldest first."""
        return [comment for comment in self.comments.values() if comment.number == number]


def _check_body(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", "body", "body can't be blank", "missing_field")
    if len(body) > COMMENT_CHARACTERS:
        message = f"body is too long (maximum is {COMMENT_CHARACTERS} characters)"
        raise invalid("IssueComment", "body", message, "unprocessable")
