"""Problems of a record: every one, by place, with advice, without values."""

from typing import Literal

import pytest
from pydantic import ConfigDict, Field

from readiness_gate.doors.records import (
    Problem,
    allowed_keys,
    bind,
    did_you_mean,
    dotted,
    failure,
    read,
    record_schema,
)
from readiness_gate.doors.yaml import Position, load
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.record import Record


class Wheel(Record):
    model_config = ConfigDict(**Record.model_config, strict=True)

    size: int
    tyre_kind: Literal["summer", "winter"] = "summer"


class Car(Record):
    model_config = ConfigDict(**Record.model_config, strict=True)

    name: str = Field(min_length=1)
    wheels: tuple[Wheel, ...] = ()
    spare: Wheel | None = None
    by_name: dict[str, Wheel] = Field(default_factory=dict)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(load(text, name="car.yml"), Car)
    return caught.value.message.split("\n")


def test_a_document_becomes_a_strict_record_with_tuples() -> None:
    car = read(load("{name: a, wheels: [{size: 3, tyre-kind: winter}]}", name="car.yml"), Car)
    assert car == Car(name="a", wheels=(Wheel(size=3, tyre_kind="winter"),))


def test_every_problem_is_named_once_in_the_order_of_the_file() -> None:
    text = "wheels:\n  - {siez: 3}\n  - {size: x, tyre-kind: wintr}\nname: 3\n"
    assert problems(text) == [
        "car.yml:2:5: wheels[0]: key 'size' is missing",
        "car.yml:2:6: wheels[0]: unknown key 'siez', did you mean 'size'?",
        "car.yml:3:12: wheels[1].size: has to be a whole number",
        "car.yml:3:26: wheels[1].tyre-kind: has to be 'summer' or 'winter', did you mean 'winter'?",
        "car.yml:4:7: name: has to be a text; put it in quotes",
    ]


def test_the_python_name_of_a_key_is_an_unknown_key() -> None:
    assert problems("{name: a, by_name: {}}") == [
        "car.yml:1:11: unknown key 'by_name', did you mean 'by-name'?"
    ]


def test_a_text_is_no_number_and_a_number_no_text() -> None:
    assert problems("{name: 1.5, spare: {size: '3'}}")[0].endswith("put it in quotes")


def test_values_are_not_repeated_in_messages() -> None:
    secret = "hunter2-hunter2"
    assert secret not in "\n".join(problems(f"{{name: a, wheels: {secret}, spare: [{secret}]}}"))


def test_options_are_bound_at_their_place_in_the_file() -> None:
    document = load("items:\n  cors:\n    with: {sise: 3}\n", name="gate.yml")
    path = ("items", "cors", "with")
    found = bind(document, path, document.data["items"]["cors"]["with"], Wheel)
    assert isinstance(found, tuple)
    assert [problem.message for problem in found] == [
        "items.cors.with: key 'size' is missing",
        "items.cors.with: unknown key 'sise', did you mean 'size'?",
    ]
    assert {problem.at.line for problem in found} == {3}
    assert bind(document, path, {"size": 3}, Wheel) == Wheel(size=3)


def test_options_that_are_not_in_the_file_are_placed_at_their_item() -> None:
    document = load("items:\n  cors: {check: cors}\n", name="gate.yml")
    found = bind(document, ("items", "cors", "with"), {}, Wheel)
    assert isinstance(found, tuple)
    assert found[0] == Problem(Position(2, 9), "items.cors: key 'size' is missing")


def test_a_flood_of_problems_is_cut_with_its_count() -> None:
    found = [Problem(Position(line, 1), "bad") for line in range(1, 101)]
    lines = failure("x.yml", [*found, *found]).message.split("\n")
    assert len(lines) == 51
    assert lines[-1] == "x.yml: and 50 more"


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("severty", ", did you mean 'severity'?"),
        ("zzz", ""),
        (3, ""),
        ("severity" * 20, ""),
    ],
)
def test_advice_is_the_nearest_choice_or_nothing(word: object, advice: str) -> None:
    assert did_you_mean(word, ["severity", "stage"]) == advice


def test_allowed_keys_are_found_through_lists_options_and_mappings() -> None:
    wheel = {"size", "tyre-kind"}
    assert allowed_keys(Car, ()) == {"name", "wheels", "spare", "by-name"}
    assert allowed_keys(Car, ("wheels", 0)) == wheel
    assert allowed_keys(Car, ("spare",)) == wheel
    assert allowed_keys(Car, ("by-name", "left")) == wheel
    assert allowed_keys(Car, ("name", "x")) == frozenset()


def test_paths_are_written_for_people() -> None:
    assert dotted(("items", "cors", "checks", 1, "check")) == "items.cors.checks[1].check"
    assert dotted((0, "id")) == "entry 1.id"


def test_a_schema_has_public_names_and_keeps_a_key_called_title() -> None:
    class Book(Record):
        title: str
        page_count: int = 0

    assert set(record_schema(Book)["properties"]) == {"title", "page-count"}
    assert "title" not in record_schema(Book)
