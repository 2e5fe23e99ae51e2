import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.matchers import ABSENT, Nodes, compile_matcher
from readiness_gate.matchers.vocabulary import WORDS

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
LINES = "ready\ntook 12 ms\n!important"
BARE = st.booleans() | st.integers() | st.text()


@pytest.mark.parametrize(
    ("raw", "actual"),
    [
        (200, 200),
        (1, 1.0),
        ("ok", "ok"),
        (True, True),
        (["a", "b"], ["b", "c", "a"]),
        ({"equal": {"a": [1, None]}}, {"a": [1, None]}),
        ({"equal": []}, []),
        ({"have-prefix": "app"}, "application/json"),
        ({"have-suffix": "json"}, "application/json"),
        ({"contain-substring": "cat"}, "application/json"),
        ({"match-regexp": "^app.*json$"}, "application/json"),
        ({"gt": 5}, 6),
        ({"ge": 5, "le": 5}, "5"),
        ({"lt": 0.5}, 0.25),
        ({"contain-element": {"have-prefix": "b"}}, ["a", "bc"]),
        ({"contain-elements": [{"gt": 1}, 1]}, [2, 1]),
        ({"consist-of": [{"gt": 0}, 2]}, [2, 1]),
        ({"have-len": 2}, ["a", "b"]),
        ({"have-len": {"ge": 1}}, {"a": 1}),
        ({"have-key": "post"}, {"get": {}, "post": {}}),
        ({"not": {"have-prefix": "b"}}, "abc"),
        ({"and": [{"gt": 1}, {"lt": 3}]}, 2),
        ({"or": [200, 204]}, 204),
        ({"exists": True}, None),
        ({"exists": False}, ABSENT),
        ({"exists": False}, Nodes()),
        ({"have-len": 0}, Nodes()),
        ({"startsWith": "a", "endsWith": "c"}, "abc"),
        ({"contains": "b"}, "abc"),
        ({"contains": "b"}, ["a", "b"]),
        ({"includes": 3}, [1, 3]),
        ({"matches": "[0-9]{3}"}, "abc123"),
        ({"isInteger": True}, 3),
        ({"isInteger": False}, "3"),
        ({"isFloat": True}, 3.5),
        ({"isNumber": True}, 3.5),
        ({"isBoolean": True}, False),
        ({"isString": True}, ""),
        ({"isCollection": True}, {}),
        ({"isEmpty": True}, []),
        ({"isEmpty": False}, "x"),
        (["ready", "!error", "/took [0-9]+ ms/", "!/^panic/", "\\!important"], LINES),
    ],
)
def test_a_word_holds(raw: object, actual: object) -> None:
    assert compile_matcher(raw).explain(actual) is None


@pytest.mark.parametrize(
    ("raw", "actual", "cause"),
    [
        (200, 503, "expected 200, got 503"),
        (1, True, "expected 1, got true"),
        (200, "200", 'expected 200, got "200"'),
        ("ok", ABSENT, 'expected "ok", got nothing'),
        (["a", "b"], ["b"], 'expected it to contain "a", got ["b"]'),
        (["ready", "!error"], "ready\nerror", r'expected it not to contain "error", got "ready\n'),
        ({"gt": 5}, "many", 'expected more than 5, got "many"'),
        ({"ge": 5, "le": 6}, 7, "expected at most 6, got 7"),
        ({"consist-of": ["a", "b"]}, ["a", "b", "c"], 'expected exactly "a", "b", got'),
        ({"consist-of": [1, 1]}, [1, 2], "expected exactly 1, 1, got [1, 2]"),
        ({"have-len": 2}, [1], "expected a length of 2, got [1]"),
        ({"have-key": "a"}, {"b": 1}, 'expected a mapping with the key "a", got {"b": 1}'),
        ({"or": [200, 204]}, 500, "expected 200 or 204, got 500"),
        ({"exists": False}, None, "expected it not to exist, got null"),
        ({"exists": True}, Nodes(), "expected it to exist, got nothing"),
        ({"contain-element": 1}, Nodes(), "expected a list that contains 1, got nothing"),
        ({"equal": None}, ABSENT, "expected null, got nothing"),
    ],
)
def test_what_does_not_hold_is_told_in_one_line(raw: object, actual: object, cause: str) -> None:
    explanation = compile_matcher(raw).explain(actual)
    assert explanation is not None
    assert explanation.startswith(cause)
    assert "\n" not in explanation


@pytest.mark.parametrize(
    "inner",
    [{"gt": 5}, {"have-prefix": "x"}, {"contain-element": 1}, {"have-key": "x"}, {"have-len": 1}],
)
@pytest.mark.parametrize("actual", [ABSENT, None, True])
def test_not_does_not_turn_an_impossible_comparison_into_a_yes(
    inner: object, actual: object
) -> None:
    assert not compile_matcher({"not": inner}).holds(actual)


def test_not_holds_of_nothing_only_where_existence_is_asked() -> None:
    assert compile_matcher({"not": {"exists": True}}).holds(ABSENT)
    assert not compile_matcher({"not": "secret"}).holds(ABSENT)
    assert not compile_matcher({"not": {"contain-element": "admin"}}).holds(Nodes())


@pytest.mark.parametrize(
    "inner",
    [
        "x",
        {"equal": []},
        {"equal": None},
        {"consist-of": ["x"]},
        {"contain-element": "x"},
        ["x"],
        {"lt": 5},
        {"isString": True},
        {"contains": "x"},
        {"match-regexp": "x"},
        {"and": ["x"]},
        {"or": ["x", {"gt": 1}]},
    ],
)
def test_what_a_path_does_not_find_has_no_value_to_be_judged(inner: object) -> None:
    for raw in (inner, {"not": inner}, {"not": {"not": inner}}):
        explanation = compile_matcher(raw).explain(Nodes())
        assert explanation is not None
        assert explanation.endswith("got nothing")


def test_what_a_path_does_not_find_is_absent_and_of_no_length() -> None:
    for raw in ({"exists": False}, {"have-len": 0}, {"isEmpty": True}, {"not": {"exists": True}}):
        assert compile_matcher(raw).holds(Nodes())
    assert not compile_matcher({"exists": True}).holds(Nodes())
    assert not compile_matcher({"have-len": {"ge": 1}}).holds(Nodes())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "null asserts nothing"),
        ([], "asserts nothing"),
        ({}, "asserts nothing"),
        ({"and": []}, "and without elements"),
        ({"not": {}}, "asserts nothing"),
        ({"have-prefix": ""}, "asserts nothing"),
        ({"match-regexp": ""}, "matches every text"),
        ({"match-regexp": ".*"}, "matches every text"),
        (["!"], "asserts nothing"),
        ({"have-perfix": "a"}, "did you mean 'have-prefix'?"),
        ({"is-integer": True}, "did you mean 'isInteger'?"),
        ({"match-regexp": "(?=a)"}, "is no RE2 expression"),
        ({"match-regexp": "("}, "is no RE2 expression"),
        ({"gt": "5"}, "gt takes a number"),
        ({"gt": True}, "gt takes a number"),
        ({"exists": 1}, "exists takes true or false"),
        ({"or": "a"}, "or takes a list"),
        (float("nan"), "NaN"),
        ({"equal": float("inf")}, "infinite"),
    ],
)
def test_what_asserts_nothing_or_is_unknown_is_refused(raw: object, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        compile_matcher(raw)
    assert says in str(refused.value)


@pytest.mark.parametrize("separator", ["\n", "\x85", "\u2028"])
def test_an_explanation_is_one_line_whatever_it_shows(separator: str) -> None:
    text = f"a{separator}b"
    for raw in (text, {"match-regexp": text}, {"equal": {text: text}}, [text]):
        explanation = compile_matcher(raw).explain(f"x{separator}y")
        assert explanation is not None
        assert len(explanation.splitlines()) == 1


def test_nesting_is_bounded() -> None:
    raw: object = 1
    for _ in range(1000):
        raw = {"not": raw}
    with pytest.raises(ValueError, match="deeper"):
        compile_matcher(raw)


def test_a_hostile_expression_is_linear() -> None:
    assert not compile_matcher({"match-regexp": "^(a+)+$"}).holds("a" * 200_000 + "!")


def test_what_cannot_be_written_as_utf_8_is_shown_all_the_same() -> None:
    explanation = compile_matcher({"have-prefix": "x"}).explain("\ud800")
    assert explanation is not None
    explanation.encode("utf-8")
    assert not compile_matcher({"match-regexp": "x"}).holds("\ud800")


@given(BARE)
def test_a_bare_value_holds_for_itself_and_its_negation_does_not(value: object) -> None:
    assert compile_matcher(value).holds(value)
    assert not compile_matcher({"not": value}).holds(value)


@given(JSON, JSON)
def test_equal_is_symmetric_and_exact(one: object, other: object) -> None:
    assert compile_matcher({"equal": one}).holds(one)
    forth, back = compile_matcher({"equal": one}), compile_matcher({"equal": other})
    assert forth.holds(other) == back.holds(one)


@given(st.lists(BARE, min_size=1, max_size=6), st.randoms())
def test_consist_of_does_not_ask_for_an_order(values: list[object], random: object) -> None:
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert compile_matcher({"consist-of": values}).holds(mixed)
    assert not compile_matcher({"consist-of": values}).holds([*mixed, "one more"])
    assert compile_matcher(
        {"contain-elements": [{"equal": value} for value in values]}
    ).holds([*mixed, "one more"])  # fmt: skip


@given(JSON, st.sampled_from(sorted(WORDS)), JSON)
def test_every_word_answers_every_value_in_one_line_or_refuses_its_argument(
    argument: object, word: str, actual: object
) -> None:
    try:
        matcher = compile_matcher({word: argument})
    except ValueError:
        return
    for value in (actual, ABSENT, Nodes()):
        explanation = matcher.explain(value)
        assert (explanation is None) == matcher.holds(value)
        assert explanation is None or len(explanation.splitlines()) == 1
    negated = compile_matcher({"not": {word: argument}})
    assert not (matcher.holds(actual) and negated.holds(actual))
