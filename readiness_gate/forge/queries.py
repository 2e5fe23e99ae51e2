"""GraphQL queries: their texts, and the batches in which references are asked for; pure."""

from collections.abc import Iterator, Sequence

from readiness_gate.model.pull_request import Reference

BATCH = 50
"""References in one query: about one point, far below the limit of 500,000 nodes."""
LARGEST_NUMBER = 2**31 - 1
"""GraphQL's `Int`; GitHub has no larger number, and a larger one spoils the whole query."""

PULL_FIELDS = """
  number title body state isDraft merged mergedAt
  baseRefName baseRefOid headRefName headRefOid
  headRepository { nameWithOwner }
  author { __typename login }
  mergeCommit { oid }
"""
_PULL_REQUEST = (
    "\nfragment pull on PullRequest {"
    + PULL_FIELDS
    + "  labels(first: 100) { nodes { name } }\n}\n"
)
_FACT = """
fragment fact on IssueOrPullRequest {
  __typename
  ... on Issue { title issueState: state stateReason(enableDuplicate: true) }
  ... on PullRequest {
    ...pull
    timelineItems(itemTypes: [CROSS_REFERENCED_EVENT], last: 100) {
      nodes {
        ... on CrossReferencedEvent {
          source {
            __typename
            ... on PullRequest {
              number merged body baseRefName repository { nameWithOwner }
            }
          }
        }
      }
    }
  }
}
"""
OPEN_PULL_REQUESTS = (
    """
query ($owner: String!, $name: String!, $after: String) {
  rateLimit { cost }
  repository(owner: $owner, name: $name) {
    pullRequests(
      states: OPEN, first: 100, after: $after, orderBy: {field: CREATED_AT, direction: ASC}
    ) {
      nodes { ...pull }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
    + _PULL_REQUEST
)
COMMENTS = """
query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  rateLimit { cost }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        nodes { fullDatabaseId body url updatedAt viewerDidAuthor }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""

Grouped = Sequence[tuple[str, Sequence[Reference]]]
"""References by repository; the position of each is its alias, `r0 { n14 }`."""


def batches(references: Sequence[Reference]) -> Iterator[Grouped]:
    """Yield the references in batches of `BATCH`, by repository, in a stable order."""
    ordered = sorted(set(references), key=lambda one: (one.repository.lower(), one.number))
    for start in range(0, len(ordered), BATCH):
        groups: dict[str, list[Reference]] = {}
        for reference in ordered[start : start + BATCH]:
            groups.setdefault(reference.repository.lower(), []).append(reference)
        yield [(group[0].repository, group) for group in groups.values()]


def facts_query(grouped: Grouped) -> tuple[str, dict[str, object]]:
    """Return the text and the variables of one query for a batch of references."""
    declared, parts = list[str](), list[str]()
    variables: dict[str, object] = {}
    for place, (repository, references) in enumerate(grouped):
        owner, _, name = repository.partition("/")
        variables |= {f"o{place}": owner, f"n{place}": name}
        declared.append(f"$o{place}: String!, $n{place}: String!")
        numbers = sorted({one.number for one in references if one.number <= LARGEST_NUMBER})
        asked = " ".join(f"n{n}: issueOrPullRequest(number: {n}) {{ ...fact }}" for n in numbers)
        parts.append(
            f"r{place}: repository(owner: $o{place}, name: $n{place}) {{ nameWithOwner {asked} }}"
        )
    text = f"query ({', '.join(declared)}) {{ rateLimit {{ cost }} {' '.join(parts)} }}"
    used = _FACT + _PULL_REQUEST if "...fact" in text else ""
    return text + used, variables
