"""What every tracked file keeps: no addresses to download from, no machine's paths, pinned uses."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.sources import ROOT

TEXT_CAP = 2_000_000
DOWNLOADS = re.compile(
    r"https?://(?:files\.pythonhosted\.org|pypi\.org/(?:simple|packages)|registry\.npmjs\.org"
    r"|proxy\.golang\.org|(?:deb|security|archive)\.debian\.org|archive\.ubuntu\.com"
    r"|download\.docker\.com|get\.docker\.com|objects\.githubusercontent\.com"
    r"|raw\.githubusercontent\.com|github\.com/[\w.-]+/[\w.-]+/(?:releases/download|archive)/)"
    r"|--(?:extra-)?index-url[ =]+https?:|--find-links[ =]+\S+:|\"resolved\": *\"https?:",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.$}-])/(?:home|Users|root)/[\w.]")
WORKPLACE = re.compile(r"(?<![\w.$}-])/(?:work)/\w")
SECRETS = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY"
)
PATHS_THAT_ARE_DATA = {
    "tests/contracts/test_repository.py": "the patterns themselves",
}


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return tuple(name for name in listed.stdout.split("\0") if name)


def texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        path = ROOT / name
        if path.is_symlink() or not path.is_file() or name in PATHS_THAT_ARE_DATA:
            continue
        data = path.read_bytes()
        if len(data) < TEXT_CAP and b"\0" not in data:
            yield name, data.decode("utf-8", errors="replace")


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_holds_an_address_to_download_from() -> None:
    assert hits(DOWNLOADS) == []


def test_no_file_holds_a_path_of_the_place_where_it_was_written() -> None:
    assert hits(WORKPLACE) == []
    # Tests invent homes of people; nothing else has a reason to.
    assert [hit for hit in hits(MACHINE) if not hit.startswith("tests/")] == []


def test_no_file_holds_a_secret() -> None:
    # Tests of masking invent their own.
    assert [hit for hit in hits(SECRETS) if not hit.startswith("tests/")] == []


def test_locks_hold_a_hash_for_every_package_and_no_index() -> None:
    for name in ("requirements/runtime.txt", "requirements/development.txt"):
        text = (ROOT / name).read_text("utf-8")
        packages = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
        assert packages
        blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks), name
        assert "index-url" not in text


def workflows() -> list[Path]:
    found = [
        *ROOT.glob(".github/workflows/*.yml"),
        *ROOT.glob("examples/*/.github/workflows/*.yml"),
    ]
    assert len(found) >= 2
    return found


def uses(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "uses" and isinstance(value, str):
                yield value
            else:
                yield from uses(value)
    elif isinstance(node, list):
        for value in node:
            yield from uses(value)


@pytest.mark.parametrize("path", workflows(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_use_of_an_action_is_pinned_by_its_commit(path: Path) -> None:
    text = path.read_text("utf-8")
    for used in uses(yaml.safe_load(text)):
        if used.startswith("./"):
            continue
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", used), used
        # The version is for people, and for Dependabot.
        assert re.search(rf"{re.escape(used)} # v\d", text), used


@pytest.mark.parametrize("path", workflows(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_workflow_starts_without_permissions_and_ends_in_time(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"] is not None, name
        assert job["timeout-minutes"] <= 60, name
        for step in job.get("steps", ()):
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_code_blocks_of_the_documentation_pin_their_actions_too() -> None:
    loose = []
    for name, text in texts():
        if name.endswith(".md"):
            loose += [
                f"{name}: {used}"
                for used in re.findall(r"^\s*-? *uses: *([^\s#]+)", text, re.MULTILINE)
                if not re.search(r"@[0-9a-f]{40}$", used) and not used.startswith("./")
            ]
    assert loose == []


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = []
    for name, text in texts():
        if not name.endswith(".md") or name.startswith(("examples/", "tests/")):
            continue
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        broken += [
            f"{name}: {target}"
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", prose)
            if not (ROOT / name).parent.joinpath(target).exists()
        ]
    assert broken == []
