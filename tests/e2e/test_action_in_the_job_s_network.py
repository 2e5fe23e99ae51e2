"""The other way to start the action, `composite`: the shop's workflow under the local runner."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.act_run import ACTION, WORKFLOW, Run, run_workflow
from tests.e2e.github import CHECKS, MERGE, Site, site
from tests.e2e.leftovers import docker
from tests.e2e.repository import SHOP, Checkout, shop
from tests.github_double import events

pytestmark = [pytest.mark.docker, pytest.mark.act, pytest.mark.slow, pytest.mark.timeout(480)]

NAME, _, REF = ACTION.partition("@")
IMAGE = "readiness-gate-composite"


@pytest.fixture(autouse=True)
def image() -> Iterator[None]:
    yield
    docker("image", "rm", "--force", IMAGE)


def composite() -> dict[str, str | None]:
    """Return the shop's workflow with the other way in it."""
    text = (SHOP / WORKFLOW).read_text(encoding="utf-8")
    assert text.count(ACTION) == 1
    return {WORKFLOW: text.replace(ACTION, f"{NAME}/composite@{REF}")}


def opened(checkout: Checkout, shown: Site, action: Path) -> Run:
    event = events.pull_request(shown.double, shown.pull, "opened")
    return run_workflow(checkout, shown, event, action=action)


def containers() -> list[str]:
    return docker("ps", "--all", "--quiet", "--filter", f"ancestor={IMAGE}").stdout.split()


def test_the_shop_passes_and_outputs_statuses_and_comment_are_the_same(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", base=composite())
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 0, run.log
        assert run.outputs["verdict"] == "ready"
        assert run.outputs["failed"] == run.outputs["errors"] == run.outputs["pending"] == "0"
        assert int(run.outputs["passed"]) == len(run.outcomes("passed")) > 25
        assert run.outputs["comment-url"].startswith("https://github.com/acme/shop/pull/17#")
        assert shown.statuses()[MERGE][0] == shown.statuses()[CHECKS][0] == "success"
        assert shown.history(MERGE) == shown.history(CHECKS) == ["pending", "success"]
        assert "## \u2705 Ready to merge" in shown.comment
        assert run.left == {}
        assert containers() == []


def test_a_failure_fails_the_step_and_is_taken_down_all_the_same(
    tmp_path: Path, action: Path
) -> None:
    checkout = shop(tmp_path / "shop", base=composite(), overlay="crash-loop")
    with site(checkout) as shown:
        run = opened(checkout, shown, action)
        assert run.exit_code == 1, run.log
        assert run.outputs["verdict"] == "blocked"
        assert run.item("stack-healthy")["outcome"] == "failed"
        assert shown.statuses()[CHECKS][0] == "failure"
        assert run.left == {}
        assert containers() == []
