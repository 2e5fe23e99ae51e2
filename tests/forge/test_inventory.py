"""What a repository has, read live and out of a snapshot."""

import pytest

from readiness_gate.errors import ForgeError, PermissionMissing
from readiness_gate.forge.github import GitHubForge
from readiness_gate.forge.inventory_once import InventoryOnce
from readiness_gate.forge.inventory_recorded import inventory_of
from readiness_gate.forge.recorded import Snapshot, dump_snapshot, load_snapshot
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.change import FileChange
from tests.forge import builders
from tests.forge.conftest import MakeForge
from tests.github_double import GitHubDouble, Repository
from tests.github_double.pulls import MergeMethod

DIGEST = "sha256:" + "d" * 64


def test_added_deleted_and_renamed_files_are_told_apart(
    shop: Repository, live: GitHubForge
) -> None:
    shop.commit("main", {"old.py": "1\n", "keep.py": "2\n", "gone.py": "3\n"})
    files = {"old.py": None, "new.py": "1\n", "keep.py": "22\n", "gone.py": None, "a.py": "4\n"}
    shop.pull_request(number=14, files=files)
    assert live.inventory.changes(14) == (
        FileChange(path="a.py", kind="added"),
        FileChange(path="gone.py", kind="removed"),
        FileChange(path="keep.py", kind="modified"),
        FileChange(path="new.py", kind="renamed", previous="old.py"),
    )


@pytest.mark.parametrize("count", [2999, 3000, 3001])
def test_a_change_that_github_does_not_list_whole_is_an_error(
    shop: Repository, live: GitHubForge, count: int
) -> None:
    shop.pull_request(number=14, files={f"f/{number}": f"{number}\n" for number in range(count)})
    if count < 3000:
        assert len(live.inventory.changes(14)) == count
    else:
        with pytest.raises(ForgeError, match="more files than the 3000"):
            live.inventory.changes(14)


@pytest.mark.parametrize("role", ["admin", "maintain", "write", "triage", "read"])
def test_a_permission_is_githubs_role(shop: Repository, live: GitHubForge, role: str) -> None:
    shop.collaborators["helper"] = role  # type: ignore[assignment]
    assert live.inventory.permission("helper") == role


def test_a_stranger_may_read_a_public_repository_and_no_more(
    shop: Repository, live: GitHubForge
) -> None:
    assert live.inventory.permission("stranger") == "read"


def test_code_owners_come_from_the_place_that_github_uses(
    shop: Repository, live: GitHubForge
) -> None:
    none = live.inventory.owners(shop.tip("main").sha)
    assert (none.path, none.text) == ("", "")
    shop.commit("main", {"docs/CODEOWNERS": "* @a\n", "CODEOWNERS": "* @b\n"})
    assert live.inventory.owners(shop.tip("main").sha).path == "CODEOWNERS"
    text = "* @author\n!x @author\n* mail\n* @stranger\n"
    shop.commit("main", {".github/CODEOWNERS": text})
    found = live.inventory.owners(shop.tip("main").sha)
    assert (found.path, found.text) == (".github/CODEOWNERS", text)
    # A stranger's line stays: nobody else's approval takes its place.
    assert found.errors == (2, 3)


def test_the_history_of_a_workflow_leaves_forks_and_pull_requests_out(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    fork = double.fork(shop, "visitor")
    shop.verdicts.workflow_run("main", event="schedule", conclusion="failure")
    mine = shop.verdicts.workflow_run("main", event="schedule")
    shop.verdicts.workflow_run("main", event="pull_request", head_repository=fork)
    shop.verdicts.workflow_run("main", event="pull_request")
    shop.verdicts.workflow_run("main", event="schedule", status="in_progress")
    found = live.inventory.history("readiness.yml", "main")
    assert [(one.state, one.event) for one in found.runs] == [
        ("in_progress", "schedule"),
        ("success", "schedule"),
        ("failure", "schedule"),
    ]
    assert found.runs[1].id == mine.id
    assert found.runs[1].url.endswith(f"/actions/runs/{mine.id}")


def test_an_older_success_is_looked_for_behind_many_failures(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    good = shop.verdicts.workflow_run("main", event="schedule")
    for _ in range(120):
        shop.verdicts.workflow_run("main", event="schedule", conclusion="failure")
    found = live.inventory.history("readiness.yml", "main")
    assert [one.id for one in found.runs if one.state == "success"] == [good.id]
    assert len(double.requests) == 2


def test_a_workflow_that_is_not_there_is_an_error(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="not found, or not visible"):
        live.inventory.history("nightly.yml", "main")


def test_the_runs_of_a_commit_come_with_what_they_uploaded(
    shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14, head="change")
    build = shop.verdicts.workflow_run("change", path=".github/workflows/build.yml")
    shop.verdicts.artifact(build, "sbom", b"1234")
    shop.verdicts.artifact(build, "wheel", b"12").expired = True
    shop.verdicts.workflow_run("change", status="queued")
    shop.verdicts.workflow_run("main")
    every = live.inventory.commit_runs(pull.head_sha, "")
    assert [(one.workflow, one.state) for one in every.runs] == [
        (".github/workflows/readiness.yml", "queued"),
        (".github/workflows/build.yml", "success"),
    ]
    (one,) = live.inventory.commit_runs(pull.head_sha, "build.yml").runs
    told = [(upload.name, upload.size, upload.expired) for upload in one.artifacts]
    assert told == [("wheel", 2, True), ("sbom", 4, False)]
    assert one.artifacts[0].digest.startswith("sha256:")


def test_releases_and_tags(shop: Repository, live: GitHubForge) -> None:
    shop.release("v1", "a.tar.gz")
    shop.release("v2-rc", prerelease=True)
    shop.release("v3", draft=True)
    latest = live.inventory.release("latest").release
    assert latest is not None
    assert (latest.tag, [one.name for one in latest.assets]) == ("v1", ["a.tar.gz"])
    candidate = live.inventory.release("v2-rc").release
    assert candidate is not None
    assert candidate.prerelease
    assert live.inventory.release("v3").release is None
    assert live.inventory.tag("v1").object == shop.tip("main").sha
    assert live.inventory.tag("v9").object is None


def test_an_image_is_found_by_tag_and_by_digest_on_any_page(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    double.world.image("acme/shop/api", "1.0.0", digest=DIGEST)
    for number in range(150):
        double.world.image("acme/shop/api", f"ci-{number}", digest=f"sha256:{number:064x}")
    found = live.inventory.image("acme/shop/api:1.0.0").version
    assert found is not None
    assert (found.digest, found.tags) == (DIGEST, ("1.0.0",))
    assert live.inventory.image(f"acme/shop/api@{DIGEST}").version == found
    assert live.inventory.image("acme/shop/api:9").version is None


def test_an_image_of_a_person_is_found_too(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    double.world.user("somebody")
    double.world.image("somebody/tool", "1", digest=DIGEST)
    assert live.inventory.image("somebody/tool:1").version is not None


def test_a_package_that_is_not_visible_is_no_absence(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError, match="has no container package acme/api"):
        live.inventory.image("acme/api:1")


def test_permissions_of_the_token_are_named(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge
) -> None:
    double.token("ghs_blind", actions="none", packages="none")
    blind = make_forge("ghs_blind")
    with pytest.raises(PermissionMissing) as actions:
        blind.inventory.commit_runs("a" * 40, "")
    assert actions.value.permission == "actions: read"
    with pytest.raises(PermissionMissing) as packages:
        blind.inventory.image("acme/api:1")
    assert packages.value.permission == "packages: read"


def test_a_run_is_started_again_once(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change", conclusion="failure")
    double.faults.add("POST", "/repos/acme/shop/actions/runs/.*/rerun", "5xx-after")
    assert live.rerun(run.id, pull.head_sha)
    assert (run.attempt, run.status) == (2, "in_progress")
    assert not live.rerun(run.id, pull.head_sha)
    assert run.attempt == 2


def test_a_run_of_another_commit_is_not_started(shop: Repository, live: GitHubForge) -> None:
    shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("main")
    with pytest.raises(ForgeError, match="is not of"):
        live.rerun(run.id, shop.tip("change").sha)
    assert run.attempt == 1


def test_a_token_that_may_not_start_runs_says_so(
    double: GitHubDouble, shop: Repository, make_forge: MakeForge
) -> None:
    pull = shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change")
    double.token("ghs_reader_of_actions", actions="read")
    with pytest.raises(PermissionMissing) as lacking:
        make_forge("ghs_reader_of_actions").rerun(run.id, pull.head_sha)
    assert lacking.value.permission == "actions: write"


def test_answers_go_into_a_snapshot_and_come_out_the_same(
    double: GitHubDouble, shop: Repository, live: GitHubForge
) -> None:
    pull = shop.pull_request(number=14, head="change")
    run = shop.verdicts.workflow_run("change")
    shop.verdicts.artifact(run, "sbom", b"1")
    shop.release("v1")
    double.world.image("acme/api", "1", digest=DIGEST)
    once = InventoryOnce(live)
    head, base = pull.head_sha, shop.tip("main").sha

    def ask(inventory: object) -> list[object]:
        known: InventoryOnce = inventory  # type: ignore[assignment]
        return [
            known.changes(14),
            known.permission("Maintainer"),
            known.owners(base),
            known.history("readiness.yml", "main"),
            known.commit_runs(head, "readiness.yml"),
            known.release("latest"),
            known.release("v9"),
            known.tag("v1"),
            known.image("acme/api:1"),
        ]

    first = ask(once)
    spent = len(double.requests)
    assert ask(once) == first
    assert len(double.requests) == spent
    recorded = builders.snapshot().model_copy(update={"inventory": inventory_of(once.answers)})
    text = dump_snapshot(recorded)
    again: Snapshot = load_snapshot(text, name="facts.json")
    assert ask(SnapshotForge(again).inventory) == first


def test_what_was_not_recorded_is_an_error_never_an_absence() -> None:
    inventory = SnapshotForge(builders.snapshot()).inventory
    for ask in (
        lambda: inventory.changes(14),
        lambda: inventory.permission("a"),
        lambda: inventory.owners("a" * 40),
        lambda: inventory.history("a.yml", "main"),
        lambda: inventory.commit_runs("a" * 40, ""),
        lambda: inventory.release("v1"),
        lambda: inventory.tag("v1"),
        lambda: inventory.image("acme/api:1"),
    ):
        with pytest.raises(ForgeError, match="does not hold"):
            ask()


LIST = "# Ready\n- [ ] Privacy\n- [ ] Terms\n"


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_the_pull_request_that_changed_a_line_last_is_known(
    shop: Repository, live: GitHubForge, method: MergeMethod
) -> None:
    shop.commit("main", {"LIST.md": LIST})
    pull = shop.pull_request(
        number=20, author="author", files={"LIST.md": LIST.replace("[ ] Terms", "[x] Terms")}
    )
    pull.merge(method)
    shop.commit("main", {"LIST.md": LIST.replace("[ ] Terms", "[x] Terms") + "more\n"})
    tip = shop.tip("main").sha
    found = live.inventory.lines("LIST.md", tip)
    assert found.brought(2) == found.brought(4) == found.brought(99) == ()
    (landed,) = found.brought(3)
    assert (landed.number, landed.author, landed.head_sha) == (20, "author", pull.head_sha)


def test_lines_of_what_is_not_there_are_an_error(shop: Repository, live: GitHubForge) -> None:
    with pytest.raises(ForgeError):
        live.inventory.lines("NONE.md", shop.tip("main").sha)
    with pytest.raises(ForgeError):
        live.inventory.lines("README.md", "0" * 40)


def test_lines_go_through_a_snapshot(shop: Repository, live: GitHubForge) -> None:
    tip = shop.tip("main").sha
    once = InventoryOnce(live)
    known = once.lines("README.md", tip)
    recorded = inventory_of(once.answers)
    assert recorded.lines == (known,)
    seen = SnapshotForge(builders.snapshot().model_copy(update={"inventory": recorded}))
    assert seen.inventory.lines("README.md", tip) == known
    with pytest.raises(ForgeError, match=r"does not hold lines of other\.md at"):
        seen.inventory.lines("other.md", tip)
