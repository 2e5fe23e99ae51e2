"""How long GitHub asks us to wait, and how long we are willing to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from readiness_gate.doors.clock import Clock
from readiness_gate.errors import ForgeError

TRIES = 5
TOTAL_WAIT = 120.0
"""Seconds that one forge spends on waiting, over all of its requests."""
_SECONDARY_WAIT = 60.0
"""GitHub REST, best practices: at least a minute where no header says how long."""
_SHOWN = 200


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names are lower case, `data` is the parsed body (or its text)."""

    status: int
    headers: Mapping[str, str]
    data: object

    @property
    def message(self) -> str:
        """What GitHub says went wrong, on one short line; empty for a good answer."""
        found = self.data.get("message") if isinstance(self.data, Mapping) else None
        if found is None and self.errors:
            found = self.errors[0].get("message")
        return " ".join(str(found or "").split())[:_SHOWN]

    @property
    def errors(self) -> list[Mapping[str, object]]:
        """The errors of a GraphQL answer; each one that is none becomes a nameless one."""
        found = self.data.get("errors") if isinstance(self.data, Mapping) else None
        if not found:
            return []
        listed = found if isinstance(found, list) else [found]
        return [one if isinstance(one, Mapping) else {"message": str(one)} for one in listed]


def read_answer(status: int, headers: Mapping[str, object], text: str) -> Answer:
    """Return an answer with its body parsed, where it is JSON."""
    try:
        data: object = json.loads(text) if text else None
    except ValueError:
        data = text
    return Answer(status, {name.lower(): str(value) for name, value in headers.items()}, data)


@dataclass(frozen=True)
class Delay:
    """Seconds to wait before a repetition.

    `maybe_done` is true where the request may have been carried out all the same.
    """

    seconds: float
    reason: str
    maybe_done: bool = False


def delay_after(answer: Answer, *, attempt: int, now: datetime) -> Delay | None:
    """Return the wait that an answer asks for, `None` where it is final.

    5xx backs off from one second; a primary limit lasts until `x-ratelimit-reset`; a secondary
    one, and 429, as long as `retry-after` says, else a minute and doubling (GitHub's REST best
    practices). GraphQL answers over its limit with HTTP 200 and errors.
    """
    after = _number(answer.headers.get("retry-after"))
    if answer.status >= 500:
        return Delay(after or 2.0**attempt, f"HTTP {answer.status}", maybe_done=True)
    said = answer.message.lower()
    if _over_primary_limit(answer, said):
        reset = _number(answer.headers.get("x-ratelimit-reset"))
        wait = after or (reset - now.timestamp() + 1 if reset else _SECONDARY_WAIT)
        return Delay(max(1.0, wait), "the rate limit is used up")
    limited = answer.status == 403 and (after is not None or "secondary rate limit" in said)
    if answer.status == 429 or limited:
        return Delay(after or _SECONDARY_WAIT * 2**attempt, "GitHub asks to slow down")
    if answer.status == 200 and said.startswith("something went wrong") and _no_data(answer):
        return Delay(2.0**attempt, "GraphQL gave no data")
    return None


class Patience:
    """Waits between repetitions, bounded in tries and, over all requests, in seconds."""

    def __init__(self, clock: Clock, *, total: float = TOTAL_WAIT, tries: int = TRIES) -> None:
        """Spend at most `total` seconds of `clock`, and `tries` attempts on one request."""
        self._clock = clock
        self._left = total
        self._tries = tries

    def wait(self, delay: Delay, *, attempt: int, request: str) -> None:
        """Sleep for the delay; `attempt` counts from 0, `request` names it for the reader.

        Raises:
            ForgeError: at once, where the tries are used up or the wait is longer than what is
                left of the bound.
        """
        if attempt + 1 >= self._tries:
            raise ForgeError(
                f"GitHub did not answer {request} in {self._tries} tries: {delay.reason}",
                advice="run the job again later",
            )
        if delay.seconds > self._left:
            raise ForgeError(
                f"GitHub cannot answer {request} now: {delay.reason}, wait {delay.seconds:.0f} s",
                advice=f"run the job again in {delay.seconds / 60:.0f} minutes or more",
            )
        self._left -= delay.seconds
        self._clock.sleep(delay.seconds)


def _over_primary_limit(answer: Answer, said: str) -> bool:
    typed = any(error.get("type") == "RATE_LIMITED" for error in answer.errors)
    worded = answer.status in {403, 429} and said.startswith("api rate limit exceeded")
    used_up = answer.status == 429 and answer.headers.get("x-ratelimit-remaining") == "0"
    return typed or worded or used_up


def _no_data(answer: Answer) -> bool:
    return isinstance(answer.data, Mapping) and not answer.data.get("data")


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and 0 < value < 1e12 else None
