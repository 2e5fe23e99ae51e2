"""What `rollback-drill` does when it runs; what it promises stands beside its options."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.disrupting import operations, wrong_status
from readiness_gate.checks.exchange import cause_of
from readiness_gate.checks.stack.rollback_drill import RollbackDrillOptions
from readiness_gate.checks.target import endpoint, whole_url
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import StackError
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, not_applicable, passed
from readiness_gate.stack.base import NotAtTheBase, NotSupported, Stack
from readiness_gate.stack.disruption import Disruption

_AGAIN = 0.5
_LOG_LINES = 60
_BUILD = 1_200.0


@dataclass
class _Drill:
    """One drill under way."""

    context: CheckContext
    options: RollbackDrillOptions
    stack: Stack
    operations: Disruption
    deadline: Deadline
    times: list[tuple[str, float]] = field(default_factory=list)

    def go(self, way: str, images: Mapping[str, str | None]) -> str:
        """Replace the services' images; return why that does not work, empty where it does."""
        clock = self.context.clock
        begun = clock.monotonic()
        limit = Deadline(clock, self.deadline.remaining(self.options.within))
        for service, image in images.items():
            self.operations.recreate(service, self.deadline.remaining(), image)
        for service in images:
            health = self.operations.wait(service, limit.remaining())
            if not health.healthy:
                return f"{service} is not healthy: {health.cause or health.state}"
        trouble = self.smoke()
        while trouble and limit.remaining() > _AGAIN:
            clock.sleep(_AGAIN)
            trouble = self.smoke()
        seconds = clock.monotonic() - begun
        self.times.append((way, seconds))
        if not trouble and seconds > self.options.within:
            return f"it took {seconds:.1f} s, more than {self.options.within:g} s"
        return trouble

    def smoke(self) -> str:
        """Send all requests; return what is wrong with the first bad answer, empty where none."""
        for one in self.options.smoke:
            url = whole_url(self.context, one.url)
            what = one.url if one.method == "GET" else f"{one.method} {one.url}"
            try:
                target = endpoint(self.context, url)
            except StackError as error:
                return f"{what}: {error.message}"
            try:
                answer = self.context.web.request(
                    one.method,
                    target.reached,
                    timeout=one.timeout,
                    headers=one.headers,
                    body=one.request_body.encode() or None,
                    verify=not one.insecure,
                )
            except NoAnswer as error:
                return f"{what}: {cause_of(error, one.method, target, one.timeout)}"
            wrong = wrong_status(one.status, answer)
            if wrong:
                return f"{what}: {wrong}"
        return ""


@dataclass(frozen=True)
class _Before:
    """The images to go back to, and the services that were not there."""

    images: Mapping[str, str]
    new: tuple[str, ...]
    what: str


def run(context: CheckContext, options: RollbackDrillOptions) -> CheckResult:
    """Go back, look, go forward, and look again."""
    disrupting = operations(context)
    assert context.stack is not None  # noqa: S101 - `operations` refuses a context without
    deadline = Deadline(context.clock, context.timeout)
    drill = _Drill(context, options, context.stack, disrupting, deadline)
    before = _images_of_before(drill)
    if isinstance(before, CheckResult):
        return before
    trouble = drill.smoke()
    if trouble:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"before anything went back: {trouble}")
    ways: tuple[tuple[str, str, Mapping[str, str | None]], ...] = (
        ("back", f"back on {before.what}, the database migrated", before.images),
        ("forward", "forward again", dict.fromkeys(before.images)),
    )
    for way, words, images in ways:
        trouble = drill.go(way, images)
        if deadline.passed:
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"{words}: not done within {context.timeout:g} s",
                remediation="Give the item a longer timeout.",
            )
        if trouble:
            return failed(
                f"{words}: {trouble}", evidence=[_table(drill, before), *_logs(drill, before)]
            )
    return _passed(drill, before)


def _passed(drill: _Drill, before: _Before) -> CheckResult:
    (_, back), (_, forward) = drill.times
    count = len(before.images)
    revisions = sum(
        len(access.run.applied)
        for access in drill.context.databases.values()
        if access.run is not None
    )
    notes = (
        []
        if revisions
        else ["No revision was applied by the gate, so both sides may run on one schema."]
    )
    notes += [f"New, so that nothing is to go back to: {', '.join(before.new)}"] * bool(before.new)
    return passed(
        f"{count} service{'s' * (count > 1)} back on {before.what} in {back:.1f} s and forward in "
        f"{forward:.1f} s; {revisions} revision{'s' * (revisions != 1)} applied before",
        details="\n".join(notes),
        evidence=[_table(drill, before)],
    )


def _images_of_before(drill: _Drill) -> _Before | CheckResult:
    options, context = drill.options, drill.context
    services = tuple(dict.fromkeys([*options.services, *options.images])) or _built(drill)
    if not services:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "the stack builds no image: name services and images",
        )
    images: dict[str, str] = {}
    new: list[str] = []
    for service, image in options.images.items():
        drill.operations.fetch(service, image, drill.deadline.remaining(_BUILD))
        images[service] = image
    rest = [service for service in services if service not in images]
    tree = context.base_tree() if rest else None
    if rest and tree is None:
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            "there is no base tip here to build images from",
            remediation="Name images to go back to, or run it for a pull request.",
        )
    for service in rest:
        try:
            images[service] = drill.stack.build_base(
                service, str(tree), drill.deadline.remaining(_BUILD)
            )
        except NotAtTheBase:
            new.append(service)
        except NotSupported:
            raise
        except StackError as error:
            if error.infrastructure:
                raise
            return cannot_tell(
                ErrorClass.INCONCLUSIVE,
                f"the base tip's image of {service} is not there: {error.message}",
                details=error.log,
            )
    if not images:
        return not_applicable(f"new with this pull request: {', '.join(new)}")
    what = "the named images" if not rest else "the base tip's images"
    return _Before(images, tuple(new), what if set(rest) != set(new) else "the named images")


def _built(drill: _Drill) -> tuple[str, ...]:
    record = drill.context.steps.get("images")
    built = {one.name for one in record.images if one.built} if record is not None else set()
    return tuple(one for one in drill.stack.services if drill.stack.image(one) in built)


def _table(drill: _Drill, before: _Before) -> Evidence:
    rows = [(service, image) for service, image in sorted(before.images.items())]
    rows += [(f"{way}, in seconds", f"{seconds:.1f}") for way, seconds in drill.times]
    return TableEvidence(title="Rollback", columns=("service", "image"), rows=tuple(rows))


def _logs(drill: _Drill, before: _Before) -> list[Evidence]:
    texts = [(service, drill.stack.logs(service, _LOG_LINES)) for service in sorted(before.images)]
    return [TextEvidence(title=f"Log of {service}", text=text) for service, text in texts if text]
