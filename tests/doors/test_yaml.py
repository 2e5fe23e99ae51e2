"""The strict loader: a document, or an error with its place; nothing else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_gate.doors.yaml import DEPTH_CAP, SIZE_CAP, Document, load
from readiness_gate.errors import ConfigurationError


def refused(text: str | bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(text, name="gate.yml")
    return caught.value.message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("n", "n"),
        ("2026-06-30", "2026-06-30"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("'1'", "1"),
        ("010", 10),
        ("0o17", 15),
        ("0xFF", 255),
        ("-3", -3),
        ("+3", 3),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("3.13.1", "3.13.1"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("", None),
        ("null", None),
        ("nUll", "nUll"),
    ],
)
def test_scalars_are_those_of_the_core_schema(written: str, read: object) -> None:
    value = load(f"key: {written}", name="gate.yml").data["key"]
    assert value == read
    assert type(value) is type(read)


def test_keys_that_yaml_1_1_turns_into_booleans_stay_text() -> None:
    assert load("on: {no: y}", name="gate.yml").data == {"on": {"no": "y"}}


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\nb: 2\na: 3", "3:1", "'a' is here twice, first in line 1"),
        ("a: {b: 1, b: 2}", "1:11", "twice"),
        ("a: &x [1]\nb: *x", "2:4", "aliases are not allowed"),
        ("&x a: 1\n*x : 2", "2:1", "aliases are not allowed"),
        ("a: !!python/object:os.system x", "1:4", "tags are not allowed"),
        ("a: !!str 1", "1:4", "tags are not allowed"),
        ("a: ! 1", "1:4", "tags are not allowed"),
        ("items:\n  14: x", "2:3", "a key has to be a text"),
        ("true: x", "1:1", "a key has to be a text"),
        ("? [a]\n: b", "1:3", "a key has to be a plain text"),
        ("a: .nan", "1:4", "finite"),
        ("a: -.inf", "1:4", "finite"),
        ("a: 1e999", "1:4", "finite"),
        ("a: " + "9" * 5000, "1:4", "40 digits"),
        ("a: 1\n---\nb: 2", "2:1", "second document"),
        ("a: [1, 2", "1:9", "not valid YAML"),
        ("a: 1\n\tb: 2", "2:1", "not valid YAML"),
        ("a: b\x00c", "1:5", "U+0000"),
        ("a: 'x\x1b[31m'", "1:6", "U+001B"),
        ("a: \ud800", "1:4", "not UTF-8"),
        ('a: "\\0"', "1:4", "an escape"),
        ("é: &x ü\nöö: *x", "2:5", "alias"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_place(text: str, place: str, says: str) -> None:
    message = refused(text)
    assert message.startswith("gate.yml:")
    assert says in message
    if "not valid YAML" not in says:  # where a parser notices broken syntax is its own affair
        assert message.startswith(f"gate.yml:{place}: ")


def test_bytes_that_are_not_utf_8_are_refused_with_their_place() -> None:
    assert refused(b"a: 1\nb: \xff").startswith("gate.yml:2:4: not UTF-8")


def test_a_byte_order_mark_is_not_part_of_the_first_key() -> None:
    assert load(b"\xef\xbb\xbfa: 1", name="gate.yml").data == {"a": 1}


def test_empty_text_and_comments_are_a_document_without_data() -> None:
    assert load("", name="gate.yml").data is None
    assert load("# nothing yet\n", name="gate.yml").data is None


def test_nesting_is_bounded() -> None:
    assert load("[" * DEPTH_CAP + "]" * DEPTH_CAP, name="gate.yml").data
    assert "nested deeper" in refused("[" * (DEPTH_CAP + 1) + "]" * (DEPTH_CAP + 1))


def test_size_is_bounded_in_bytes() -> None:
    assert load("#" * SIZE_CAP, name="gate.yml").data is None
    assert "more than the limit" in refused("#" * (SIZE_CAP + 1))
    assert "more than the limit" in refused("#" + "ü" * (SIZE_CAP // 2))
    assert load("a: 1", name="gate.yml", cap=4).data == {"a": 1}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 60_000,
        "{a: " * 15_000,
        "- " * 32_000,
        "? " * 32_000,
        "{" * 60_000,
        "a: " + "x" * 60_000,
        "'" * 60_000,
        "&a " * 20_000,
        "!" * 60_000,
        "x: {<<: " * 8_000,
        "a:\n" * 20_000,
        "\n" * 60_000,
        "%TAG ! tag:x,2000:\n" * 3_000,
        "k" * 1_000 + ": v\n",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_is_decided_quickly(text: str) -> None:
    started = time.process_time()
    message = ""
    try:
        load(text, name="gate.yml")
    except ConfigurationError as error:
        message = error.message
    assert len(message) < 500
    assert time.process_time() - started < 2.0


SIGNS = " {}[],:&*!|>'\"\\#?-%@~.<=`\n\r\t\x00\x85\ufeff\ud800ab1eé"
WORDS = ("b: ", "- ", "&x ", "*x", "!!int ", "---\n", "...\n", "<<: ", ".nan", "1e9", '"\\uD800"')
FRAGMENTS = st.one_of(st.sampled_from(SIGNS), st.sampled_from(WORDS))


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join), st.binary()))
def test_any_text_is_a_document_or_a_configuration_error(text: str | bytes) -> None:
    try:
        document = load(text, name="gate.yml")
    except ConfigurationError as error:
        message = error.message
    else:
        assert_plain(document, document.data, ())
        return
    assert message.startswith("gate.yml:")


def assert_plain(document: Document, data: object, path: tuple[str | int, ...]) -> None:
    if path or data is not None:
        assert path in document.values
    if isinstance(data, dict):
        for key, value in data.items():
            assert type(key) is str
            assert_plain(document, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            assert_plain(document, value, (*path, index))
    else:
        assert data is None or type(data) in {str, int, float, bool}


def test_values_and_keys_know_their_place() -> None:
    document = load("version: 1\nitems:\n  cors:\n    with: {url: /x, deny: [a, b]}\n", name="g")
    assert document.position(("items", "cors", "with", "deny", 1)) == (4, 31)
    assert document.key_position(("items", "cors", "with", "deny")) == (4, 21)
    assert document.position(("items", "cors", "with", "missing", "deeper")) == (4, 11)
    assert document.position(("nothing",)) == (1, 1)
    assert document.error(("items", "cors"), "no").message == "g:4:5: no"
