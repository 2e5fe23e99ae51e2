"""What may not write, writes nothing: narrowed runs, laptops, previews, observing (DESIGN 1.2)."""

from dataclasses import replace
from pathlib import Path

import pytest

from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.evaluation import evaluate_case, open_gate, plan_case
from readiness_gate.cli.publication import could_not_begin, publication_of
from readiness_gate.cli.subject import case_of
from readiness_gate.doors.settings import from_environment
from readiness_gate.errors import ForgeError
from readiness_gate.forge.events import requested
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.outcome import Half, Stage, Verdict
from tests.forge.builders import forge, pull_request
from tests.forge.clock import FakeClock

CONFIG = "version: 1\nmerge: {order: [14, 15]}\nphases: [mvp, next]\n"
ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "7"}


def written(
    folder: Path,
    *,
    environment: dict[str, str] = ACTIONS,
    options: dict[str, str] | None = None,
    config: str = CONFIG,
    at_base: bool = True,
    broken: bool = False,
) -> tuple[SnapshotForge, Verdict]:
    """One whole merge half of #15, which waits for #14: begun, evaluated, published."""
    files = {".github/readiness.yml": config}
    given = forge(pull_request(14), pull_request(15), files=files if at_base else {})
    (folder / ".github").mkdir()
    (folder / ".github/readiness.yml").write_text(config)
    asked = {"pull-request": "15", **(options or {})}
    settings = from_environment({**environment, "GITHUB_WORKSPACE": str(folder)}, asked)
    doors = replace(open_doors(settings), clock=FakeClock())
    gate = open_gate(settings, doors, given, Console(color=False))
    event = requested(
        mode="merge", stage=Stage.PRE_MERGE, pull_request=15, sha=None, environment=None
    )
    case = case_of(event, settings, doors, given)
    halves = frozenset({Half.MERGE})
    publication = publication_of(gate, case, event, halves)
    publication.begin()
    report = evaluate_case(gate, case, plan_case(gate, case), halves)
    publication.publish(report)
    publication.interrupted()
    if broken:
        could_not_begin(gate, event, ForgeError("no answer"))
    return given, report.verdict


def test_in_actions_the_statuses_and_the_comment_are_written(tmp_path: Path) -> None:
    given, verdict = written(tmp_path)
    assert verdict is Verdict.WAITING
    assert {one.status.context for one in given.written_statuses} == {"readiness / merge"}
    assert [number for number, comments in given.comments.items() if comments] == [15]


@pytest.mark.parametrize(
    "narrowing",
    [{"only": "merge-order"}, {"phase": "mvp"}, {"only": "merge-order", "publish": "true"}],
    ids=str,
)
@pytest.mark.parametrize("broken", [False, True])
def test_a_narrowed_run_writes_nothing(
    narrowing: dict[str, str], broken: bool, tmp_path: Path
) -> None:
    given, verdict = written(tmp_path, options=narrowing, broken=broken)
    assert verdict is Verdict.WAITING
    assert given.written_statuses == []
    assert not any(given.comments.values())


def test_a_laptop_writes_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("silent", "told")]
    for folder in folders:
        folder.mkdir()
    silent, _ = written(folders[0], environment={})
    told, _ = written(folders[1], environment={}, options={"publish": "true"})
    assert (silent.written_statuses, any(silent.comments.values())) == ([], False)
    assert told.written_statuses


def test_observing_writes_no_status(tmp_path: Path) -> None:
    given, _ = written(tmp_path, config=f"{CONFIG}enforce: none\n")
    assert given.written_statuses == []
