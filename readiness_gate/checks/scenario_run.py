"""Runs the steps of one scenario, and tells what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from readiness_gate.checks.asking import OutOfTime
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.cookies import CookieJar, cookie_value, private_values
from readiness_gate.checks.exchange import cause_of, request_evidence
from readiness_gate.checks.filling import Unset
from readiness_gate.checks.http_asserts import found_by, judged
from readiness_gate.checks.http_request import Prepared, prepared
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.replicas import Turns
from readiness_gate.checks.scenario_effects import Effects, Looked
from readiness_gate.checks.scenario_steps import FINE, Capture, HttpStep, SinkStep, Step
from readiness_gate.checks.scenario_values import Values
from readiness_gate.checks.target import is_own, unwatched
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.matchers import ABSENT, Nodes, compile_matcher
from readiness_gate.matchers.jsonpath import compile_path, read_json
from readiness_gate.model.evidence import Evidence, RequestEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass

_BODY_SHOWN = 1000
_URL: TypeAdapter[str] = TypeAdapter(TargetUrl)


@dataclass(frozen=True)
class Done:
    """What became of one step."""

    title: str
    said: str
    """What was asked, and how it was answered: for the reader."""
    seconds: float
    tries: int = 1
    problems: tuple[str, ...] = ()
    error_class: ErrorClass | None = None
    """Why nobody can tell, where that is so."""
    evidence: tuple[Evidence, ...] = ()
    remediation: str | None = None
    unset: bool = False
    """Whether it was not done, because a value is not there."""

    @property
    def holds(self) -> bool:
        """Whether everything is as it has to be."""
        return not self.problems


@dataclass
class Scenario:
    """One run of a flow: its values, its cookies, its turns of replicas."""

    context: CheckContext
    values: Values
    masks: Masks
    effects: Effects
    turns: Turns | None
    jars: dict[str, CookieJar] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """Hosts with ports as the gate reached them, with those that people know."""

    def step(self, step: Step, number: int, deadline: Deadline) -> Done:
        """Do one step until it holds or no try is left.

        Raises:
            ConfigurationError: it cannot be done as it is written.
            StackError: a service cannot be reached.
        """
        title = f"step {number} ({step.title})"
        clock = self.context.clock
        begun = clock.monotonic()
        if step.delay and not _slept(self.context, step.delay, deadline):
            return self._late(title, begun)
        done, tries = self._late(title, begun), 0
        for _ in range(step.repeat if isinstance(step, HttpStep) else 1):
            done, tries = self._tried(step, title, deadline)
            if not done.holds:
                break
        return replace(done, seconds=clock.monotonic() - begun, tries=tries)

    def _tried(self, step: Step, title: str, deadline: Deadline) -> tuple[Done, int]:
        """Return what became of the last try that came to its end, and how many there were."""
        last = self._late(title, self.context.clock.monotonic())
        for tries in range(1, step.retry + 2):
            try:
                if deadline.passed:
                    raise OutOfTime
                last = self._once(step, title, deadline)
            except OutOfTime:
                return last, max(1, tries - 1)
            more = tries <= step.retry and not last.holds
            if not more or not _slept(self.context, step.retry_interval, deadline):
                break
        return last, tries

    def _late(self, title: str, begun: float) -> Done:
        return Done(
            title,
            "time was over",
            self.context.clock.monotonic() - begun,
            problems=(f"time was over after {self.context.timeout:g} s",),
            error_class=ErrorClass.INCONCLUSIVE,
            remediation="Give the item a longer timeout.",
        )

    def _once(self, step: Step, title: str, deadline: Deadline) -> Done:
        try:
            if isinstance(step, HttpStep):
                return self._request(step, title, deadline)
            return self._of(title, self.effects.look(step, self.values, deadline), step)
        except Unset as error:
            return Done(title, "not done", 0.0, problems=(error.message,), unset=True)

    def _of(self, title: str, looked: Looked, step: Step) -> Done:
        problems = looked.problems
        if not problems and isinstance(step, SinkStep) and looked.first is not None:
            problems = tuple(self._captured(step.capture, looked.first))
        return Done(
            title,
            looked.said,
            0.0,
            problems=problems,
            error_class=looked.error_class,
            evidence=looked.evidence,
        )

    def _request(self, step: HttpStep, title: str, deadline: Deadline) -> Done:
        url = self._url(step)
        host = urlsplit(url).netloc
        jar = self.jars.setdefault(step.cookies, CookieJar(self.context.clock))
        sent = prepared(self.context, step, self.masks, fill=self.values, url=url, jar=jar.of(host))
        self.known[urlsplit(sent.target.reached).netloc] = urlsplit(sent.target.url).netloc
        replica = ""
        if self.turns is not None:
            target, replica = self.turns.next(sent.target)
            # A replica that names its service in a redirect means itself.
            same = (*sent.manner.same, urlsplit(target.url).netloc)
            sent = replace(sent, target=target, manner=replace(sent.manner, same=same))
        limit = sent.limit(deadline)
        what = f"{sent.method} {sent.target.url}{f' at {replica}' if replica else ''}"
        try:
            answer = sent.send(self.context, deadline)
        except NoAnswer as error:
            if limit < sent.timeout and deadline.passed:
                raise OutOfTime from error
            return self._silent(title, what, sent, cause_of(error, sent.method, sent.target, limit))
        self.masks.add(private_values(answer))
        found = judged(step, answer, self.values, self.context.clock.now())
        problems = [*self._status(step, answer), *found.problems]
        error_class = None
        if not problems and found.unreadable:
            problems, error_class = [found.unreadable], ErrorClass.INCONCLUSIVE
        if not problems:
            problems = self._captured(step.capture, answer)
        if problems and (left := sent.unfollowed(answer)):
            problems.append(left)
        said = f"{what}: {answer.status} in {answer.seconds * 1000:.0f} ms"
        return Done(
            title,
            said,
            answer.seconds,
            problems=tuple(f"{what}: {one}" for one in problems),
            error_class=error_class,
            evidence=self._exchange(sent, answer),
        )

    def _silent(self, title: str, what: str, sent: Prepared, cause: str) -> Done:
        own = is_own(self.context)
        return Done(
            title,
            f"{what}: {cause}",
            0.0,
            problems=(f"{what}: {cause}",),
            error_class=None if own else ErrorClass.INFRASTRUCTURE,
            evidence=self._exchange(sent, None),
            remediation=unwatched(self.context, sent.target) if own else None,
        )

    def _url(self, step: HttpStep) -> str:
        path = self.values.url(step.url)
        text = path if step.service is None else f"http://{step.service}:{step.port}{path}"
        try:
            parts = urlsplit(text)
            if parts.netloc in self.known:
                # A server that was asked at its address writes that into what it answers.
                text = parts._replace(netloc=self.known[parts.netloc]).geturl()
            text = _URL.validate_python(text)
        except (ValidationError, ValueError) as error:
            raise ConfigurationError(
                f"url: {self.masks.hide(text)[:120]} is no URL: write a path or a URL of http"
            ) from error
        if text.startswith("/") and self.context.base_url is not None:
            return self.context.base_url.rstrip("/") + text
        return text

    def _status(self, step: HttpStep, answer: Answer) -> list[str]:
        if "status" in step.model_fields_set:
            return []
        cause = compile_matcher(FINE).explain(answer.status)
        return [f"status: {cause}"] if cause else []

    def _captured(self, wanted: Mapping[str, Capture], answer: Answer) -> list[str]:
        for name, one in wanted.items():
            value, cause = _found(one, answer)
            if cause:
                return [f"capture {name}: {cause}"]
            self.values.set(name, value, secret=one.secret)  # type: ignore[arg-type]
        return []

    def _exchange(self, sent: Prepared, answer: Answer | None) -> tuple[Evidence, ...]:
        shown: RequestEvidence = request_evidence(sent.method, sent.target, answer)
        lines = [f"{name}: {value}" for name, value in sent.headers.items()]
        body = sent.body or b""
        if sent.manner.size:
            lines.append(f"\n{sent.manner.size} generated bytes")
        elif body:
            text = body[:_BODY_SHOWN].decode("utf-8", "replace")
            lines.append(f"\n{text}{'…' if len(body) > _BODY_SHOWN else ''}")
        if not lines:
            return (shown,)
        return (TextEvidence(title="Request", text="\n".join(lines)), shown)


def _slept(context: CheckContext, seconds: float, deadline: Deadline) -> bool:
    if deadline.remaining() <= seconds:
        return False
    context.clock.sleep(seconds)
    return True


def _found(one: Capture, answer: Answer) -> tuple[object, str]:
    """Return what is captured, or why nothing is."""
    if one.header is not None:
        return _text(answer.header(one.header) or ABSENT, f"header {one.header}")
    if one.cookie is not None:
        return _text(cookie_value(answer, one.cookie), f"cookie {one.cookie}")
    if one.regex is not None:
        return _text(found_by(one.regex, answer), f"regex {one.regex}")
    path = one.jsonpath or ""
    try:
        value = compile_path(path)(read_json(answer.body))
    except ValueError as error:
        return None, f"the body is not JSON: {str(error)[:160]}"
    if isinstance(value, Nodes) and len(value) != 1:
        return None, f"{path} finds {len(value)} values, not one"
    return _text(value[0] if isinstance(value, Nodes) else value, path)


def _text(value: object, what: str) -> tuple[object, str]:
    if value is ABSENT or value is None or value == "":
        return None, f"{what} finds nothing"
    return value, ""


def lines_of(done: Sequence[Done]) -> list[tuple[str, ...]]:
    """Return a row for each step: its title, what was said, the tries, the time."""
    return [(one.title, one.said, str(one.tries), f"{one.seconds * 1000:.0f} ms") for one in done]
