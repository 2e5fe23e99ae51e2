import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.matchers import jsonpath
from readiness_gate.matchers.jsonpath import compile_path, read_json
from readiness_gate.matchers.matcher import ABSENT, Nodes

DOCUMENT = {"status": "ok", "lines": [{"id": 1}, {"id": 2}], "paths": {"/orders": {"post": {}}}}

names = st.sampled_from(["a", "b", "_1", "length", "é"])
steps = st.one_of(
    names.map(lambda name: f".{name}"),
    st.integers(-2, 3).map(lambda index: f"[{index}]"),
    st.sampled_from(["['a']", "['b c']", "['']", '["a"]', "['é']", "['a\\\\b']", "[01]", "[*]"]),
)
paths = st.lists(steps, max_size=4).map(lambda parts: f"${''.join(parts)}")
documents = st.recursive(
    st.none() | st.integers(0, 3) | st.just("text"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "b c", "_1", "", "length"]), inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.status", "ok"),
        ("$.lines[1].id", 2),
        ("$.lines[2]", ABSENT),
        ("$.status.length", ABSENT),
        ("$.paths['/orders'].post", {}),
        ("$.lines[-1].id", 2),
        ("$.lines[*].id", Nodes([1, 2])),
        ("$..id", Nodes([1, 2])),
        ("$.lines[?@.id == 2].id", Nodes([2])),
        ("$.lines[?@.id > 2]", Nodes([])),
        ("$.lines[?@['id'] != 1].id", Nodes([2])),
        ("$.*", Nodes([*DOCUMENT.values()])),
    ],
)
def test_a_path_finds(path: str, found: object) -> None:
    assert compile_path(path)(DOCUMENT) == found


@pytest.mark.parametrize("path", ["", "status", "$.", "$[01]", "$.a b", "$['a", "$" + ".a" * 300])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="JSONPath"):
        compile_path(path)


@given(path=paths, document=documents)
def test_simple_paths_find_what_the_library_finds(path: str, document: object) -> None:
    environment = jsonpath._environment()
    try:
        query = environment.compile(path)
    except Exception:
        with pytest.raises(ValueError, match="is no JSONPath"):
            compile_path(path)
        return
    found = query.findall(document)
    expected = (found[0] if found else ABSENT) if query.singular_query() else Nodes(found)
    assert compile_path(path)(document) == expected


@given(path=st.from_regex(jsonpath._WELL_FORMED, fullmatch=True).filter(lambda one: len(one) < 500))
def test_the_library_takes_every_path_that_is_taken_without_it(path: str) -> None:
    query = jsonpath._environment().compile(path)
    assert bool(query.singular_query()) == bool(jsonpath._SIMPLE.fullmatch(path))


@pytest.mark.parametrize(
    "path",
    [
        "$[?@.type == 'a'",
        "$[?@.type = 'a']",
        "$[?@.type == a]",
        "$[?@.type == 01]",
        "$[?@ == 1.]",
        "$[?match(@.a, 'b')]",
        "$.*.",
        "$[**]",
    ],
)
def test_what_is_nearly_a_path_is_refused_before_it_is_used(path: str) -> None:
    with pytest.raises(ValueError, match="JSONPath"):
        compile_path(path)


@pytest.mark.parametrize("path", ["$.lines[0].id", "$.lines[*].id", "$.lines[?@.name == 'a'].id"])
def test_usual_paths_load_the_library_where_they_are_used(path: str) -> None:
    code = (
        "import sys; from readiness_gate.matchers.jsonpath import compile_path;"
        f"compile_path({path!r}); sys.exit('jsonpath' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_document_too_deep_is_refused() -> None:
    assert read_json(b"[" * 99 + b"]" * 99)
    with pytest.raises(ValueError, match="deeper"):
        read_json(b"[" * 102 + b"]" * 102)
