"""GitHub's REST answers in the words of the model; pure."""

from collections.abc import Mapping
from datetime import datetime

from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Comment, CommitStatus
from readiness_gate.model.outcome import Conclusion
from readiness_gate.model.pull_request import PullRequest, Reference


class Fields:
    """A JSON object read with types; what is not as documented is no usable answer."""

    def __init__(self, data: object, what: str) -> None:
        """Read from `data`, which the error calls `what`.

        Raises:
            ForgeError: it is no object.
        """
        if not isinstance(data, Mapping):
            raise ForgeError(f"GitHub's answer for {what} is no object")
        self._data = data
        self._what = what

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a text; `default` stands for null.

        Raises:
            ForgeError: it is absent, or null without a default, or of another type.
        """
        value = self._data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._malformed(name)
        return value

    def number(self, name: str) -> int:
        """Return a whole number, also where GraphQL writes a BigInt as text.

        Raises:
            ForgeError: it is absent or of another type.
        """
        value = self._data.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._malformed(name)
        return value

    def truth(self, name: str) -> bool:
        """Return a boolean.

        Raises:
            ForgeError: it is absent or of another type.
        """
        value = self._data.get(name)
        if not isinstance(value, bool):
            raise self._malformed(name)
        return value

    def time(self, name: str) -> datetime | None:
        """Return a time stamp, `None` for null.

        Raises:
            ForgeError: it is none.
        """
        text = self.text(name, default="")
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise self._malformed(name) from None

    def fields(self, name: str) -> "Fields":
        """Return an inner object.

        Raises:
            ForgeError: it is absent or of another type.
        """
        return Fields(self._data.get(name), f"{self._what}, {name}")

    def has(self, name: str) -> bool:
        """Return whether anything but null stands there."""
        return self._data.get(name) is not None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts.

        Raises:
            ForgeError: it is absent or of another type.
        """
        value = self._data.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._malformed(name)
        return tuple(value)

    def items(self, name: str, *, null_too: bool = False) -> list["Fields"]:
        """Return the objects of a list; with `null_too` a null is an object without fields.

        Raises:
            ForgeError: it is no list, or an element is null, which GraphQL writes for a failure.
        """
        data = self._data.get(name)
        if null_too and isinstance(data, list):
            data = [item or {} for item in data]
        return listed(data, f"{self._what}, {name}")

    def _malformed(self, name: str) -> ForgeError:
        return ForgeError(f"GitHub's answer for {self._what} has no usable {name}")


def listed(data: object, what: str) -> list[Fields]:
    """Return the objects of a JSON list.

    Raises:
        ForgeError: it is no list of objects.
    """
    if not isinstance(data, list):
        raise ForgeError(f"GitHub's answer for {what} is no list")
    return [Fields(item, what) for item in data]


def pull_request(fields: Fields, repository: str) -> PullRequest:
    """Return the pull request of `GET /repos/{owner}/{repo}/pulls/{number}`.

    `merge_commit_sha` is kept of merged ones only: on an open one it is the test merge.
    """
    head, base = fields.fields("head"), fields.fields("base")
    merged = fields.truth("merged")
    commit = fields.text("merge_commit_sha", default="") if merged else ""
    stack = fields.fields("stack") if fields.has("stack") else None
    return PullRequest(
        reference=Reference(repository, fields.number("number")),
        title=fields.text("title"),
        body=fields.text("body", default=""),
        state=fields.text("state"),
        draft=fields.truth("draft"),
        merged=merged,
        base_branch=base.text("ref"),
        base_sha=base.text("sha"),
        head_branch=head.text("ref"),
        head_sha=head.text("sha"),
        head_repository=head.fields("repo").text("full_name") if head.has("repo") else "",
        author=fields.fields("user").text("login") if fields.has("user") else "ghost",
        labels=tuple(label.text("name") for label in fields.items("labels")),
        merged_at=fields.time("merged_at"),
        merge_commit_sha=commit or None,
        stack_position=stack.number("position") if stack and stack.has("position") else None,
    )


def commit_status(fields: Fields) -> CommitStatus:
    """Return one status of `GET /repos/{owner}/{repo}/commits/{ref}/statuses`."""
    return CommitStatus(
        context=fields.text("context"),
        state=Conclusion(fields.text("state")),
        description=fields.text("description", default=""),
        target_url=fields.text("target_url", default=""),
        creator=fields.fields("creator").text("login") if fields.has("creator") else "",
        created_at=fields.time("created_at"),
    )


def comment(fields: Fields) -> Comment:
    """Return the comment that a POST or PATCH of it answers with."""
    return Comment(
        id=fields.number("id"),
        body=fields.text("body", default=""),
        url=fields.text("html_url"),
        updated_at=fields.time("updated_at"),
    )
