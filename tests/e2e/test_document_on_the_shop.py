"""A gate out of the shop's release document: imported, red and green on real services.

The document is the lines of a real checklist (`tests/adopt/lines`) with an order of merging; what a
maintainer adds by hand is here: what takes minutes runs on a schedule, not on every pull request.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.command_line import Called, call
from tests.e2e.github import ORDER, site
from tests.e2e.leftovers import left_behind
from tests.e2e.repository import CONFIG, Checkout, shop

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(2_400)]

DOCUMENT = "docs/PRODUCTION_READINESS.md"
LINES = Path(__file__).parents[1] / "adopt" / "lines" / "release-by-release.md"
SEQUENCE = """
## Deployment Sequence

### Step 1: Merge PRs in Order

```bash
# 1. Type fixes (no dependencies)
gh pr merge 14 --squash
# 2. Documentation (no dependencies)
gh pr merge 15 --squash
# 3. CI/CD (depends on #14)
gh pr merge 17 --squash
# 4. Tests (depends on #14)
gh pr merge 16 --squash
# 5. This PR
gh pr merge <THIS_PR_NUMBER> --squash
# 6. Dashboards (depends on #17)
gh pr merge 10 --squash
```
"""
LATER = (
    "backend-api-response-times-200ms-p95",
    "memory-usage-stable",
    "no-memory-leaks-detected",
    "input-validation-on-all-api-endpoints",
    "api-documentation-generated",
    "database-backup-strategy-implemented",
    "postgresql-persistent-volumes-configured",
)
SECONDS = 1_000


def adopted(folder: Path, overlay: str | None = None) -> Checkout:
    """A pull request of the shop, gated by what was imported from its document."""
    document = LINES.read_text("utf-8") + SEQUENCE
    none = {CONFIG: None, ".github/readiness-attestations.yml": None}
    checkout = shop(folder, overlay=overlay, base={DOCUMENT: document, **none})
    done = call(checkout.folder, "import", DOCUMENT, "--pull-request", "21", "--output", CONFIG)
    assert done.exit_code == 0, done.said
    assert "80 items" in done.stdout + done.stderr
    path = checkout.folder / CONFIG
    config: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    assert config["merge"]["order"] == list(ORDER)
    for name in LATER:
        config["items"][name]["stage"] = "scheduled"
    # The shop has no pages of its own: people say whether theirs were built.
    config["items"]["next-js-production-build-successful"] = {
        "check": "attestation",
        "stage": "pre-deploy",
    }
    config["stack"]["services"]["worker"] = {"ready": {"log": "worker ready"}}
    path.write_text(json.dumps(config, indent=1), "utf-8")
    return checkout


def gate(checkout: Checkout, merged: tuple[int, ...], *more: str) -> Called:
    with site(checkout, merged=merged, number=21, body="") as shown:
        known = {
            "GITHUB_TOKEN": "ghs_writer",
            "GITHUB_REPOSITORY": shown.home.full_name,
            "GITHUB_API_URL": shown.double.api_url,
            "GITHUB_GRAPHQL_URL": shown.double.graphql_url,
            "GITHUB_SERVER_URL": shown.double.web,
        }
        asked = ("run", "--pull-request", "21", *more)
        return call(checkout.folder, *asked, environment=known, seconds=SECONDS)


def blocking(done: Called) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in done.report["items"] if one["blocking"]}


def test_a_worker_that_crashes_is_red_and_the_comment_says_whose_move_it_is(
    tmp_path: Path,
) -> None:
    checkout = adopted(tmp_path / "shop", "crash-loop")
    red = gate(checkout, (14, 15))
    assert (red.exit_code, red.report["verdict"]) == (1, "blocked"), red.said
    assert blocking(red)["docker-stack-validation-passed"] == "failed"
    comment = (checkout.folder / "readiness-report" / "comment.md").read_text("utf-8")
    broken = red.item("docker-stack-validation-passed")
    for told in (
        "#### ❌ Author fixes",
        "`docker-stack-validation-passed`",
        broken["summary"][:30],
        broken["remediation"][:30],
        "#### ⏳ Waiting for",
        "**Merge `#17`, then `#16` first**",
        "or a maintainer to merge",
    ):
        assert told in comment, (told, comment)
    assert left_behind(red.project_prefix) == {}


def test_the_shop_is_ready_once_those_before_it_are_merged(tmp_path: Path) -> None:
    checkout = adopted(tmp_path / "shop")
    document = (checkout.folder / DOCUMENT).read_bytes()
    green = gate(checkout, (14, 15, 17, 16), "--write-back")
    assert (green.exit_code, green.report["verdict"]) == (0, "ready"), green.said
    found = blocking(green)
    assert {"docker-stack-validation-passed", "integration-tests-passed"} <= set(found)
    assert set(found.values()) <= {"passed", "skipped"}
    assert green.item("pr-10-merged-all-5-dashboards-complete")["outcome"] == "skipped"
    written = (checkout.folder / DOCUMENT).read_bytes()
    assert len(written) == len(document)
    assert b"- [x] Docker images build successfully" in written
    assert left_behind(green.project_prefix) == {}
