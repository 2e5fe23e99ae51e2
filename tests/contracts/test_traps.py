"""Every trap of merge gates has a test that exists, or a line that says why it cannot arise."""

import ast
import re
from functools import cache

import pytest

from tests.contracts.sources import ROOT

TRAPS = 53
_ROW = re.compile(r"\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|")


def rows() -> dict[int, tuple[str, list[str]]]:
    text = (ROOT / "docs" / "traps.md").read_text("utf-8")
    found: dict[int, tuple[str, list[str]]] = {}
    for number, _, here, tests in _ROW.findall(text):
        assert int(number) not in found, f"trap {number} stands there twice"
        found[int(number)] = (here, re.findall(r"`([^`]+::[^`]+)`", tests))
    return found


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def test_every_trap_stands_there_once() -> None:
    assert sorted(rows()) == list(range(1, TRAPS + 1))


@pytest.mark.parametrize("number", range(1, TRAPS + 1))
def test_every_trap_has_a_test_or_cannot_arise(number: int) -> None:
    here, tests = rows()[number]
    assert tests or here.startswith("cannot arise: ")
    for one in tests:
        path, _, name = one.partition("::")
        assert name in functions(path), f"trap {number}: {one} is not there"
