"""Is a service up? One pure answer over all its replicas (notes on stacks 2.5).

A running container is not yet a healthy one: health, exits, restarts and memory kills decide.
`lost` means that waiting longer cannot help.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.stack.replica import Replica

MEMORY_KILL = 137


@dataclass(frozen=True)
class Dependency:
    """An entry of `depends_on`; the condition in compose's words."""

    service: str
    condition: str = "service_started"
    required: bool = True


@dataclass(frozen=True)
class Expectation:
    """What the model and the configuration say of a service."""

    service: str
    replicas: int = 1
    one_shot: bool | None = None
    """As configured; `None`: found out from the model and the exit."""
    adopted: bool = False
    """Another service waits for it by `service_completed_successfully`."""
    has_ports: bool = False
    built: bool = False
    """Its image is built here: the program itself, which as a rule takes longest to be ready."""
    dependencies: tuple[Dependency, ...] = ()

    @property
    def declared_one_shot(self) -> bool:
        """Whether an end with exit code 0 is what is expected."""
        return self.one_shot is True or (self.one_shot is None and self.adopted)


@dataclass(frozen=True)
class Judgement:
    """The answer for one service at one moment."""

    state: str
    """A word of `ServiceHealth.state`."""
    good: bool = False
    lost: bool = False
    cause: str = ""
    exit_code: int | None = None
    out_of_memory: bool = False
    one_shot: bool = False


def judge(expected: Expectation, replicas: Sequence[Replica]) -> Judgement:
    """Return the worst answer over all replicas, so that one sick replica is seen."""
    judgements = [_judge_one(expected, replica) for replica in replicas]
    if len(replicas) < expected.replicas:
        judgements.append(
            Judgement(
                "missing",
                cause=f"{len(replicas)} of {expected.replicas} replicas are there",
            )
        )
    worst = min(judgements, key=_rank)
    if worst.good or len(replicas) <= 1 or worst.state == "missing":
        return worst
    sick = next(r for r, j in zip(replicas, judgements, strict=False) if j is worst)
    # One more than expected while a replica is replaced.
    count = max(expected.replicas, len(replicas))
    cause = f"replica {sick.number} of {count}: {worst.cause}"
    return Judgement(
        worst.state, False, worst.lost, cause, worst.exit_code, worst.out_of_memory, worst.one_shot
    )


def _rank(judgement: Judgement) -> int:
    return 0 if judgement.lost else 2 if judgement.good else 1


def _judge_one(expected: Expectation, replica: Replica) -> Judgement:
    if replica.status in {"exited", "dead"}:
        return _judge_exited(expected, replica)
    if replica.status == "restarting":
        return Judgement(
            "restarting",
            cause=_restarting(replica),
            exit_code=replica.exit_code,
            out_of_memory=replica.out_of_memory,
        )
    if replica.status == "running":
        return _judge_running(expected, replica)
    if replica.status == "paused":
        return Judgement("starting", cause="it is paused")
    if replica.error:
        return Judgement("missing", lost=True, cause=f"it could not be started: {replica.error}")
    return Judgement("starting", cause="it was not started")


def _judge_running(expected: Expectation, replica: Replica) -> Judgement:
    if expected.declared_one_shot:
        return Judgement("running", one_shot=True, cause="the one-shot has not finished")
    if replica.health == "healthy":
        return Judgement("healthy", good=True)
    if replica.health == "starting":
        return Judgement("starting", cause=_check_says("its health check has not passed", replica))
    if replica.health == "unhealthy":
        return Judgement("unhealthy", cause=_check_says("its health check fails", replica))
    return Judgement("running", good=True)


def _judge_exited(expected: Expectation, replica: Replica) -> Judgement:
    memory = replica.out_of_memory
    clean = replica.exit_code == 0 and not memory and replica.status == "exited"
    one_shot = expected.declared_one_shot or (
        expected.one_shot is None
        and clean
        and replica.restart_policy in {"no", "on-failure"}
        and replica.health is None
        and not expected.has_ports
    )
    if one_shot and clean:
        return Judgement("completed", good=True, exit_code=0, one_shot=True)
    cause = _exited(replica, one_shot=expected.declared_one_shot)
    if expected.one_shot is False and clean:
        cause += "; it is configured as no one-shot"
    lost = replica.status == "dead" or not replica.comes_back
    return Judgement("exited", False, lost, cause, replica.exit_code, memory, one_shot)


def _exited(replica: Replica, *, one_shot: bool) -> str:
    what = "the one-shot exited" if one_shot else "it exited"
    if replica.out_of_memory:
        return f"{what} with code {replica.exit_code}: killed for want of memory"
    if replica.exit_code == MEMORY_KILL:
        return f"{what} with code 137 (SIGKILL)"
    return f"{what} with code {replica.exit_code}"


def _restarting(replica: Replica) -> str:
    ending = "killed for want of memory" if replica.out_of_memory else f"code {replica.exit_code}"
    return f"crash loop: restarted {replica.restarts} times, last exit {ending}"


def _check_says(what: str, replica: Replica) -> str:
    said = " ".join(replica.health_output.split())[:200]
    return f"{what}: {said}" if said else what
