"""Matchers and thresholds as fields of an item's options; kept as written, compiled to use them."""

from typing import Annotated, Any

from pydantic import JsonValue

from readiness_gate.matchers.jsonpath import compile_path
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.matchers.vocabulary import WORDS, compile_matcher
from readiness_gate.model.written import Written


def _compiles(raw: JsonValue) -> JsonValue:
    compile_matcher(raw)
    return raw


def _path(text: str) -> str:
    compile_path(text)
    return text


def _duration_limit(text: str) -> str:
    threshold(text, Unit.DURATION)
    return text


Expectation = Annotated[
    Any,
    Written(
        after=_compiles,
        schema={
            "anyOf": [
                {"type": ["string", "number", "boolean"]},
                {"type": "array", "minItems": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"enum": list(WORDS)},
                },
            ]
        },
    ),
]
"""A value to be equal to, a list of what has to be contained, or words such as `have-prefix`.

The default `None` stands for "not given": a null in a file is refused.
"""

JsonPath = Annotated[str, Written(after=_path)]
"""A JSONPath (RFC 9535) that can be used."""

DurationLimit = Annotated[
    str,
    Written(
        after=_duration_limit,
        schema={"type": "string", "pattern": "^(<=|>=|<|>)", "examples": ["<200ms"]},
    ),
]
"""A comparison with a duration, such as `<200ms`."""
