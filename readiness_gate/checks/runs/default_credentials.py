"""What `default-credentials` does when it runs; what it promises stands beside its options."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.cookies import private_values
from readiness_gate.checks.exchange import cause_of, request_evidence
from readiness_gate.checks.filling import as_it_is
from readiness_gate.checks.http_asserts import judged
from readiness_gate.checks.http_auth import named_value
from readiness_gate.checks.http_request import prepared
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.network.default_credentials import DefaultCredentialsOptions, ValidPair
from readiness_gate.checks.options.auth import Auth
from readiness_gate.checks.options.request import RequestOptions
from readiness_gate.checks.scenario_values import Values
from readiness_gate.checks.target import is_own, unwatched
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.matchers import compile_matcher
from readiness_gate.model.evidence import Evidence, TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_BODY: JsonValue = {"username": "{{user}}", "password": "{{password}}"}
_LOCKED = frozenset({423, 429})
_SHOWN = 30


@dataclass
class _Door:
    """The endpoint, knocked at."""

    context: CheckContext
    options: DefaultCredentialsOptions
    deadline: Deadline
    masks: Masks
    rows: list[tuple[str, ...]] = field(default_factory=list)
    last: list[Evidence] = field(default_factory=list)

    def knock(self, user: str, password: str, shown: str) -> Answer:
        """Return the answer to one pair.

        Raises:
            NoAnswer: none came.
        """
        options = self.options
        values = Values(self.context.clock, Masks(), {"user": user, "password": password})
        body: dict[str, object] = {}
        if options.basic:
            body = {"auth": Auth.model_construct(user=user, password=password)}
        elif options.form is not None:
            body = {"form": options.form}
        else:
            body = {"json_": _BODY if options.json_ is None else options.json_}
        request = RequestOptions.model_construct(
            _fields_set=set(),
            url=options.url,
            method=options.method,
            headers=options.headers,
            insecure=options.insecure,
            timeout=options.timeout,
            **body,  # type: ignore[arg-type]
        )
        fill = as_it_is if options.basic else values
        sent = prepared(self.context, request, self.masks, fill=fill)
        try:
            answer = sent.send(self.context, self.deadline)
        except NoAnswer as error:
            self.last = [request_evidence(options.method, sent.target, None)]
            cause = cause_of(error, options.method, sent.target, sent.limit(self.deadline))
            self.rows.append((shown, cause))
            advice = unwatched(self.context, sent.target)
            raise _Silent(f"{options.method} {sent.target.url}: {cause}", advice) from error
        self.masks.add(private_values(answer))
        self.last = [request_evidence(options.method, sent.target, answer)]
        self.rows.append((shown, str(answer.status)))
        return answer

    def refusal(self, answer: Answer) -> str:
        """Return why an answer is no refusal, empty where it is one."""
        found = judged(self.options.refused, answer, as_it_is, self.context.clock.now())
        if "status" not in self.options.refused.model_fields_set:
            cause = compile_matcher(self.options.refused.status).explain(answer.status)
            if cause:
                return f"status: {cause}"
        return next(iter(found.problems), "") or found.unreadable

    @property
    def evidence(self) -> list[Evidence]:
        """What was tried, and the last exchange."""
        table = TableEvidence(
            title="Tries",
            columns=("credentials", "answer"),
            rows=tuple(self.rows[:_SHOWN]),
            omitted=max(0, len(self.rows) - _SHOWN),
        )
        return [*self.last, table]


class _Silent(Exception):  # noqa: N818 - the fact is the name
    """No answer came."""

    def __init__(self, cause: str, advice: str | None) -> None:
        super().__init__(cause)
        self.advice = advice


def run(context: CheckContext, options: DefaultCredentialsOptions) -> CheckResult:
    """Prove that the endpoint tells wrong from right, then try every pair."""
    masks = Masks()
    door = _Door(context, options, Deadline(context.clock, context.timeout), masks)
    try:
        return masks.result(_baseline(door) or _valid(door) or _tried(door))
    except _Silent as error:
        cause = str(error)
        result = (
            failed(cause, evidence=door.evidence, remediation=error.advice)
            if is_own(context)
            else cannot_tell(ErrorClass.INFRASTRUCTURE, cause, evidence=door.evidence)
        )
        return masks.result(result)


def _baseline(door: _Door) -> CheckResult | None:
    """Return what is wrong with the answer to surely wrong credentials."""
    user, password = f"readiness-{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    answer = door.knock(user, password, "surely wrong")
    cause = door.refusal(answer)
    if not cause:
        return None
    if answer.status in _LOCKED:
        return _locked(door, answer, "before anything was tried", len(door.options.tried))
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"surely wrong credentials are not refused: {cause}",
        evidence=door.evidence,
        remediation="Correct url, body or `refused`: what nobody has must be seen to be refused.",
    )


def _valid(door: _Door) -> CheckResult | None:
    """Return what is wrong with the answer to a pair that is to be let in."""
    valid = door.options.valid
    if valid is None:
        return None
    answer = _knocked_with(door, valid, "the valid pair")
    if _lets_in(door, answer):
        return None
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"the valid pair of {valid.user} is not let in: it is answered with {answer.status}",
        evidence=door.evidence,
        remediation="Correct the body or the pair, or seed the user; until it is let in, a refusal "
        "proves nothing.",
    )


def _knocked_with(door: _Door, valid: ValidPair, shown: str) -> Answer:
    if valid.password_from is not None:
        password = named_value(door.context, valid.password_from, door.masks)
    else:
        password = valid.password or ""
    return door.knock(valid.user, password, f"{valid.user}, {shown}")


def _lets_in(door: _Door, answer: Answer) -> bool:
    return bool(door.refusal(answer)) and answer.status < 400


def _tried(door: _Door) -> CheckResult:
    """Try the pairs until one is answered by a lock-out or time is over."""
    let_in: list[str] = []
    unclear: list[str] = []
    pairs = door.options.tried
    stopped: CheckResult | None = None
    for number, (user, password) in enumerate(pairs):
        if not _paused(door):
            stopped = _given_up(door, number, len(pairs))
            break
        name = f"{user} with {password or 'an empty password'}"
        answer = door.knock(user, password, name)
        if not door.refusal(answer) or _misfits(door, answer):
            continue
        if answer.status in _LOCKED:
            stopped = _locked(door, answer, f"after {number} pairs", len(pairs) - number)
            break
        if answer.status < 400:
            let_in.append(name)
        else:
            unclear.append(f"{name} is answered with {answer.status}")
    if let_in:
        return _found(door, let_in)
    return stopped or _unclear(door, unclear) or _judged(door, len(pairs))


def _misfits(door: _Door, answer: Answer) -> bool:
    """Return whether a pair was refused for its form, such as a user that is no mail address.

    Only where the valid pair was let in: else the body itself may be what is wrong.
    """
    return door.options.valid is not None and answer.status in {400, 422}


def _unclear(door: _Door, unclear: Sequence[str]) -> CheckResult | None:
    if not unclear:
        return None
    more = f"; and {len(unclear) - 1} more" if len(unclear) > 1 else ""
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"neither let in nor refused: {unclear[0]}{more}",
        details="\n".join(unclear),
        evidence=door.evidence,
        remediation="Give a valid pair, or say in `refused` how the endpoint refuses.",
    )


def _paused(door: _Door) -> bool:
    """Wait between two tries; return whether there is time for one more."""
    pause = door.options.pause
    if door.deadline.remaining() <= pause:
        return False
    if pause:
        door.context.clock.sleep(pause)
    return True


def _judged(door: _Door, count: int) -> CheckResult:
    """Return the result of pairs that were all refused; refusing everybody proves nothing."""
    valid = door.options.valid
    if valid is None:
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{count} pairs are refused, and nobody was seen to be let in",
            evidence=door.evidence,
            remediation="Give `valid`, a pair that is let in: an endpoint that refuses whatever it "
            "is sent would look the same.",
        )
    # A lock-out may look like a refusal: then nobody is let in any more.
    if not _paused(door):
        return _given_up(door, count, count)
    answer = _knocked_with(door, valid, "the valid pair again")
    if not _lets_in(door, answer):
        return cannot_tell(
            ErrorClass.INCONCLUSIVE,
            f"{valid.user} is not let in any more after {count} pairs: {answer.status}",
            evidence=door.evidence,
            remediation="The target locked everybody out on the way, and nobody knows when: set "
            "`pause` above its limit, or try fewer pairs.",
        )
    return passed(f"{count} pairs are refused, {valid.user} is let in", evidence=door.evidence)


def _found(door: _Door, let_in: Sequence[str]) -> CheckResult:
    more = f"; and {len(let_in) - 1} more" if len(let_in) > 1 else ""
    return failed(f"{let_in[0]} is let in{more}", details="\n".join(let_in), evidence=door.evidence)


def _locked(door: _Door, answer: Answer, when: str, left: int) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"locked out with {answer.status} {when}: {left} pairs were not tried",
        evidence=door.evidence,
        remediation="Set `pause` above the target's limit, or try fewer pairs.",
    )


def _given_up(door: _Door, number: int, count: int) -> CheckResult:
    return cannot_tell(
        ErrorClass.INCONCLUSIVE,
        f"time was over after {number} of {count} pairs",
        evidence=door.evidence,
        remediation="Give the item a longer timeout, or try fewer pairs.",
    )
