import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.errors import ForgeError
from readiness_gate.forge.queue import QueueBranch, members_ahead, parse_queue_branch
from tests.forge.builders import sha


@pytest.mark.parametrize("prefix", ["", "refs/heads/"])
@pytest.mark.parametrize("base", ["main", "release/2.x", "a/pr-3-b", "pr-7"])
def test_the_name_of_a_queue_branch_is_read(prefix: str, base: str) -> None:
    parent = sha("parent")
    ref = f"{prefix}gh-readonly-queue/{base}/pr-14-{parent}"
    assert parse_queue_branch(ref) == QueueBranch(base, 14, parent)


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "main",
        "gh-readonly-queue/main",
        f"gh-readonly-queue/main/pr-14-pr-15-{sha('x')}",
        f"gh-readonly-queue/main/pr-14,15-{sha('x')}",
        f"gh-readonly-queue/main/pr-014-{sha('x')}",
        f"gh-readonly-queue/main/pr--{sha('x')}",
        f"gh-readonly-queue//pr-14-{sha('x')}",
        f"gh-readonly-queue/main/pr-14-{sha('x')}\n",
        f"gh-readonly-queue/main/pr-14-{sha('x')[:-1]}",
        f"gh-readonly-queue/main/pr-14-{sha('x')}0",
        f"other/gh-readonly-queue/main/pr-14-{sha('x')}",
        f"gh-readonly-queue/main/pr-١٤-{sha('x')}",
    ],
)
def test_every_other_name_is_refused_and_not_guessed_at(ref: str) -> None:
    with pytest.raises(ForgeError, match="not a branch of a merge queue"):
        parse_queue_branch(ref)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_queue_branch(text)
    except ForgeError:
        return
    assert text.removeprefix("refs/heads/").startswith("gh-readonly-queue/")


def _branch(base: str, number: int) -> str:
    return f"refs/heads/gh-readonly-queue/{base}/pr-{number}-{sha('parent')}"


def test_the_groups_ahead_are_those_whose_commits_lie_below() -> None:
    branches = {
        _branch("main", 23): "c",
        _branch("main", 21): "a",
        _branch("main", 22): "b",
        _branch("main", 20): "landed",
        _branch("main", 19): "thrown-out",
        _branch("main/next", 31): "b2",
    }
    unmerged = ["a", "of-a-rebased-commit", "b2", "b", "c"]
    assert members_ahead(branches, unmerged, "main") == [21, 22, 23]
    assert members_ahead(branches, [], "main") == []
