"""What stands in the way of a merge: rulesets, and classic protection of branches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass
class Ruleset:
    """One active ruleset: its rules as GitHub writes them, and who may bypass it."""

    id: int
    name: str
    branches: tuple[str, ...]
    rules: tuple[Json, ...]
    bypass: tuple[Json, ...] = ()
    enforcement: str = "active"


@dataclass
class Protection:
    """Classic protection of one branch; `contexts` maps each to its expected app, None is any."""

    contexts: Mapping[str, int | None] = field(default_factory=dict)
    strict: bool = False
    approvals: int = 0
    code_owners: bool = False
    dismiss_stale: bool = False
    enforce_admins: bool = True
    shown: bool = True
    """Whether those without administration see the contexts in the summary of the branch."""


def required_checks(contexts: Mapping[str, int | None], *, strict: bool = False) -> Json:
    """The rule that these contexts are green; None is any source."""
    checks = [
        {"context": name} | ({"integration_id": app} if app else {})
        for name, app in contexts.items()
    ]
    parameters = {
        "required_status_checks": checks,
        "strict_required_status_checks_policy": strict,
        "do_not_enforce_on_create": False,
    }
    return {"type": "required_status_checks", "parameters": parameters}


def pull_request(approvals: int = 0, *, code_owners: bool = False, stale: bool = False) -> Json:
    """The rule that changes come by pull request; `stale`: a push dismisses approvals."""
    parameters = {
        "allowed_merge_methods": ["merge", "squash", "rebase"],
        "dismiss_stale_reviews_on_push": stale,
        "require_code_owner_review": code_owners,
        "require_last_push_approval": False,
        "required_approving_review_count": approvals,
        "required_review_thread_resolution": False,
    }
    return {"type": "pull_request", "parameters": parameters}


def merge_queue() -> Json:
    """The rule that merges go through a queue."""
    parameters = {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": "MERGE",
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }
    return {"type": "merge_queue", "parameters": parameters}


class Rules:
    """The rulesets and protections of one repository."""

    def __init__(self) -> None:
        self.rulesets: dict[int, Ruleset] = {}
        self.protections: dict[str, Protection] = {}

    def add(
        self,
        *rules: Json,
        branches: Iterable[str] = ("main",),
        bypass: Iterable[Json] = (),
        enforcement: str = "active",
    ) -> Ruleset:
        """One more ruleset; `evaluate` and `disabled` ones hold for no branch."""
        identity = len(self.rulesets) + 1
        ruleset = Ruleset(
            identity, f"ruleset {identity}", tuple(branches), rules, tuple(bypass), enforcement
        )
        self.rulesets[identity] = ruleset
        return ruleset

    def protect(self, branch: str, protection: Protection) -> None:
        """Protects a branch in the classic way."""
        self.protections[branch] = protection

    def holding(self, branch: str) -> list[Ruleset]:
        """The rulesets that hold for a branch."""
        return [
            one
            for one in self.rulesets.values()
            if one.enforcement == "active" and branch in one.branches
        ]
