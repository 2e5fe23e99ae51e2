"""SARIF 2.1.0 as scanners write it: results with their level, severity, place and state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from readiness_gate.formats.json_report import entries, line_number, mapping, number, read_json
from readiness_gate.formats.json_report import text as one_line

SarifLevel = Literal["error", "warning", "note", "none"]
_LEVELS: tuple[SarifLevel, ...] = ("error", "warning", "note", "none")
_RESULTS_CAP = 200_000


@dataclass(frozen=True)
class SarifResult:
    """One finding."""

    tool: str
    rule: str
    level: SarifLevel
    security: float | None
    """Score from 0 to 10 (`security-severity`), `None` where the rule has none."""
    message: str
    path: str
    line: int | None
    state: str
    """`new`, `unchanged`, `updated`, `absent`, or empty where nothing was compared."""
    suppressed: str | None
    """Why somebody suppressed it, `None` where nobody did."""


@dataclass(frozen=True)
class SarifReport:
    """All runs of a file."""

    tools: tuple[str, ...]
    commits: tuple[str, ...]
    """Commits that the runs say they looked at."""
    results: tuple[SarifResult, ...]


def read_sarif(data: bytes) -> SarifReport:
    """Return the findings of all runs.

    Raises:
        ValueError: not SARIF 2.1.0, without a run, or of a tool that says that it failed.
    """
    log = mapping(read_json(data), "the report")
    if log.get("version") != "2.1.0":
        raise ValueError(f"version {one_line(str(log.get('version')), cap=20)}, not 2.1.0")
    runs = [mapping(one, "a run") for one in entries(log.get("runs"), "runs")]
    if not runs:
        raise ValueError("it holds no run")
    results: list[SarifResult] = []
    for run in runs:
        _succeeded(run)
        results += _results(run)
        if len(results) > _RESULTS_CAP:
            raise ValueError(f"more than {_RESULTS_CAP} results")
    return SarifReport(
        tuple(_tool(run) for run in runs),
        tuple(commit for run in runs for commit in _commits(run)),
        tuple(results),
    )


def _succeeded(run: Mapping[str, Any]) -> None:
    for one in entries(run.get("invocations", []), "invocations"):
        if mapping(one, "an invocation").get("executionSuccessful") is False:
            raise ValueError(f"{_tool(run)} says that its run did not succeed")
    elsewhere = mapping(run.get("externalPropertyFileReferences") or {}, "external properties")
    if elsewhere.get("results"):
        raise ValueError(f"{_tool(run)} keeps results in other files, which are not read")
    if "results" not in run or run["results"] is None:
        raise ValueError(f"{_tool(run)} reports no results, not even an empty list")


def _tool(run: Mapping[str, Any]) -> str:
    driver = mapping(mapping(run.get("tool"), "tool").get("driver"), "driver")
    return one_line(driver.get("name"), cap=80) or "a tool without a name"


def _commits(run: Mapping[str, Any]) -> Iterator[str]:
    for one in entries(run.get("versionControlProvenance", []), "versionControlProvenance"):
        commit = one_line(mapping(one, "a provenance").get("revisionId"), cap=64).lower()
        if commit and all(sign in "0123456789abcdef" for sign in commit):
            yield commit


def _rules(run: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    tool = mapping(run.get("tool"), "tool")
    parts = [tool.get("driver"), *entries(tool.get("extensions", []), "extensions")]
    lists = [entries(mapping(one, "a part").get("rules", []), "rules") for one in parts]
    rules = [[mapping(one, "a rule") for one in found] for found in lists]
    by_id = {str(rule.get("id")): rule for found in rules for rule in found}
    return rules[0], by_id


def _results(run: Mapping[str, Any]) -> Iterator[SarifResult]:
    own, by_id = _rules(run)
    for entry in entries(run.get("results"), "results"):
        said = mapping(entry, "a result")
        if said.get("kind", "fail") != "fail":
            continue
        rule_id, rule = _rule(said, own, by_id)
        path, line = _place(said)
        yield SarifResult(
            tool=_tool(run),
            rule=rule_id,
            level=_level(said, rule),
            security=_security(said, rule),
            message=one_line(mapping(said.get("message", {}), "message").get("text")),
            path=path,
            line=line,
            state=one_line(said.get("baselineState"), cap=20),
            suppressed=_suppressed(said),
        )


def _rule(
    said: Mapping[str, Any], own: list[dict[str, Any]], by_id: Mapping[str, dict[str, Any]]
) -> tuple[str, Mapping[str, Any]]:
    reference = mapping(said.get("rule", {}), "rule")
    name = one_line(said.get("ruleId") or reference.get("id"), cap=200)
    # `a/b` is a part of rule `a`, as the standard has it.
    for candidate in (name, name.rpartition("/")[0]):
        if candidate in by_id:
            return name, by_id[candidate]
    index = said.get("ruleIndex", reference.get("index"))
    if isinstance(index, int) and 0 <= index < len(own) and "toolComponent" not in reference:
        return name or one_line(own[index].get("id"), cap=200), own[index]
    return name, {}


def _level(said: Mapping[str, Any], rule: Mapping[str, Any]) -> SarifLevel:
    default = mapping(rule.get("defaultConfiguration", {}), "defaultConfiguration").get("level")
    level = said.get("level", default or "warning")
    # What is not a level of the standard is not taken for a mild one.
    return next((one for one in _LEVELS if one == level), "error")


def _security(said: Mapping[str, Any], rule: Mapping[str, Any]) -> float | None:
    for holder in (said, rule):
        value = mapping(holder.get("properties", {}), "properties").get("security-severity")
        if isinstance(value, str) and len(value) < 8:
            try:
                value = float(value)
            except ValueError:
                continue
        score = number(value)
        if score is not None and 0 <= score <= 10:
            return score
    return None


def _place(said: Mapping[str, Any]) -> tuple[str, int | None]:
    for one in entries(said.get("locations", []), "locations"):
        physical = mapping(mapping(one, "a location").get("physicalLocation", {}), "a place")
        artifact = mapping(physical.get("artifactLocation", {}), "artifactLocation")
        region = mapping(physical.get("region", {}), "region")
        if artifact.get("uri"):
            return one_line(artifact.get("uri"), cap=1000), line_number(region.get("startLine"))
    return "", None


def _suppressed(said: Mapping[str, Any]) -> str | None:
    for one in entries(said.get("suppressions") or [], "suppressions"):
        suppression = mapping(one, "a suppression")
        if suppression.get("status", "accepted") == "accepted":
            return one_line(suppression.get("justification")) or "no reason given"
    return None
