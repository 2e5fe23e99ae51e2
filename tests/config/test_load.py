"""`load_config`: the whole of a file, or everything that is wrong with it."""

import pytest

from readiness_gate.config.load import load_config
from readiness_gate.config.schema import MergeConfig, StackConfig
from readiness_gate.doors.records import Problem
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import Severity, Stage
from readiness_gate.model.record import Record
from tests.config.design import WHOLE

IDS = ("secret-scan", "cors", "junit-report", "coverage-report")


def refused(text: str, *, check_ids: tuple[str, ...] | None = IDS) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_config(text, name="gate.yml", check_ids=check_ids)
    return caught.value.message.split("\n")


def test_the_documented_file_is_read_whole() -> None:
    config = load_config(WHOLE, check_ids=IDS).config
    assert config.checklist == ("docs/PRODUCTION_READINESS.md",)
    assert config.block_on is Severity.MEDIUM
    assert config.merge is not None
    assert config.merge.order == ((14,), (15,), (17, 16), (21,), (10,))
    assert config.merge.depends_on[0].after == (21, "acme/shared-lib#3", 4)
    assert config.stack is not None
    assert (config.stack.wait_timeout, config.stack.settle) == (180.0, 0.2)
    assert config.stack.services["migrate"].one_shot is True
    assert config.databases["main"].seed[0].command == ("python", "create_test_data.py")
    assert config.items["no-secrets"].check == "secret-scan"
    cors = config.items["cors-restricted"]
    assert cors.with_ is not None
    assert cors.with_["deny"] == ["https://evil.example"]
    assert (cors.stage, cors.timeout, cors.blocking) == (Stage.PRE_MERGE, 60.0, True)
    assert cors.when is not None
    assert cors.when.draft is False
    tests = config.items["backend-tests"].checks
    assert tests is not None
    assert [bound.check for bound in tests] == ["junit-report", "coverage-report"]


def test_the_smallest_file_has_the_documented_defaults() -> None:
    config = load_config("version: 1").config
    assert (config.enforce, config.block_on, config.merge, config.stack) == (
        "all",
        Severity.LOW,
        None,
        None,
    )
    assert StackConfig().wait_timeout == 180.0
    assert MergeConfig().order == ()


WHOLE_FILES = [
    ("", "1:1", "the file is empty"),
    ("- version: 1", "1:1", "has to be a mapping that starts with version: 1"),
    ("items: {}", "1:1", "key 'version' is missing"),
    ("version: 2", "1:10", "version: has to be 1"),
    ("version: true", "1:10", "version: write the number 1"),
    ("version: '1'", "1:10", "version: has to be 1, without quotes"),
]
SECTIONS = [
    ("block-om: low", "2:1", "unknown key 'block-om', did you mean 'block-on'?"),
    ("enforce: ture", "2:10", "enforce: has to be 'all', 'ticked' or 'none'"),
    (
        "stack: {wait_timeout: 3s}",
        "2:9",
        "stack: unknown key 'wait_timeout', did you mean 'wait-timeout'?",
    ),
    (
        "stack: {wait-timeout: 180}",
        "2:23",
        "stack.wait-timeout: write a duration with its unit, such as 60s or 5m",
    ),
    ("merge: {order: [1, [2, 1]]}", "2:16", "merge.order: #1 stands in the order twice"),
    ("merge: {order: [1, x]}", "2:20", "merge.order[1]: has to be a whole number"),
    (
        "merge: {depends-on: [{pull-request: 3, after: [x]}]}",
        "2:48",
        "merge.depends-on[0].after[0]: write a number such as 14, or owner/repo#14",
    ),
    ("merge: {repositories: [acme]}", "2:24", "merge.repositories[0]: has to match"),
    ("stack: {driver: external}", "2:8", "stack: the external driver needs a base-url"),
    ("stack: {driver: process}", "2:8", "stack: the process driver starts"),
    (
        "stack: {services: {a: {ready: {}}}}",
        "2:31",
        "stack.services.a.ready: name at least one of http, tcp, log",
    ),
    ("databases: {a: {}}", "2:16", "databases.a: name the service of the stack, or a url"),
    (
        "databases: {a: {url: x, seed: [{command: [x]}]}}",
        "2:16",
        "databases.a: a database without a service is only read: seed needs a service",
    ),
    (
        "items: {a: {check: cors, checks: [cors]}}",
        "2:12",
        "items.a: give either check or checks, not both",
    ),
    ("items: {a: {with: {}}}", "2:12", "items.a: with needs the check that it belongs to"),
    ("items: {a: {checks: []}}", "2:21", "items.a.checks: "),
    ("items: {a: {blocking: yes}}", "2:23", "items.a.blocking: has to be true or false"),
    (
        "items: {a: {check: cors, timeout: 0s}}",
        "2:35",
        "items.a.timeout: has to be greater than 0",
    ),
    ("items: {a b: cors}", "2:14", "items.a b: has to match"),
    (
        "items: {a: secret-scna}",
        "2:12",
        "items.a: unknown check 'secret-scna', did you mean 'secret-scan'?",
    ),
    (
        "items: {a: {check: crs}}",
        "2:20",
        "items.a.check: unknown check 'crs', did you mean 'cors'?",
    ),
    (
        "items: {a: {checks: [cors, {check: crs}]}}",
        "2:36",
        "items.a.checks[1].check: unknown check 'crs', did you mean 'cors'?",
    ),
    (
        "phases: [mvp]\nphase: mpv",
        "3:8",
        "phase: 'mpv' is not one of phases, did you mean 'mvp'?",
    ),
    (
        "phases: [mvp]\nitems: {a: {phase: mpv}}",
        "3:20",
        "items.a.phase: 'mpv' is not one of phases, did you mean 'mvp'?",
    ),
    (
        (
            "stack: {driver: process, processes: {api: {command: [x]}}}\ndatabases: {m: "
            "{service: apy}}"
        ),
        "3:26",
        "databases.m.service: no process is called 'apy', did you mean 'api'?",
    ),
]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [*WHOLE_FILES, *((f"version: 1\n{text}", *rest) for text, *rest in SECTIONS)],
)
def test_a_mistake_is_named_with_its_place_and_advice(text: str, place: str, message: str) -> None:
    (found,) = refused(text)
    assert found.startswith(f"gate.yml:{place}: {message}")


def test_everything_that_is_wrong_comes_at_once_sorted_by_place() -> None:
    lines = refused(
        "version: 1\nitems:\n  z: {check: crs, severity: hihg}\n  a: {chek: cors}\nphases: [x]\n"
        "phase: y\n"
    )
    assert [line.split(": ", 1)[1] for line in lines] == [
        "items.z.check: unknown check 'crs', did you mean 'cors'?",
        "items.z.severity: has to be 'critical', 'high', 'medium' or 'low', did you mean 'high'?",
        "items.a: unknown key 'chek', did you mean 'check'?",
        "phase: 'y' is not one of phases",
    ]


def test_check_ids_are_left_alone_where_none_are_given() -> None:
    assert load_config("{version: 1, items: {a: whatever}}").config.items["a"].check == "whatever"


def test_the_digest_follows_the_meaning_and_not_the_layout() -> None:
    plain = load_config("version: 1\nenforce: all\n").digest
    assert load_config("# why\n{enforce: 'all', version: 1}").digest == plain
    assert load_config("version: 1\nenforce: none\n").digest != plain
    assert len(plain) == 64


class _Options(Record):
    url: str
    limit: int = 3


def test_options_are_bound_later_with_their_place() -> None:
    loaded = load_config("version: 1\nitems:\n  a:\n    check: cors\n    with: {ulr: /}\n")
    path = ("items", "a", "with")
    problems = loaded.bind(path, loaded.config.items["a"].with_, _Options)
    assert isinstance(problems, tuple)
    error = loaded.failure([*problems, loaded.problem(("items", "a", "check"), "too early")])
    assert error.message.split("\n") == [
        ".github/readiness.yml:4:12: items.a.check: too early",
        ".github/readiness.yml:5:11: items.a.with: key 'url' is missing",
        ".github/readiness.yml:5:12: items.a.with: unknown key 'ulr', did you mean 'url'?",
    ]
    assert loaded.bind(path, {"url": "/"}, _Options) == _Options(url="/")
    assert isinstance(loaded.bind(path, None, _Options)[0], Problem)  # type: ignore[index]
    assert loaded.error(path, "no").message == ".github/readiness.yml:5:11: items.a.with: no"
