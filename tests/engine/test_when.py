"""Conditions of an item: all must hold, each broken one has its sentence."""

from collections.abc import Sequence
from typing import Any

import pytest

from readiness_gate.config.schema import When
from readiness_gate.engine.when import Circumstances, excluded


def seen(**changes: Any) -> Circumstances:
    values: dict[str, Any] = {
        "event": "pull_request",
        "base_branch": "main",
        "labels": ("backend",),
        "draft": False,
        "changed_files": lambda: ["src/app.py", "docs/a/b.md"],
    }
    return Circumstances(**(values | changes))


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({}, None),
        ({"event": ["pull_request"]}, None),
        ({"event": ["merge_group"]}, "the event is pull_request"),
        ({"draft": False}, None),
        ({"draft": True}, "the pull request is no draft"),
        ({"branches": ["main"]}, None),
        ({"branches": ["release/*"]}, "the base branch is main"),
        ({"labels": ["frontend", "backend"]}, None),
        ({"labels": ["frontend"]}, "none of the labels frontend"),
        ({"paths": ["src/**"]}, None),
        ({"paths": ["docs/**/*.md"]}, None),
        ({"paths": ["*.toml"]}, "no changed file matches *.toml"),
        ({"labels": ["backend"], "paths": ["*.toml"]}, "no changed file matches *.toml"),
    ],
)
def test_each_condition(when: dict[str, Any], reason: str | None) -> None:
    assert excluded(When.model_validate(when), seen()) == reason


def test_where_nothing_is_compared_paths_exclude_nothing() -> None:
    assert excluded(When(paths=("src/**",)), seen(changed_files=lambda: None)) is None


def test_without_a_condition_it_applies() -> None:
    assert excluded(None, seen()) is None


def test_the_reason_of_the_configuration_comes_first() -> None:
    when = When(labels=("x",), reason="front end only")
    assert excluded(when, seen()) == "front end only: none of the labels x"


@pytest.mark.parametrize(
    ("change", "when", "reason"),
    [
        ({"event": ""}, {"event": ["push"]}, "the event is none"),
        ({"base_branch": None}, {"branches": ["main"]}, "the base branch is unknown"),
        ({"draft": True}, {"draft": False}, "the pull request is a draft"),
    ],
)
def test_what_is_not_known_does_not_hold(
    change: dict[str, Any], when: dict[str, Any], reason: str
) -> None:
    assert excluded(When.model_validate(when), seen(**change)) == reason


def test_changed_files_are_asked_only_where_paths_are_named() -> None:
    def never() -> Sequence[str]:
        raise AssertionError("asked without need")

    assert excluded(When(labels=("backend",)), seen(changed_files=never)) is None
    broken = When(labels=("x",), paths=("src/**",))
    assert excluded(broken, seen(changed_files=never)) == "none of the labels x"
