"""Options of a check out of YAML, as an item's `with:` gives them."""

from typing import Any, TypeVar

import pytest

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.doors import records, yaml
from readiness_gate.errors import ConfigurationError

OptionsT = TypeVar("OptionsT", bound=CheckOptions)


def options(check: Check[OptionsT], text: str) -> OptionsT:
    document = yaml.load(text.encode(), name="with.yml")
    return records.read(document, check.options)


def refusal(check: Check[Any], text: str) -> str:
    """Return what is said of options that have to be refused."""
    with pytest.raises(ConfigurationError) as refused:
        options(check, text)
    return refused.value.message
