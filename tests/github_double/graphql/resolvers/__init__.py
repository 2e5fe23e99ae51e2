"""How each field of the subset is found in the state: one table, by type and field."""

from tests.github_double.graphql.resolvers import (
    commits,
    pulls,
    reports,
    repositories,
    shared,
    timeline,
)
from tests.github_double.graphql.resolvers.shared import Resolver

_TABLES: tuple[dict[str, dict[str, Resolver]], ...] = (
    shared.FIELDS,
    repositories.FIELDS,
    pulls.FIELDS,
    commits.FIELDS,
    timeline.FIELDS,
    reports.FIELDS,
)

RESOLVERS: dict[tuple[str, str], Resolver] = {
    (type_name, field): resolver
    for table in _TABLES
    for type_name, fields in table.items()
    for field, resolver in fields.items()
}
