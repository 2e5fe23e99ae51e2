"""What Dependabot and Renovate are told to keep up to date.

Dependabot's file names ecosystems; Renovate keeps everything that it knows, unless its
configuration turns it off or names the managers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument
from readiness_gate.formats.json_report import read_json

_MANAGERS: Mapping[str, frozenset[str]] = {
    "pip": frozenset(
        {"pip_requirements", "pip-compile", "pip_setup", "pipenv", "poetry", "pep621"}
    ),
    "uv": frozenset({"pep621"}),
    "docker": frozenset({"dockerfile"}),
    "docker-compose": frozenset({"docker-compose"}),
    "gomod": frozenset({"gomod"}),
    "gitsubmodule": frozenset({"git-submodules"}),
}
"""Renovate's managers for the ecosystems that Dependabot calls differently."""


@dataclass(frozen=True)
class Kept:
    """What one bot keeps up to date."""

    ecosystems: frozenset[str] = frozenset()
    managers: frozenset[str] | None = frozenset()
    """Renovate's managers, `None` for all of them."""
    problems: tuple[tuple[int | None, str], ...] = ()

    def covers(self, ecosystem: str) -> bool:
        """Return whether an ecosystem, by Dependabot's name, is kept up to date."""
        if ecosystem in self.ecosystems or self.managers is None:
            return True
        return bool(_MANAGERS.get(ecosystem, frozenset({ecosystem})) & self.managers)


def dependabot(document: PlacedDocument) -> Kept:
    """Return the ecosystems of `.github/dependabot.yml`."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("updates"), list):
        return Kept(problems=((document.line, "there is no list of updates"),))
    problems: list[tuple[int | None, str]] = []
    if data.get("version") != 2:
        problems.append((document.line_of(data, "version"), "version is not 2"))
    found: set[str] = set()
    for number, entry in enumerate(data["updates"]):
        lacking = list(_lacking(entry))
        if lacking:
            line = document.line_of(data["updates"], number)
            problems.append((line, f"an update has no {', '.join(lacking)}"))
        elif entry.get("open-pull-requests-limit") != 0:
            found.add(str(entry["package-ecosystem"]))
    return Kept(frozenset(found), problems=tuple(problems))


def _lacking(entry: Any) -> Iterator[str]:
    body = entry if isinstance(entry, dict) else {}
    if not body.get("package-ecosystem"):
        yield "package-ecosystem"
    if not (body.get("directory") or body.get("directories")):
        yield "directory"
    schedule = body.get("schedule")
    if not (isinstance(schedule, dict) and schedule.get("interval")):
        yield "schedule.interval"


def renovate(text: str) -> Kept:
    """Return what a configuration of Renovate in plain JSON keeps.

    Raises:
        ValueError: it is not plain JSON; JSON5 with comments is not read.
    """
    data = read_json(text.encode())
    if not isinstance(data, dict):
        return Kept(problems=((None, "it is no JSON object"),))
    if data.get("enabled") is False:
        return Kept(problems=((None, "it turns the bot off"),))
    named = data.get("enabledManagers")
    if isinstance(named, list) and named:
        return Kept(managers=frozenset(str(one) for one in named))
    off = {
        name for name, one in data.items() if isinstance(one, dict) and one.get("enabled") is False
    }
    if off:
        known = frozenset[str]().union(*_MANAGERS.values(), {"github-actions", "npm", "cargo"})
        return Kept(managers=known - off)
    return Kept(managers=None)
