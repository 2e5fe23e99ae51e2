import copy
from typing import Any

import pytest

from readiness_gate.checks.api_changes import breaking
from readiness_gate.checks.api_document import Document, NoDocument
from tests.checks.network.described import DOCUMENT


def broken(before: str = "", after: str = "") -> dict[str, list[str]]:
    """Return what breaks between two documents `d`, each with its lines of Python done to it."""
    both: list[dict[str, Any]] = []
    for change in (before, after):
        d = copy.deepcopy(DOCUMENT)
        names = {
            "d": d,
            "order": d["components"]["schemas"]["Order"],
            "view": d["components"]["schemas"]["View"],
            "post": d["paths"]["/orders"]["post"],
            "show": d["paths"]["/orders/{order_id}"]["get"],
        }
        exec(change, names)
        both.append(d)
    return breaking(Document(both[0]), Document(both[1]))


QUERY = "show['parameters'] = [{'name': 'q', 'in': 'query', 'schema': {'type': 'string'}}]"


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ("", "del d['paths']['/orders']['post']", "is gone"),
        (QUERY, "", "query parameter q is gone"),
        ("", QUERY.replace("'in'", "'required': True, 'in'"), "query parameter q has to be given"),
        (QUERY, QUERY.replace("string", "integer"), "query parameter q: string became integer"),
        ("", "view['properties'].pop('status')", "200.status is answered no more"),
        ("", "view['properties']['id'] = {'type': 'string'}", "200.id: integer became string"),
        (
            "",
            "view['properties']['id'] = {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}",
            "200.id: integer became integer or null",
        ),
        ("", "view['required'] = []", "200.id may be missing now"),
        ("", "order['required'] = ['quantity', 'note']", "body.note has to be sent now"),
        ("", "order['properties']['quantity']['maximum'] = 10", "body.quantity: maximum is 10 now"),
        ("", "order['properties']['note']['minLength'] = 1", "body.note: minLength is 1 now"),
        (
            "order['properties']['note']['enum'] = ['a', 'b']",
            "order['properties']['note']['enum'] = ['a']",
            "body.note: takes no 'b' any more",
        ),
        ("", "order['properties']['note']['enum'] = ['a']", "body.note: takes no any value"),
        (
            "view['properties']['status']['enum'] = ['a']",
            "view['properties']['status']['enum'] = ['a', 'b']",
            "200.status: may be 'b' now",
        ),
        ("post['requestBody']['required'] = False", "", "a body has to be sent now"),
        ("", "del post['requestBody']", "takes no body any more"),
        ("", "post['responses'] = {'202': {}}", "the answer 201 is gone"),
        (
            "",
            "show['responses']['200']['content'] = {'text/plain': {}}",
            "200: answers no application/json any more",
        ),
        ("", "show['security'] = [{'bearer': []}]", "asks for a token now"),
        (
            "order['properties']['old'] = {}",
            "order['additionalProperties'] = False",
            "body.old is taken no more",
        ),
    ],
)
def test_what_breaks_clients_is_named(before: str, after: str, cause: str) -> None:
    found = [line for lines in broken(before, after).values() for line in lines]
    assert any(cause in line for line in found), found


@pytest.mark.parametrize(
    "after",
    [
        "",
        "d['paths']['/new'] = {'get': {'responses': {}}}",
        QUERY,
        "view['properties']['more'] = {'type': 'string'}",
        "order['properties']['more'] = {'type': 'string'}",
        "order['required'] = []",
        "order['properties']['quantity']['type'] = 'number'",
        "order['properties']['quantity']['maximum'] = 1000",
        "view['properties']['status']['maxLength'] = 3",
        "d['paths']['/orders/{id}'] = d['paths'].pop('/orders/{order_id}')",
    ],
)
def test_what_only_adds_breaks_nobody(after: str) -> None:
    assert broken("", after) == {}


def test_parts_that_are_put_together_are_compared_whole() -> None:
    apart = "d['components']['schemas']['View'] = {'allOf': [view, {'required': ['status']}]}"
    assert broken("", apart) == {}
    assert "may be missing" in f"{broken(apart, '')}"


def test_a_schema_that_holds_itself_ends() -> None:
    around = "view['properties']['next'] = {'$ref': '#/components/schemas/View'}"
    assert broken(around, around) == {}
    assert "next" not in f"{broken(around, around + '; view[chr(120)] = 1')}"


def test_a_reference_in_a_circle_is_refused() -> None:
    circle = "d['components']['schemas']['View'] = {'$ref': '#/components/schemas/View'}"
    with pytest.raises(NoDocument, match="refers to itself"):
        broken(circle, circle)
