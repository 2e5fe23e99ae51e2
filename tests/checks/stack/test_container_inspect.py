from collections.abc import Iterator
from typing import Any

import pytest

from readiness_gate.checks.container_facts import DEFAULT_CAPABILITIES, EVERY_CAPABILITY
from readiness_gate.checks.context import CheckContext, StepRecord
from readiness_gate.checks.runs.container_inspect import run
from readiness_gate.checks.stack.container_inspect import CHECK
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import NotSupported, ServiceHealth
from readiness_gate.stack.external import ExternalStack
from readiness_gate.stack.facts import FileEntry, Inspected
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.stack.compose.real import opener


def container(
    number: int = 1, *, declared: dict[str, Any] | None = None, **described: Any
) -> Inspected:
    engine = {"Config": {}, "HostConfig": {}, "State": {"Running": True}, **described}
    return Inspected(f"rg-test-backend-{number}", engine, declared or {})


def answer(text: str, *found: Inspected, stack: FakeStack | None = None) -> CheckResult:
    stack = stack or FakeStack(("backend",))
    stack.containers["backend"] = found
    return run(context(stack=stack, steps=booted("backend")), options(CHECK, text))


def test_a_container_that_is_what_it_should_be_passes_with_its_facts() -> None:
    one = container(
        Config={"User": "1000", "Healthcheck": {"Test": ["CMD", "true"]}},
        HostConfig={"RestartPolicy": {"Name": "always"}, "Memory": 256_000_000},
        declared={"mem_limit": "256000000"},
    )
    text = "{non-root: true, health-check: true, restart: always, memory: <=256MB}"
    result = answer(text, one)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "4 assertions hold in 1 container"
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows[0][:4] == ("rg-test-backend-1", "1000", "default", "256 MB")


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "root:app", "00"])
def test_root_is_root_however_it_is_written(user: str) -> None:
    result = answer("{non-root: true}", container(Config={"User": user}))
    assert result.outcome is Outcome.FAILED
    assert result.summary == f"backend: starts as {user or 'root'}"


def test_a_user_with_the_number_of_root_is_root_by_another_name() -> None:
    stack = FakeStack(("backend",))
    content = b"root:x:0:0::/:/bin/sh\napp:x:0:0::/:/bin/sh\n"
    entry = FileEntry("file", 0o644, 0, 0, len(content), content=content)
    stack.entries["backend", "/etc/passwd"] = {"rg-test-backend-1": entry}
    result = answer("{non-root: true}", container(Config={"User": "app"}), stack=stack)
    assert result.summary == "backend: starts as app, which is root by another name"
    assert answer("{non-root: true}", container(Config={"User": "app"})).outcome is Outcome.PASSED


def test_every_replica_is_judged_and_named() -> None:
    fine, sick = container(1, Config={"User": "app"}), container(2)
    result = answer("{user: app}", fine, sick)
    assert result.outcome is Outcome.FAILED
    assert result.summary == 'rg-test-backend-2: user: expected "app", got "root"'


def test_capabilities_are_the_default_ones_with_what_was_added_and_dropped() -> None:
    host = {"CapDrop": ["ALL"], "CapAdd": ["CAP_NET_BIND_SERVICE"]}
    text = "{capabilities: {consist-of: [NET_BIND_SERVICE]}}"
    assert answer(text, container(HostConfig=host)).outcome is Outcome.PASSED
    plain = answer("{capabilities: {have-len: 14}}", container())
    assert plain.outcome is Outcome.PASSED
    assert len(DEFAULT_CAPABILITIES) == 14
    assert len(EVERY_CAPABILITY) == 41


@pytest.mark.parametrize("host", [{"Privileged": True}, {"CapAdd": ["ALL"]}])
def test_all_capabilities_contain_the_one_that_is_forbidden(host: dict[str, Any]) -> None:
    text = "{capabilities: {not: {contain-element: NET_ADMIN}}}"
    assert answer(text, container(HostConfig=host)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{privileged: false}", "backend: is privileged"),
        ("{read-only: true}", "backend: its root file system can be written"),
        ("{no-new-privileges: true}", "backend: its programs may gain privileges"),
        ("{health-check: true}", "backend: has no health check"),
        ("{binds: false}", "backend: mounts /srv of the host"),
        ("{mounts: {/data: volume}}", 'backend: mount /data: expected "volume", got nothing'),
        ("{exposed: [8000/tcp]}", 'backend: exposed: expected it to contain "8000/tcp", '),
        ("{jsonpath: {$.State.OOMKilled: false}}", "backend: $.State.OOMKilled: expected false"),
        ("{pids: <=100}", "backend: pids: no limit is declared"),
        ("{cpus: <=1}", "backend: cpus: expected <=1, got 1.5"),
        ("{restart: always}", 'backend: restart: expected "always", got "no"'),
    ],
)
def test_what_does_not_hold_is_said_in_words(text: str, said: str) -> None:
    one = container(
        HostConfig={"Privileged": True, "NanoCpus": 1_500_000_000, "PidsLimit": 50},
        Config={"Healthcheck": {"Test": ["NONE"]}},
        Mounts=[{"Type": "bind", "Source": "/srv", "Destination": "/srv", "RW": True}],
        declared={"deploy": {"resources": {"limits": {"cpus": "1.5"}}}},
    )
    result = answer(text, one)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(said)


def test_values_of_secrets_in_a_description_are_not_shown() -> None:
    stack = FakeStack(("backend",), handed={"backend": {"DB_PASSWORD": "only-for-this"}})
    one = container(Config={"Env": ["DB_PASSWORD=only-for-this", "MODE=open"]})
    result = answer("{jsonpath: {$.Config.Env: [DEBUG=1]}}", one, stack=stack)
    assert result.outcome is Outcome.FAILED
    assert "DB_PASSWORD=***" in result.summary
    assert "only-for-this" not in str(result)


def test_a_limit_that_only_the_gate_set_is_no_limit_of_the_project() -> None:
    result = answer("{memory: <=2GB}", container(HostConfig={"Memory": 1_000_000_000}))
    assert result.summary == "backend: memory: no limit is declared"


def test_named_volumes_anonymous_ones_and_memory_are_told_apart() -> None:
    mounts = [
        {"Type": "volume", "Name": "rg_data", "Destination": "/data", "RW": True},
        {"Type": "volume", "Name": "f00", "Destination": "/cache", "RW": True},
        {"Type": "bind", "Source": "/w/conf", "Destination": "/conf", "RW": False},
    ]
    declared = {"volumes": [{"type": "volume", "source": "data", "target": "/data"}]}
    one = container(Mounts=mounts, HostConfig={"Tmpfs": {"/tmp": "size=1m"}}, declared=declared)
    text = (
        '{mounts: {/data: volume, /cache/: anonymous volume, /conf: bind (ro), "/tmp": tmpfs, '
        "/var/lib: {exists: false}}}"
    )
    assert answer(text, one).outcome is Outcome.PASSED


def test_published_ports_are_those_that_the_project_declares() -> None:
    ports = [
        {"target": 8000, "published": "8080", "host_ip": "127.0.0.1", "protocol": "tcp"},
        {"target": 53, "protocol": "udp"},
    ]
    one = container(declared={"ports": ports})
    held = answer("{ports: {consist-of: ['127.0.0.1:8080:8000/tcp', 53/udp]}}", one)
    assert held.outcome is Outcome.PASSED
    assert answer("{ports: {have-len: 0}}", one).outcome is Outcome.FAILED


def test_no_container_is_no_answer() -> None:
    result = answer("{privileged: false}")
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_without_names_the_one_shots_are_left_out() -> None:
    stack = FakeStack(("backend", "migrate"))
    stack.containers["backend"] = (container(Config={"User": "app"}),)
    health = (
        ServiceHealth("backend", True, "healthy"),
        ServiceHealth("migrate", True, "completed", one_shot=True),
    )
    steps = {"stack": StepRecord("stack", True, "up", health=health)}
    result = run(context(stack=stack, steps=steps), options(CHECK, "{non-root: true}"))
    assert result.outcome is Outcome.PASSED


def test_an_unknown_service_is_a_wrong_configuration() -> None:
    with pytest.raises(ConfigurationError, match="there is no service web: there are backend"):
        answer("{services: web, non-root: true}", container())


def test_what_asserts_nothing_is_refused() -> None:
    assert "assert something" in refusal(CHECK, "{services: backend}")
    assert "is no comparison" in refusal(CHECK, "{memory: 512MB}")
    assert "is not a size" in refusal(CHECK, "{memory: <=512}")
    assert "JSONPath" in refusal(CHECK, "{jsonpath: {State: true}}")


def test_a_system_of_somebody_else_has_no_containers() -> None:
    stack = ExternalStack(project="rg", base_url="http://localhost")
    with pytest.raises(NotSupported):
        run(context(stack=stack), options(CHECK, "{non-root: true}"))


COMPOSE = """
services:
  tight:
    image: python:3.13-slim-trixie
    command: [python, -m, http.server, "8000"]
    user: "1000:1000"
    read_only: true
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE]
    security_opt: ["no-new-privileges:true"]
    deploy: {replicas: 2, resources: {limits: {memory: 128M, cpus: "0.5", pids: 50}}}
    restart: unless-stopped
    init: true
    tmpfs: [/scratch]
    volumes: ["data:/data", /cache]
    ports: ["127.0.0.1:18099:8000"]
    healthcheck: {test: [CMD, python, --version], interval: 1s}
  loose:
    image: python:3.13-slim-trixie
    command: [python, -m, http.server, "8000"]
    init: true
volumes: {data: {}}
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckContext]:
    root = tmp_path_factory.mktemp("project")
    (root / "docker-compose.yml").write_text(COMPOSE)
    with opener() as opened:
        stack = opened(root)
        stack.build(60.0)
        stack.start(None, 60.0)
        assert all(one.healthy for one in stack.wait(None, 60.0, 0.2))
        yield context(workspace=root, stack=stack, steps=booted("tight", "loose"))


@pytest.mark.docker
def test_a_real_container_is_known_with_all_that_was_declared(facts: CheckContext) -> None:
    text = """
services: tight
user: "1000:1000"
non-root: true
privileged: false
read-only: true
no-new-privileges: true
capabilities: {consist-of: [NET_BIND_SERVICE]}
memory: <=128MiB
cpus: <=0.5
pids: <=50
restart: unless-stopped
health-check: true
mounts: {/data: volume, /cache: anonymous volume, /scratch: tmpfs}
binds: false
ports: {consist-of: ["127.0.0.1:18099:8000/tcp"]}
jsonpath: {$.State.Running: true}
"""
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == "17 assertions hold in 2 containers"


@pytest.mark.docker
def test_a_real_container_without_care_fails_for_each_of_them(facts: CheckContext) -> None:
    text = """
services: loose
non-root: true
read-only: true
no-new-privileges: true
capabilities: {not: {contain-element: NET_RAW}}
memory: <=1GB
restart: always
health-check: true
"""
    result = run(facts, options(CHECK, text))
    assert result.outcome is Outcome.FAILED
    assert len(result.details.splitlines()) == 7
