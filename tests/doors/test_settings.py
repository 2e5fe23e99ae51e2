"""The one reader of the environment: inputs, GitHub's variables, options; nothing else."""

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.doors.settings import (
    COMMENT_MODES,
    FAIL_ON,
    INPUTS,
    MODES,
    STAGES,
    Settings,
    from_environment,
    process_environment,
)
from readiness_gate.errors import ConfigurationError

SECRET = "ghs_0123456789abcdef"
ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "https://ghe.example/api/v3",
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_OUTPUT": "/github/file_commands/output",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_RUN_ID": "77",
    "GITHUB_SERVER_URL": "https://ghe.example/",
    "GITHUB_SHA": "a" * 40,
    "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
    "GITHUB_WORKFLOW": "Readiness",
    "GITHUB_JOB": "readiness",
    "GITHUB_ACTION": "__self",
    "GITHUB_WORKSPACE": "/github/workspace",
    "RUNNER_NAME": "runner-1",
    "INPUT_TOKEN": SECRET,
}


def action(**inputs: str) -> Settings:
    given_inputs = {f"INPUT_{name.replace('_', '-').upper()}": text for name, text in
                    inputs.items()}  # fmt: skip
    return from_environment({**ACTIONS, **given_inputs}, action=True)


def test_without_anything_every_input_has_its_default() -> None:
    settings = from_environment({}, action=True)
    for name in ("mode", "config", "stage", "comment", "status-prefix", "fail-on", "report-dir"):
        assert getattr(settings, name.replace("-", "_")) == INPUTS[name]
    assert (settings.pull_request, settings.environment, settings.phase) == (None, None, None)
    assert (settings.only, settings.token) == ((), "")


def test_inputs_are_read_with_their_hyphens() -> None:
    settings = action(pull_request="14", status_prefix="gate", fail_on="never", only="a, b c")
    assert settings.pull_request == 14
    assert settings.status_prefix == "gate"
    assert settings.fail_on == "never"
    assert settings.only == ("a", "b", "c")


def test_an_empty_input_is_its_default() -> None:
    assert action(mode="", comment="  ").mode == "run"
    assert action(comment="  ").comment == "always"


def test_inputs_count_only_in_the_action_and_options_only_outside() -> None:
    laptop = from_environment({**ACTIONS, "INPUT_MODE": "merge", "GITHUB_TOKEN": "t"})
    assert (laptop.mode, laptop.token, laptop.in_container) == ("run", "t", False)
    inside = from_environment({**ACTIONS, "GITHUB_TOKEN": "t"}, action=True)
    assert (inside.token, inside.in_container) == (SECRET, True)


def test_an_option_wins_over_the_environment() -> None:
    settings = from_environment(ACTIONS, {"repository": "acme/other", "stage": "scheduled"})
    assert (settings.repository, settings.stage) == ("acme/other", "scheduled")


def test_a_configuration_below_the_checkout_may_be_named_from_the_root() -> None:
    def config(text: str) -> str:
        return from_environment({"GITHUB_WORKSPACE": "/work space"}, {"config": text}).config

    assert config("/work space/.github/gate.yml") == ".github/gate.yml"
    assert config("/etc/passwd") == "/etc/passwd"
    assert config("/work space/../etc/passwd") == "../etc/passwd"
    assert config("gate.yml") == "gate.yml"


def test_the_variables_of_actions_are_all_there() -> None:
    settings = action()
    assert (settings.in_actions, settings.event_name) == (True, "pull_request")
    assert settings.event_path == Path("/github/workflow/event.json")
    assert settings.workspace == Path("/github/workspace")
    assert (settings.run_id, settings.run_attempt) == ("77", "2")
    assert (settings.workflow, settings.job, settings.action) == (
        "Readiness", "readiness", "__self",
    )  # fmt: skip
    assert settings.run_url == "https://ghe.example/acme/shop/actions/runs/77"
    assert settings.output == Path("/github/file_commands/output")


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("http://127.0.0.1:99/", "http://127.0.0.1:99/graphql"),
    ],
)
def test_graphql_is_derived_where_it_is_not_given(api: str, graphql: str) -> None:
    assert from_environment({"GITHUB_API_URL": api}).graphql_url == graphql
    given_url = from_environment({"GITHUB_API_URL": api, "GITHUB_GRAPHQL_URL": "http://g"})
    assert given_url.graphql_url == "http://g"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("mode", MODES), ("comment", COMMENT_MODES), ("fail-on", FAIL_ON), ("stage", STAGES)],
)
def test_a_word_that_is_not_allowed_is_named_with_those_that_are(
    name: str, allowed: tuple[str, ...]
) -> None:
    for word in allowed:
        assert getattr(from_environment({}, {name: word}), name.replace("-", "_")) == word
    with pytest.raises(ConfigurationError, match=f"{name}: 'nonsense' is not one of {allowed[0]}"):
        from_environment({}, {name: "nonsense"})


@pytest.mark.parametrize("text", ["14", "#14"])
def test_a_pull_request_is_a_number(text: str) -> None:
    assert from_environment({}, {"pull-request": text}).pull_request == 14


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "fourteen", "#", "##14", "\uff11\uff14", "14 "])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="pull-request"):
        from_environment({}, {"pull-request": text})


@pytest.mark.parametrize("path", ["/etc", "..", "a/../../b", "../readiness-report"])
def test_a_report_stays_in_the_workspace(path: str) -> None:
    with pytest.raises(ConfigurationError, match="leaves the workspace"):
        from_environment({}, {"report-dir": path})


@pytest.mark.parametrize("prefix", ["a\nb", "x" * 61, "\x1b[31m"])
def test_a_status_prefix_is_short_and_printable(prefix: str) -> None:
    with pytest.raises(ConfigurationError, match="status-prefix"):
        from_environment({}, {"status-prefix": prefix})


# Who may write (DESIGN 1.2: a narrowed run never writes; 2.4: only in Actions or with --publish)


@pytest.mark.parametrize("in_actions", [True, False])
@pytest.mark.parametrize("publish", [True, False])
@pytest.mark.parametrize("narrowing", [{}, {"only": "a"}, {"phase": "mvp"}])
def test_a_narrowed_run_writes_nothing_and_a_laptop_only_when_told(
    in_actions: bool, publish: bool, narrowing: dict[str, str]
) -> None:
    environment = {"GITHUB_ACTIONS": "true"} if in_actions else {}
    options = {**narrowing, **({"publish": "true"} if publish else {})}
    settings = from_environment(environment, options)
    assert settings.narrowed is bool(narrowing)
    assert settings.may_write is ((in_actions or publish) and not narrowing)


# Secrets


def test_neither_token_nor_environment_shows_in_a_dump_of_the_settings() -> None:
    assert SECRET not in repr(action())
    assert SECRET not in str(action())
    assert SECRET not in json.dumps([action()], default=str)
    assert not isinstance(action(), tuple), "what writes lists and mappings would write the token"


TAKEN_OUT = (
    "GITHUB_TOKEN",
    "INPUT_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "DOCKER_AUTH_CONFIG",
)


@pytest.fixture
def environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(TAKEN_OUT, SECRET))
    yield
    for name in TAKEN_OUT:
        os.environ.pop(name, None)
    os.environ.update({name: text for name, text in before.items() if name in TAKEN_OUT})


@pytest.mark.usefixtures("environment")
def test_secrets_are_handed_over_and_taken_out_of_the_process() -> None:
    seen = process_environment()
    assert {seen[name] for name in TAKEN_OUT} == {SECRET}
    assert not set(TAKEN_OUT) & set(os.environ)
    assert "PATH" in os.environ


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


@given(st.dictionaries(st.sampled_from(sorted(INPUTS)), VALUES))
def test_any_input_is_settings_or_one_clear_error(inputs: Mapping[str, str]) -> None:
    environment = {f"INPUT_{name.upper()}": text for name, text in inputs.items()}
    try:
        settings = from_environment(environment, action=True)
    except ConfigurationError:
        return
    assert settings.mode in MODES
    assert not Path(settings.report_dir).is_absolute()
    assert ".." not in Path(settings.report_dir).parts


def test_every_input_has_a_field() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert {name.replace("-", "_") for name in INPUTS} <= fields
