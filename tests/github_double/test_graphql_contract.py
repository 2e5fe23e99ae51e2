"""The double's GraphQL against GitHub's own schema."""

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
    parse,
    validate,
)

from tests.github_double import GitHubDouble, Repository
from tests.github_double.client import Client
from tests.github_double.graphql.resolvers import RESOLVERS
from tests.github_double.graphql.schema import objections, published_version, subset

_BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


def _ours() -> dict[str, GraphQLNamedType]:
    types = subset().type_map.items()
    return {name: kind for name, kind in types if not name.startswith("__")}


def _fielded(kind: GraphQLNamedType) -> GraphQLObjectType | GraphQLInterfaceType | None:
    return kind if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else None


def _difference(mine: GraphQLNamedType, theirs: GraphQLNamedType) -> list[str]:
    """How a type of the subset is something else than GitHub's type of the same name."""
    if type(mine) is not type(theirs):
        return [f"{mine.name}: another kind"]
    found: list[str] = []
    if isinstance(mine, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        if set(mine.values) != set(theirs.values):
            found.append(f"{mine.name}: other values")
    elif isinstance(mine, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
        strange = {kind.name for kind in mine.types} - {kind.name for kind in theirs.types}
        found += [f"{mine.name}: {name} is none of it" for name in strange]
    elif isinstance(mine, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        for name, field in mine.fields.items():
            if name not in theirs.fields or str(field.type) != str(theirs.fields[name].type):
                found.append(f"{mine.name}.{name}")
    elif (one := _fielded(mine)) and (other := _fielded(theirs)):
        strange = {kind.name for kind in one.interfaces} - {kind.name for kind in other.interfaces}
        found += [f"{mine.name}: does not implement {name}" for name in strange]
        for name, field in one.fields.items():
            original = other.fields.get(name)
            if original is None or str(field.type) != str(original.type):
                found.append(f"{mine.name}.{name}: {field.type}")
                continue
            for argument, value in field.args.items():
                there = original.args.get(argument)
                if there is None or str(there.type) != str(value.type):
                    found.append(f"{mine.name}.{name}({argument})")
            for argument, value in original.args.items():
                if is_required_argument(value) and argument not in field.args:
                    found.append(f"{mine.name}.{name}: lacks {argument}")
    return found


def test_the_subset_is_a_part_of_githubs_schema(published: GraphQLSchema) -> None:
    differences = [
        text
        for name, kind in _ours().items()
        if name not in _BUILT_IN
        for text in _difference(kind, published.type_map[name])
    ]
    assert differences == []


def test_the_version_of_githubs_schema_is_pinned() -> None:
    assert published_version().count(".") == 2


def test_every_field_of_the_subset_is_resolved() -> None:
    fields = {
        (name, field)
        for name, kind in _ours().items()
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields
    }
    assert fields == set(RESOLVERS)


def _scalars(kind: GraphQLNamedType, depth: int) -> str:
    """A selection of everything below a type, connections once, two objects deep."""
    if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
        return ""
    if isinstance(kind, GraphQLUnionType):
        inside = " ".join(
            f"... on {member.name} {_scalars(member, depth)}" for member in kind.types
        )
        return f"{{ __typename {inside} }}"
    fielded = _fielded(kind)
    assert fielded is not None
    words = ["__typename"]
    for name, field in fielded.fields.items():
        inner = get_named_type(field.type)
        leaf = isinstance(inner, GraphQLScalarType | GraphQLEnumType)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if not leaf and depth == 0:
            continue
        arguments = "(first: 2)" if "first" in field.args else ""
        step = depth if inner.name.endswith(("Connection", "Edge", "PageInfo")) else depth - 1
        alias = f"{kind.name}_{name}"  # the same field has other types in other members of a union
        words.append(f"{alias}: {name}{arguments} {'' if leaf else _scalars(inner, step)}")
    return f"{{ {' '.join(words)} }}"


def _everything() -> str:
    ours = subset().type_map
    pull, issue, home = (_scalars(ours[n], 1) for n in ("PullRequest", "Issue", "Repository"))
    git = " ".join(f"... on {n} {_scalars(ours[n], 1)}" for n in ("Commit", "Tree", "Blob"))
    return f"""query ($owner: String!, $name: String!) {{
      viewer {{ login id databaseId avatarUrl url }}
      rateLimit {{ cost limit nodeCount remaining resetAt used }}
      repository(owner: $owner, name: $name) {{
        all: __typename ...Home
        open: pullRequest(number: 14) {pull}
        merged: pullRequest(number: 10) {pull}
        issue(number: 3) {issue}
        either: issueOrPullRequest(number: 3) {{ __typename }}
        file: object(expression: "main:README.md") {{ __typename {git} }}
        folder: object(expression: "main:docs") {{ __typename {git} }}
        tip: object(expression: "change") {{ __typename {git}
          ... on Commit {{ status {{ context(name: "ci") {{ state }} }} }} }}
        ref(qualifiedName: "refs/heads/main") {_scalars(ours["Ref"], 1)}
        mergeQueue {{ entries(first: 5) {{ nodes {_scalars(ours["MergeQueueEntry"], 1)} }} }}
      }}
    }}
    fragment Home on Repository {home}"""


def test_a_query_for_everything_is_valid_for_github(published: GraphQLSchema) -> None:
    assert validate(published, parse(_everything())) == []


def test_a_query_for_everything_is_answered(
    double: GitHubDouble, client: Client, shop: Repository
) -> None:
    pull = shop.pull_request(number=14, head="change", labels=["database"])
    shop.pull_request(number=10, merged=True)
    shop.issue(number=3, closed_as="completed")
    shop.comment(14, "hello")
    pull.review("APPROVED")
    shop.verdicts.status(pull.head_sha, "ci", "success")
    shop.verdicts.check_run(pull.head_sha, "build")
    shop.queue.add(14)
    answer = client.query(_everything(), owner="acme", name="shop")
    assert "errors" not in answer
    assert double.failures == []


def test_a_query_that_github_refuses_is_seen(
    published: GraphQLSchema, client: Client, double: GitHubDouble, shop: Repository
) -> None:
    fine = '{ repository(owner: "acme", name: "shop") { id } }'
    bad = '{ repository(owner: "acme", name: "shop") { identity } }'
    client.query(fine)
    answer = client.query(bad)
    assert "identity" in answer["errors"][0]["message"]
    assert [bool(objections(text)) for text in double.queries] == [False, True]
