"""The two schemas: the subset that the double executes, and GitHub's own, when it is installed."""

import functools
import json
from pathlib import Path

from graphql import GraphQLSchema, build_schema, parse, validate

_HERE = Path(__file__).parent
_PACKAGE = "@octokit/graphql-schema"
_PUBLISHED = _HERE.parent / "node_modules" / _PACKAGE / "schema.graphql"


class SchemaMissingError(Exception):
    """GitHub's own schema is not installed (`npm ci` in the double's folder does it)."""


@functools.cache
def subset() -> GraphQLSchema:
    """The schema that queries are executed on."""
    return build_schema((_HERE / "subset.graphql").read_text())


@functools.cache
def published() -> GraphQLSchema:
    """GitHub's own schema; takes about a second; raises SchemaMissingError."""
    if not _PUBLISHED.exists():
        raise SchemaMissingError(f"{_PACKAGE} is not installed: npm ci in tests/github_double")
    return build_schema(_PUBLISHED.read_text(), assume_valid=True)


def published_version() -> str:
    """The version of GitHub's schema that the tests are made for."""
    manifest = json.loads((_HERE.parent / "package.json").read_text())
    return str(manifest["devDependencies"][_PACKAGE])


def objections(query: str) -> list[str]:
    """What GitHub's own schema has against a query; empty for a valid one."""
    return [error.message for error in validate(published(), parse(query))]
