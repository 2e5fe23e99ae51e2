"""What linters report: mypy, ruff, flake8, ESLint, checkstyle, each in its own format.

Formats whose clean report is an empty file are not believed: mypy and flake8 have to say that
they found nothing (`Success: …`, `--count`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from readiness_gate.formats.json_report import (
    entries,
    line_number,
    mapping,
    number,
    read_json,
    text,
)
from readiness_gate.formats.xml_events import read_xml

LintFormat = Literal["mypy", "ruff", "flake8", "eslint", "checkstyle"]
_PROBLEMS_CAP = 200_000
_MYPY = re.compile(
    r"(?P<path>[^\n:]{1,1000}):(?P<line>[0-9]{1,7})(?::[0-9]{1,7}){0,3}: "
    r"(?P<severity>error|warning|note): (?P<message>.*)"
)
_MYPY_CODE = re.compile(r"  \[(?P<code>[a-z0-9-]{1,60})\]$")
_FLAKE8 = re.compile(
    r"(?P<path>[^\n:]{1,1000}):(?P<line>[0-9]{1,7}):[0-9]{1,7}: "
    r"(?P<code>[A-Z]{1,4}[0-9]{1,5}) (?P<message>.*)"
)
_SUCCESS = re.compile(r"Success: no issues found in [1-9][0-9]{0,6} source files?")
_CRASH = "Traceback (most recent call last):"
_FOUND = re.compile(r"Found ([0-9]{1,7}) errors? in ")


@dataclass(frozen=True)
class LintProblem:
    """One thing that a linter says."""

    path: str
    line: int | None
    rule: str
    message: str
    severity: Literal["error", "warning", "note"]


@dataclass(frozen=True)
class LintReport:
    """Everything that a linter says."""

    format: LintFormat
    problems: tuple[LintProblem, ...]


def read_lint(data: bytes, format_: LintFormat | None = None) -> LintReport:
    """Return a report, of `format_` where it is given.

    Raises:
        ValueError: it has none of the formats, is broken or empty, or says that the linter itself
            failed.
    """
    kind = format_ or _told(data)
    problems: list[LintProblem] = []
    for problem in _READERS[kind](data):
        problems.append(problem)
        if len(problems) > _PROBLEMS_CAP:
            raise ValueError(f"more than {_PROBLEMS_CAP} problems")
    return LintReport(kind, tuple(problems))


def _told(data: bytes) -> LintFormat:
    start = data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "checkstyle"
    if start.startswith(b"["):
        first = next(iter(entries(read_json(data), "the report")), None)
        if first is None:
            raise ValueError("an empty list; say under `format` whose it is")
        return "eslint" if isinstance(first, dict) and "filePath" in first else "ruff"
    if start.startswith(b"{"):
        return "mypy" if b'"severity"' in start else "flake8"
    lines = start.decode("utf-8", "replace").splitlines()
    if any(_MYPY.fullmatch(line) or _SUCCESS.match(line) for line in lines):
        return "mypy"
    if any(_FLAKE8.fullmatch(line) for line in lines):
        return "flake8"
    if not lines:
        raise ValueError("it is empty, as after a crash; let mypy write text, flake8 `--count`")
    raise ValueError("not a format that is known; say under `format` whose it is")


def _mypy(data: bytes) -> Iterator[LintProblem]:
    finished: int | None = None
    errors = 0
    lines = _lines(data)
    for line in lines:
        if line.startswith("{"):
            said = mapping(read_json(line.encode()), "a line")
            problem = _problem(said, "file", said.get("line"), "code", said.get("severity"))
            finished = -1 if finished is None else finished
        elif match := _MYPY.fullmatch(line):
            code = _MYPY_CODE.search(match["message"])
            severity = match["severity"]
            problem = LintProblem(
                match["path"], line_number(int(match["line"])), code["code"] if code else "",
                text(match["message"]), severity,  # type: ignore[arg-type] # one of the three
            )  # fmt: skip
        else:
            found = _FOUND.match(line)
            finished = int(found[1]) if found else 0 if _SUCCESS.match(line) else finished
            continue
        errors += problem.severity == "error"
        yield problem
    if finished is None:
        raise ValueError("it does not say that mypy came to its end (`Success:` or `Found`)")
    if finished > errors:
        raise ValueError(f"it counts {finished} errors and shows {errors}")


def _ruff(data: bytes) -> Iterator[LintProblem]:
    for one in entries(read_json(data), "the report"):
        said = mapping(one, "an entry")
        row = mapping(said.get("location", {}), "location").get("row")
        yield _problem(said, "filename", row, "code", said.get("severity", "error"))


def _flake8(data: bytes) -> Iterator[LintProblem]:
    if data.lstrip().startswith(b"{"):
        files = mapping(read_json(data), "the report")
        if not files:
            raise ValueError("flake8 looked at no file")
        for path, found in files.items():
            for one in entries(found, path):
                said = {**mapping(one, path), "filename": path}
                message = {**said, "message": said.get("text")}
                yield _problem(message, "filename", said.get("line_number"), "code", "error")
        return
    finished = False
    seen = 0
    for line in _lines(data):
        match = _FLAKE8.fullmatch(line)
        if match is not None:
            seen += 1
            yield LintProblem(
                match["path"], line_number(int(match["line"])), match["code"],
                text(match["message"]), "error",
            )  # fmt: skip
        elif line.isdecimal() and line.isascii() and len(line) < 8:
            finished = True
            if int(line) > seen:
                raise ValueError(f"it counts {line} problems and shows {seen}")
    if not seen and not finished:
        raise ValueError("it names no problem and has no count; run flake8 with `--count`")


def _eslint(data: bytes) -> Iterator[LintProblem]:
    files = entries(read_json(data), "the report")
    if not files:
        raise ValueError("ESLint looked at no file")
    for one in files:
        file = mapping(one, "an entry")
        shown = entries(file.get("messages"), "messages")
        for count in ("errorCount", "fatalErrorCount"):
            if (number(file.get(count)) or 0) > len(shown):
                raise ValueError(f"it counts more under {count} than it shows")
        for entry in shown:
            said = {**mapping(entry, "a message"), "filePath": file.get("filePath")}
            severity = "warning" if said.get("severity") == 1 else "error"
            yield _problem(said, "filePath", said.get("line"), "ruleId", severity)


def _checkstyle(data: bytes) -> Iterator[LintProblem]:
    problems: list[LintProblem] = []
    file = ""

    def start(path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        nonlocal file
        if len(path) == 1 and path != ("checkstyle",):
            raise ValueError(f"the root is {path[0][:40]!r}, not checkstyle")
        if path[-1] == "file":
            file = attributes.get("name", "")
        elif path[-1] in {"error", "exception"}:
            line = attributes.get("line", "")
            said = {
                "file": file,
                "message": attributes.get("message") or "the linter itself failed",
                "code": attributes.get("source", "").rpartition(".")[2],
            }
            at = int(line) if line.isdecimal() and line.isascii() and len(line) < 8 else None
            if len(problems) <= _PROBLEMS_CAP:
                problems.append(_problem(said, "file", at, "code", attributes.get("severity")))

    read_xml(data, start)
    yield from problems


def _problem(
    said: Mapping[str, Any], path: str, line: Any, rule: str, severity: Any
) -> LintProblem:
    where = text(said.get(path), cap=1000)
    message = text(said.get("message"))
    if not where and not message:
        raise ValueError("an entry has neither file nor message")
    kinds: Mapping[Any, Literal["error", "warning", "note"]] = {
        "warning": "warning", "note": "note", "info": "note", "ignore": "note",
    }  # fmt: skip
    kind = kinds.get(severity, "error") if isinstance(severity, str) else "error"
    return LintProblem(where, line_number(line), text(said.get(rule), cap=120), message, kind)


def _lines(data: bytes) -> list[str]:
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    if any(line.startswith(_CRASH) for line in lines):
        raise ValueError("it holds a traceback: the linter itself failed")
    return lines


_READERS: Mapping[LintFormat, Callable[[bytes], Iterator[LintProblem]]] = {
    "mypy": _mypy,
    "ruff": _ruff,
    "flake8": _flake8,
    "eslint": _eslint,
    "checkstyle": _checkstyle,
}
