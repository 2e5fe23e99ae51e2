"""YAML of the target: places, aliases, merge keys, and what is refused before it is built."""

import pytest

from readiness_gate.doors.project_yaml import OutOfBounds, load_all, load_placed
from readiness_gate.errors import ConfigurationError

TEXT = """\
base: &base {image: app, restart: always}
services:
  web:
    <<: *base
    image: web
    ports: ["80:80", 443]
  off: !reset null
on: yes
"""
BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGED = (
    "a: &a {" + ",".join(f"k{n}: 1" for n in range(9_000)) + "}\n"
    "b:\n  <<: [" + ",".join(["*a"] * 9_000) + "]\n"
)


def test_values_have_their_types_and_their_lines() -> None:
    [document] = load_placed(TEXT, name="compose.yml")
    services = document.data["services"]
    assert services["web"] == {"image": "web", "ports": ["80:80", 443], "restart": "always"}
    assert document.data["on"] == "yes"
    assert document.line_of(services["web"], "image") == 5
    assert document.line_of(services["web"], "restart") == 1
    assert document.line_of(services["web"]["ports"], 1) == 6
    assert document.line_of(services, "off") == 7
    assert document.tag_of(services, "off") == "!reset"
    assert document.tag_of(services, "web") == ""
    assert document.line_of(services, "gone") == 1


def test_every_document_of_a_file_is_read() -> None:
    documents = load_placed("a: 1\n---\nb: 2\n---\n", name="x")
    assert [(one.data, one.line) for one in documents[:2]] == [({"a": 1}, 1), ({"b": 2}, 3)]
    assert load_placed("", name="x") == []


@pytest.mark.parametrize(
    "text", [BOMB, MERGED, "[" * 100_000, "- " * 3_000, "{" * 70 + "}" * 70, "#" * 1_048_577]
)
def test_what_is_out_of_bounds_is_told_from_what_is_wrong(text: str) -> None:
    with pytest.raises(OutOfBounds):
        load_placed(text, name="x")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a: &a [*a]", "x:1: not valid: an alias contains itself"),
        ("a: 1\na: 2", "x:2: not valid: key 'a' is here twice"),
        ("? [a]\n: b", "x:1: not valid: a key is a list or a mapping"),
        ("a: [", "x:2:1: not YAML"),
        ("a: \x00", "x: not YAML"),
        ("a: *b", "x:1:4: not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, cause: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_placed(text, name="x")
    assert not isinstance(refused.value, OutOfBounds)
    assert cause in refused.value.message


def test_a_tag_builds_nothing() -> None:
    assert load_placed("a: !!python/object/apply:os.getcwd []", name="x")[0].data == {"a": []}


def test_plain_texts_are_not_composed_without_a_look_at_their_depth() -> None:
    for text in ("[" * 100_000, MERGED):
        with pytest.raises(OutOfBounds):
            load_all(text, name="x")
