"""Rulesets, the rules that hold for a branch, and classic protection."""

from collections.abc import Mapping
from typing import Any

from tests.github_double.repository import Repository
from tests.github_double.rules import Protection, Ruleset
from tests.github_double.shapes.common import Json, Urls, node_id


def rule(home: Repository, item: Ruleset, one: Mapping[str, Any]) -> Json:
    """A rule that holds for a branch, with the ruleset that it comes from."""
    return dict(one) | {
        "ruleset_source_type": "Repository",
        "ruleset_source": home.full_name,
        "ruleset_id": item.id,
    }


def ruleset(urls: Urls, home: Repository, item: Ruleset) -> Json:
    """A ruleset as administrators see it."""
    included = [f"refs/heads/{name}" for name in item.branches]
    return {
        "id": item.id,
        "name": item.name,
        "target": "branch",
        "source_type": "Repository",
        "source": home.full_name,
        "enforcement": item.enforcement,
        "bypass_actors": [dict(one) for one in item.bypass],
        "current_user_can_bypass": "never",
        "node_id": node_id("RRS", item.id),
        "_links": {"self": {"href": f"{urls.repository(home)}/rulesets/{item.id}"}},
        "conditions": {"ref_name": {"include": included, "exclude": []}},
        "rules": [dict(one) for one in item.rules],
        "created_at": home.created_at,
        "updated_at": home.created_at,
    }


def summary(item: Protection | None) -> Json:
    """What stands of classic protection in the answer about a branch."""
    checks: Json = {"enforcement_level": "off", "contexts": [], "checks": []}
    if item is not None and item.contexts and item.shown:
        level = "everyone" if item.enforce_admins else "non_admins"
        checks = {"enforcement_level": level} | _checks(item)
    return {"enabled": item is not None, "required_status_checks": checks}


def protection(urls: Urls, home: Repository, branch: str) -> Json:
    """Classic protection in full."""
    item = home.rules.protections[branch]
    api = f"{urls.repository(home)}/branches/{branch}/protection"
    shape: Json = {
        "url": api,
        "enforce_admins": {"url": f"{api}/enforce_admins", "enabled": item.enforce_admins},
        "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": False},
        "required_linear_history": {"enabled": False},
    }
    if item.contexts:
        shape["required_status_checks"] = {
            "url": f"{api}/required_status_checks",
            "contexts_url": f"{api}/required_status_checks/contexts",
            "strict": item.strict,
        } | _checks(item)
    if item.approvals or item.code_owners:
        shape["required_pull_request_reviews"] = {
            "url": f"{api}/required_pull_request_reviews",
            "dismiss_stale_reviews": item.dismiss_stale,
            "require_code_owner_reviews": item.code_owners,
            "required_approving_review_count": item.approvals,
            "require_last_push_approval": False,
        }
    return shape


def _checks(item: Protection) -> Json:
    return {
        "contexts": list(item.contexts),
        "checks": [{"context": name, "app_id": app} for name, app in item.contexts.items()],
    }
