"""Writes what the documentation repeats from the code: `python -m tests.generated_docs --write`.

`docs/checks/` and the data of the listing commands come from the catalogue, the tables of
`docs/configuration.md` from the JSON Schema, `docs/checklists.md` and `docs/promises.md` from
`docs/checklists.yml`.
`--check` says what is out of date and exits 1.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from readiness_gate.checklist.attestations import AttestationRecord
from readiness_gate.checklist.waivers import Waiver
from readiness_gate.checks import CHECKS
from readiness_gate.checks.base import Check
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.records import record_schema
from readiness_gate.model.outcome import Family
from tests import checklist_table, promises_table

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("docs/checks")
CONFIGURATION = Path("docs/configuration.md")
CATALOGUE = Path("readiness_gate/checks/catalogue.json")
EXAMPLES = ("examples/shop/.github/readiness.yml", "examples/clinic/.github/readiness.yml")
REGION = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
# Sources cite design and field notes; who reads how to use a check does not need them.
CITED = re.compile(r" ?\((?:DESIGN|notes on)[^)]*\)")

ANYTHING = "any value"
ANCHORS = {
    "BoundCheck": "items",
    "DatabaseConfig": "databases",
    "DependsOnConfig": "merge",
    "EnvironmentConfig": "environments",
    "ItemConfig": "items",
    "MergeConfig": "merge",
    "MigrationsConfig": "migrations",
    "ProcessConfig": "processes",
    "ReadyConfig": "services",
    "SeedConfig": "seed",
    "ServiceConfig": "services",
    "StackConfig": "stack",
}

FAMILIES = {
    Family.MERGE: "Order, dependencies and people, from facts on GitHub alone.",
    Family.REPOSITORY: "What can be read in the checkout.",
    Family.ARTIFACTS: "Reports that other tools wrote.",
    Family.STACK: "Images, services and commands of the running stack.",
    Family.NETWORK: "What the running services answer.",
    Family.DATABASE: "Migrations and referential integrity.",
}
CLASSES = {
    "read": "looks only; runs together with others",
    "exercise": "uses the system; one at a time",
    "measure": "measures the system; with nothing beside it",
    "disrupt": "disturbs the system; last, one at a time",
}
NEEDS = {
    "workspace": "the checkout",
    "git": "the checkout's history",
    "github": "facts of GitHub (a token, or `--snapshot`)",
    "images": "the stack's images, built",
    "stack": "the stack, running",
    "database": "the databases, migrated",
}


def pages() -> dict[Path, str]:
    """Return the text of every generated file, by its path in the repository."""
    written = {FOLDER / f"{check.id}.md": check_page(check) for check in CHECKS.values()}
    written[FOLDER / "README.md"] = index()
    written[CATALOGUE] = (
        json.dumps([described(check) for check in CHECKS.values()], indent=1) + "\n"
    )
    written[CONFIGURATION] = configuration((ROOT / CONFIGURATION).read_text("utf-8"))
    written[checklist_table.PAGE] = checklist_table.page()
    written[promises_table.PAGE] = promises_table.page()
    return written


def described(check: Check[Any]) -> dict[str, Any]:
    """Return one entry of the data that the listing commands read instead of the modules."""
    return {
        "id": check.id,
        "family": check.family.value,
        "class": check.check_class.value,
        "needs": sorted(need.value for need in check.needs),
        "title": check.title,
        "options": check.options.model_json_schema(by_alias=True),
        "remediation": check.remediation,
        "example": in_one_line(check.id),
    }


def in_one_line(check_id: str) -> str:
    """Return an item that binds the check, as one line below `items:`."""
    ((name, item),) = yaml.safe_load(example(check_id))["items"].items()
    if isinstance(item, dict):
        item = {key: item[key] for key in ("check", "with") if key in item}
    flow = yaml.safe_dump(
        item, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return f"{name}: {flow.removesuffix('...' + chr(10)).strip()}"


def index() -> str:
    """Return the table of the catalogue."""
    lines = ["# Checks", "", f"{len(CHECKS)} checks. Options stand under `with:` of an item.", ""]
    for family, meaning in FAMILIES.items():
        mine = [check for check in CHECKS.values() if check.family is family]
        if not mine:
            continue
        lines += [f"## {family.value}", "", meaning, ""]
        lines += ["| check | what it proves | class |", "| --- | --- | --- |"]
        lines += [
            f"| [`{one.id}`]({one.id}.md) | {one.title} | {one.check_class} |" for one in mine
        ]
        lines.append("")
    lines += ["## Classes", "", "| class | what it does to the system |", "| --- | --- |"]
    lines += [f"| {name} | {meaning} |" for name, meaning in CLASSES.items()]
    return "\n".join([*lines, ""])


def check_page(check: Check[Any]) -> str:
    """Return the page of one check."""
    module = import_module(f"readiness_gate.checks.{check.family}.{check.id.replace('-', '_')}")
    needs = ", ".join(NEEDS[need.value] for need in sorted(check.needs)) or "nothing"
    if check.refine_needs is not None:
        needs += " (less where the options allow it)"
    half = "merge" if check.family is Family.MERGE else "checks"
    schema = record_schema(check.options)
    options = list(tables(schema, said(check.options.__doc__)))
    return "\n".join([
        f"# `{check.id}`",
        "",
        f"{check.title}.",
        "",
        said((module.__doc__ or "").partition(": ")[2]),
        "",
        "| | |",
        "| --- | --- |",
        f"| half | {half} |",
        f"| family | {check.family.value} |",
        f"| class | {check.check_class.value}: {CLASSES[check.check_class.value]} |",
        f"| needs | {needs} |",
        "",
        "## Options",
        "",
        *options,
        "## Example",
        "",
        "```yaml",
        example(check.id).rstrip(),
        "```",
        "",
        "## When it fails",
        "",
        check.remediation,
        "",
    ])  # fmt: skip


def said(text: str | None) -> str:
    """Return a docstring as Markdown paragraphs: first letter large, citations left out."""
    lines = [line.strip() for line in CITED.sub("", text or "").strip().splitlines()]
    words = "\n".join(lines)
    return words[:1].upper() + words[1:]


def tables(schema: Mapping[str, Any], about: str) -> Iterator[str]:
    """Yield the table of a record's keys, then those of the records inside it."""
    definitions = schema.get("$defs", {})
    if not schema.get("properties"):
        yield from (about if about.startswith("None") else "None.", "")
        return
    yield from (about, "", *keys(schema, definitions), "")
    for name, definition in definitions.items():
        if definition.get("properties"):
            yield from (f"### {name}", "", said(definition.get("description")), "")
            yield from (*keys(definition, definitions), "")


def keys(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rows of one record."""
    yield from ("| key | value | default | meaning |", "| --- | --- | --- | --- |")
    required = schema.get("required", ())
    for name, value in schema["properties"].items():
        what = kind(value, definitions)
        default = "required" if name in required else shown(value.get("default"), what)
        yield f"| `{name}` | {cell(what)} | {default} | {cell(value.get('description', ''))} |"


def kind(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return what a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        definition = definitions.get(name, {})
        if "properties" in definition:
            return f"[{name.removesuffix('Config')}](#{ANCHORS.get(name, name.lower())})"
        return kind(definition, definitions)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    branches = [
        kind(one, definitions)
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        if one != {"type": "null"}
    ]
    if branches:
        return ANYTHING if ANYTHING in branches else " or ".join(dict.fromkeys(branches))
    return _plain(schema, definitions)


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    match schema.get("type"):
        case "array":
            return f"list of {kind(schema.get('items', {}), definitions)}"
        case "object":
            inner = schema.get("additionalProperties")
            for found in schema.get("patternProperties", {}).values():
                inner = found
            if not isinstance(inner, dict):
                return "mapping"
            return f"mapping to {kind(inner, definitions)}"
        case "string" if "ms|s|m|h|d" in schema.get("pattern", ""):
            return "duration"
        case "string" if "KiB" in schema.get("pattern", ""):
            return "size"
        case "string":
            return "text"
        case "boolean":
            return "`true` or `false`"
        case "integer" | "number":
            return "number"
        case _:
            return ANYTHING


def shown(default: Any, what: str) -> str:
    """Return a default as YAML writes it, empty where there is none."""
    if default in (None, [], {}, ""):
        return ""
    if isinstance(default, float) and default.is_integer():
        default = int(default)
    word = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{word}s`" if what == "duration" else f"`{word}`"


def cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def example(check_id: str) -> str:
    """Return an item that binds the check, from the examples where one of them does."""
    for path in EXAMPLES:
        items = yaml.safe_load((ROOT / path).read_text("utf-8"))["items"]
        for name, item in items.items():
            given = {"check": item} if isinstance(item, str) else item
            if given.get("check") == check_id:
                return dumped({name: item})
            for one in given.get("checks", ()):
                if isinstance(one, dict) and one["check"] == check_id:
                    return dumped({name: one})
    check = next(one for one in CHECKS.values() if one.id == check_id)
    if not check.example:
        return dumped({check_id: check_id})
    return dumped({check_id: {"check": check_id, "with": dict(check.example)}})


def dumped(item: Mapping[str, Any]) -> str:
    """Return an item below `items:`."""
    return str(yaml.safe_dump({"items": item}, sort_keys=False, width=90, allow_unicode=True))


def configuration(text: str) -> str:
    """Return `docs/configuration.md` with the tables between its markers written anew."""
    schema = record_schema(GateConfig)
    definitions = {"GateConfig": schema, **schema["$defs"]}
    definitions |= {one.__name__: record_schema(one) for one in (Waiver, AttestationRecord)}

    def region(found: re.Match[str]) -> str:
        rows = "\n".join(keys(definitions[found[2]], definitions))
        return f"{found[1]}{rows}\n{found[3]}"

    return REGION.sub(region, text)


def outdated() -> list[Path]:
    """Return the generated files that are not what they should be, and those that no check has."""
    wanted = pages()
    differing = [
        path
        for path, text in wanted.items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != text
    ]
    there = {path.relative_to(ROOT) for path in (ROOT / FOLDER).glob("*.md")}
    return sorted([*differing, *(there - set(wanted))])


def write() -> None:
    """Write every file, and remove pages of checks that are gone."""
    wanted = pages()
    (ROOT / FOLDER).mkdir(parents=True, exist_ok=True)
    for path in (ROOT / FOLDER).glob("*.md"):
        if path.relative_to(ROOT) not in wanted:
            path.unlink()
    for path, text in wanted.items():
        (ROOT / path).write_text(text, "utf-8")


def main() -> int:
    """Write or check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--write", action="store_true")
    chosen.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        write()
        return 0
    late = outdated()
    for path in late:
        print(f"{path} is out of date: run `make docs`")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
