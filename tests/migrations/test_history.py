import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.migrations.history import assemble, read
from readiness_gate.migrations.reading import RevisionFile
from tests.migrations.builders import files, revision_file


def test_a_line_has_one_head_and_is_in_order() -> None:
    history = read(files(a=None, b="a", c="b"))
    assert (history.heads, history.bases, history.order) == (("c",), ("a",), ("a", "b", "c"))
    assert history.findings == ()


def test_two_revisions_with_one_parent_are_two_heads() -> None:
    history = read(files(a=None, b="a", c="a"))
    assert history.heads == ("b", "c")
    assert history.branch_points() == ("a",)


def test_a_merge_revision_joins_the_heads() -> None:
    history = read(files(a=None, b="a", c="a", m=("b", "c")))
    assert history.heads == ("m",)
    assert history.merge_points() == ("m",)
    assert history.order[0] == "a"
    assert history.order[-1] == "m"


def test_a_duplicate_id_is_a_finding_where_alembic_only_warns() -> None:
    history = read({"v/a_.py": revision_file("a"), "v/b_.py": revision_file("a")})
    assert [each.kind for each in history.findings] == ["duplicate"]
    assert "v/a_.py and v/b_.py" in history.findings[0].message
    assert history.heads == ()


def test_a_missing_parent_is_a_finding_where_alembic_raises_a_bare_key_error() -> None:
    history = read(files(a=None, b="gone"))
    assert [each.kind for each in history.findings] == ["missing-parent"]
    assert "names gone as its down_revision" in history.findings[0].message


def test_a_missing_dependency_is_a_finding() -> None:
    history = read({"v/a_.py": revision_file("a", depends_on="gone")})
    assert "depends_on" in history.findings[0].message


@pytest.mark.parametrize(
    "parents", [{"a": "b", "b": "a"}, {"a": "a"}, {"a": None, "b": ("a", "d"), "c": "b", "d": "c"}]
)
def test_a_cycle_is_a_finding(parents: dict[str, object]) -> None:
    assert [each.kind for each in read(files(**parents)).findings] == ["cycle"]


@pytest.mark.timeout(20)
def test_a_cycle_in_which_alembic_s_own_map_never_ends_is_a_finding() -> None:
    history = read(files(a="b", b=("a", "e"), c="b", d="a", e=None))
    assert [each.kind for each in history.findings] == ["cycle"]
    assert history.findings[0].message in {
        "revisions form a cycle: a → b → a",
        "revisions form a cycle: b → a → b",
    }


def test_a_cycle_through_a_dependency_on_a_label_is_a_finding() -> None:
    history = read(
        {
            "v/a_.py": revision_file("a", labels=("x",), depends_on="b"),
            "v/b_.py": revision_file("b", depends_on="x"),
        }
    )
    assert [each.kind for each in history.findings] == ["cycle"]


def test_a_branch_label_can_be_depended_on() -> None:
    history = read(
        {
            "v/a_.py": revision_file("a", labels=("billing",)),
            "v/b_.py": revision_file("b", depends_on="billing"),
        }
    )
    assert history.findings == ()
    assert history.heads == ("a", "b")


def test_a_branch_label_used_twice_is_a_finding() -> None:
    history = read(
        {
            "v/a_.py": revision_file("a", labels=("x",)),
            "v/b_.py": revision_file("b", labels=("x",)),
        }
    )
    assert [each.kind for each in history.findings] == ["branch-label"]


def test_an_id_that_alembic_refuses_is_a_finding() -> None:
    assert [each.kind for each in read(files(**{"a-b": None})).findings] == ["invalid-id"]


def test_an_unreadable_file_hides_no_heads_as_missing_parents() -> None:
    history = read({**files(b="a"), "versions/a_.py": b"revision = ("})
    assert [each.kind for each in history.findings] == ["unreadable"]
    assert history.heads == ()


def test_no_files_are_no_history() -> None:
    assert read({}).revisions == ()


@given(st.integers(min_value=1, max_value=25), st.randoms(use_true_random=False))
def test_heads_are_what_nobody_names_and_order_puts_parents_first(
    size: int, chance: random.Random
) -> None:
    revisions = []
    for number in range(size):
        parents = chance.sample(range(number), k=min(number, chance.choice([0, 1, 1, 2])))
        down = tuple(f"r{parent}" for parent in parents)
        revisions.append(RevisionFile(f"v/r{number}_.py", f"r{number}", down))
    history = assemble(chance.sample(revisions, k=len(revisions)))
    named = {parent for each in revisions for parent in each.down_revision}
    assert history.findings == ()
    assert set(history.heads) == {each.revision for each in revisions} - named
    assert sorted(history.order) == sorted(each.revision for each in revisions)
    place = {revision: index for index, revision in enumerate(history.order)}
    for each in revisions:
        assert all(place[parent] < place[each.revision] for parent in each.down_revision)


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefg"), max_size=2), max_size=6
    )
)
def test_any_graph_is_answered_with_heads_or_with_findings(graph: dict[str, list[str]]) -> None:
    history = assemble(
        [
            RevisionFile(f"v/{name}_.py", name, tuple(dict.fromkeys(down)))
            for name, down in graph.items()
        ]
    )
    assert bool(history.heads) != bool(history.findings) or not graph
