import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.migrations.reading import HistoryFinding, RevisionFile, read_revision


def read(source: str, path: str = "versions/a1_first.py") -> RevisionFile:
    answer = read_revision(path, source.encode())
    assert isinstance(answer, RevisionFile), answer
    return answer


def finding(source: bytes | str, path: str = "versions/x_first.py") -> HistoryFinding:
    answer = read_revision(path, source.encode() if isinstance(source, str) else source)
    assert isinstance(answer, HistoryFinding), answer
    return answer


def test_a_plain_file_is_read_with_its_message_and_line() -> None:
    found = read('"""Add visits.\n\nLong."""\nrevision = "a1"\ndown_revision = None\n')
    assert found == RevisionFile("versions/a1_first.py", "a1", message="Add visits.", line=4)


def test_annotated_and_tuple_assignments_are_read() -> None:
    found = read(
        "from typing import Sequence, Union\n"
        "revision: str = 'c'\n"
        "down_revision: Union[str, Sequence[str], None] = ('a', 'b')\n"
        "branch_labels = depends_on = None\n"
    )
    assert (found.revision, found.down_revision, found.depends_on) == ("c", ("a", "b"), ())


def test_several_names_bound_at_once_are_read() -> None:
    found = read("revision, down_revision = 'b', 'a'\ndepends_on = ['z']\n")
    assert (found.revision, found.down_revision, found.depends_on) == ("b", ("a",), ("z",))


def test_the_last_binding_counts() -> None:
    assert read("revision = 'a'\nrevision = 'b'\n").revision == "b"


def test_a_name_inside_a_function_is_not_the_module_s() -> None:
    assert read("revision = 'a'\ndef upgrade():\n    revision = f()\n").revision == "a"


@pytest.mark.parametrize(
    "source",
    [
        "revision = make()\n",
        "revision = 'a' + 'b'\n",
        "revision = f'{x}'\n",
        "revision = 7\n",
        "revision = ''\n",
        "revision = None\n",
        "revision = ('a', 'b')\n",
        "from .ids import revision\n",
        "import ids as revision\n",
        "if True:\n    revision = 'a'\n",
        "try:\n    revision = 'a'\nexcept Exception:\n    pass\n",
        "revision = 'a'\ndown_revision = previous\n",
        "revision = 'a'\ndown_revision = 'x'\ndown_revision += 'y'\n",
        "revision = 'a'\ndown_revision = [1]\n",
        "revision = 'a'\ndown_revision = {'k': 'v'}\n",
        "with x as revision:\n    pass\n",
    ],
)
def test_what_is_not_a_literal_is_a_finding_and_never_guessed(source: str) -> None:
    assert finding(source).kind == "not-static"


@pytest.mark.parametrize(
    "source",
    [b"revision = (\n", b"revision = 'a'\0\n", b"\xff\xfe", b"# coding: nonsense\nrevision='a'\n"],
)
def test_what_is_not_python_is_a_finding(source: bytes) -> None:
    assert finding(source).kind == "unreadable"


def test_deep_nesting_is_a_finding_and_not_a_crash() -> None:
    assert finding("revision = " + "(" * 5000 + ")" * 5000).kind == "unreadable"


def test_a_file_without_a_revision_is_a_finding_as_in_alembic() -> None:
    assert finding("x = 1\n").kind == "no-revision"


def test_a_legacy_file_name_is_the_revision() -> None:
    assert read("down_revision = 'ab'\n", "versions/1f2e.py").revision == "1f2e"


def test_invalid_escapes_in_a_revision_do_not_warn() -> None:
    assert read('revision = "a"\npattern = "\\d"\n').revision == "a"


def test_a_revision_that_repairs_orphans_says_so() -> None:
    assert read("revision = 'a'\nreadiness_gate = 'clean-up'\n").cleans_up
    assert not read("revision = 'a'\nreadiness_gate = 'other'\n").cleans_up


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(source: bytes) -> None:
    assert isinstance(read_revision("versions/zz_.py", source), RevisionFile | HistoryFinding)


@given(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=10), max_size=4))
def test_what_is_written_as_a_literal_is_read_back(revision: str, parents: list[str]) -> None:
    source = f"revision = {revision!a}\ndown_revision = {tuple(parents)!a}\n"
    found = read(source)
    assert (found.revision, found.down_revision) == (revision, tuple(parents))
