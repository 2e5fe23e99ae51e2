"""Which pull requests last changed the lines of a file, as GitHub's blame tells."""

from readiness_gate.errors import ForgeError
from readiness_gate.forge import graphql
from readiness_gate.forge.client import Client
from readiness_gate.forge.rest import Fields
from readiness_gate.model.delivery import LandedPull, LineHistory, LineRange

PERMISSION = "contents: read and pull-requests: read"
_PULLS = 20
_BLAME = f"""
query ($owner: String!, $name: String!, $commit: GitObjectID!, $path: String!) {{
  rateLimit {{ cost }}
  repository(owner: $owner, name: $name) {{
    object(oid: $commit) {{
      ... on Commit {{
        oid
        blame(path: $path) {{
          ranges {{
            startingLine endingLine
            commit {{
              oid
              associatedPullRequests(first: {_PULLS}) {{
                nodes {{
                  number merged headRefOid
                  author {{ __typename login }}
                  baseRepository {{ nameWithOwner }}
                }}
              }}
            }}
          }}
        }}
      }}
    }}
  }}
}}
"""


def read_lines(client: Client, repository: str, path: str, commit: str) -> LineHistory:
    """Return who last changed each line of a file at a commit, by merged pull requests.

    Raises:
        ForgeError: no usable answer, or there is no such commit or file.
    """
    owner, _, name = repository.partition("/")
    given = {"owner": owner, "name": name, "commit": commit, "path": path}
    answer = client.query(_BLAME, given, permission=PERMISSION)
    found = graphql.whole(answer, "repository", permission=PERMISSION)
    if not found.has("object"):
        raise ForgeError(f"GitHub does not have the commit {commit[:7]}")
    ranges = found.fields("object").fields("blame").items("ranges")
    return LineHistory(
        path=path, commit=commit, ranges=tuple(_range(one, repository) for one in ranges)
    )


def _range(fields: Fields, home: str) -> LineRange:
    commit = fields.fields("commit")
    pulls = commit.fields("associatedPullRequests").items("nodes")
    return LineRange(
        first=fields.number("startingLine"),
        last=fields.number("endingLine"),
        commit=commit.text("oid"),
        pull_requests=tuple(_pull(one) for one in pulls if _landed(one, home)),
    )


def _landed(fields: Fields, home: str) -> bool:
    base = fields.fields("baseRepository") if fields.has("baseRepository") else None
    here = base is not None and base.text("nameWithOwner").lower() == home.lower()
    return here and fields.truth("merged")


def _pull(fields: Fields) -> LandedPull:
    author = fields.fields("author") if fields.has("author") else None
    return LandedPull(
        number=fields.number("number"),
        head_sha=fields.text("headRefOid"),
        author=graphql.login(author) if author else "ghost",
    )
