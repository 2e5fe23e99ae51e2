"""Which Python source can read a variable at all: what is not parsed reads none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.python_facts import facts_of
from readiness_gate.formats.variables_read import may_read

READING = [
    "import os\nos.environ['A']\n",
    "import os\nos.getenv('A')\n",
    "from os import environ as e\nimport os\nos.environ.get('A')\n",
    "class S(BaseSettings):\n    a: str\n",
    "import os\nos.\uff45nviron['A']\n",
    "# -*- coding: utf-7 -*-\nimport os\nos.+AGUAbgB2AGkAcgBvAG4-['A']\n",
]


@pytest.mark.parametrize("source", READING)
def test_what_reads_a_variable_is_parsed(source: str) -> None:
    data = source.encode()
    assert [name for name, _ in facts_of(data).variables] == ["A"]
    assert may_read(data)


def test_what_has_no_such_word_is_not() -> None:
    assert not may_read(b"def total(a):\n    return a + 1\n")


@given(st.lists(st.sampled_from([*READING, "x = 1\n", "print('A')\n", "A = {}['A']\n"])))
def test_whatever_is_not_parsed_reads_nothing(lines: list[str]) -> None:
    data = "".join(lines).encode()
    try:
        found = facts_of(data).variables
    except ValueError:
        return
    assert may_read(data) or not found
