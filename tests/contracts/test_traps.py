"""Every trap, of merge gates and of databases, has a test, or a line why it cannot arise."""

import ast
import re
from functools import cache

import pytest

from tests.contracts.sources import ROOT

TRAPS = 53
DATABASE_TRAPS = 68
MERGES, DATABASES = "traps.md", "database-traps.md"
_ROW = re.compile(r"\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|")


@cache
def rows(page: str = MERGES) -> dict[int, tuple[str, list[str]]]:
    text = (ROOT / "docs" / page).read_text("utf-8")
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


@pytest.mark.parametrize("number", range(1, DATABASE_TRAPS + 1))
def test_every_trap_of_databases_has_a_test(number: int) -> None:
    assert sorted(rows(DATABASES)) == list(range(1, DATABASE_TRAPS + 1))
    _, tests = rows(DATABASES)[number]
    assert tests
    for one in tests:
        path, _, name = one.partition("::")
        assert name in functions(path), f"trap {number}: {one} is not there"
