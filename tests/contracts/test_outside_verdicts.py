"""Ways to a yes by accident, and to a false alarm, each tried from outside (DESIGN 1.2, 2.4)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.contracts.outside import CHECKS, CONFIG, MERGE, Command, Site, site
from tests.github_double import events

README = "  readme: {check: file-exists, with: {path: %s}%s}\n"
CONFIGURATION = f"version: 1\nmerge: {{}}\nitems:\n{README % ('README.md', '')}"
Serve = Callable[..., AbstractContextManager[Site]]


@pytest.fixture
def serve(command: Command, tmp_path: Path) -> Serve:
    def served(config: str | None = CONFIGURATION, **files: str) -> AbstractContextManager[Site]:
        return site(command, tmp_path / "workspace", config, files=files)

    return served


@pytest.fixture
def shop(serve: Serve) -> Iterator[Site]:
    with serve() as made:
        yield made


# What stands still while the work goes on


def test_a_body_edited_while_the_work_went_on_counts(shop: Site) -> None:
    pull = shop.home.pull_request(number=14)
    shop.home.pull_request(number=15)
    shop.double.faults.add(
        "POST", ".*/statuses/.*", "hook", hook=lambda: pull.edit(body="Depends on #15")
    )
    done = shop.on(events.pull_request(shop.double, pull, "opened"), comment="never")
    assert (done.exit_code, done.report["verdict"]) == (0, "waiting"), done.said
    assert shop.states(pull.head_sha) == {MERGE: "pending", CHECKS: "success"}


@pytest.mark.parametrize("change", ["head", "base"])
def test_what_was_pushed_or_sent_elsewhere_meanwhile_gets_no_verdict(
    change: str, shop: Site
) -> None:
    pull = shop.home.pull_request(number=14)
    shop.home.commit("release", {"x": "1"})
    head = pull.head_sha
    moves = {"head": lambda: pull.push({"y": "1"}), "base": lambda: pull.edit(base="release")}
    shop.double.faults.add("POST", ".*/statuses/.*", "hook", hook=moves[change])
    event = events.pull_request(shop.double, pull, "opened")
    done = shop.on(event, "run", "--half", "checks", "--comment", "never")
    assert "by now" in done.stderr
    assert shop.states(head) == {CHECKS: "pending"}
    assert shop.states(pull.head_sha).get(CHECKS, "pending") == "pending"


# The merge queue


def test_a_group_is_asked_for_what_its_members_are_asked_for(serve: Serve) -> None:
    items = "".join(
        f"  {name}: {{check: file-exists, with: {{path: GONE}}, when: {{{when}}}}}\n"
        for name, when in {
            "by-label": "labels: [db]",
            "by-path": "paths: ['changes/*']",
            "by-other-label": "labels: [ui]",
            "by-other-path": "paths: [docs/**]",
        }.items()
    )
    with serve(CONFIGURATION + items) as shop:
        shop.home.pull_request(number=14, labels=["db"])
        entry = shop.home.queue.add(14)
        event = events.merge_group(shop.double, shop.home, entry)
        done = shop.on(event, "run", "--half", "checks")
        found = {one["id"]: one["skipped-by"] or one["outcome"] for one in done.report["items"]}
    assert (done.exit_code, shop.states(entry.head_sha)) == (1, {CHECKS: "failure"}), done.said
    assert found["by-label"] == found["by-path"] == "failed"
    assert found["by-other-label"] == found["by-other-path"] == "when"


@pytest.mark.parametrize("number", ["77", "15-pr-14"])
def test_a_group_that_is_only_partly_known_is_not_let_through(number: str, shop: Site) -> None:
    shop.home.pull_request(number=14)
    entry = shop.home.queue.add(14)
    event = events.merge_group(shop.double, shop.home, entry)
    event.payload["merge_group"]["head_ref"] = (
        f"refs/heads/gh-readonly-queue/main/pr-{number}-{entry.base_sha}"
    )
    done = shop.on(event, "run", "--half", "merge")
    assert done.exit_code == 3, done.said
    assert set(shop.states(entry.head_sha).values()) == {"error"}


def test_in_a_queue_only_what_is_ahead_is_done_and_waiting_is_a_failure(shop: Site) -> None:
    shop.home.pull_request(number=14)
    shop.home.pull_request(number=15, body="Depends on #14")
    first, second = shop.home.queue.add(14), shop.home.queue.add(15)
    event = events.merge_group(shop.double, shop.home, second)
    assert shop.on(event, "run", "--half", "merge").exit_code == 0
    assert shop.states(second.head_sha) == {MERGE: "success"}
    assert shop.states(first.head_sha) == {}
    shop.home.queue.remove(14)
    alone = shop.home.queue.entry(15)
    assert alone is not None
    event = events.merge_group(shop.double, shop.home, alone)
    done = shop.on(event, "run", "--half", "merge")
    assert (done.exit_code, done.report["verdict"]) == (1, "waiting"), done.said
    assert shop.states(alone.head_sha) == {MERGE: "failure"}


# Dependencies


STATES = {
    "Depends on #20": "failure",  # closed without being merged
    "Depends on #21": "failure",  # merged into another branch
    "Blocked by #22": "failure",  # an issue that was not planned
    "Depends on #99": "failure",  # no such number
    "Depends on #105": "failure",  # itself
    "Depends on acme/other#1": "error",  # a repository that is not listed
    "Depends on #23": "pending",  # a draft
    "Depends on:\n- #24\n- #25\n": "pending",
    "Depends on #26": "failure",  # a circle
    "Depends-On: #24": "success",
    "`Depends on #25`\n\n<!-- Depends on #25 -->": "success",
    "Depends on #24, #20 and #25": "failure",
}


def test_what_every_state_of_a_dependency_means(shop: Site) -> None:
    home = shop.home
    home.commit("release", {"x": "1"})
    home.pull_request(number=20, closed=True)
    home.pull_request(number=21, base="release", merged=True)
    home.issue(number=22, closed_as="not_planned")
    home.pull_request(number=23, draft=True)
    home.pull_request(number=24, merged=True)
    home.pull_request(number=25)
    for number, body in enumerate(STATES, 101):
        home.pull_request(number=number, body=body)
    home.pull_request(number=26, body="Depends on #109")
    done = shop.asked("merge", "--format", "json")
    assert done.exit_code == 0, done.said
    told = {one["number"]: one["conclusion"] for one in done.json["pull-requests"]}
    found = {body: told[number] for number, body in enumerate(STATES, 101)}
    assert found == STATES
    for number, code in ((101, 1), (106, 3), (107, 1), (110, 0)):
        one = shop.asked("merge", "--pull-request", str(number))
        assert (number, one.exit_code) == (number, code)


def test_github_that_answers_in_part_is_an_error(shop: Site) -> None:
    shop.home.pull_request(number=24)
    shop.home.pull_request(number=14, body="Depends on #24")
    shop.double.faults.add("POST", "/graphql", "partial", times=99)
    done = shop.asked("run", "--half", "merge", "--pull-request", "14")
    assert done.exit_code == 3, done.said
    assert "Traceback" not in done.said


# What was green before


def test_a_configuration_that_is_broken_now_leaves_no_older_green(shop: Site) -> None:
    pull = shop.home.pull_request(number=14)
    shop.home.commit("bare", {CONFIG: None})
    other = shop.home.pull_request(number=20, base="bare")
    sweep = ("merge", "--comment", "never")
    assert shop.on(events.push(shop.double, shop.home, "main"), *sweep).exit_code == 0
    assert shop.states(pull.head_sha) == {MERGE: "success"}
    assert shop.states(other.head_sha) == {}
    shop.home.commit("main", {CONFIG: "version: 1\nmerg: {}\n"})
    done = shop.on(events.push(shop.double, shop.home, "main"), *sweep)
    assert done.exit_code == 3, done.said
    assert shop.states(pull.head_sha) == {MERGE: "error"}
    dispatched = events.workflow_dispatch(shop.double, shop.home, {"pull-request": "14"})
    shop.home.commit("main", {CONFIG: "version: 3\n"})
    assert shop.on(dispatched, "run", "--half", "merge").exit_code == 2
    assert shop.states(pull.head_sha)[CHECKS] == "error"


def test_a_first_adoption_decides_nothing_be_it_right_or_wrong(serve: Serve) -> None:
    with serve(None) as shop:
        texts = {
            14: (CONFIGURATION, 0),
            15: ("version: 1\nmerg: {}\n", 2),
            16: ("version: 1\nitems: {a: file-exists}\n", 2),
        }
        for number, (text, code) in texts.items():
            pull = shop.home.pull_request(number=number, files={CONFIG: text})
            done = shop.on(events.pull_request(shop.double, pull, "opened"))
            assert done.exit_code == code, done.said
            assert shop.states(pull.head_sha) == {}
        assert [len(shop.comments(number)) for number in texts] == [1, 0, 0]
        assert "Preview" in shop.comments(14)[0]
        nobody = shop.home.pull_request(number=17)
        done = shop.on(events.pull_request(shop.double, nobody, "opened"))
        assert (done.exit_code, shop.states(nobody.head_sha)) == (2, {})


# One head, two pull requests


def test_pull_requests_that_share_a_head_share_the_worse_verdict(shop: Site) -> None:
    shop.home.commit("release", {CONFIG: CONFIGURATION})
    pull = shop.home.pull_request(number=14, head="feature")
    shop.home.pull_request(number=30, head="feature", base="release", body="Depends on #31")
    shop.home.pull_request(number=31, closed=True)
    event = events.pull_request(shop.double, pull, "opened")
    done = shop.on(event, comment="never")
    assert shop.states(pull.head_sha) == {MERGE: "failure", CHECKS: "error"}
    assert "#14, #30 share one head" in shop.said(pull.head_sha)[CHECKS]
    # What a later step reads is what the statuses say.
    assert (done.exit_code, done.report["verdict"]) == (1, "blocked"), done.said


# What the configuration may not decide


PLANS = {
    "nothing at all": ("", 3, None),
    "nothing of this stage": (README % ("README.md", ", stage: post-deploy"), 3, None),
    "an unfinished binding": (README % ("README.md", ", todo: later"), 1, "pending"),
    "what no label asks for": (README % ("GONE", ", when: {labels: x}"), 0, "success"),
    "what does not block": (README % ("GONE", ", blocking: false"), 0, "success"),
    "a sum over what fails": (f"{README % ('GONE', '')}  all: rollup\n", 1, "failure"),
    "a check that nobody can run": (
        "  page: {check: http, with: {url: /health, status: 200}}\n", 3, "error",
    ),
    "a port where nobody is": (
        "  page: {check: http, with: {url: 'http://127.0.0.1:1/', status: 200}}\n", 3, "error",
    ),
    "a suite without tests": (
        "  suite: {check: test-run, with: {in: host, command: ['true'], junit: j.xml}}\n",
        3, "error",
    ),
    "a command that hangs": (
        "  slow: {check: command, timeout: 200ms, with: {in: host, command: [sleep, '9']}}\n",
        3, "error",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_what_a_plan_comes_to(name: str, serve: Serve) -> None:
    items, code, conclusion = PLANS[name]
    with serve(f"version: 1\nitems:\n{items}" if items else "version: 1\n") as shop:
        done = shop.asked("run")
    assert (done.exit_code, done.report["conclusions"]["checks"]) == (code, conclusion), done.said
