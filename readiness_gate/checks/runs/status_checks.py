"""What `status-checks` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence

from readiness_gate.checks.check_states import (
    NO_WORD,
    UNDER_WAY,
    absent,
    standing_of,
    standing_of_run,
)
from readiness_gate.checks.context import CheckContext, OwnRun
from readiness_gate.checks.judged import base_branch, judged
from readiness_gate.checks.merge.status_checks import StatusChecksOptions
from readiness_gate.checks.reported import Wanted, fits, newest, own_checks, own_context, table
from readiness_gate.checks.standing import Standing, summed
from readiness_gate.forge.base import Facts
from readiness_gate.model.commit_checks import CommitChecks
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult, cannot_tell


def run(context: CheckContext, options: StatusChecksOptions) -> CheckResult:
    """Judge the newest of every wanted name on the head commit, or on the merge group's."""
    facts = judged(context.merge)
    if isinstance(facts, CheckResult):
        return facts
    if context.github is None or context.head_sha is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no commit on GitHub to look at")
    reported = context.github.checks(context.head_sha)
    own = own_checks(reported.checks, context.own, context.github)
    others = CommitChecks(
        checks=newest(
            one for one in reported.checks if one not in own and not _ignored(one.name, options)
        ),
        # A workflow that ran again on the same commit is known by its last run.
        runs=tuple({(one.workflow, one.event): one for one in reported.runs}.values()),
    )
    if options.every:
        wanted = [Wanted(one.name) for one in others.checks]
        return _judge(wanted, others, context.head_sha, options, _runs(others, context.own))
    if options.checks:
        wanted = [Wanted(name, app=options.app) for name in options.checks]
        return _judge(wanted, others, context.head_sha, options)
    required = _required(context.github, base_branch(facts), context.own, options)
    if isinstance(required, CheckResult):
        return required
    return _judge(required, others, context.head_sha, options)


def _required(
    github: Facts, branch: str, own: OwnRun, options: StatusChecksOptions
) -> list[Wanted] | CheckResult:
    if not branch:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "no pull request is judged here, so no base branch requires anything",
            remediation="Name the checks in `checks`, or set `every: true`.",
        )
    rules = github.branch_rules(branch)
    if "checks" in rules.hidden:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"unknown what {branch} requires: needs administration: read",
            remediation="Name the checks in `checks`, or give a token with administration: read "
            "(a workflow's own token cannot have it, an App's can).",
        )
    wanted = [
        Wanted(one.context, app_id=one.app_id)
        for one in rules.required_checks
        if not own_context(one.context, own) and not _ignored(one.context, options)
    ]
    if not wanted:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{branch} requires no check beside the gate's own",
            remediation="Name the checks in `checks`, or set `every: true`.",
        )
    return wanted


def _judge(
    wanted: Sequence[Wanted],
    reported: CommitChecks,
    commit: str,
    options: StatusChecksOptions,
    further: Sequence[Standing] = (),
) -> CheckResult:
    found = [one for name in wanted for one in _standings(name, reported, commit, options)]
    unique = list(dict.fromkeys([*found, *further]))
    if not unique:
        unique = [absent("a check", commit, reported)]
    green = f"{len(unique)} {'check is' if len(unique) == 1 else 'checks are'} green"
    shown = [one for one in reported.checks if any(name.fits(one.name) for name in wanted)]
    return summed(unique, green=green, evidence=(table(shown),))


def _standings(
    wanted: Wanted, reported: CommitChecks, commit: str, options: StatusChecksOptions
) -> list[Standing]:
    named = [one for one in reported.checks if wanted.fits(one.name)]
    if not named:
        return [absent(wanted.name, commit, reported)]
    fitting = [one for one in named if wanted.comes_from_source(one) is True]
    if fitting:
        # With `every`, what was skipped is no reason to wait and no proof either.
        passing = options.every and any(one.state == "success" for one in reported.checks)
        return [
            standing_of(one, commit, options.accept)
            for one in fitting
            if not (passing and one.state in {"skipped", "neutral"})
        ]
    other = named[0]
    who = other.app or other.creator or "somebody unknown"
    if any(wanted.comes_from_source(one) is None for one in named):
        return [
            Standing(
                Outcome.ERROR,
                f"{other.name} was reported by {who}, and whether that is {wanted.source} "
                "is not known",
                "report it as a check run, or name the check and its `app` in the options",
            )
        ]
    return [
        Standing(
            Outcome.FAILED,
            f"{other.name} was reported by {who}, and {wanted.source} is expected",
            "let the expected app report it, or correct the expected source in the rule",
        )
    ]


def _runs(reported: CommitChecks, own: OwnRun) -> list[Standing]:
    """Return where the workflow runs stand whose jobs are not all reported yet."""
    return [
        standing_of_run(one)
        for one in reported.runs
        if one.workflow != own.workflow
        and (one.state in UNDER_WAY or (one.jobs == 0 and one.state not in NO_WORD))
    ]


def _ignored(name: str, options: StatusChecksOptions) -> bool:
    return any(fits(name, one) for one in options.ignore)
