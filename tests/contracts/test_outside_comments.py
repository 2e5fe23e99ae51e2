"""Comment commands, and merge checks of files, people and deliveries, from outside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.outside import CHECKS, MERGE, Called, Command, Site, site
from tests.github_double import PullRequest, events
from tests.github_double.records import Comment, WorkflowRun

LINK = "https://example.test/minutes"
CONFIGURATION = """\
version: 1
roles: {legal: [lawyer]}
items:
  readme: {check: file-exists, with: {path: README.md}}
  privacy: {check: attestation, with: {by: legal}}
  docs-too:
    check: changed-files
    with: {changed: [api/**], required: [docs/**], except-labels: [no-docs]}
  nightly:
    check: workflow-recency
    with: {workflow: nightly.yml, max-age: 40000d}
  sbom: {check: artifact-exists, with: {artifact: sbom, workflow: build.yml}}
  image: {check: artifact-exists, with: {image: 'acme/shop-api:1.4.0'}}
  gate: {check: gate-files-unchanged}
"""
OWNERS = "* @acme/everybody\n.github/ @lead\n"
BUILD = ".github/workflows/build.yml"


@pytest.fixture
def shop(command: Command, tmp_path: Path) -> Iterator[Site]:
    files = {".github/CODEOWNERS": OWNERS}
    with site(command, tmp_path / "workspace", CONFIGURATION, files=files) as made:
        made.home.collaborators |= {"lawyer": "write", "lead": "maintain", "visitor": "read"}
        yield made


def ready(shop: Site) -> PullRequest:
    """A pull request that only lacks the lawyer's word."""
    home = shop.home
    home.verdicts.workflow_run("main", event="schedule", path=".github/workflows/nightly.yml")
    shop.double.world.image("acme/shop-api", "1.4.0", digest=f"sha256:{'d' * 64}")
    files = {"api/app.py": "1\n", "docs/api.md": "1\n", ".github/workflows/new.yml": "on: push\n"}
    pull = home.pull_request(number=14, head="change", files=files)
    build = home.verdicts.workflow_run("change", path=BUILD)
    home.verdicts.artifact(build, "sbom", b"1")
    pull.review("APPROVED", author="lead")
    return pull


def checks_run(shop: Site, pull: PullRequest) -> WorkflowRun:
    """The run that wrote the status of the checks half."""
    run = shop.home.verdicts.workflow_run(pull.head_ref, conclusion="failure")
    page = f"{shop.double.web}/acme/shop/actions/runs/{run.id}/attempts/1"
    shop.home.verdicts.status(pull.head_sha, CHECKS, "failure", target_url=page)
    return run


def on(shop: Site, comment: Comment, action: str = "created", before: str = "") -> Called:
    event = events.issue_comment(
        shop.double,
        shop.home,
        comment,
        action,  # type: ignore[arg-type]
        before=before,
    )
    return merge(shop, event)


def merge(shop: Site, event: events.Event, *, comment: str = "never") -> Called:
    return shop.on(event, "merge", "--pull-request=14", comment=comment)


def say(shop: Site, body: str, author: str = "lawyer", comment: str = "never") -> Called:
    said = shop.home.comment(14, body, author=author)
    return merge(shop, events.issue_comment(shop.double, shop.home, said), comment=comment)


def test_a_sign_off_by_comment_turns_waiting_into_ready_and_back(shop: Site) -> None:
    pull = ready(shop)
    line = f"/readiness attest privacy {LINK}"
    first = say(shop, line, author="visitor")
    assert shop.states(pull.head_sha)[MERGE] == "pending", first.said
    assert "not among those who may sign" in first.item("privacy")["details"]
    comment = shop.home.comment(14, line, author="lawyer")
    done = on(shop, comment)
    assert done.exit_code == 0, done.said
    assert shop.states(pull.head_sha)[MERGE] == "success", done.said
    assert done.item("privacy")["summary"].startswith("signed off by @lawyer on ")
    shop.home.edit_comment(comment, f"{line} ", editor="lawyer")
    on(shop, comment, "edited", before=line)
    assert shop.states(pull.head_sha)[MERGE] == "pending"


def test_a_deleted_comment_takes_its_sign_off_away(shop: Site) -> None:
    pull = ready(shop)
    comment = shop.home.comment(14, f"/readiness attest privacy {LINK}", author="lawyer")
    on(shop, comment)
    assert shop.states(pull.head_sha)[MERGE] == "success"
    event = events.issue_comment(shop.double, shop.home, comment, "deleted")
    del shop.home.comments[comment.id]
    merge(shop, event)
    assert shop.states(pull.head_sha)[MERGE] == "pending"


def test_who_lost_the_permission_no_longer_signs(shop: Site) -> None:
    pull = ready(shop)
    shop.home.collaborators["lawyer"] = "read"
    done = say(shop, f"/readiness attest privacy {LINK}")
    assert shop.states(pull.head_sha)[MERGE] == "pending"
    assert "has the permission read, write is asked for" in done.item("privacy")["details"]


def test_the_author_never_signs(shop: Site) -> None:
    pull = ready(shop)
    pull.author = shop.double.world.user("lawyer")
    done = say(shop, f"/readiness attest privacy {LINK}")
    assert shop.states(pull.head_sha)[MERGE] == "pending"
    assert "is the author of the pull request" in done.item("privacy")["details"]


def test_there_is_no_command_that_overrides(shop: Site) -> None:
    pull = ready(shop)
    done = say(shop, "/readiness override\n/readiness waive privacy", author="lead")
    assert shop.states(pull.head_sha)[MERGE] == "pending"
    assert "is no command" in done.report["answers"][0]["text"]


def test_recheck_decides_the_merge_half_and_starts_the_checks_half_again(shop: Site) -> None:
    pull = ready(shop)
    run = checks_run(shop, pull)
    done = say(shop, "/readiness recheck", author="lead", comment="always")
    assert run.attempt == 2, done.said
    assert shop.states(pull.head_sha)[MERGE] == "pending"
    (comment,) = [one for one in shop.comments(14) if "recheck:" in one]
    assert "the run of the checks half was started again" in comment


def test_recheck_without_the_permission_links_the_run(shop: Site) -> None:
    pull = ready(shop)
    run = checks_run(shop, pull)
    shop.double.token("ghs_reads_actions", actions="read")
    shop.token = "ghs_reads_actions"
    done = say(shop, "/readiness recheck", author="lead")
    assert run.attempt == 1
    (answer,) = done.report["answers"]
    assert "by hand, the token lacks actions: write" in answer["text"]
    assert answer["url"].endswith(f"/actions/runs/{run.id}")
    assert shop.states(pull.head_sha)[MERGE] == "pending"


def test_recheck_by_a_visitor_starts_nothing(shop: Site) -> None:
    pull = ready(shop)
    run = checks_run(shop, pull)
    done = say(shop, "/readiness recheck", author="visitor")
    assert run.attempt == 1
    assert "who may read cannot start a run" in done.report["answers"][0]["text"]


def test_talk_writes_nothing_and_asks_nothing(shop: Site) -> None:
    ready(shop)
    done = say(shop, "Did you see `/readiness recheck`?")
    assert (done.exit_code, shop.double.requests) == (0, [])


BROKEN = {
    "docs-too": ({"api/app.py": "2\n"}, "failed", "api/app.py changed, nothing under docs/**"),
    "gate": ({"Dockerfile": "FROM x\n"}, "error", "who is in @acme/everybody is not visible"),
}


@pytest.mark.parametrize("item", BROKEN)
def test_files_are_judged_as_github_lists_them(item: str, shop: Site) -> None:
    files, outcome, summary = BROKEN[item]
    pull = shop.home.pull_request(number=14, files=files)
    pull.review("APPROVED", author="lead")
    done = shop.asked("merge", "--pull-request", "14")
    found = done.item(item)
    assert (found["outcome"], summary in found["summary"]) == (outcome, True), done.said


def test_more_files_than_github_lists_are_never_green(shop: Site) -> None:
    pull = ready(shop)
    pull.push({f"f/{number}": f"{number}\n" for number in range(3000)})
    done = shop.asked("merge", "--pull-request", "14")
    assert {done.item(one)["outcome"] for one in ("docs-too", "gate")} == {"error"}


def test_in_a_queue_every_member_is_judged_by_its_own_files(shop: Site) -> None:
    ready(shop)
    shop.home.comment(14, f"/readiness attest privacy {LINK}", author="lawyer")
    late = shop.home.pull_request(number=15, files={"api/late.py": "1\n"})
    shop.home.comment(15, f"/readiness attest privacy {LINK}", author="lawyer")
    shop.home.queue.add(14)
    entry = shop.home.queue.add(15)
    done = merge(shop, events.merge_group(shop.double, shop.home, entry))
    assert done.item("docs-too")["outcome"] == "failed", done.said
    assert done.item("docs-too")["summary"].startswith("#15: api/late.py changed")
    assert done.item("gate")["outcome"] == "passed"
    assert done.item("privacy")["outcome"] == "passed"
    # The upload has to be of the group's own commit.
    assert done.item("sbom")["outcome"] == "failed"
    assert late.state == "open"


def recall(shop: Site) -> Called:
    """The merge half over the recorded facts; what an earlier call left is gone."""
    (shop.folder / "readiness-report" / "report.json").unlink(missing_ok=True)
    return shop.command(shop.folder, "run", "--half=merge", "--snapshot=facts.json")


def test_all_of_it_works_on_a_recorded_snapshot(shop: Site) -> None:
    ready(shop)
    shop.home.comment(14, f"/readiness attest privacy {LINK}", author="lawyer")
    live = shop.asked("merge", "--pull-request", "14")
    assert live.exit_code == 0, live.said
    recorded = shop.asked("snapshot", "-o", "facts.json", "--pull-request", "14")
    assert recorded.exit_code == 0, recorded.said
    outcomes = {one["id"]: (one["outcome"], one["summary"]) for one in live.report["items"]}
    assert {outcome for outcome, _ in outcomes.values()} == {"passed"}
    offline = recall(shop)
    said = {one["id"]: (one["outcome"], one["summary"]) for one in offline.report["items"]}
    assert said == outcomes


def test_what_the_token_could_not_read_stays_an_error_in_a_snapshot(shop: Site) -> None:
    ready(shop)
    shop.double.token("ghs_blind", actions="none", packages="none")
    shop.token = "ghs_blind"
    recorded = shop.asked("snapshot", "-o", "facts.json", "--pull-request", "14")
    assert recorded.exit_code == 0, recorded.said
    offline = recall(shop)
    for name, permission in (("nightly", "actions: read"), ("image", "packages: read")):
        item = offline.item(name)
        assert (item["outcome"], item["class"]) == ("error", "configuration"), offline.said
        assert permission in item["summary"]


def test_a_sweep_reads_the_remarks_of_many_in_one_query(command: Command, tmp_path: Path) -> None:
    config = "version: 1\nitems: {privacy: {check: attestation}}\n"
    with site(command, tmp_path / "workspace", config) as shop:
        shop.home.collaborators["lawyer"] = "write"
        for number in range(1, 41):
            shop.home.pull_request(number=number)
            if number % 2:
                line = f"/readiness attest privacy {LINK}"
                shop.home.comment(number, line, author="lawyer")
        done = shop.asked("merge", "--format", "json")
        assert done.exit_code == 0, done.said
        decided = [one["conclusion"] for one in done.json["pull-requests"]]
        assert decided == ["success", "pending"] * 20
        asked = [one for one in shop.double.requests if "conversation" in str(one.body)]
        permissions = [one for one in shop.double.requests if one.path.endswith("/permission")]
        # Two queries for forty pull requests, and one person is asked about once.
        assert (len(asked), len(permissions)) == (2, 1)
