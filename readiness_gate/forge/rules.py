"""Rulesets and classic protection of a branch, in one answer.

Rulesets are told to everybody who reads. Classic protection is told to administrators, and to
others only that it is there and, on some plans, its contexts: what is not told is `hidden`, and
never taken for absent (notes on pull requests 25).
"""

from collections.abc import Iterable
from urllib.parse import quote

from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.rest import Fields, listed
from readiness_gate.model.branch_rules import BranchRules, Hidden, RequiredCheck

_REFUSED = frozenset({403, 404})
_DETAILS: tuple[Hidden, ...] = ("strict", "reviews", "bypass")


def read_rules(client: Client, repository: str, branch: str) -> BranchRules:
    """Return what the branch asks for.

    Raises:
        ForgeError: GitHub gave no usable answer; a refusal to show classic protection is none.
    """
    found = _rulesets(client, repository, branch)
    classic = _classic(client, repository, branch)
    return _together([*found, *classic])


def _rulesets(client: Client, repository: str, branch: str) -> list[BranchRules]:
    path = f"/repos/{repository}/rules/branches/{quote(branch)}"
    request = Request("GET", path, "metadata: read")
    rules = [one for page in client.pages(request) for one in listed(page, str(request))]
    identities = sorted({one.number("ruleset_id") for one in rules if one.has("ruleset_id")})
    return [
        *(_rule(one) for one in rules),
        *(_bypass(client, repository, identity) for identity in identities),
    ]


def _rule(rule: Fields) -> BranchRules:
    kind = rule.text("type")
    if kind == "merge_queue":
        return BranchRules(merge_queue=True)
    if kind == "required_status_checks":
        parameters = rule.fields("parameters")
        return BranchRules(
            strict=parameters.truth("strict_required_status_checks_policy"),
            required_checks=tuple(
                RequiredCheck(context=one.text("context"), app_id=_app(one, "integration_id"))
                for one in parameters.items("required_status_checks")
            ),
        )
    if kind == "pull_request":
        parameters = rule.fields("parameters")
        return BranchRules(
            pull_request=True,
            approvals=parameters.number("required_approving_review_count"),
            code_owners=parameters.truth("require_code_owner_review"),
            dismiss_stale=parameters.truth("dismiss_stale_reviews_on_push"),
        )
    return BranchRules()


def _bypass(client: Client, repository: str, identity: int) -> BranchRules:
    path = f"/repos/{repository}/rulesets/{identity}"
    answer = client.send(Request("GET", path, "administration: read", accept=_REFUSED))
    if answer.status in _REFUSED:
        return BranchRules(hidden=("bypass",))
    ruleset = Fields(answer.data, path)
    if not ruleset.has("bypass_actors"):
        return BranchRules(hidden=("bypass",))
    return BranchRules(bypass=tuple(_actor(one) for one in ruleset.items("bypass_actors")))


def _actor(actor: Fields) -> str:
    kind = actor.text("actor_type")
    known = {"OrganizationAdmin": "organisation administrators", "DeployKey": "deploy keys"}
    if kind in known or not actor.has("actor_id"):
        return known.get(kind, kind)
    words = {"Integration": "app", "Team": "team", "RepositoryRole": "role", "User": "user"}
    return f"{words.get(kind, kind)} {actor.number('actor_id')}"


def _classic(client: Client, repository: str, branch: str) -> list[BranchRules]:
    path = f"/repos/{repository}/branches/{quote(branch)}"
    summary = Fields(client.send(Request("GET", path, "contents: read")).data, path)
    if not summary.truth("protected"):
        return []
    shown = summary.fields("protection") if summary.has("protection") else None
    if shown is not None and shown.has("enabled") and not shown.truth("enabled"):
        return []  # protected by rulesets alone
    request = Request("GET", f"{path}/protection", "administration: read", accept=_REFUSED)
    answer = client.send(request)
    if answer.status not in _REFUSED:
        return [_protection(Fields(answer.data, f"{path}/protection"))]
    told = _contexts(shown)
    return [BranchRules(required_checks=told, hidden=_DETAILS if told else ("checks", *_DETAILS))]


def _protection(fields: Fields) -> BranchRules:
    checks = (
        fields.fields("required_status_checks") if fields.has("required_status_checks") else None
    )
    name = "required_pull_request_reviews"
    reviews = fields.fields(name) if fields.has(name) else None
    return BranchRules(
        required_checks=_contexts(fields),
        strict=checks is not None and checks.has("strict") and checks.truth("strict"),
        pull_request=reviews is not None,
        approvals=reviews.number("required_approving_review_count")
        if reviews is not None and reviews.has("required_approving_review_count")
        else 0,
        code_owners=reviews is not None and reviews.truth("require_code_owner_reviews"),
        dismiss_stale=reviews is not None and reviews.truth("dismiss_stale_reviews"),
        bypass=tuple(_bypassing(fields, reviews)),
    )


def _contexts(fields: Fields | None) -> tuple[RequiredCheck, ...]:
    if fields is None or not fields.has("required_status_checks"):
        return ()
    checks = fields.fields("required_status_checks")
    if not checks.has("checks"):
        return ()
    return tuple(
        RequiredCheck(context=one.text("context"), app_id=_app(one, "app_id"), source="protection")
        for one in checks.items("checks")
    )


def _bypassing(fields: Fields, reviews: Fields | None) -> Iterable[str]:
    if fields.has("enforce_admins") and not fields.fields("enforce_admins").truth("enabled"):
        yield "administrators"
    name = "bypass_pull_request_allowances"
    if reviews is not None and reviews.has(name):
        allowed = reviews.fields(name)
        for kind, key in (("users", "login"), ("teams", "slug"), ("apps", "slug")):
            if allowed.has(kind):
                yield from (f"{kind[:-1]} {one.text(key)}" for one in allowed.items(kind))


def _app(fields: Fields, name: str) -> int | None:
    number = fields.number(name) if fields.has(name) else -1
    return number if number > 0 else None


def _together(parts: list[BranchRules]) -> BranchRules:
    """Return the strictest of each: rules of several rulesets hold together."""
    return BranchRules(
        required_checks=tuple(dict.fromkeys(one for part in parts for one in part.required_checks)),
        strict=any(part.strict for part in parts),
        merge_queue=any(part.merge_queue for part in parts),
        pull_request=any(part.pull_request for part in parts),
        approvals=max((part.approvals for part in parts), default=0),
        code_owners=any(part.code_owners for part in parts),
        dismiss_stale=any(part.dismiss_stale for part in parts),
        bypass=tuple(dict.fromkeys(one for part in parts for one in part.bypass)),
        hidden=tuple(dict.fromkeys(one for part in parts for one in part.hidden)),
    )
