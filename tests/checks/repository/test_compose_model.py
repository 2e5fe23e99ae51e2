from pathlib import Path

import pytest

from readiness_gate.checks.repository.compose_model import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

SHOP = Path(__file__).resolve().parents[3] / "examples/shop"
GOOD = """\
x-log: &log {logging: {options: {max-size: 10m, max-file: "3"}}}
services:
  db:
    <<: *log
    image: ${IMAGE:-postgres:17}
    restart: unless-stopped
    read_only: true
    deploy: {resources: {limits: {memory: 512M, cpus: "1"}}}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready]}
    networks: [inner]
  migrate:
    <<: *log
    build: .
    read_only: true
    mem_limit: 1g
    cpus: 1
    networks: [inner]
    depends_on: {db: {condition: service_healthy}}
  web:
    <<: *log
    build: {context: .}
    read_only: true
    restart: always
    mem_limit: 1g
    cpus: 0.5
    environment: [MODE=production, SECRET]
    ports: ["127.0.0.1:${PORT:-8000}:8000", "[::1]:81:80/udp"]
    healthcheck: {test: curl -f localhost}
    networks: {inner: {}, outer: {}}
    depends_on:
      migrate: {condition: service_completed_successfully}
volumes: {data: {}}
"""
BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
ALL = (
    "rules: [health-check, healthy-dependencies, memory-limit, cpu-limit, restart-policy, "
    "log-rotation, pinned-image, local-ports, no-privileges, read-only]"
)


def run(tree: Path, text: str, **files: str) -> CheckResult:
    for name, content in files.items():
        path = tree / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return CHECK.run(context(workspace=tree), options(CHECK, text))


@pytest.mark.parametrize(
    "text",
    [
        ALL,
        "services: [db, web]",
        "volumes: {db: /var/lib/postgresql/data/}",
        "networks: {web: [outer, inner], db: inner}",
        "published: [web]",
        "{path: compose.yml, match: {$.services.web.environment.MODE: production}}",
        "match: {$.services.db.image: {have-prefix: 'postgres:'}, '$.services.web.cpus': {gt: 0}}",
        "{rules: [pinned-digest], only: web}",
    ],
)
def test_a_sound_model_passes(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text, compose=GOOD)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "compose.yml: all that is asserted of 3 services holds",
    )


BAD = [
    ("health-check", "image: b:1", "has no health check", 2),
    ("health-check", "{image: b:1, healthcheck: {disable: true, test: x}}", "has no health", 2),
    ("health-check", "{image: b:1, healthcheck: {test: [NONE]}}", "has no health check", 2),
    ("memory-limit", "image: b:1", "has no memory limit", 2),
    ("cpu-limit", "image: b:1", "has no CPU limit", 2),
    ("restart-policy", "image: b:1", "is not restarted (restart: no)", 2),
    ("restart-policy", "{image: b:1, restart: 'no'}", "is not restarted", 2),
    ("log-rotation", "image: b:1", "has logs that grow without end", 2),
    ("log-rotation", "{image: b:1, logging: {driver: json-file}}", "has logs that grow", 2),
    ("pinned-image", "image: redis", "has the image redis, which no tag pins", 2),
    ("pinned-image", "image: a:5000/redis:latest", "which no tag pins", 2),
    ("pinned-digest", "image: redis:8", "not named by digest", 2),
    ("local-ports", "{image: b:1, ports: ['80:80']}", "publishes 80 beyond this machine", 2),
    ("local-ports", "{image: b:1, ports: [80]}", "publishes 80 beyond", 2),
    ("local-ports", "{image: b:1, ports: [{target: 80, published: 1}]}", "publishes 80", 2),
    ("no-privileges", "{image: b:1, privileged: true}", "is privileged", 2),
    ("no-privileges", "{image: b:1, pid: host}", "shares the host's pid", 2),
    ("no-privileges", "{image: b:1, cap_add: [all]}", "has the capability ALL", 2),
    ("no-privileges", "{image: b:1, security_opt: ['seccomp=unconfined']}", "runs with", 2),
    (
        "no-privileges",
        "{image: b:1, volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']}",
        "holds the engine's socket",
        2,
    ),
    ("read-only", "image: b:1", "can write to its own file system", 2),
]


@pytest.mark.parametrize(("rule", "body", "cause", "line"), BAD)
def test_a_rule_that_does_not_hold_is_placed(
    tmp_path: Path, rule: str, body: str, cause: str, line: int
) -> None:
    body = body if body.startswith("{") else f"{{{body}}}"
    result = run(tmp_path, f"rules: [{rule}]", compose=f"services:\n  a: {body}\n")
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"compose.yml:{line}: service a ")
    assert cause in result.summary


def test_a_dependency_that_is_not_waited_for_fails(tmp_path: Path) -> None:
    text = (
        "services:\n  a: {image: a:1, healthcheck: {test: x}}\n"
        "  b:\n    image: b:1\n    depends_on: [a]\n"
    )
    result = run(tmp_path, "rules: [healthy-dependencies]", compose=text)
    assert result.summary == ("compose.yml:5: service b does not wait until a is healthy")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("services: [db, cache]", "compose.yml: there is no service cache"),
        ("volumes: {db: /data}", "compose.yml:9: /data of service db is on no named volume"),
        ("networks: {web: [inner]}", "compose.yml:30: service web is in inner, outer, not in"),
        ("published: []", "compose.yml:28: service web publishes ports"),
        (
            "match: {$.services.web.restart: 'no'}",
            'compose.yml:24: $.services.web.restart: expected "no", got "always"',
        ),
        ("match: {$.services.web.gone: {exists: true}}", "compose.yml:20: $.services.web.gone"),
        ("{rules: [read-only], only: gone}", "there is no service gone in compose.yml"),
        ("{rules: [read-only], except: gone}", "there is no service gone in compose.yml"),
        ("volumes: {gone: /a}", "there is no service gone in compose.yml"),
    ],
)
def test_what_is_asserted_and_is_not_so_fails(tmp_path: Path, text: str, cause: str) -> None:
    result = run(tmp_path, text, compose=GOOD)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(cause)


def test_bind_mounts_and_undeclared_volumes_are_no_named_volumes(tmp_path: Path) -> None:
    for mount, why in (("./a:/data", "is on no named"), ("a:/data", "which is not declared")):
        text = f"services: {{db: {{image: a:1, volumes: ['{mount}']}}}}"
        assert why in run(tmp_path, "volumes: {db: /data}", compose=text).summary


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("pinned-image", "image: 'app:${TAG}'"),
        ("log-rotation", "{image: a:1, logging: {driver: '${DRIVER}'}}"),
        ("local-ports", "{image: a:1, ports: ['${IP}:80:80']}"),
        ("restart-policy", "{image: a:1, restart: '${RESTART}'}"),
    ],
)
def test_what_a_variable_decides_cannot_be_told(tmp_path: Path, rule: str, body: str) -> None:
    body = body if body.startswith("{") else f"{{{body}}}"
    result = run(tmp_path, f"rules: [{rule}]", compose=f"services: {{a: {body}}}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_files_are_merged_in_their_order(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        "{path: [a.yml, b.yml], match: {$.services.web: {equal: "
        "{image: 'a:2', command: [z], environment: {A: '1', B: '2'}, "
        "ports: [{target: '80', protocol: tcp}, {target: '81', protocol: tcp}], "
        "volumes: [{type: bind, source: ./n, target: /d}]}}}}",
        a="services: {web: {image: 'a:1', command: [x, y], environment: [A=1], ports: [80], "
        "volumes: ['v:/d'], user: root}}",
        b="services: {web: {image: 'a:2', command: [z], environment: {B: '2'}, ports: ['81'], "
        "volumes: ['./n:/d'], user: !reset null}}",
    )
    assert result.outcome is Outcome.PASSED, result.details
    override = "services: {web: {environment: !override {C: '3'}}}"
    text = "{path: [a.yml, b.yml], match: {$.services.web.environment: {equal: {C: '3'}}}}"
    assert run(tmp_path, text, b=override).outcome is Outcome.PASSED


def test_the_override_file_is_read_where_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "compose.override.yml").write_text("services: {a: {restart: always}}\n")
    text = "services: {a: {image: 'a:1'}}"
    result = run(tmp_path, "rules: [restart-policy]", compose=text)
    assert result.outcome is Outcome.PASSED
    assert "compose.override.yml" in result.summary


def test_included_and_extended_services_are_read_with_their_places(tmp_path: Path) -> None:
    files = {
        "compose": "include: [sub/inner.yml, {path: [sub/more.yml]}]\nservices:\n  web:\n"
        "    extends: {file: sub/base.yml, service: base}\n    image: web:1\n",
        "sub__inner": "services:\n  db: {extends: local}\n  local: {image: 'db:1'}\n",
        "sub__more": "services: {cache: {image: redis}}",
        "sub__base": "services:\n  base:\n    restart: always\n    image: base\n",
    }
    text = "{services: [web, db, cache], match: {$.services.web: {equal: {restart: always, "
    text += "image: 'web:1'}}, $.services.db.image: 'db:1'}}"
    assert run(tmp_path, text, **files).outcome is Outcome.PASSED
    result = run(tmp_path, "rules: [pinned-image]", **files)
    assert result.summary == (
        "sub/more.yml:1: service cache has the image redis, which no tag pins"
    )


def test_the_shop_is_judged_without_docker() -> None:
    kept = "{rules: [restart-policy, pinned-image, local-ports], except: [init-queues, tests], "
    kept += "volumes: {db: /var/lib/postgresql/data}, published: [backend]}"
    assert run(SHOP, kept).outcome is Outcome.PASSED
    assert run(SHOP, "rules: [memory-limit]").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "a compose file holds one mapping"),
        ("[]", "a compose file holds one mapping"),
        ("services: {}", "there is no service"),
        ("services: [a]", "there is no service"),
        ("services: {a: b}", "service a is no mapping"),
        ("services: {a: {restart: always}}", "service a has no image and no build"),
        ("services: {a: {extends: b}}", "there is no service 'b' to extend"),
        ("services: {a: {extends: b}, b: {extends: a}}", "extends itself"),
        ("services: {a: {extends: {file: compose.yml, service: a}}}", "extends itself"),
        ("include: [compose.yml]\nservices: {a: {image: b}}", "includes itself"),
        ("services: {a: {image: b}, a: {image: c}}", "key 'a' is here twice"),
        ("services: {a: ", "not YAML"),
        ("include: [gone.yml]\nservices: {a: {image: b}}", "no file at gone.yml"),
    ],
)
def test_what_is_no_compose_project_fails(tmp_path: Path, content: str, cause: str) -> None:
    result = run(tmp_path, "services: [a]", compose=content)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


@pytest.mark.parametrize(
    "content",
    [
        "include: ['https://a/b.yml']\nservices: {a: {image: b}}",
        "include: ['${WHERE}/b.yml']\nservices: {a: {image: b}}",
        "include: ['../b.yml']\nservices: {a: {image: b}}",
        "services: {a: {extends: {file: /etc/passwd, service: b}}}",
        BOMB,
        "[" * 10_000,
        "services:\n  a: {{ .Values.a }}\n  b: }}",
    ],
)
def test_what_leads_out_or_is_out_of_bounds_cannot_be_told(tmp_path: Path, content: str) -> None:
    assert run(tmp_path, "services: [a]", compose=content).outcome is Outcome.ERROR


def test_includes_that_double_at_every_step_are_read_once(tmp_path: Path) -> None:
    files = {
        f"f{n}": f"include: [f{n + 1}.yml, f{n + 1}.yml]\nservices: {{s{n}: {{image: 'a:1'}}}}"
        for n in range(45)
    }
    files |= {"f45": "services: {a: {image: 'a:1'}}"}
    assert run(tmp_path, "{path: f0.yml, services: [a, s44]}", **files).outcome is Outcome.PASSED
    files |= {f"f{n}": f"include: [f{n + 1}.yml]" for n in range(45, 60)}
    result = run(tmp_path, "{path: f0.yml, services: [a]}", **files)
    assert "more than 50 files" in result.summary


def test_rules_for_no_service_cannot_be_told(tmp_path: Path) -> None:
    result = run(
        tmp_path, "{rules: [read-only], except: a}", compose="services: {a: {image: 'b:1'}}"
    )
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_missing_files_fail_and_paths_out_of_the_checkout_cannot_be_told(tmp_path: Path) -> None:
    assert "no compose file" in run(tmp_path, "services: a").summary
    assert run(tmp_path, "{path: gone.yml, services: a}").outcome is Outcome.FAILED
    assert run(tmp_path, "{path: ../gone.yml, services: a}").outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "path: compose.yml",
        "rules: []",
        "rules: [gone]",
        "rules: [read-only, read-only]",
        "{services: a, only: a}",
        "{rules: [read-only], only: a, except: b}",
        "match: {services: a}",
        "match: {$.a: {}}",
    ],
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
