"""What the documentation shows is read by the gate itself, and what it quotes is said."""

import re
from collections.abc import Iterator

import pytest
import yaml

from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.checks import CHECKS
from readiness_gate.config.load import load_config
from readiness_gate.engine.plan import plan
from tests.contracts.sources import PACKAGE, ROOT
from tests.engine.builders import scope

PAGES = ("README.md", "docs/getting-started.md", "docs/configuration.md", "CONTRIBUTING.md")
GUIDE = (ROOT / "docs/getting-started.md").read_text("utf-8")
SAID_BY_OTHERS = {
    "no image for the platform": "Docker's",
    "toomanyrequests": "a registry's",
}


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for found in re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            yield page, found


def configurations() -> list[tuple[str, str]]:
    return [(page, text) for page, text in blocks("yaml") if text.startswith("version: 1\n")]


@pytest.mark.parametrize(("page", "text"), configurations())
def test_a_configuration_that_is_shown_can_be_planned(page: str, text: str) -> None:
    loaded = load_config(text, name=page, check_ids=CHECKS)
    lists = [found for where, found in blocks("markdown") if where == page]
    checklist = read_checklists([("list.md", found.encode()) for found in lists])
    assert plan(loaded, checklist, CHECKS, scope())


def test_the_guide_shows_a_configuration_whose_every_line_is_bound_or_signed() -> None:
    (text,) = [found for page, found in configurations() if page == "docs/getting-started.md"]
    (markdown,) = [found for page, found in blocks("markdown") if "PRODUCTION" not in page]
    checklist = read_checklists([("list.md", markdown.encode())])
    ids = [line.id for line in checklist.lines]
    planned = plan(load_config(text, name="guide"), checklist, CHECKS, scope())
    assert [item.id for item in planned][: len(ids)] == ids
    unbound = [item.id for item in planned if item.check_id == "attestation"]
    assert unbound == ["retention"]


def test_workflows_that_are_shown_need_no_more_than_is_said() -> None:
    shown = [yaml.safe_load(text) for _, text in blocks("yaml") if "\njobs:" in text]
    assert len(shown) >= 2
    for workflow in shown:
        assert workflow["permissions"] == {}
        (job,) = workflow["jobs"].values()
        assert job["permissions"] == {
            "contents": "read", "pull-requests": "write", "statuses": "write",
        }  # fmt: skip


def quoted() -> list[str]:
    table = GUIDE.partition("## When something is wrong")[2]
    first = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    return [message for cell in first for message in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("message", quoted())
def test_a_message_that_is_explained_is_said_somewhere(message: str) -> None:
    if message in SAID_BY_OTHERS:
        return
    wanted = message.replace(".github/readiness.yml", "{path}")
    said = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    assert wanted in said


def test_exit_codes_of_the_guide_are_those_of_the_code() -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.+?) \|$", GUIDE, re.MULTILINE))
    assert set(table) == {"0", "1", "2", "3", "130"}
