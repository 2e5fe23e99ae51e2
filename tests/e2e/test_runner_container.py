"""The image on the default bridge, with the workspace under another path than the host's."""

import signal
import stat
from pathlib import Path

import pytest

from tests.e2e.github import CHECKS, MERGE, site
from tests.e2e.leftovers import docker
from tests.e2e.repository import shop
from tests.e2e.runner import TEARDOWN, Runner
from tests.github_double import events

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(480)]


def test_bind_mounts_and_service_names_work_from_the_runners_container(
    tmp_path: Path, image: str
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, host="0.0.0.0") as shown:
        runner = Runner(checkout, shown, events.pull_request(shown.double, shown.pull, "opened"))
        step = runner.start()
        assert step.wait() == 0, step.log
        assert runner.outputs["verdict"] == "ready"
        # /products answers in the currency of the mounted shop.toml, over the service's name.
        (api,) = [one for one in runner.report["items"] if one["id"] == "api-integration"]
        assert api["summary"].startswith("GET http://backend:8000/products: 200")
        assert shown.history(MERGE) == shown.history(CHECKS) == ["pending", "success"]
        assert "Ready to merge" in runner.summary
        report = checkout.folder / runner.outputs["report"]
        assert report.stat().st_uid == checkout.folder.stat().st_uid
        assert not stat.S_IMODE(report.stat().st_mode) & stat.S_IWOTH
        assert runner.left() == {}
        post = runner.start(entrypoint=TEARDOWN)
        assert post.wait() == 0, post.log


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_mid_boot_leaves_nothing_and_says_interrupted(
    tmp_path: Path, image: str, number: signal.Signals
) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, host="0.0.0.0") as shown:
        runner = Runner(checkout, shown, events.pull_request(shown.double, shown.pull, "opened"))
        step = runner.start()
        runner.wait_for("db", step)
        step.send(number)
        assert step.wait(60) == 130, step.log
        assert runner.left() == {}, step.log
        assert shown.history(MERGE) == shown.history(CHECKS) == ["pending", "error"]
        assert "interrupted" in shown.statuses()[CHECKS][1]
        post = runner.start(entrypoint=TEARDOWN)
        assert post.wait(60) == 0, post.log
        assert runner.left() == {}


def test_a_killed_gate_is_cleaned_up_by_the_post_step(tmp_path: Path, image: str) -> None:
    checkout = shop(tmp_path / "shop")
    with site(checkout, host="0.0.0.0") as shown:
        runner = Runner(checkout, shown, events.pull_request(shown.double, shown.pull, "opened"))
        step = runner.start()
        runner.wait_for("db", step)
        step.kill_container()
        assert step.wait(60) == 137, step.log
        assert runner.left() != {}
        post = runner.start(entrypoint=TEARDOWN)
        assert post.wait(120) == 0, post.log
        assert runner.left() == {}, post.log
        assert docker("ps", "--all", "--quiet", "--filter", f"name={step.name}").stdout == ""
        assert shown.statuses()[CHECKS] == ("pending", "running")
