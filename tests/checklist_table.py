"""Writes `docs/checklists.md` from `docs/checklists.yml`: the check that a line becomes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from readiness_gate.checks import CHECKS

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("docs/checklists.yml")
PAGE = Path("docs/checklists.md")
FAMILIES = {
    "merge": "status-checks review-approval branch-protection deployment-status code-alerts "
    "changed-files workflow-recency artifact-exists gate-files-unchanged",
    "repository": "source-rule code-metric doc-sections doc-freshness changelog",
    "stack": "preflight container-inspect filesystem resource-budget graceful-shutdown "
    "rolling-update volume-persistence log-assert fault-injection rollback-drill",
    "network": "http-scenario openapi input-validation authorization-matrix default-credentials "
    "rate-limit cors tls security-headers metrics promql load addr dns redis",
    "database": "migrations-drift migrations-reversible migrations-lint migrations-data-safety "
    "foreign-key-index schema query-plan sql backup-restore backup-recency connection-pool",
}
"""Families of the checks that may not be built yet."""


def source() -> dict[str, Any]:
    """Return the bindings by name, and the lists with the binding of each line."""
    read = yaml.safe_load((ROOT / SOURCE).read_text("utf-8"))
    assert isinstance(read, dict)
    return read


def family(check_id: str) -> str:
    """Return the family of a check, built or not."""
    check = CHECKS.get(check_id)
    if check is not None:
        return check.family.value
    return next(name for name, ids in FAMILIES.items() if check_id in ids.split())


def options_of(binding: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a binding: its own, else those that the check's page shows."""
    from tests import generated_docs  # noqa: PLC0415 - which writes this page too

    given: Mapping[str, Any] | None = binding.get("with")
    if given is not None or binding["check"] not in CHECKS:
        return given or {}
    ((_, item),) = yaml.safe_load(generated_docs.example(binding["check"]))["items"].items()
    shown: Mapping[str, Any] = item.get("with", {}) if isinstance(item, dict) else {}
    return shown


def page() -> str:
    """Return the text of the page."""
    return "\n".join([*_page(source()), ""])


def _page(read: Mapping[str, Any]) -> Iterator[str]:
    bindings, lists = read["bindings"], read["lists"]
    lines = sum(one["lines"] for one in lists)
    bound = sum(len(one["items"]) for one in lists)
    yield from (
        "# Five checklists, line by line",
        "",
        f"The gate grew out of five real checklists with {lines} lines. {bound} of them can be",
        f"bound to a check, at least in part; the other {lines - bound} ask for people, accounts",
        "or bills, and stay [attestations](checks/attestation.md). Each line stands with the id",
        "that the gate gives it.",
        "",
        "Files, services and figures in the options are examples of names. *In part* says that the",
        "check sees that something is there, not that it is lived. *Not built yet* says that the",
        "check is planned, and its family.",
        "",
        "| list | lines | bound |",
        "| --- | --- | --- |",
    )
    yield from (f"| {one['title']} | {one['lines']} | {len(one['items'])} |" for one in lists)
    for one in lists:
        yield from (
            "",
            f"## {one['title']}",
            "",
            "| line | check | options |",
            "| --- | --- | --- |",
        )
        yield from (_row(line, bindings[name]) for line, name in one["items"].items())


def _row(line: str, binding: Mapping[str, Any]) -> str:
    check_id = binding["check"]
    built = check_id in CHECKS
    check = f"[`{check_id}`](checks/{check_id}.md)" if built else f"`{check_id}`"
    check += "" if built else f" (not built yet: {family(check_id)})"
    check += ", in part" if binding.get("partly") else ""
    given = options_of(binding)
    options = f"`{_flow(given)}`" if given else ""
    return f"| {line} | {check} | {options} |"


def _flow(given: Any) -> str:
    text = yaml.safe_dump(given, default_flow_style=True, width=10_000, sort_keys=False)
    return text.strip().replace("|", "\\|")
