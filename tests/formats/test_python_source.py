"""Python source read by its syntax tree: every node once, and every source once."""

import ast
from pathlib import Path

import pytest

from readiness_gate.formats.python_facts import facts_of, python_facts
from readiness_gate.formats.python_source import SIZE_CAP, nodes, parse

OWN = sorted(Path(__file__).parent.glob("*.py"))
BARE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)


@pytest.mark.parametrize("path", OWN[:5], ids=lambda path: path.name)
def test_nodes_are_those_of_the_library_in_its_order(path: Path) -> None:
    tree = parse(path.read_bytes())
    assert nodes(tree) == [one for one in ast.walk(tree) if not isinstance(one, BARE)]


def test_facts_are_those_of_the_source_every_time() -> None:
    sources = (b"def f(a): ...\n", b"def f(a: int) -> int: ...\n")
    for source in (*sources, *sources):
        assert python_facts(source) == facts_of(source)
    assert python_facts(sources[0]) != python_facts(sources[1])


def test_a_module_whose_tree_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="leave generated source out"):
        python_facts(b"x = 1\n" * (SIZE_CAP // 6 + 1))


def test_what_is_no_python_is_refused_every_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="line 1"):
            python_facts(b"def (")
