"""Pull requests, issues and graphs of `acme/shop` in one line."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from readiness_gate.merge.graph import build
from readiness_gate.merge.rules import DeclaredOrder, DependsOn, Rules
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import Fact, Issue, MergeGroup, PullRequest, Reference

HOME = "acme/shop"


def ref(number: int, repository: str = HOME) -> Reference:
    return Reference(repository, number)


def pull(
    number: int,
    *,
    body: str = "",
    merged: bool = False,
    closed: bool = False,
    draft: bool = False,
    base: str = "main",
    head: str = "",
    head_repository: str = HOME,
    repository: str = HOME,
    author: str = "octocat",
    reverted_by: int | None = None,
    stack_parent: int | None = None,
    state: str = "",
    merged_at: datetime | None = None,
) -> PullRequest:
    return PullRequest(
        reference=ref(number, repository),
        title=f"Change {number}",
        body=body,
        state=state or ("closed" if merged or closed else "open"),
        draft=draft,
        merged=merged,
        base_branch=base,
        base_sha="b" * 40,
        head_branch=head or f"change-{number}",
        head_sha=f"{number:040x}",
        head_repository=head_repository,
        author=author,
        merged_at=merged_at,
        reverted_by=ref(reverted_by) if reverted_by else None,
        stack_parent=ref(stack_parent) if stack_parent else None,
    )


def issue(number: int, state: str = "open", reason: str | None = None) -> Issue:
    return Issue(ref(number), f"Issue {number}", state, reason)


def group(*members: int, base: str = "main") -> MergeGroup:
    return MergeGroup("c" * 40, "b" * 40, base, "queue", tuple(ref(one) for one in members))


def rules(
    *,
    order: Iterable[int | list[int]] = (),
    depends_on: Mapping[int, Iterable[int]] | None = None,
    repositories: Iterable[str] = (),
    trunks: Iterable[str] = ("main",),
) -> Rules:
    groups = ([entry] if isinstance(entry, int) else entry for entry in order)
    return Rules(
        home=HOME,
        order=DeclaredOrder(tuple(tuple(ref(one) for one in group) for group in groups)),
        depends_on=tuple(
            DependsOn(ref(waiting), tuple(ref(one) for one in after))
            for waiting, after in (depends_on or {}).items()
        ),
        repositories=tuple(repositories),
        trunks=frozenset(trunks),
    )


def graph(
    *pull_requests: PullRequest,
    by: Rules | None = None,
    facts: Iterable[Fact] = (),
    merge_group: MergeGroup | None = None,
) -> Graph:
    return build(
        pull_requests,
        rules=by or rules(),
        facts={fact.reference: fact for fact in facts},
        merge_group=merge_group,
    )
