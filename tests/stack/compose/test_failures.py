"""Whose fault: logs as the registries, the builders and the engine write them."""

import pytest

from readiness_gate.stack.compose.failures import build_failure, pull_failure, start_failure

DOCKERFILE = "FROM python:3.13\nCOPY . .\nRUN pip install \\\n    acme\nRUN false\n"

BUILDKIT = """#6 [web 3/3] RUN false
#6 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1
------
Dockerfile:5
--------------------
   3 |     RUN pip install
   5 | >>> RUN false
--------------------
failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1
"""
OLD_BUILDKIT = """#6 0.1 ls: nothing
failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1
"""
ENGINE_20 = """#6 0.1 ls: nothing
failed to solve: executor failed running [/bin/sh -c false]: exit code: 1
"""
CLASSIC = """Step 4/4 : RUN false
 ---> Running in 1
The command '/bin/sh -c false' returned a non-zero code: 1
"""


@pytest.mark.parametrize("log", [BUILDKIT, OLD_BUILDKIT, ENGINE_20, CLASSIC])
def test_a_failing_step_is_the_author_s_with_its_line(log: str) -> None:
    cause = build_failure("web", log, DOCKERFILE)
    assert cause.message == "building web: Dockerfile line 5 failed with exit code 1: false"
    assert not cause.infrastructure


def test_a_step_without_network_is_the_platform_s() -> None:
    log = (
        "#6 3.1 WARNING: Retrying: Failed to establish a new connection: "
        "[Errno -3] Temporary failure in name resolution\n"
        'failed to solve: process "/bin/sh -c pip install acme" did not complete successfully: '
        "exit code: 1"
    )
    cause = build_failure("web", log, DOCKERFILE)
    assert cause.infrastructure
    assert cause.message.endswith("has no network")


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("dockerfile parse error on line 2: unknown instruction: RUNN", "Dockerfile line 2"),
        ('failed to solve: "/missing": not found', "not found"),
    ],
)
def test_other_faults_of_a_dockerfile_are_the_author_s(log: str, says: str) -> None:
    cause = build_failure("web", log, "FROM a\nRUNN x\n")
    assert not cause.infrastructure
    assert says in cause.message


@pytest.mark.parametrize(
    "log",
    [
        "ERROR: toomanyrequests: You have reached your pull rate limit.",
        "failed to resolve source metadata for docker.io/library/acme:1: pull access denied",
        "failed to resolve source metadata for acme:1: dial tcp: lookup r.example: no such host",
        "write /var/lib/docker/tmp/x: no space left on device",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    ],
)
def test_a_base_image_that_cannot_be_had_is_the_platform_s(log: str) -> None:
    assert build_failure("web", log, DOCKERFILE).infrastructure


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("Error response from daemon: toomanyrequests: limit", "pull limit"),
        ("manifest for acme:1 not found: manifest unknown", "no registry has the image acme:1"),
        ("pull access denied for acme, repository does not exist", "no registry has the image"),
        ("unauthorized: authentication required", "refuses acme:1"),
        ("net/http: TLS handshake timeout", "cannot be reached"),
        ("received unexpected HTTP status: 503 Service Unavailable", "cannot be reached"),
        ("no space left on device", "disk"),
        ("something nobody foresaw", "something nobody foresaw"),
        ("", "it said nothing"),
    ],
)
def test_an_image_that_cannot_be_pulled_is_never_the_author_s(log: str, says: str) -> None:
    cause = pull_failure("acme:1", log)
    assert cause.infrastructure
    assert says in cause.message


@pytest.mark.parametrize(
    ("log", "infrastructure"),
    [
        ("Bind for 127.0.0.1:8000 failed: port is already allocated", True),
        ("Pool overlaps with other one on this address space", True),
        ("no space left on device", True),
        ("invalid mount config for type bind: bind source path does not exist: /w/x", False),
    ],
)
def test_why_containers_could_not_be_created(log: str, infrastructure: bool) -> None:
    assert start_failure(log).infrastructure is infrastructure
