"""Everything the double knows: accounts, tokens, repositories, and its own slow clock."""

from datetime import UTC, datetime, timedelta

from tests.github_double.people import Token, User, standard_tokens
from tests.github_double.refusals import RefusalError, not_found
from tests.github_double.repository import Repository
from tests.github_double.shelf import ImageVersion

_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class World:
    """The state behind the server. Times are deterministic: one second passes with every event."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {token.value: token for token in standard_tokens()}
        self.teams: dict[str, list[str]] = {}
        """Logins of members, by `organisation/team`."""
        self._users: dict[str, User] = {}
        self.storage_port = 0
        """Where artifacts lie: another host than the API's, known once the double listens."""
        self.images: dict[str, list[ImageVersion]] = {}
        self._last_id = 1000
        self._seconds = 0

    @property
    def accounts(self) -> list[User]:
        """Every account that was named so far."""
        return list(self._users.values())

    def image(self, name: str, *tags: str, digest: str) -> ImageVersion:
        """Pushes an image `owner/package`: its tags leave the versions that had them."""
        versions = self.images.setdefault(name, [])
        for one in versions:
            one.tags = [tag for tag in one.tags if tag not in tags]
        versions.append(ImageVersion(self.next_id(), digest, list(tags), self.now()))
        return versions[-1]

    def next_id(self) -> int:
        """A database id that nothing else has."""
        self._last_id += 1
        return self._last_id

    def now(self) -> str:
        """The next second, as GitHub writes times."""
        self._seconds += 1
        return (_START + timedelta(seconds=self._seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def user(self, login: str) -> User:
        """The account of this login, made on first use."""
        if login not in self._users:
            kind = "Bot" if login.endswith("[bot]") else "User"
            self._users[login] = User(login, self.next_id(), "Bot" if kind == "Bot" else "User")
        return self._users[login]

    def organisation(self, login: str) -> User:
        """The owner of this name, an organisation unless it is known as a person."""
        if login not in self._users:
            self._users[login] = User(login, self.next_id(), "Organization")
        return self._users[login]

    def repository(self, name: str) -> Repository:
        """The repository `owner/name`, whatever the case of its letters; raises a 404."""
        for known, repository in self.repositories.items():
            if known.lower() == name.lower():
                return repository
        raise not_found()

    def identify(self, value: str | None) -> Token | None:
        """The token of a credential; None without one; raises a 401 for an unknown one."""
        if not value:
            return None
        if value not in self.tokens:
            raise RefusalError(401, "Bad credentials")
        return self.tokens[value]

    def create(
        self, name: str, *, private: bool = False, default_branch: str = "main"
    ) -> Repository:
        """An empty repository `owner/name`."""
        owner = self.organisation(name.partition("/")[0])
        repository = Repository(self, name, owner, private=private, default_branch=default_branch)
        self.repositories[name] = repository
        return repository

    def fork(self, source: Repository, owner: str) -> Repository:
        """A fork below another account, with the branches that the source has now."""
        self.user(owner)
        fork = self.create(
            f"{owner}/{source.name}", private=source.private, default_branch=source.default_branch
        )
        fork.parent, fork.objects = source, source.objects
        fork.refs.update({ref: sha for ref, sha in source.refs.items() if "/heads/" in ref})
        return fork
