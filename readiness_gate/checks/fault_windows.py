"""Answers from before, during and after a fault, held against what was declared. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from readiness_gate.checks.steady_requests import Sent
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.stack.disruption import Fault

ENOUGH = 3
"""So many good answers in a row are a recovery."""
_BAD = 400


class Role(StrEnum):
    """What is expected of a URL while its dependency is away."""

    LIVENESS = "liveness"
    """Stays as it is."""
    READINESS = "readiness"
    """Turns, and comes back."""
    PATH = "path"
    """Answers as declared."""


@dataclass(frozen=True)
class Probe:
    """One URL that is asked all the time."""

    role: Role
    url: str
    """As it was configured."""
    status: JsonValue
    """What the status has to be while the fault holds."""
    duration: str = ""
    """Comparison with a duration, empty where none is declared."""

    @property
    def name(self) -> str:
        """Role and URL for a person."""
        return self.url if self.role is Role.PATH else f"{self.role} {self.url}"


@dataclass(frozen=True)
class Window:
    """The moments of one fault, in monotonic seconds."""

    fault: Fault
    injected: float
    """From now on it holds."""
    ending: float
    """Until now it held."""
    healed: float
    """The dependency is healthy again."""


@dataclass(frozen=True)
class Seen:
    """What one probe saw of one fault."""

    problems: tuple[str, ...]
    blind: str
    """What was not seen, so that nothing can be told; empty where all was."""
    row: tuple[str, ...]
    turned: float | None = None
    """Seconds until readiness turned for good."""
    recovered: float = 0.0
    """Seconds after the dependency's return until all answers were good."""


COLUMNS = ("fault", "url", "requests", "statuses", "slowest", "back after")


def is_good(sent: Sent) -> bool:
    """Return whether an answer is one of a healthy service."""
    return sent.status is not None and sent.status < _BAD


def is_back(sent: Sequence[Sent], since: float) -> bool:
    """Return whether the last answers since a moment are good ones in a row."""
    after = [one for one in sent if one.begun >= since]
    return len(after) >= ENOUGH and all(is_good(one) for one in after[-ENOUGH:])


def look(
    probe: Probe, window: Window, sent: Sequence[Sent], *, within: float, recovery: float
) -> Seen:
    """Return what a probe saw.

    Args:
        probe: what was asked, and what is expected.
        window: the fault.
        sent: all requests of this probe, in the order of their ends.
        within: seconds after which readiness has to have turned.
        recovery: seconds after which all answers have to be good again.
    """
    during = [one for one in sent if window.injected <= one.begun < window.ending]
    problems: list[str] = []
    turned, blind = None, ""
    if not during:
        blind = f"{window.fault}: no request to {probe.name} while it held"
    elif probe.role is Role.READINESS:
        if window.fault is not Fault.LATENCY:
            turned, blind = _turned(probe, window, during, within)
            if turned is None and not blind:
                problems.append(
                    f"{window.fault}: {probe.name} does not turn within {within:g} s: "
                    f"{_shown(during[-1])}"
                )
    else:
        problems += _wrong(probe, window, during)
    back = _back_after(window, sent)
    if back is None or back > recovery:
        last = [one for one in sent if one.begun >= window.healed]
        said = _shown(last[-1]) if last else "no request"
        problems.append(
            f"{window.fault}: {probe.name} is not back {recovery:g} s after its dependency: {said}"
        )
    return Seen(tuple(problems), blind, _row(probe, window, during, back), turned, back or 0.0)


def _wrong(probe: Probe, window: Window, during: Sequence[Sent]) -> Iterator[str]:
    causes = [cause for one in during if (cause := _cause(probe, one, window))]
    if causes:
        yield (
            f"{window.fault}: {probe.name}: {causes[0]} ({len(causes)} of {len(during)} requests)"
        )


def _cause(probe: Probe, one: Sent, window: Window) -> str:
    if one.status is None:
        return one.problem
    cause = compile_matcher(probe.status).explain(one.status)
    if cause is not None and not (one.ended > window.ending and is_good(one)):
        return f"status: {cause}"
    if probe.duration:
        slow = threshold(probe.duration, Unit.DURATION).explain(one.seconds)
        return f"duration: {slow}" if slow else ""
    return ""


def _turned(
    probe: Probe, window: Window, during: Sequence[Sent], within: float
) -> tuple[float | None, str]:
    """Return after how many seconds readiness turned for good, and what was not seen.

    No answer is none that sends traffic: whoever asks takes it for not ready.
    """
    # What was answered after the fault had ended may be good again.
    answered = [one for one in during if one.ended <= window.ending]
    hanging = len(answered) < len(during)
    if not answered or not (hanging or answered[-1].ended >= window.injected + within):
        return None, f"{window.fault}: no answer of {probe.name} after {within:g} s"
    expected = compile_matcher(probe.status)
    still = [
        one
        for one in answered
        if one.status is not None and expected.explain(one.status) is not None
    ]
    if any(one.begun >= window.injected + within for one in still):
        return None, ""
    if still and still[-1] is answered[-1]:
        return None, ""
    return max([one.ended - window.injected for one in still], default=0.0), ""


def _back_after(window: Window, sent: Sequence[Sent]) -> float | None:
    """Return seconds from the dependency's return to the first of the good answers at the end."""
    after = [one for one in sent if one.begun >= window.healed]
    run = 0
    for one in reversed(after):
        if not is_good(one):
            break
        run += 1
    if run < ENOUGH:
        return None
    return after[-run].begun - window.healed if run < len(after) else 0.0


def _shown(one: Sent) -> str:
    return one.problem if one.status is None else f"it answers {one.status}"


def _row(
    probe: Probe, window: Window, during: Sequence[Sent], back: float | None
) -> tuple[str, ...]:
    statuses = sorted({str(one.status or "none") for one in during})
    slowest = max((one.seconds for one in during), default=0.0)
    return (
        window.fault.value,
        probe.name,
        str(len(during)),
        ", ".join(statuses),
        f"{slowest * 1000:.0f} ms",
        "never" if back is None else f"{back:.1f} s",
    )
