"""Writes `docs/promises.md` from `docs/checklists.yml`: what proves a promise of what runs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from readiness_gate.checks import CHECKS
from readiness_gate.model.outcome import Family
from tests.checklist_table import options_of, source

PAGE = Path("docs/promises.md")
RUNNING = {
    Family.NETWORK: "What the services answer",
    Family.STACK: "How the services start, run, fail and stop",
    Family.DATABASE: "What the database holds",
}


def promises() -> Iterator[tuple[Family, str, str, str, Mapping[str, Any]]]:
    """Yield family, list, line, whether it is proven in part, and the item of each promise."""
    read = source()
    for number, one in enumerate(read["lists"], start=1):
        for line, name in one["items"].items():
            binding = read["bindings"][name]
            family = CHECKS[binding["check"]].family
            if family in RUNNING:
                given = options_of(binding)
                item = {"check": binding["check"], **({"with": given} if given else {})}
                yield family, str(number), line, "in part" if binding.get("partly") else "", item


def page() -> str:
    """Return the text of the page."""
    return "\n".join([*_page(), ""])


def _page() -> Iterator[str]:
    found = list(promises())
    yield from (
        "# Promises about what runs",
        "",
        f"{len(found)} lines of the five checklists promise something about a running system. Each",
        "stands here with the item that proves it: put it below `items:` of",
        "`.github/readiness.yml`, and write your own names and figures. *In part* says that the",
        "check sees that something is there, not that it is lived.",
        "",
        "[Five checklists, line by line](checklists.md) has the other lines, too. Every check of",
        "the family *network* runs on the [shop](../examples/shop/README.md) as a test: it passes,",
        "fails once its promise is broken on purpose, and cannot tell when the service is gone.",
        "",
        "| | list |",
        "| --- | --- |",
    )
    yield from (f"| {n} | {one['title']} |" for n, one in enumerate(source()["lists"], start=1))
    for family, title in RUNNING.items():
        yield from ("", f"## {title}", "", "| list | promise | what proves it |")
        yield "| --- | --- | --- |"
        for of, number, line, part, item in found:
            if of is family:
                check = item["check"]
                named = f"[`{check}`](checks/{check}.md){', in part' if part else ''}"
                yield f"| {number} | {line} | {named}: `{_flow({line: item})}` |"


def _flow(given: Any) -> str:
    text = yaml.safe_dump(given, default_flow_style=True, width=10_000, sort_keys=False)
    return text.strip()[1:-1].replace("|", "\\|")
