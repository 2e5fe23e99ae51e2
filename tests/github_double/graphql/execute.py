"""One GraphQL request from its bytes to its answer: parsed, validated, billed, executed."""

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    execute_sync,
    parse,
    validate,
)

from tests.github_double.exchange import Answer, Request
from tests.github_double.graphql.context import Context, type_name
from tests.github_double.graphql.points import bill
from tests.github_double.graphql.resolvers import RESOLVERS
from tests.github_double.graphql.schema import subset
from tests.github_double.limits import Limits
from tests.github_double.people import Token
from tests.github_double.refusals import RefusalError
from tests.github_double.shapes.common import Urls
from tests.github_double.world import World


def _resolve(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
    name = (info.parent_type.name, info.field_name)
    return RESOLVERS[name](source, info.context, arguments)


def _resolve_type(value: Any, info: GraphQLResolveInfo[Context], kind: Any) -> str:
    return type_name(value)


def _shape(error: GraphQLError) -> dict[str, Any]:
    """An error as GitHub writes it: with its type beside the message."""
    shape: dict[str, Any] = {"message": error.message}
    kind = (error.extensions or {}).get("type")
    if kind:
        shape["type"] = kind
    if error.path:
        shape["path"] = error.path
    if error.locations:
        shape["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    return shape


def _errors(*errors: GraphQLError) -> Answer:
    return Answer(200, {"errors": [_shape(error) for error in errors]})


class GraphQL:
    """The endpoint. Errors come with HTTP 200, as on GitHub."""

    def __init__(self, world: World, limits: Limits, web: str) -> None:
        self._world = world
        self._limits = limits
        self._web = web

    def answer(self, request: Request, token: Token | None) -> tuple[Answer, int]:
        """The answer and the points it cost; raises a 401 without a token."""
        if token is None:
            raise RefusalError(401, "This endpoint requires you to be authenticated.")
        body = request.json()
        variables = body.get("variables") or {}
        try:
            document = parse(request.text("query"))
        except GraphQLSyntaxError as error:
            return _errors(error), 0
        objections = validate(subset(), document)
        if objections:
            return _errors(*objections), 0
        try:
            cost = bill(subset(), document, variables)
        except GraphQLError as error:
            return _errors(error), 0
        if self._limits.remaining(token, "graphql") < cost.points:
            text = "API rate limit exceeded for installation ID 1."
            return _errors(GraphQLError(text, extensions={"type": "RATE_LIMITED"})), 0
        self._limits.spend(token, "graphql", cost.points)
        urls = Urls(f"http://{request.headers.get('host', 'localhost')}", self._web)
        result = execute_sync(
            subset(),
            document,
            context_value=Context(self._world, self._limits, token, urls, cost),
            variable_values=variables,
            operation_name=body.get("operationName"),
            field_resolver=_resolve,
            type_resolver=_resolve_type,
        )
        shape: dict[str, Any] = {"data": result.data}
        if result.errors:
            for failure in result.errors:
                cause = failure.original_error
                if cause and not isinstance(cause, GraphQLError):
                    raise cause  # the double itself is broken
            shape["errors"] = [_shape(failure) for failure in result.errors]
        return Answer(200, shape), cost.points
