import json
from collections.abc import Callable
from typing import Any

import pytest

from readiness_gate.checks.network.input_validation import CHECK
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.described import Interface, generate, ran
from tests.fakes.options import refusal
from tests.fakes.programs import Run
from tests.fakes.web import FakeWeb

TOKEN = "token: {login: {url: /auth/token, json: {name: customer, password: right}}}"
WHOLE = f"{{operations: ['POST /orders'], bodies: {{'POST /orders': {{quantity: 1}}}}, {TOKEN}}}"
GENERATED = f"{{operations: ['POST /orders'], {TOKEN}}}"


def asked(text: str, *broken: str, **more: Any) -> CheckResult:
    return ran(CHECK, text, *broken, **more)


@pytest.mark.parametrize("text", [WHOLE, GENERATED])
def test_what_is_invalid_is_refused(text: str) -> None:
    result = asked(text)
    assert result.outcome is Outcome.PASSED, result.details
    assert "1 operations refused 2 of 5 bodies with 4xx" in result.summary


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ("crash", "POST /orders: quantity: null: is answered with 500"),
        ("lax", "POST /orders: quantity: null: is accepted with 201"),
        ("echo", "POST /orders: note: HTML: comes back unescaped as text/html"),
        ("template", "POST /orders: note: template: a template was evaluated"),
        ("trace", "POST /orders: note: SQL: the answer shows the inside of the server"),
    ],
)
def test_each_hole_is_named(broken: str, cause: str) -> None:
    result = asked(WHOLE, broken)
    assert result.outcome is Outcome.FAILED
    assert cause in result.details
    assert result.evidence


def test_without_a_valid_body_refusals_prove_nothing() -> None:
    result = asked(WHOLE.replace("quantity: 1", "quantity: 0"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "no valid body is accepted, the last answer is 422" in result.summary


def test_without_a_token_nobody_looked_at_a_body() -> None:
    result = asked(WHOLE.replace(f", {TOKEN}", ""))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "401" in result.summary


def test_a_missing_value_of_a_path_is_told() -> None:
    interface = Interface()
    paths = interface.document["paths"]
    paths["/orders/{order_id}"]["post"] = paths["/orders"]["post"]
    result = asked(WHOLE.replace("/orders", "/orders/{order_id}"), interface=interface)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "no value for order_id: give it in `parameters`" in result.summary


def test_a_path_that_wants_a_number_gets_text() -> None:
    interface = Interface(frozenset({"lax"}))
    paths = interface.document["paths"]
    paths["/orders/{order_id}"]["post"] = paths["/orders"]["post"]
    text = WHOLE.replace("/orders", "/orders/{order_id}")
    result = asked(text[:-1] + ", parameters: {order_id: 1}}", interface=interface)
    assert "path order_id: text for a number: is accepted with 201" in result.details


def test_every_operation_with_a_json_body_is_chosen() -> None:
    result = asked(WHOLE.replace("operations: ['POST /orders'], ", ""))
    assert "POST /auth/token: no valid body is accepted" in result.summary
    left = asked(WHOLE.replace("operations: ['POST /orders']", "except: [POST /auth/*]"))
    assert left.summary.endswith("1 operations left out")


@pytest.mark.parametrize(
    "done",
    [
        Completed((), None, "", "", 60.0),
        Completed((), 1, "", "MemoryError", 1.0),
        Completed((), 0, "no json", "", 1.0),
        Completed((), 0, '{"cases": [{"error": "Unsatisfiable", "cases": []}]}', "", 1.0),
    ],
)
def test_a_generator_that_gives_up_cannot_tell(done: Completed) -> None:
    result = asked(WHOLE, answers=lambda _: done)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_without_the_extra_the_item_says_what_to_install() -> None:
    def missing(run: Run) -> Completed:
        return Completed(run.argv, 0, '{"missing": true}', "", 0.1)

    with pytest.raises(ConfigurationError) as refused:
        asked(WHOLE, answers=missing)
    assert "pip install 'readiness-gate[openapi]'" in refused.value.advice


def test_only_bodies_that_may_be_valid_prove_nothing() -> None:
    def soft(run: Run) -> Completed:
        found = '{"cases": [{"error": null, "cases": [{"what": "x", "body": {"quantity": 5}}]}]}'
        return Completed(run.argv, 0, found, "", 0.1)

    result = asked(WHOLE, answers=soft)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_silent_service_fails_and_nothing_is_written_to_others() -> None:
    assert asked(WHOLE, web=FakeWeb([NoAnswer("ConnectionRefusedError")])).outcome is Outcome.FAILED
    with pytest.raises(ConfigurationError, match="POST is not sent"):
        asked(WHOLE, own=False)


def test_a_description_without_bodies_is_said() -> None:
    interface = Interface()
    del interface.document["paths"]["/orders"], interface.document["paths"]["/auth/token"]
    with pytest.raises(ConfigurationError, match="no operation with a JSON body"):
        asked("{}", interface=interface)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{operations: [/orders]}", "write a method and a path"),
        ("{examples: 501}", "examples"),
        ("{token: {}}", "from login or from variable"),
        ("{url: 'ftp://x'}", "starts with /"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"long": 7}, "7 cases longer than 20000 signs were not sent"),
        ({"problem": "ValidationError: no regex"}, "its schema cannot be worked with: Validation"),
    ],
)
def test_what_was_not_sent_or_not_judged_proves_nothing(told: dict[str, Any], cause: str) -> None:
    def gaps(run: Run) -> Completed:
        done = json.loads(generate(run).stdout)
        done["cases"] = [{**one, **told} for one in done["cases"]]
        return Completed(run.argv, 0, json.dumps(done), "", 0.1)

    result = asked(WHOLE, answers=gaps)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert f"POST /orders: {cause}" in result.summary
    assert asked(WHOLE, "lax", answers=gaps).outcome is Outcome.FAILED


def only(*found: dict[str, Any]) -> Callable[[Run], Completed]:
    """Return a generator with these cases for every operation's invalid bodies."""

    def answers(run: Run) -> Completed:
        done = json.loads(generate(run).stdout)
        wanted = json.loads(run.stdin).get("generate", ())
        for one, job in zip(done["cases"], wanted, strict=True):
            if job["mode"] == "invalid":
                one["cases"] = list(found)
        return Completed(run.argv, 0, json.dumps(done), "", 0.1)

    return answers


BROKEN = {"what": "broken JSON", "raw": "{", "certain": True}


def test_broken_json_alone_says_nothing_of_the_schema() -> None:
    soft = {"what": "note: SQL", "body": {"quantity": 1, "note": "'"}}
    result = asked(WHOLE, answers=only(BROKEN, soft))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary.startswith("POST /orders: none of 2 bodies was surely invalid by its")


def test_one_operation_does_not_prove_another() -> None:
    interface = Interface()
    paths = interface.document["paths"]
    paths["/orders/free"] = {"post": {**paths["/orders"]["post"]}}
    text = WHOLE.replace("['POST /orders']", "['POST /orders', POST /orders/free]")
    text = text.replace("bodies: {", "bodies: {POST /orders/free: {quantity: 2}, ")

    def answers(run: Run) -> Completed:
        done = json.loads(generate(run).stdout)
        for one, job in zip(done["cases"], json.loads(run.stdin).get("generate", ()), strict=True):
            if job["path"] == "/orders/free":
                one["cases"] = [BROKEN]
        return Completed(run.argv, 0, json.dumps(done), "", 0.1)

    result = asked(text, interface=interface, answers=answers)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.details.startswith("POST /orders/free: none of 1 bodies was surely invalid")
    assert "\n" not in result.details


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"]},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"$ref": "#/components/schemas/Number"}, {"type": "boolean"}]},
        {"allOf": [{"$ref": "#/components/schemas/Number"}, {"minimum": 1}]},
        {"enum": [1, 2]},
    ],
)
def test_a_parameter_is_a_number_however_its_schema_says_so(schema: Any) -> None:
    interface = Interface()
    interface.document["components"]["schemas"]["Number"] = {"type": "number"}
    paths = interface.document["paths"]
    paths["/orders"]["post"]["parameters"] = [{"name": "n", "in": "query", "schema": schema}]
    result = asked(WHOLE, interface=interface)
    asked_with = [one.url for one in interface.asked if "n=no-such-thing" in one.url]
    assert len(asked_with) == 1
    assert "query n: text for a number: is accepted with 201" in result.details


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "string"]},
        {"anyOf": [{"type": "integer"}, {}]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"enum": [1, "all"]},
        {},
        True,
        {"anyOf": [{"$ref": "#/components/schemas/Ring"}]},
    ],
)
def test_what_may_be_text_gets_no_text_for_a_number(schema: Any) -> None:
    interface = Interface()
    interface.document["components"]["schemas"]["Ring"] = {
        "anyOf": [{"$ref": "#/components/schemas/Ring"}]
    }
    paths = interface.document["paths"]
    paths["/orders"]["post"]["parameters"] = [{"name": "n", "in": "query", "schema": schema}]
    assert asked(WHOLE, interface=interface).outcome is Outcome.PASSED


def test_a_wrong_parameter_comes_with_the_body_that_was_accepted() -> None:
    interface = Interface()
    paths = interface.document["paths"]
    number = {"name": "n", "in": "query", "schema": {"type": "integer"}}
    paths["/orders"]["post"]["parameters"] = [number]
    result = asked(GENERATED, interface=interface)
    assert "query n: text for a number: is accepted with 201" in result.details
