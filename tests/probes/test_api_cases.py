"""The generator as the gate runs it: a child process without an environment."""

import base64
import contextlib
import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.api_document import Document
from readiness_gate.checks.api_generation import (
    LONG_TEXT,
    Case,
    Generated,
    NoCases,
    Seen,
    Wanted,
    generated,
    invalidity,
    judged,
)
from readiness_gate.doors.clock import Deadline, SystemClock
from readiness_gate.doors.programs import HostPrograms
from tests.checks.network.described import DOCUMENT
from tests.fakes.context import context
from tests.fakes.web import answer

BASE = {"quantity": 3, "note": "x"}
PROBE = Path(__file__).parents[2] / "readiness_gate" / "probes" / "api_cases.py"


def document(**changes: Any) -> Document:
    return Document({**copy.deepcopy(DOCUMENT), **changes})


def given() -> Any:
    return context(programs=HostPrograms({}), clock=SystemClock())


def deadline(seconds: float = 60) -> Deadline:
    return Deadline(SystemClock(), seconds)


def cases(mode: Any, count: int, base: object = None, **changes: Any) -> tuple[Case, ...]:
    whole = document(**changes)
    operation = next(one for one in whole.operations if one.name == "POST /orders")
    wanted = [Wanted(operation, mode, count, base)]
    found = list(generated(given(), whole, wanted, seed=3, mark="rgmark", deadline=deadline()))
    return found[0].cases


def test_invalid_bodies_differ_in_one_thing_and_the_generated_ones_break_the_schema() -> None:
    found = cases("invalid", 10, BASE)
    certain = {case.what for case in found if case.certain}
    assert {
        "null as the body",
        "text as the body",
        "an empty object as the body",
        "quantity: missing",
        "quantity: null",
        "quantity: text for a number",
        "quantity: beyond its maximum",
        "quantity: beyond its minimum",
        "quantity: a huge number",
        "quantity: nested 150 deep",
        "note: null",
        "note: an object for text",
        "note: 51 signs",
        "broken JSON",
        "a generated body",
    } <= certain
    free = {case.what for case in found if not case.certain}
    assert {"note: SQL", "note: HTML", "note: path", "note: CRLF", "note: NUL"} <= free
    html = next(case for case in found if case.what == "note: HTML")
    assert b"<script>rgmark</script>" in (html.body or b"")
    assert cases("invalid", 10, BASE) == found


def test_text_without_a_limit_gets_very_long() -> None:
    unlimited = copy.deepcopy(DOCUMENT["components"])
    del unlimited["schemas"]["Order"]["properties"]["note"]["maxLength"]
    found = cases("invalid", 0, BASE, components=unlimited)
    longest = next(case for case in found if case.what == f"note: {LONG_TEXT} signs")
    assert len(longest.body or b"") > LONG_TEXT
    assert not longest.certain


def test_valid_bodies_fit_their_schema() -> None:
    found = cases("valid", 5)
    assert len(found) == 5
    for case in found:
        body = json.loads(case.body or b"")
        assert 1 <= body["quantity"] <= 100


def test_words_of_openapi_3_0_are_understood() -> None:
    older = copy.deepcopy(DOCUMENT["components"])
    older["schemas"]["Order"]["properties"]["note"]["nullable"] = True
    found = cases("invalid", 0, BASE, components=older, openapi="3.0.3")
    assert not next(case for case in found if case.what == "note: null").certain


def test_validity_and_answers_are_judged() -> None:
    assert invalidity(given(), document(), deadline()) is None
    assert "info" in str(invalidity(given(), document(info=None), deadline()))
    whole = document()
    show = next(one for one in whole.operations if one.name == "GET /orders/{order_id}")
    kind = {"content-type": "application/json"}
    seen = [
        Seen(show, answer(data={"id": 1}, headers=kind)),
        Seen(show, answer(data={"id": "1"}, headers=kind)),
        Seen(show, answer(data={}, headers=kind)),
    ]
    fine, wrong, empty = judged(given(), whole, seen, deadline())
    assert fine == []
    assert "is not of type" in wrong[0]
    assert "required" in empty[0]


@pytest.mark.parametrize(
    "order",
    [
        {"$ref": "#/components/schemas/Order"},
        {"type": "object", "properties": {"quantity": {"$ref": "#/components/schemas/Order"}}},
        {"type": "string", "pattern": "(a+)+$"},
        {"type": "integer", "minimum": 5, "maximum": 1},
        {"type": "array", "minItems": 10**12, "items": {}},
    ],
)
def test_hostile_schemas_end_in_time_and_are_no_crash_of_the_gate(order: object) -> None:
    parts = {"schemas": {"Order": order, "View": {}}}
    found: tuple[Case, ...] = ()
    with contextlib.suppress(NoCases):
        found = cases("invalid", 2, BASE, components=parts)
    assert all(case.what for case in found)


def crowd(names: tuple[str, ...], schema: object) -> Document:
    """Return a description with an operation for each name, all of one body."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    answers = {"201": {"description": "Taken."}}
    paths = {f"/{name}": {"post": {"requestBody": body, "responses": answers}} for name in names}
    return document(paths=paths)


def invalid_of(whole: Document, base: object) -> list[Generated]:
    wanted = [Wanted(one, "invalid", 0, base) for one in whole.operations]
    return list(generated(given(), whole, wanted, seed=3, mark="rgmark", deadline=deadline()))


def test_every_operation_of_a_batch_gets_its_cases_however_many_the_others_have() -> None:
    fields = {f"f{n}": {"type": "string", "maxLength": 50} for n in range(40)}
    names = ("one", "two", "three")
    found = invalid_of(
        crowd(names, {"type": "object", "properties": fields}), dict.fromkeys(fields, "x" * 20)
    )
    assert [one.wanted.operation.path for one in found] == ["/one", "/two", "/three"]
    assert [(len(one.cases), one.gaps) for one in found] == [(len(found[0].cases), ())] * 3
    assert [one.cases for one in found] == [found[0].cases] * 3
    assert any(case.what == "f39: missing" for case in found[2].cases)


def test_a_case_that_is_too_long_is_told() -> None:
    schema = {"type": "object", "properties": {"blob": {"type": "string"}, "n": {}}}
    (found,) = invalid_of(crowd(("long",), schema), {"blob": "y" * 25_000, "n": "x"})
    assert re.fullmatch(r"[0-9]+ cases longer than 20000 signs were not sent", found.gaps[0])


@pytest.mark.parametrize("pattern", ["^[a-z]+\\Z", "^[a-z", "^\\h+$"])
def test_a_schema_that_cannot_be_compiled_is_told(pattern: str) -> None:
    fields = {"q": {"type": "integer", "maximum": 5}, "n": {"type": "string", "pattern": pattern}}
    (found,) = invalid_of(crowd(("odd",), {"type": "object", "properties": fields}), {"q": 1})
    assert len(found.gaps) == 1
    assert found.gaps[0].startswith("its schema cannot be worked with: ")


def test_time_that_is_over_is_told() -> None:
    with pytest.raises(NoCases, match="time was over"):
        invalidity(given(), document(), deadline(0))
    with pytest.raises(NoCases, match="did not end within"):
        invalidity(given(), document(), deadline(0.05))


def test_the_child_reaches_nothing_and_reads_no_settings(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text('hooks = "hooks"\n')
    (tmp_path / "hooks.py").write_text("raise SystemExit('a hook ran')")
    job = {
        "document": DOCUMENT,
        "seed": 1,
        "mark": "",
        "seconds": 30,
        "judge": [
            {
                "method": "GET",
                "path": "/health",
                "status": 200,
                "headers": {"content-type": "application/json"},
                "body": base64.b64encode(b"{}").decode(),
            }
        ],
    }
    done = HostPrograms({}).run(
        [sys.executable, "-I", str(PROBE)],
        timeout=60,
        cwd=tmp_path,
        stdin=json.dumps(job).encode(),
    )
    assert json.loads(done.stdout)["judged"] == [[]], done.output
