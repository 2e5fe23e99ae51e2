"""A small reader of the runner's own grammars: command lines, output files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_COMMAND = re.compile(
    r"^\s*::(?P<name>[A-Za-z-]+)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<data>.*)$"
)
_HEREDOC = re.compile(r"^(?P<name>[^=<]+)<<(?P<delimiter>.+)$")


@dataclass(frozen=True)
class Command:
    """One command as the runner would obey it."""

    name: str
    properties: Mapping[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Return the commands in a step's log; `##[…]` counts anywhere in a line."""
    found = []
    stopped: str | None = None
    for line in re.split(r"\r\n|\r|\n", log):
        old = re.search(r"##\[([A-Za-z-]+)", line)
        if old:
            # The pages of logs give this form a meaning even where commands are stopped.
            found.append(Command(old[1], {}, line))
        match = _COMMAND.match(line)
        if stopped is not None:
            if line.strip() == f"::{stopped}::":
                stopped = None
            continue
        if not match:
            continue
        if match["name"] == "stop-commands":
            stopped = match["data"]
            continue
        pairs = (one.partition("=") for one in (match["properties"] or "").split(",") if one)
        found.append(
            Command(
                match["name"], {k.strip(): _plain(v) for k, _, v in pairs}, _plain(match["data"])
            )
        )
    return found


def outputs(text: str) -> dict[str, str]:
    """Return the outputs of a file in the runner's form.

    Raises:
        ValueError: a line that is neither an assignment nor the begin of a block.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    if lines and not lines[-1]:
        lines.pop()
    found: dict[str, str] = {}
    at = 0
    while at < len(lines):
        match = _HEREDOC.match(lines[at])
        if match is None:
            raise ValueError(f"no output: {lines[at]!r}")
        end = lines.index(match["delimiter"], at + 1)
        if match["name"] in found:
            raise ValueError(f"{match['name']} is written twice")
        found[match["name"]] = "\n".join(lines[at + 1 : end])
        at = end + 1
    return found


def _plain(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text
