"""Inputs, outputs and defaults: `action.yml` = settings = README = options of `run`."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml

from readiness_gate.cli.app import app
from readiness_gate.doors.settings import (
    COMMENT_MODES,
    FAIL_ON,
    INPUTS,
    MODES,
    OUTPUTS,
    STAGES,
    from_environment,
)
from tests.contracts.sources import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
TOKEN_DEFAULT = "${{ github.token }}"
ALLOWED = {"mode": MODES, "comment": COMMENT_MODES, "fail-on": FAIL_ON, "stage": STAGES}


def test_inputs_of_the_action_are_those_of_the_settings_with_their_defaults() -> None:
    inputs = {name: one["default"] for name, one in ACTION["inputs"].items()}
    # The runner fills the token in; there is no default that a laptop could have.
    assert inputs.pop("token") == TOKEN_DEFAULT
    assert inputs == {name: default for name, default in INPUTS.items() if name != "token"}
    assert INPUTS["token"] == ""


def test_every_input_is_optional_and_described() -> None:
    for name, one in ACTION["inputs"].items():
        assert not one.get("required"), name
        assert one["description"].endswith("."), name


def test_outputs_of_the_action_are_those_that_are_written() -> None:
    assert tuple(ACTION["outputs"]) == OUTPUTS
    for name, one in ACTION["outputs"].items():
        assert one["description"].endswith("."), name
        assert "value" not in one, name


def test_the_composite_takes_and_tells_the_same() -> None:
    other = yaml.safe_load((ROOT / "composite" / "action.yml").read_text("utf-8"))
    assert other["inputs"] == ACTION["inputs"]
    told = {name: one.pop("value") for name, one in other["outputs"].items()}
    assert other["outputs"] == ACTION["outputs"]
    assert told == {name: f"${{{{ steps.taken-down.outputs.{name} }}}}" for name in OUTPUTS}
    handed = {
        f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in INPUTS
    }
    assert [step["env"] for step in other["runs"]["steps"]] == [handed, handed]
    script = (ROOT / "composite" / "gate.sh").read_text("utf-8")
    for name in INPUTS:
        upper = name.upper()
        assert "-" not in name or f'"INPUT_{upper}=$INPUT_{upper.replace("-", "_")}"' in script


def test_the_action_is_started_without_a_shell_and_torn_down_by_its_post_step() -> None:
    runs = ACTION["runs"]
    assert runs["using"] == "docker"
    assert runs["image"] == "Dockerfile"
    assert runs["post-entrypoint"].endswith("/teardown")
    assert "args" not in runs
    assert "env" not in runs


@pytest.mark.parametrize("name", list(ALLOWED))
def test_words_that_an_input_takes_are_in_its_description(name: str) -> None:
    described = ACTION["inputs"][name]["description"]
    for word in ALLOWED[name]:
        assert f"`{word}`" in described


@pytest.mark.parametrize("name", list(INPUTS))
def test_an_input_reaches_the_settings_as_the_runner_names_it(name: str) -> None:
    values = {
        "pull-request": "14",
        "only": "a",
        **{one: words[-1] for one, words in ALLOWED.items()},
    }
    given = values.get(name, "given")
    settings = from_environment({f"INPUT_{name.upper()}": given}, action=True)
    found = getattr(settings, name.replace("-", "_"))
    assert found == {"pull-request": 14, "only": ("a",)}.get(name, given)


# README: a table with the header `| input | default | meaning |` and one with
# `| output | meaning |`, in the order of action.yml


def table(text: str, header: str) -> Iterator[list[str]]:
    """The rows of the one Markdown table whose first column has this header."""
    lines = text.splitlines()
    starts = [
        number
        for number, line in enumerate(lines)
        if re.match(rf"\| *{header} *\|", line, re.IGNORECASE)
    ]
    assert len(starts) == 1, f"README has {len(starts)} tables that start with | {header} |"
    for line in lines[starts[0] + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def word(cell: str) -> str:
    """What stands in a code span of a cell; a cell without one says that there is nothing."""
    found = re.search(r"`([^`]*)`", cell)
    return found[1] if found else ""


def test_the_readme_lists_every_input_with_its_default() -> None:
    rows = {word(row[0]): word(row[1]) for row in table(README, "input")}
    assert rows == {name: one["default"] for name, one in ACTION["inputs"].items()}


def test_the_readme_lists_every_output() -> None:
    assert [word(row[0]) for row in table(README, "output")] == list(OUTPUTS)


# Command line

COMMANDS = typer.main.get_command(app)
NOT_ON_THE_COMMAND_LINE = {
    "mode": "each mode is a command",
    "token": "a token on a command line is seen by every process: GITHUB_TOKEN",
}
ONLY_ON_THE_COMMAND_LINE = {
    "half": "run --half is the action's mode checks or merge",
    "repository": "Actions sets GITHUB_REPOSITORY",
    "snapshot": "recorded facts are for laptops and tests",
    "publish": "inside Actions the gate writes by itself",
    "keep": "a laptop may look around in the stack",
    "write-back": "a job must not change the checkout unless somebody calls it so",
    "format": "the action writes every format that it needs",
    "no-color": "a terminal's",
    "verbose": "a terminal's",
    "help": "a terminal's",
}


def options(command: str) -> set[str]:
    found = COMMANDS.commands[command]  # type: ignore[attr-defined]
    return {
        name.removeprefix("--")
        for parameter in found.params
        for name in parameter.opts
        if name.startswith("--")
    }


def test_options_of_run_are_the_inputs_under_the_same_names() -> None:
    expected = set(INPUTS) - set(NOT_ON_THE_COMMAND_LINE) | set(ONLY_ON_THE_COMMAND_LINE)
    assert options("run") | {"help"} == expected


def test_every_command_has_words_and_an_example() -> None:
    for name, command in COMMANDS.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert command.epilog.startswith(f"Example: readiness-gate {name}"), name
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "help", (name, parameter)
