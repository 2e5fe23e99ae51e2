"""Requests that a check sends so that something moves: a counter, a key, a queue."""

import json

from readiness_gate.checks.asking import Asking, refuse_writing
from readiness_gate.checks.exchange import request_evidence
from readiness_gate.checks.options.stimulus import Stimulus
from readiness_gate.checks.target import endpoint
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import RequestEvidence


class StimulusFailed(Exception):  # noqa: N818 - the fact is the name
    """An answer is not as it has to be, so that nothing can be expected to move."""

    def __init__(self, cause: str, evidence: RequestEvidence) -> None:
        """Keep the cause in one line, and the exchange."""
        super().__init__(cause)
        self.evidence = evidence


def send(asks: Asking, requests: tuple[Stimulus, ...]) -> int:
    """Send all of them; return how many were sent.

    Raises:
        StimulusFailed: an answer is not as it has to be.
        Silent: no answer came.
        OutOfTime: the item's time is over.
        ConfigurationError: it would write to a system that the gate did not start.
    """
    sent = 0
    for one in requests:
        refuse_writing(asks.context, one.method)
        target = endpoint(asks.context, one.url)
        body = None if one.json_ is None else json.dumps(one.json_).encode()
        typed = {"Content-Type": "application/json"} if body is not None else {}
        expected = compile_matcher(one.status)
        for _ in range(one.times):
            answer = asks.ask(target, one.method, headers={**typed, **one.headers}, body=body)
            sent += 1
            cause = expected.explain(answer.status)
            if cause is not None:
                raise StimulusFailed(
                    f"{one.method} {target.url}: status: {cause}",
                    request_evidence(one.method, target, answer),
                )
    return sent
