"""A roll-up never answers by itself: the engine sums up the other items' results."""

import json

import pytest
from pydantic import ValidationError

from readiness_gate.checks.merge.rollup import CHECK, RollupOptions
from readiness_gate.model.outcome import ErrorClass, Outcome
from tests.fakes.context import context


def test_asked_by_itself_it_is_an_error_and_never_green() -> None:
    result = CHECK.run(context(), RollupOptions())
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INTERNAL)


def test_nothing_given_means_every_other_item() -> None:
    assert RollupOptions() == RollupOptions(items=(), category=None)


def test_a_share_is_written_as_a_percentage() -> None:
    assert RollupOptions.model_validate_json('{"at-least": "50%"}').at_least == 50
    assert RollupOptions.model_validate_json('{"of": "Security"}').of == ("Security",)


@pytest.mark.parametrize("share", ["50", 50, "0%", "101%", "5.5%", "-1%", "050%", ""])
def test_what_is_no_share_is_refused(share: object) -> None:
    with pytest.raises(ValidationError):
        RollupOptions.model_validate_json(json.dumps({"at-least": share}))


@pytest.mark.parametrize("given", [{"items": "readme"}, {"items": [1]}, {"item": ["readme"]}])
def test_options_are_strict(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RollupOptions.model_validate(given)
