"""Re-evaluates the merge half of what an event can have changed (DESIGN 1.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from readiness_gate.cli.evaluation import Gate, evaluate_case, plan_case
from readiness_gate.cli.publication import Published, could_not_begin, publication_of
from readiness_gate.cli.subject import Policies, policy_of_branch, pull_request_case
from readiness_gate.errors import ForgeError, GateError, NoConfiguration
from readiness_gate.forge.base import Forge
from readiness_gate.forge.events import Event, requested
from readiness_gate.model.outcome import Half
from readiness_gate.model.pull_request import PullRequest
from readiness_gate.model.report import Report

_MERGE = frozenset({Half.MERGE})


@dataclass(frozen=True)
class ReEvaluated:
    """What became of other pull requests; one that failed never skips the next."""

    reports: tuple[Report, ...]
    failed: tuple[str, ...]
    """`#17: why`, for each that could not be evaluated or written."""
    refused: tuple[str, ...] = ()
    """`#17: why`, for each that was evaluated, and that the token may not write."""

    @property
    def exit_code(self) -> int:
        """Return 0 when every one was decided and said, else 3."""
        return 3 if self.failed or self.refused else 0

    @property
    def exit_code_beside(self) -> int:
        """Return the same for those that are re-evaluated beside an event's own pull request.

        What a fork's token may not write is left to the next sweep.
        """
        return 3 if self.failed else 0


def re_evaluate(gate: Gate, event: Event) -> ReEvaluated:
    """Re-evaluate the open pull requests that wait for the event's own one."""
    if gate.forge is None or gate.graphs is None or event.pull_request is None:
        return ReEvaluated((), ())
    try:
        changed = gate.forge.pull_request(event.pull_request)
        policy = policy_of_branch(changed.base_branch, gate.settings, gate.doors, gate.forge)
        graph = gate.graphs.graph(policy.loaded.config, also=[changed])
        waiting = graph.dependants(changed.reference)
    except NoConfiguration:
        return ReEvaluated((), ())  # nothing is declared on this base: a first adoption
    except GateError as error:
        gate.console.problem(f"dependants of #{event.pull_request}: {error.message}", error.advice)
        return ReEvaluated((), (f"dependants of #{event.pull_request}: {error.message}",))
    opened = {graph.rules.canonical(one.reference): one for one in gate.graphs.opened()}
    return evaluate_all(gate, (opened[one] for one in waiting if one in opened))


def evaluate_all(gate: Gate, pull_requests: Iterable[PullRequest]) -> ReEvaluated:
    """Evaluate and publish the merge half of each."""
    reports: list[Report] = []
    failed: list[str] = []
    refused: list[str] = []
    policies: Policies = {}
    pull_requests = list(pull_requests)
    if gate.facts is not None:
        gate.facts.expect(pull_requests)
    for one in pull_requests:
        number = one.reference.number
        event = requested(mode="merge", pull_request=number)
        try:
            published = _published(gate, one, event, policies)
        except NoConfiguration:
            gate.console.note(f"note: #{number}: its base branch has no configuration")
            continue
        except Exception as error:
            # Nothing else of the fan-out is skipped because one failed, whatever it was.
            known = error if isinstance(error, GateError) else GateError(f"internal: {error!r}")
            failed.append(f"#{number}: {known.message}")
            could_not_begin(gate, replace(event, head_sha=one.head_sha), known)
            continue
        reports.append(published.report)
        if published.notes:
            kept = refused if published.refused else failed
            kept.append(f"#{number}: {'; '.join(published.notes)}")
    for line in failed:
        gate.console.problem(line)
    if refused:
        numbers = ", ".join(line.partition(":")[0] for line in refused)
        gate.console.note(f"note: {numbers}: left to a sweep, this token may not write")
    return ReEvaluated(tuple(reports), tuple(failed), tuple(refused))


def _published(
    gate: Gate, pull_request: PullRequest, event: Event, policies: Policies
) -> Published:
    case = pull_request_case(
        pull_request, event, gate.settings, gate.doors, _forge(gate), policies=policies
    )
    report = evaluate_case(gate, case, plan_case(gate, case), _MERGE, quiet=True)
    return publication_of(gate, case, event, _MERGE).publish(report)


def _forge(gate: Gate) -> Forge:
    if gate.forge is None:
        raise ForgeError("there is no GitHub to ask")
    return gate.forge
