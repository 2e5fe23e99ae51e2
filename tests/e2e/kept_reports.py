"""Records the reports behind the README's comments: `python -m tests.e2e.kept_reports`.

The clinic's first run of `make demo` is the blocked one; the shop under the local runner, with and
without its dependency merged, are the ready and the waiting one. Afterwards
`python -m tests.contracts.readme_comments` renders them.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from examples import demo
from tests.contracts.readme_comments import REPORTS
from tests.e2e import act_run
from tests.e2e.github import site
from tests.e2e.repository import shop
from tests.github_double import events


def main() -> None:
    """Run the three and keep what they reported."""
    if demo.main() != 0:
        raise SystemExit("the demo did not go as it should")
    shutil.copy(demo.KEPT / "blocked" / "report.json", REPORTS / "blocked.json")
    with tempfile.TemporaryDirectory(prefix="kept-reports-") as folder:
        action = act_run.export_action(Path(folder, "readiness-gate"))
        try:
            kept("ready", run_of_shop(Path(folder, "ready"), action, merged=(14, 15)))
            kept("waiting", run_of_shop(Path(folder, "waiting"), action, merged=()))
        finally:
            act_run.remove_action_image()


def run_of_shop(folder: Path, action: Path, *, merged: tuple[int, ...]) -> dict[str, Any]:
    """Return the report of the shop's pull request when `merged` are merged."""
    checkout = shop(folder)
    with site(checkout, merged=merged) as shown:
        event = events.pull_request(shown.double, shown.pull, "opened")
        return act_run.run_workflow(
            checkout, shown, event, action=action, token="ghs_writer"
        ).report


def kept(name: str, report: dict[str, Any]) -> None:
    """Write a report, if it came out as it is kept for."""
    if report["verdict"] != name:
        raise SystemExit(f"{name} came out {report['verdict']}: nothing is kept of it")
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (REPORTS / f"{name}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
