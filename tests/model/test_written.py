"""What reads a value and what an editor is told, in one annotation."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic import WithJsonSchema as JsonSchema

from readiness_gate.config.values import OneOrMany
from readiness_gate.model.record import Record
from readiness_gate.model.written import Written

SCHEMA = {"type": "string", "examples": ["a,b"]}


def _split(value: Any) -> Any:
    return tuple(value.split(",")) if isinstance(value, str) else value


def _short(value: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(part) > 3 for part in value):
        raise ValueError("at most three signs")
    return value


OURS = Annotated[tuple[str, ...], Written(before=_split, after=_short, schema=SCHEMA)]
THEIRS = Annotated[
    tuple[str, ...], BeforeValidator(_split), AfterValidator(_short), JsonSchema(SCHEMA)
]


def said(annotated: Any, value: Any) -> Any:
    """Return what becomes of a value, or what is said about it."""
    try:
        return TypeAdapter(annotated).validate_python(value)
    except ValidationError as error:
        return [(one["type"], one["loc"], one["msg"]) for one in error.errors()]


@pytest.mark.parametrize("value", ["a,b", "", "abcd", ["a", "b"], ["abcd"], 3, None, [3]])
@pytest.mark.parametrize("bounds", [(), (Field(min_length=2),), (Field(max_length=1),)])
def test_it_accepts_and_refuses_what_pydantic_s_three_pieces_do(
    value: Any, bounds: tuple[Any, ...]
) -> None:
    ours: Any = OURS
    theirs: Any = THEIRS
    for bound in bounds:
        ours, theirs = Annotated[ours, bound], Annotated[theirs, bound]
    assert said(ours, value) == said(theirs, value)


@pytest.mark.parametrize("annotated", [OURS, THEIRS])
def test_the_schema_is_of_what_people_write(annotated: Any) -> None:
    assert TypeAdapter(annotated).json_schema() == SCHEMA


def test_without_a_schema_it_is_that_of_the_type() -> None:
    annotated = Annotated[str, Field(min_length=2), Written(after=str.strip)]
    assert TypeAdapter(annotated).json_schema() == {"type": "string", "minLength": 2}


class _Bounded(Record):
    some: OneOrMany = Field(min_length=1)
    any_number: OneOrMany = ()
    few: OneOrMany = Field(default=(), max_length=2)


def test_a_bound_of_one_field_stays_with_it_and_is_of_no_other() -> None:
    read = _Bounded.model_validate({"some": "a", "any-number": list("abc"), "few": ["a", "b"]})
    assert (read.some, read.any_number, read.few) == (("a",), tuple("abc"), ("a", "b"))


@pytest.mark.parametrize("wrong", [{"some": []}, {"some": "a", "few": ["a", "b", "c"]}])
def test_a_bound_beside_it_holds(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _Bounded.model_validate(wrong)
