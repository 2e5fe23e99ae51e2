"""Binds the YAML `with:` of an item to the options of its check."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.model.outcome import Need


@dataclass(frozen=True)
class BoundCheck:
    """A check with the options that an item gives it."""

    check: Check[Any]
    options: CheckOptions

    @property
    def key(self) -> str:
        """Equal for identical check and options, which run once (DESIGN 1.5)."""
        return f"{self.check.id} {self.options.model_dump_json(by_alias=True)}"

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be there, as far as the options tell."""
        refine = self.check.refine_needs
        return self.check.needs if refine is None else refine(self.options)


class OptionsRefused(ValueError):  # noqa: N818
    """Options that the check does not take; `problems` are (path below `with`, message)."""

    def __init__(self, problems: tuple[tuple[tuple[str | int, ...], str], ...]) -> None:
        """Keep every problem, so that all are shown at once."""
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


def bind(check: Check[Any], given: Mapping[str, Any] | None) -> BoundCheck:
    """Return the check with its options.

    Raises:
        OptionsRefused: unknown keys, wrong types, or options that assert nothing.
    """
    try:
        # Through JSON: pydantic's strict mode then takes lists for tuples and words for enums,
        # and still no text for a number (pydantic: conversion table, strict, JSON).
        text = json.dumps(dict(given or {}), allow_nan=False)
        return BoundCheck(check, check.options.model_validate_json(text))
    except ValidationError as error:
        problems = tuple(
            (tuple(problem["loc"]), _message(problem["msg"]))
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise OptionsRefused(problems) from error
    except (TypeError, ValueError) as error:
        raise OptionsRefused((((), str(error)),)) from error


def _message(text: str) -> str:
    return text.removeprefix("Value error, ").replace(
        "Extra inputs are not permitted", "unknown key"
    )
