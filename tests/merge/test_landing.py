from readiness_gate.merge.landing import landing
from tests.merge.builders import HOME, ref


def test_nothing_is_said_of_one_without_children() -> None:
    assert landing([], home=HOME) == ()


def test_deleting_the_branch_of_a_parent_is_warned_of() -> None:
    closes, leaves = landing([ref(17), ref(19)], home=HOME)
    assert "closes #17, #19" in closes
    assert leaves == (
        "a squash or rebase merge leaves its commits behind in #17, #19: "
        "merge it with a merge commit, or rebase them afterwards"
    )


def test_methods_that_the_repository_forbids_are_not_spoken_of() -> None:
    assert len(landing([ref(17)], home=HOME, methods={"merge"})) == 1
    (_, squash) = landing([ref(17)], home=HOME, methods={"squash"})
    assert squash.startswith("a squash merge")
    assert squash.endswith("rebase them afterwards")


def test_many_children_are_counted() -> None:
    text = landing([ref(one) for one in range(1, 31)], home=HOME)[0]
    assert "#10 and 20 more" in text
