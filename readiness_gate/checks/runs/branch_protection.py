"""What `branch-protection` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.judged import base_branch, judged
from readiness_gate.checks.merge.branch_protection import BranchProtectionOptions
from readiness_gate.checks.standing import Standing, summed
from readiness_gate.model.branch_rules import BranchRules, Hidden, RequiredCheck
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Half, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell

_PLACE = "in Settings, Rules, Rulesets"


def run(context: CheckContext, options: BranchProtectionOptions) -> CheckResult:
    """Judge the rules of the branch, as far as the token sees them."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    branch = options.branch or base_branch(facts)
    if context.github is None or not branch:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no pull request is judged here, so there is no base branch",
            remediation="Name the branch in `branch`.",
        )
    halves = [half for half in Half if half in context.own.halves]
    own = [f"{context.own.status_prefix} / {half.value}" for half in halves]
    rules = context.github.branch_rules(branch)
    standings = [*_contexts(own, branch, rules, options), *_further(branch, rules, options)]
    if not standings:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no item is planned in either half, so no context has to be required",
        )
    return summed(standings, green=_green(branch, own, options), evidence=(_table(rules),))


def _contexts(
    own: list[str], branch: str, rules: BranchRules, options: BranchProtectionOptions
) -> Iterator[Standing]:
    required: dict[str, list[RequiredCheck]] = {}
    for one in rules.required_checks:
        required.setdefault(one.context, []).append(one)
    for name in dict.fromkeys((*own, *options.contexts)):
        if name not in required:
            says = f"{branch} does not require {name}"
            step = f"require {name} {_PLACE} (`readiness-gate doctor --ruleset` prints the rule)"
            yield _lacking("checks", branch, rules, Standing(Outcome.FAILED, says, step))
        elif name in own:
            yield _source(name, required[name], options)
        else:
            yield Standing(Outcome.PASSED, f"{branch} requires {name}")


def _source(name: str, required: list[RequiredCheck], options: BranchProtectionOptions) -> Standing:
    apps = [one.app_id for one in required if one.app_id is not None]
    if options.app_id is not None and options.app_id not in apps:
        seen = f"app {apps[0]}" if apps else "any source"
        return Standing(
            Outcome.FAILED,
            f"{name} is expected from {seen}, not from app {options.app_id}",
            f"choose the app as the expected source of {name} {_PLACE}",
        )
    if options.expected_source and not apps:
        return Standing(
            Outcome.FAILED,
            f"{name} may come from any source",
            f"choose the app that writes {name} as its expected source {_PLACE}",
        )
    return Standing(Outcome.PASSED, f"{name} is required")


def _further(
    branch: str, rules: BranchRules, options: BranchProtectionOptions
) -> Iterator[Standing]:
    if options.strict and not rules.strict:
        says = f"{branch} merges branches that are not up to date"
        step = f"set that branches have to be up to date before merging {_PLACE}"
        yield _lacking("strict", branch, rules, Standing(Outcome.FAILED, says, step))
    if options.merge_queue and not rules.merge_queue:
        says, step = f"{branch} has no merge queue", f"require a merge queue {_PLACE}"
        # A queue of classic protection is told to administrators alone.
        yield _lacking("strict", branch, rules, Standing(Outcome.FAILED, says, step))
    if rules.approvals < options.approvals:
        says = f"{branch} requires {rules.approvals} approvals, not {options.approvals}"
        step = f"require {options.approvals} approvals {_PLACE}"
        yield _lacking("reviews", branch, rules, Standing(Outcome.FAILED, says, step))
    if options.no_bypass:
        yield _bypass(branch, rules)


def _bypass(branch: str, rules: BranchRules) -> Standing:
    if rules.bypass:
        return Standing(
            Outcome.FAILED,
            f"{', '.join(rules.bypass[:5])} may merge into {branch} past the rules",
            f"empty the bypass list {_PLACE}",
        )
    nobody = Standing(Outcome.PASSED, f"nobody may merge into {branch} past the rules")
    return _lacking("bypass", branch, rules, nobody)


def _lacking(what: Hidden, branch: str, rules: BranchRules, otherwise: Standing) -> Standing:
    """Return `otherwise`, or that it cannot be told because the token does not see all."""
    if what not in rules.hidden:
        return otherwise
    words = {"checks": "what it requires", "strict": "how it merges", "bypass": "who may bypass it"}
    return Standing(
        Outcome.ERROR,
        f"{branch}: unknown {words.get(what, what)}: needs administration: read",
        "set it in a ruleset, or give the token of an App with administration: read "
        "(a workflow's own token cannot have it)",
        error_class=ErrorClass.CONFIGURATION,
    )


def _green(branch: str, own: list[str], options: BranchProtectionOptions) -> str:
    return f"{branch} requires {', '.join([*own, *options.contexts]) or 'what is asked'}"


def _table(rules: BranchRules) -> TableEvidence:
    return TableEvidence(
        title="Required checks",
        columns=("context", "expected source", "set by"),
        rows=tuple(
            (one.context, f"app {one.app_id}" if one.app_id else "any", one.source)
            for one in rules.required_checks[:100]
        ),
        omitted=max(0, len(rules.required_checks) - 100),
    )
