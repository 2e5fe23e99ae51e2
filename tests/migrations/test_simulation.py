from readiness_gate.migrations.reading import RevisionFile
from readiness_gate.migrations.simulation import Branch, simulate

BASE = (RevisionFile("v/a.py", "a"), RevisionFile("v/b.py", "b", ("a",)))


def branch(name: str, **parents: str) -> Branch:
    return Branch(
        name, tuple(RevisionFile(f"v/{one}.py", one, (down,)) for one, down in parents.items())
    )


def test_branches_that_follow_each_other_are_fine() -> None:
    assert simulate(BASE, [branch("#1", c="b"), branch("#2", d="c"), branch("#3")]) == ()


def test_the_later_of_two_that_follow_the_same_head_rebases() -> None:
    first, second = branch("#1", c="b"), branch("#2", d="b", e="d")
    assert simulate(BASE, [first, second]) == (
        (
            "#2 would make 2 heads of migrations, c of #1 and e: it rebases, "
            "down_revision of d becomes c"
        ),
    )
    assert simulate(BASE, [second, first]) == (
        (
            "#1 would make 2 heads of migrations, e of #2 and c: it rebases, "
            "down_revision of c becomes e"
        ),
    )


def test_each_later_one_rebases_onto_the_one_before() -> None:
    lines = simulate(BASE, [branch("#1", c="b"), branch("#2", d="b"), branch("#3", e="b")])
    assert [line.rpartition(" becomes ")[2] for line in lines] == ["c", "d"]


def test_a_branch_that_needs_a_later_one_breaks_the_history_until_then() -> None:
    lines = simulate(BASE, [branch("#2", d="c"), branch("#1", c="b")])
    assert len(lines) == 1
    assert "#2 would break the history: revision d names c" in lines[0]


def test_two_with_the_same_id_break_the_history() -> None:
    twin = Branch("#2", (RevisionFile("v/other.py", "c", ("b",)),))
    (line,) = simulate(BASE, [branch("#1", c="b"), twin])
    assert "#2 would break the history: revision c is declared twice" in line


def test_heads_that_the_base_has_already_are_nobodys_fault() -> None:
    base = (*BASE, RevisionFile("v/x.py", "x", ("a",)))
    assert simulate(base, [branch("#1", c="b")]) == ()
