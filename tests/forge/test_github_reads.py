from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_gate.errors import ConfigurationError, ForgeError, PermissionMissing
from readiness_gate.forge.base import Forge
from readiness_gate.forge.github import GitHubForge
from readiness_gate.model.pull_request import Reference
from tests.forge.clock import FakeClock
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository


def test_the_live_forge_is_a_whole_forge(live: GitHubForge) -> None:
    whole: Forge = live
    assert whole.repository == "acme/shop"


def test_an_open_draft_is_read_with_all_that_the_gate_uses(
    shop: Repository, live: GitHubForge
) -> None:
    made = shop.pull_request(
        number=15, title="Add visits", body="Depends on #14", draft=True, labels=["api", "db"]
    )
    found = live.pull_request(15)
    assert found.reference == Reference("acme/shop", 15)
    assert (found.state, found.draft, found.merged) == ("open", True, False)
    assert (found.title, found.body) == ("Add visits", "Depends on #14")
    assert (found.base_branch, found.base_sha) == ("main", shop.tip("main").sha)
    assert (found.head_branch, found.head_sha) == ("change-15", made.head_sha)
    assert (found.head_repository, found.author) == ("acme/shop", "author")
    assert sorted(found.labels) == ["api", "db"]
    assert (found.merged_at, found.merge_commit_sha) == (None, None)


def test_a_merged_one_is_closed_and_merged(shop: Repository, live: GitHubForge) -> None:
    made = shop.pull_request(number=14, merged=True)
    found = live.pull_request(14)
    assert (found.state, found.merged) == ("closed", True)
    assert found.merged_at is not None
    assert found.merge_commit_sha == made.merge_commit_sha


def test_a_closed_one_is_not_merged(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, closed=True)
    found = live.pull_request(14)
    assert (found.state, found.merged, found.merge_commit_sha) == ("closed", False, None)


def test_a_body_that_was_never_written_is_empty(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, body=None)
    assert live.pull_request(14).body == ""
    assert [pull.body for pull in live.open_pull_requests()] == [""]


def test_a_fork_that_was_deleted_has_no_name(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    fork = double.fork(shop, "visitor")
    made = shop.pull_request(number=14, head_repository=fork, author="visitor")
    assert live.pull_request(14).head_repository == "visitor/shop"
    made.head_repository = None
    assert live.pull_request(14).head_repository == ""
    assert [pull.head_repository for pull in live.open_pull_requests()] == [""]


def test_a_number_that_is_none_is_an_error(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="not found, or not visible"):
        live.pull_request(99)


def test_every_open_pull_request_is_read_from_all_pages(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    for number in range(1, 231):
        shop.pull_request(number=number, body=f"Body {number}", closed=number % 10 == 0)
    found = live.open_pull_requests()
    assert [pull.reference.number for pull in found] == [n for n in range(1, 231) if n % 10]
    assert found[0].body == "Body 1"
    assert len(double.requests) == 3
    assert live.usage.requests == 3
    assert live.usage.points == double.points > 0


def test_a_page_of_open_pull_requests_with_a_hole_is_an_error(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    shop.pull_request(number=14)
    shop.pull_request(number=15)
    hole = ("repository", "pullRequests", "nodes", 1)
    double.faults.add("POST", "/graphql", "partial", data_path=hole)
    with pytest.raises(ForgeError, match="not complete"):
        live.open_pull_requests()


def test_bots_are_called_the_same_by_both_interfaces(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, author="dependabot[bot]")
    assert live.pull_request(14).author == "dependabot[bot]"
    assert live.open_pull_requests()[0].author == "dependabot[bot]"


def test_changed_files_are_read_from_all_pages(shop: Repository, live: GitHubForge) -> None:
    names = [f"docs/page-{number:03}.md" for number in range(150)]
    shop.pull_request(number=14, files={name: f"{name}\n" for name in names})
    assert live.changed_files(14) == names


def test_a_file_is_read_at_a_commit(shop: Repository, live: GitHubForge) -> None:
    first = shop.tip("main").sha
    shop.commit("main", {"README.md": "# Changed\n", "umlaut ä/#1?.bin": b"\x00\xff\xfe"})
    tip = live.branch_tip("main")
    assert tip == shop.tip("main").sha != first
    assert live.file("README.md", first) == b"# Shop\n"
    assert live.file("README.md", tip) == b"# Changed\n"
    assert live.file("umlaut ä/#1?.bin", tip) == b"\x00\xff\xfe"


def test_a_file_is_absent_only_where_the_commit_is_there(
    shop: Repository, live: GitHubForge
) -> None:
    assert live.file("absent.yml", shop.tip("main").sha) is None
    with pytest.raises(ForgeError, match="not found, or not visible"):
        live.file("absent.yml", "f" * 40)


def test_a_file_behind_a_missing_permission_is_not_absent(
    shop: Repository, make_forge: MakeForge
) -> None:
    blind = make_forge("ghs_without_contents")
    with pytest.raises(PermissionMissing) as missing:
        blind.file("README.md", shop.tip("main").sha)
    assert missing.value.permission == "contents: read"


def test_a_folder_is_no_file(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="api is a folder"):
        live.file("api", shop.tip("main").sha)


def test_the_default_branch_is_asked_for_once(double: GitHubDouble, make_forge: MakeForge) -> None:
    double.repository("acme/old", default_branch="trunk")
    old = make_forge(repository="acme/old")
    assert (old.default_branch(), old.default_branch()) == ("trunk", "trunk")
    assert old.usage.requests == 1


def test_a_branch_with_slashes_has_a_tip(shop: Repository, live: GitHubForge) -> None:
    made = shop.commit("release/2.x", {"a": "1"})
    assert live.branch_tip("release/2.x") == made
    with pytest.raises(ForgeError):
        live.branch_tip("release")


@pytest.mark.parametrize("base", ["main", "release/2.x"])
def test_three_groups_of_a_queue_are_walked_to_the_base(
    shop: Repository, live: GitHubForge, base: str
) -> None:
    shop.commit(base, {"base.txt": "1"})
    for number in (21, 22, 23):
        shop.pull_request(number=number, base=base)
    groups = [shop.queue.add(number) for number in (21, 22, 23)]
    members = [
        live.merge_group(f"refs/heads/{one.head_ref}", one.head_sha, one.base_sha).members
        for one in groups
    ]
    assert [[member.number for member in some] for some in members] == [
        [21],
        [21, 22],
        [21, 22, 23],
    ]


def test_groups_that_landed_or_were_thrown_out_are_not_ahead(
    shop: Repository, live: GitHubForge
) -> None:
    for number in (21, 22, 23, 24):
        shop.pull_request(number=number)
        shop.queue.add(number)
    shop.queue.land(21)
    shop.queue.remove(22)
    last = shop.queue.entry(24)
    assert last is not None
    found = live.merge_group(last.head_ref, last.head_sha, last.base_sha)
    assert [member.number for member in found.members] == [23, 24]
    assert (found.base_branch, found.head_sha) == ("main", last.head_sha)


def test_a_queue_branch_of_another_form_is_an_error(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="merge queue"):
        live.merge_group("gh-readonly-queue/main/pr-1-pr-2", "a" * 40, "b" * 40)
    assert live.usage.requests == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda forge: forge.pull_request(14),
        lambda forge: forge.open_pull_requests(),
        lambda forge: forge.own_comments(14, "<!-- m -->"),
        lambda forge: forge.changed_files(14),
    ],
)
def test_a_token_that_may_not_read_pull_requests_is_told_so(
    shop: Repository, make_forge: MakeForge, ask: Callable[[GitHubForge], object]
) -> None:
    shop.pull_request(number=14)
    with pytest.raises(PermissionMissing) as missing:
        ask(make_forge("ghs_without_pull_requests"))
    assert missing.value.permission == "pull-requests: read"
    assert "`pull-requests: read`" in missing.value.message


def test_an_unknown_token_is_named_and_never_shown(shop: Repository, make_forge: MakeForge) -> None:
    with pytest.raises(ForgeError, match="does not know the token") as refused:
        make_forge("ghs_unknown_secret").pull_request(14)
    assert "ghs_unknown_secret" not in f"{refused.value.message}{refused.value.advice}"


@pytest.mark.parametrize("token", ["", "ghs_x\n", "ghs x", "ghs\u00e4\x00"])
def test_a_token_that_cannot_be_one_is_refused_unseen(make_forge: MakeForge, token: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make_forge(token)
    assert token == "" or token not in refused.value.message


@pytest.mark.parametrize("name", ["shop", "acme/shop/x", "acme/sh op", "../shop?x"])
def test_a_repository_that_cannot_be_one_is_refused(make_forge: MakeForge, name: str) -> None:
    with pytest.raises(ConfigurationError, match="owner/repo"):
        make_forge(repository=name)


@pytest.mark.parametrize("url", ["", "api.github.com", "ftp://x", "https://", "http://a:b@c"])
def test_an_address_that_cannot_be_one_is_refused(clock: FakeClock, url: str) -> None:
    good = "https://api.example"
    for api_url, graphql_url in ((url, good), (good, url)):
        with pytest.raises(ConfigurationError, match="interface is not one"):
            GitHubForge(
                repository="acme/shop",
                token=None,
                api_url=api_url,
                graphql_url=graphql_url,
                clock=clock,
            )


def test_without_a_token_public_facts_are_read_and_graphql_says_what_it_needs(
    shop: Repository, make_forge: MakeForge
) -> None:
    shop.pull_request(number=14)
    nobody = make_forge(None)
    assert nobody.pull_request(14).state == "open"
    with pytest.raises(ForgeError, match="does not know the token"):
        nobody.open_pull_requests()


def test_a_file_over_a_megabyte_is_read_whole(shop: Repository, live: GitHubForge) -> None:
    content = b"0123456789abcdef" * 70_000
    tip = shop.commit("main", {"large.bin": content})
    assert live.file("large.bin", tip) == content


def test_a_server_that_is_not_there_is_an_error(clock: FakeClock) -> None:
    nowhere = GitHubForge(
        repository="acme/shop",
        token="ghs_writer",
        api_url="http://127.0.0.1:1",
        graphql_url="http://127.0.0.1:1/graphql",
        clock=clock,
    )
    with pytest.raises(ForgeError, match="in 5 tries: ConnectionError"):
        nowhere.pull_request(14)
    assert sum(clock.slept) == 15


def test_a_tree_is_exported(shop: Repository, live: GitHubForge, tmp_path: Path) -> None:
    tip = shop.commit("main", {"docs/a/b.md": "b\n", "logo.png": b"\x89PNG\x00"})
    live.export(tip, tmp_path)
    assert (tmp_path / "api/app.py").read_text() == "app\n"
    assert (tmp_path / "logo.png").read_bytes() == b"\x89PNG\x00"
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert files == ["README.md", "api/app.py", "docs/a/b.md", "logo.png"]


def test_a_tree_of_an_unknown_commit_is_an_error(
    shop: Repository, live: GitHubForge, tmp_path: Path
) -> None:
    with pytest.raises(ForgeError):
        live.export("f" * 40, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_place_in_a_native_stack_is_read(shop: Repository, live: GitHubForge) -> None:
    stack = {"id": 1, "number": 50, "size": 2, "base": {"ref": "main", "sha": "0" * 40}}
    shop.pull_request(number=14, head="layer", stack={**stack, "position": 1})
    shop.pull_request(number=15, base="layer", stack={**stack, "position": 2})
    shop.pull_request(number=16)
    assert [live.pull_request(one).stack_position for one in (14, 15, 16)] == [1, 2, None]
