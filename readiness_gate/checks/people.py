"""Who is meant by the names in options: people, teams, and roles of the configuration."""

from collections.abc import Iterable, Mapping, Sequence

from readiness_gate.errors import ConfigurationError
from readiness_gate.forge.base import Facts


def people(
    names: Iterable[str], roles: Mapping[str, Sequence[str]], facts: Facts
) -> frozenset[str]:
    """Return the logins, in lower case, that `@user`, `@organisation/team` and roles stand for.

    Raises:
        ConfigurationError: a name is neither a role nor a @name.
        PermissionMissing: the token does not see who is in a team.
    """
    found: set[str] = set()
    for name in names:
        if name not in roles and not name.startswith("@"):
            raise ConfigurationError(
                f"{name} is neither a role nor a @name",
                advice="Add the role to `roles` in the configuration, or write @user.",
            )
        for one in roles.get(name, (name,)):
            login = one.strip().removeprefix("@").lower()
            found |= set(facts.team(login)) if "/" in login else {login}
    return frozenset(found)
