import re

import pytest

from readiness_gate.checks.filling import Unset, filled, places
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.scenario_values import Generated, Hmac, Values
from readiness_gate.errors import ConfigurationError
from tests.forge.clock import FakeClock


def values(**known: object) -> Values:
    return Values(FakeClock(), Masks(), dict(known))  # type: ignore[arg-type]


def test_values_keep_their_type_where_they_stand_alone() -> None:
    fill = values(id=7, on=True, none=None, list=[1], text="x")
    wanted = {"id": 7, "text": "x-7-true-null", "list": [1], "x": [True]}
    given = {"id": "{{id}}", "text": "{{text}}-{{ id }}-{{on}}-{{none}}", "list": "{{list}}"}
    assert filled({**given, "{{text}}": ["{{on}}"]}, fill) == wanted
    with pytest.raises(ConfigurationError, match="does not fit into a text"):
        fill("a {{list}}")


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(Unset, match=r"\{\{gone\}\} is not there"):
        values()("{{gone}}")


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    fill = values(a="{{b}}", b="secret")
    assert fill("{{a}}") == "{{b}}"


def test_a_value_is_one_part_of_a_url_but_the_first_one() -> None:
    fill = values(place="http://backend:8000/a?b", part="a/b?c#d&e=../", n=5)
    assert fill.url("{{place}}") == "http://backend:8000/a?b"
    assert fill.url("/x/{{part}}/{{n}}") == "/x/a%2Fb%3Fc%23d%26e%3D..%2F/5"
    assert fill.url("{{place}}&q={{part}}").endswith("&q=a%2Fb%3Fc%23d%26e%3D..%2F")


def test_places_are_found_at_any_depth() -> None:
    assert list(places({"{{a}}": ["x{{b}}y{{c}}", {"d": "{{ e }}"}], "f": 1})) == [
        "a",
        "b",
        "c",
        "e",
    ]
    assert list(places("{ {a}} {{1a}} {{}} {{a b}}")) == []


def test_what_is_called_a_secret_is_masked() -> None:
    masks = Masks()
    fill = Values(FakeClock(), masks)
    fill.set("access_token", "abcdef-123")
    fill.set("city", "Samarkand")
    fill.set("pin", 48_151_623, secret=True)
    assert masks.hide("abcdef-123 Samarkand 48151623") == "*** Samarkand ***"


def test_generated_values_are_new_in_every_run() -> None:
    one, two = values(), values()
    for fill in (one, two):
        fill.generate(
            {
                "u": "uuid",
                "e": "email",
                "p": "password",
                "t": "timestamp",
                "n": "number",
                "x": "unix-time",
            }
        )
    for name in ("u", "e", "p", "n", "marker"):
        assert one.known[name] != two.known[name]
    assert one.known["t"] == "2026-03-02T10:00:00Z"
    assert one.known["x"] == 1_772_445_600
    password = str(one.known["p"])
    for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"):
        assert re.search(kind, password)
    assert 20 <= len(password) <= 30


@pytest.mark.parametrize(
    ("encoding", "signature"),
    [
        ("hex", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("base64", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
    ],
)
def test_signatures_are_those_of_rfc_4231(encoding: str, signature: str) -> None:
    fill = values(secret="Jefe", word="what")
    text = "{{word}} do ya want for nothing?"
    wanted = Hmac.model_validate(
        {"secret": "{{secret}}", "text": text, "encoding": encoding}, strict=True
    )
    fill.generate({"signature": Generated.model_construct(_fields_set={"hmac"}, hmac=wanted)})
    assert fill("sha256={{signature}}") == f"sha256={signature}"
    fill.set("word", "else")
    assert signature not in fill("{{signature}}")
