"""Who talks to the double: accounts, and tokens with what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Access = Literal["none", "read", "write"]

SCOPES = (
    "actions",
    "administration",
    "checks",
    "contents",
    "deployments",
    "issues",
    "members",
    "merge_queues",
    "packages",
    "pull_requests",
    "secret_scanning_alerts",
    "security_events",
    "statuses",
    "vulnerability_alerts",
)

# An Actions token cannot ask for these, whatever its workflow writes.
_NEVER = ("administration", "members", "secret_scanning_alerts", "vulnerability_alerts")
_WRITER: dict[str, Access] = {scope: "none" if scope in _NEVER else "write" for scope in SCOPES}
_READER: dict[str, Access] = {
    scope: "read" if access == "write" else "none" for scope, access in _WRITER.items()
}


@dataclass(frozen=True)
class User:
    """An account: a person, a bot (its login ends in `[bot]`), or an organisation."""

    login: str
    id: int
    kind: Literal["User", "Bot", "Organization"] = "User"


@dataclass(frozen=True)
class Token:
    """A credential. Where a permission lacks, GitHub answers as in a private repository.

    `repositories`: where an installation token is installed; None is every public one.
    """

    value: str = field(repr=False)
    login: str
    kind: Literal["installation", "user"] = "installation"
    permissions: Mapping[str, Access] = field(default_factory=dict)
    repositories: frozenset[str] | None = None

    def allows(self, scope: str, access: Access) -> bool:
        """True if the token's own permissions cover this access."""
        granted = "write" if self.kind == "user" else self.permissions.get(scope, "none")
        return granted == "write" or granted == access

    def sees(self, repository: str, *, private: bool) -> bool:
        """True if the repository exists for this token at all; else it is a 404."""
        if not private:
            return True
        return self.repositories is not None and repository in self.repositories

    def reaches(self, repository: str) -> bool:
        """True if the token's permissions hold in this repository."""
        return self.repositories is None or repository in self.repositories


def actions_token(
    value: str, *, repositories: frozenset[str] | None = None, **changed: Access
) -> Token:
    """A workflow's own token with everything it can get, less what `changed` takes away."""
    return Token(value, "github-actions[bot]", "installation", _WRITER | changed, repositories)


def standard_tokens() -> tuple[Token, ...]:
    """The tokens that every double knows."""
    return (
        actions_token("ghs_writer"),
        Token("ghs_readonly", "github-actions[bot]", "installation", _READER),
        actions_token("ghs_without_statuses", statuses="read"),
        actions_token("ghs_without_pull_requests", pull_requests="none", issues="none"),
        actions_token("ghs_without_contents", contents="none"),
        Token("ghp_maintainer", "maintainer", "user"),
    )
