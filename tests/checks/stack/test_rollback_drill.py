from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_gate.checks.context import CheckContext, DatabaseAccess, StepRecord
from readiness_gate.checks.runs.rollback_drill import run
from readiness_gate.checks.stack.rollback_drill import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.web import Answer, NoAnswer
from readiness_gate.errors import ConfigurationError, StackError
from readiness_gate.migrations.run import MigrationRun
from readiness_gate.model.evidence import TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address, BuiltImage, NotAtTheBase, NotSupported
from readiness_gate.stack.compose.driver import ComposeStack
from tests.fakes.context import booted, context
from tests.fakes.disruption import FakeDisruption
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer
from tests.forge.clock import FakeClock
from tests.stack.compose.real import Opened, opener

TREE = Path("/base")
ITEMS = "smoke: [{url: /items}]"


class Releases(FakeStack):
    """Two services of one built image and a database; what answers depends on the image."""

    def __init__(self) -> None:
        super().__init__(("backend", "db", "worker"))
        self.images = {"backend": "rg-test-backend", "worker": "rg-test-backend", "db": "pg:17"}
        self.addresses = {("backend", 8000): Address("127.0.0.1", 8000)}
        self.log = {"backend": "no such column: name"}
        self.fake = FakeDisruption(running={}, replaced=self.replaced)
        self.operations = self.fake
        self.absent: set[str] = set()
        self.error: StackError | None = None
        self.runs = "backend"
        self.broken_on = ""

    def replaced(self, image_or_service: str) -> None:
        if image_or_service in {"backend", "backend-base", "old:1"}:
            self.runs = image_or_service

    def build_base(self, service: str, tree: str, timeout: float) -> str:
        if self.error is not None:
            raise self.error
        if service in self.absent:
            raise NotAtTheBase(f"{service} is new")
        return f"{service}-base"

    def __call__(self, request: Request) -> Answer:
        if self.runs == self.broken_on:
            return answer(500)
        return answer(200)


def facts(stack: Releases, *, tree: Path | None = TREE, timeout: float = 600.0) -> CheckContext:
    images = (
        BuiltImage("backend", "rg-test-backend", True, 1, 1.0),
        BuiltImage("db", "pg:17", False, 1, 1.0),
    )
    return context(
        stack=stack,
        web=FakeWeb(responder=stack),
        clock=FakeClock(),
        timeout=timeout,
        base_url="http://backend:8000",
        steps={"images": StepRecord("images", True, "1 built", images=images)},
        base_tree=lambda: tree,
    )


def ran(stack: Releases, text: str = f"{{{ITEMS}}}", **more: object) -> CheckResult:
    return run(facts(stack, **more), options(CHECK, text))  # type: ignore[arg-type]


def test_every_built_service_goes_back_and_forward_and_answers_on_both_sides() -> None:
    stack = Releases()
    result = ran(stack)
    assert result.outcome is Outcome.PASSED, result
    assert result.summary == (
        "2 services back on the base tip's images in 0.0 s and forward in 0.0 s; "
        "0 revisions applied before"
    )
    assert (
        result.details
        == "No revision was applied by the gate, so both sides may run on one schema."
    )
    assert [call for call in stack.fake.calls if call.startswith("recreate")] == [
        "recreate backend backend-base",
        "recreate worker worker-base",
        "recreate backend",
        "recreate worker",
    ]


def test_the_revisions_between_are_counted() -> None:
    stack = Releases()
    access = DatabaseAccess(
        "main", "postgresql", "postgresql://x", True, "db", None,
        MigrationRun("main", ("b2",), (), ("b2",), ("a1", "b2")),
    )  # fmt: skip
    seen = facts(stack)
    seen = context(
        stack=stack, web=seen.web, clock=seen.clock, timeout=600.0, base_url=seen.base_url,
        steps=seen.steps, base_tree=seen.base_tree, databases={"main": access},
    )  # fmt: skip
    result = run(seen, options(CHECK, f"{{{ITEMS}}}"))
    assert result.summary.endswith("2 revisions applied before")
    assert result.details == ""


def test_the_old_image_that_does_not_work_on_the_new_schema_fails() -> None:
    stack = Releases()
    stack.broken_on = "backend-base"
    result = ran(stack, f"{{{ITEMS}, within: 3s}}")
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "back on the base tip's images, the database migrated: "
        "/items: status: expected less than 400, got 500"
    )
    assert TextEvidence(title="Log of backend", text="no such column: name") in result.evidence


def test_the_new_image_that_does_not_work_any_more_fails() -> None:
    stack = Releases()
    answers = iter([answer(200), answer(200)])
    web = FakeWeb(responder=lambda _request: next(answers, answer(503)))
    seen = facts(stack)
    seen = context(
        stack=stack, web=web, clock=FakeClock(), timeout=600.0, base_url=seen.base_url,
        steps=seen.steps, base_tree=seen.base_tree,
    )  # fmt: skip
    result = run(seen, options(CHECK, f"{{{ITEMS}, services: [backend], within: 2s}}"))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("forward again: /items: status: ")


def test_a_service_that_does_not_become_healthy_fails() -> None:
    stack = Releases()
    stack.fake.unhealthy = "crash loop"
    result = ran(stack)
    assert result.outcome is Outcome.FAILED
    assert result.summary.endswith("backend is not healthy: crash loop")


def test_a_way_that_takes_too_long_fails() -> None:
    stack = Releases()
    clock = FakeClock()
    wait = stack.fake.wait

    def slow(service: str, timeout: float) -> object:
        clock.sleep(70.0)
        return wait(service, timeout)

    stack.fake.wait = slow  # type: ignore[assignment, method-assign]
    seen = facts(stack)
    seen = context(
        stack=stack, web=seen.web, clock=clock, timeout=600.0, base_url=seen.base_url,
        steps=seen.steps, base_tree=seen.base_tree,
    )  # fmt: skip
    result = run(seen, options(CHECK, f"{{{ITEMS}}}"))
    assert result.outcome is Outcome.FAILED
    assert "it took 140.0 s, more than 120 s" in result.summary


def test_named_images_are_fetched_and_nothing_is_built() -> None:
    stack = Releases()
    stack.error = StackError("the base is not asked")
    result = ran(stack, f"{{{ITEMS}, images: {{backend: 'old:1'}}}}", tree=None)
    assert result.outcome is Outcome.PASSED
    assert "1 service back on the named images" in result.summary
    assert stack.fake.calls[:2] == ["fetch old:1", "recreate backend old:1"]


def test_what_is_new_has_nothing_to_go_back_to() -> None:
    stack = Releases()
    stack.absent = {"worker"}
    result = ran(stack)
    assert result.outcome is Outcome.PASSED
    assert "New, so that nothing is to go back to: worker" in result.details
    stack.absent = {"worker", "backend"}
    result = ran(stack)
    assert (result.outcome, result.summary) == (
        Outcome.SKIPPED, "new with this pull request: backend, worker",
    )  # fmt: skip


def test_what_cannot_be_told_is_never_green() -> None:
    result = ran(Releases(), tree=None)
    assert result.error_class is ErrorClass.CONFIGURATION
    assert "no base tip here" in result.summary
    stack = Releases()
    stack.error = StackError("Dockerfile line 5 failed", log="npm ERR!")
    result = ran(stack)
    assert (result.error_class, result.details) == (ErrorClass.INCONCLUSIVE, "npm ERR!")
    stack.error = StackError("the registry is away", infrastructure=True)
    with pytest.raises(StackError, match="registry"):
        ran(stack)
    stack.error = NotSupported("no images here")
    with pytest.raises(NotSupported):
        ran(stack)
    stack = Releases()
    stack.broken_on = "backend"
    result = ran(stack)
    assert result.error_class is ErrorClass.INCONCLUSIVE
    assert result.summary.startswith("before anything went back: /items")
    assert stack.fake.calls == []
    stack.images = {"backend": "nginx", "db": "pg:17", "worker": "nginx"}
    assert ran(stack).error_class is ErrorClass.CONFIGURATION
    assert ran(Releases(), timeout=0.0).error_class is ErrorClass.INCONCLUSIVE
    with pytest.raises(ConfigurationError):
        run(context(), options(CHECK, f"{{{ITEMS}}}"))


def test_no_answer_and_no_service_are_bad_answers() -> None:
    stack = Releases()
    seen = facts(stack)
    refused = FakeWeb([NoAnswer("GET: ConnectionRefusedError: [Errno 111]")])
    seen = context(
        stack=stack, web=refused, clock=FakeClock(), timeout=600.0, base_url=seen.base_url,
        steps=seen.steps, base_tree=seen.base_tree,
    )  # fmt: skip
    given = options(CHECK, "{smoke: [{url: /items, method: POST, request-body: a}]}")
    assert run(seen, given).summary.endswith("POST /items: connection refused")
    stack.addresses.clear()
    assert "is not reached" in run(seen, given).summary


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "smoke"),
        ("{smoke: []}", "smoke"),
        ("{smoke: [{url: items}]}", "starts with /"),
        ("{smoke: [{url: /a, status: null}]}", ""),
        ("{smoke: [{url: /a}], within: 0s}", "greater than 0"),
        ("{smoke: [{url: /a}], images: {backend: '--privileged'}}", "images"),
    ],
)
def test_options_that_prove_nothing_are_refused(text: str, said: str) -> None:
    assert said in refusal(CHECK, text)


COMPOSE = """
services:
  api:
    build: .
    environment: {PYTHONUNBUFFERED: "1"}
    init: true
    volumes: ["data:/data"]
    healthcheck:
      test: ["CMD", "python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/live')"]
      interval: 500ms
      retries: 20
volumes: {data: {}}
"""
DOCKERFILE = """
FROM python:3.13-slim-trixie
COPY app.py /srv/app.py
EXPOSE 8000
CMD ["python3", "/srv/app.py"]
"""
APP = """
import http.server, sqlite3
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            if self.path == "/items":
                sqlite3.connect("/data/db").execute("SELECT %s FROM items").fetchall()
            self.send_response(200)
        except sqlite3.Error as error:
            print(error)
            self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as function:
        yield function


def release(folder: Path, column: str) -> Path:
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(COMPOSE)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "app.py").write_text(APP % column)
    return folder


def booted_on(stack: ComposeStack, change: str) -> tuple[BuiltImage, ...]:
    images = stack.build(60.0)
    script = (
        "import sqlite3; c = sqlite3.connect('/data/db');"
        f"c.executescript('CREATE TABLE items (name TEXT); {change}')"
    )
    assert stack.one_off("api", ["python3", "-c", script], timeout=60.0).exit_code == 0
    stack.start(None, 60.0)
    assert all(one.healthy for one in stack.wait(None, 60.0, 0.0))
    return images


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "change", "outcome"),
    [
        ("title", "ALTER TABLE items RENAME COLUMN name TO title;", Outcome.FAILED),
        ("title", "ALTER TABLE items ADD COLUMN title TEXT;", Outcome.PASSED),
    ],
)
def test_a_real_release_before_on_a_changed_schema(
    opened: Opened, tmp_path: Path, column: str, change: str, outcome: Outcome
) -> None:
    base = release(tmp_path / "base", "name")
    stack = opened(release(tmp_path / "head", column))
    images = booted_on(stack, change)
    seen = context(
        stack=stack, web=TargetWeb(), clock=SystemClock(), timeout=90.0,
        base_url="http://api:8000", base_tree=lambda: base,
        steps={**booted("api"), "images": StepRecord("images", True, "", images=images)},
    )  # fmt: skip
    result = run(seen, options(CHECK, "{smoke: [{url: /live}, {url: /items}], within: 15s}"))
    assert result.outcome is outcome, result
    if outcome is Outcome.FAILED:
        assert "/items: status: expected less than 400, got 500" in result.summary
        (log,) = [one for one in result.evidence if isinstance(one, TextEvidence)]
        assert "no such column: name" in log.text
    assert all(one.healthy for one in stack.disruption().recover(60.0, 0.0))
    assert run(seen, options(CHECK, "{smoke: [{url: /live}], services: [api]}")).outcome is (
        Outcome.PASSED
    )
