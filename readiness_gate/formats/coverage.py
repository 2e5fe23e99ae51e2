"""Line coverage as Cobertura, LCOV, coverage.py's JSON and JaCoCo write it.

What is read is each line's count, never the percentages that a report claims for itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from readiness_gate.formats.json_report import (
    LINE_CAP,
    entries,
    line_number,
    mapping,
    number,
    read_json,
)
from readiness_gate.formats.xml_events import read_xml, whole

_LINES_CAP = 5_000_000
_ODD = re.compile(r"//|/\.(?:/|$)")


@dataclass
class FileCoverage:
    """One source file."""

    lines: dict[int, bool] = field(default_factory=dict)
    """Whether a line that can run did run; lines that cannot are not in it."""
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Branches of a line that were taken, and all of them."""

    def ran(self, line: int, hit: bool) -> None:
        """Note a line; one that ran once did run."""
        self.lines[line] = hit or self.lines.get(line, False)

    def branched(self, line: int, taken: int, all_: int) -> None:
        """Note the branches of a line; the best that is said of them counts."""
        self.branches[line] = max((taken, all_), self.branches.get(line, (0, 0)))


@dataclass(frozen=True)
class CoverageReport:
    """All files of one report, or of several that were put together."""

    format: str
    files: Mapping[str, FileCoverage]
    sources: tuple[str, ...] = ()
    """Folders that the paths of the files may be relative to."""


def line_share(files: Iterable[FileCoverage]) -> float | None:
    """Return the percentage of lines that ran, `None` where there is none."""
    ran = total = 0
    for file in files:
        ran += sum(file.lines.values())
        total += len(file.lines)
    return 100.0 * ran / total if total else None


def branch_share(files: Iterable[FileCoverage]) -> float | None:
    """Return the percentage of branches that were taken, `None` where there is none."""
    pairs = [pair for file in files for pair in file.branches.values()]
    total = sum(all_ for _, all_ in pairs)
    return 100.0 * sum(taken for taken, _ in pairs) / total if total else None


def read_coverage(data: bytes) -> CoverageReport:
    """Return a report, whichever of the formats it has.

    Raises:
        ValueError: it has none of them, is broken, or measures no line.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        report = _coverage_py(data)
    elif start.startswith(b"<"):
        report = _xml(data)
    elif start.startswith((b"TN:", b"SF:", b"#")):
        report = _lcov(data)
    else:
        raise ValueError("neither Cobertura, JaCoCo, LCOV nor coverage.py's JSON")
    lines = sum(len(file.lines) for file in report.files.values())
    if not lines:
        raise ValueError("it measures no line")
    if lines > _LINES_CAP:
        raise ValueError(f"more than {_LINES_CAP} lines")
    return report


def _coverage_py(data: bytes) -> CoverageReport:
    files: dict[str, FileCoverage] = {}
    document = mapping(read_json(data), "the report")
    for path, one in mapping(document.get("files"), "files").items():
        said = mapping(one, path)
        file = files.setdefault(_path(path), FileCoverage())
        for key, hit in (("missing_lines", False), ("executed_lines", True)):
            lines = entries(said.get(key), f"{key} of {path}")
            if lines and (
                set(map(type, lines)) != {int} or min(lines) < 1 or max(lines) >= LINE_CAP
            ):
                lines = [_line(line) for line in lines]  # says which is none
            if hit or not file.lines:
                file.lines.update(dict.fromkeys(lines, hit))
            else:
                file.lines.update((line, False) for line in lines if line not in file.lines)
        summary = mapping(said.get("summary", {}), f"summary of {path}")
        total, taken = number(summary.get("num_branches")), number(summary.get("covered_branches"))
        if total:
            file.branched(0, _within(int(taken or 0), int(total)), int(total))
    return CoverageReport("coverage.py JSON", files)


def _lcov(data: bytes) -> CoverageReport:
    files: dict[str, FileCoverage] = {}
    file: FileCoverage | None = None
    counted: dict[int, tuple[int, int]] = {}
    for number_, raw in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        key, _, value = raw.strip().partition(":")
        if key == "SF":
            file, counted = files.setdefault(_path(value), FileCoverage()), {}
        elif raw.strip() == "end_of_record":
            for line, (taken, all_) in counted.items() if file is not None else ():
                file.branched(line, taken, all_) if file is not None else None
            file = None
        elif key in {"DA", "BRDA"}:
            parts = value.split(",")
            if file is None or len(parts) < (2 if key == "DA" else 4):
                raise ValueError(f"line {number_}: {key} out of place")
            line = _line(_whole(parts[0], number_))
            if key == "DA":
                file.ran(line, _whole(parts[1], number_) > 0)
            else:
                taken, all_ = counted.get(line, (0, 0))
                counted[line] = (taken + (parts[3] not in {"-", "0"}), all_ + 1)
    if file is not None:
        raise ValueError("it ends within a record")
    return CoverageReport("LCOV", files)


def _xml(data: bytes) -> CoverageReport:
    reading = _Xml()
    read_xml(data, reading.start, reading.end)
    if reading.kind == "report":
        return CoverageReport("JaCoCo", reading.files)
    return CoverageReport("Cobertura", reading.files, tuple(reading.sources))


class _Xml:
    """Cobertura and JaCoCo, told apart by their root."""

    def __init__(self) -> None:
        self.kind = ""
        self.files: dict[str, FileCoverage] = {}
        self.sources: list[str] = []
        self._file: FileCoverage | None = None
        self._package = ""

    def start(self, path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        name = path[-1]
        if len(path) == 1:
            if name not in {"coverage", "report"}:
                raise ValueError(f"the root is {name[:40]!r}, not coverage or report")
            self.kind = name
        elif name == "package":
            self._package = attributes.get("name", "")
        elif name == "sourcefile" and self.kind == "report":
            self._open("/".join(part for part in (self._package, attributes.get("name")) if part))
        elif name == "class" and self.kind == "coverage":
            self._open(attributes.get("filename", ""))
        elif name == "line" and self._file is not None:
            self._count(self._file, attributes)

    def end(self, path: tuple[str, ...], text: str) -> None:
        if path[-1] == "source" and text and len(self.sources) < 100:
            self.sources.append(_path(text))
        elif path[-1] in {"sourcefile", "class"}:
            self._file = None

    def _open(self, path: str) -> None:
        self._file = self.files.setdefault(_path(path), FileCoverage())

    def _count(self, file: FileCoverage, said: Mapping[str, str]) -> None:
        if self.kind == "report":
            line = _line(whole(said, "nr"))
            file.ran(line, whole(said, "ci", "0") > 0)
            taken, missed = whole(said, "cb", "0"), whole(said, "mb", "0")
            if taken + missed:
                file.branched(line, taken, taken + missed)
            return
        line = _line(whole(said, "number"))
        file.ran(line, whole(said, "hits") > 0)
        _, _, pair = said.get("condition-coverage", "").partition("(")
        of = pair.rstrip(")").split("/")
        if len(of) == 2:
            taken, all_ = (whole({"condition-coverage": one}, "condition-coverage") for one in of)
            file.branched(line, _within(taken, all_), all_)


def _path(text: str) -> str:
    plain = text.strip().replace("\\", "/")[:1000]
    if not plain or "\0" in plain:
        raise ValueError("a file has no path")
    if not plain.startswith("./") and not plain.endswith("/") and not _ODD.search(plain):
        return plain  # as most are, in a tenth of the time
    return str(PurePosixPath(plain))


def _line(value: object) -> int:
    line = line_number(value)
    if line is None:
        raise ValueError(f"{str(value)[:20]!r} is no line")
    return line


def _whole(text: str, at: int) -> int:
    plain = text.strip()
    if not plain.isdecimal() or not plain.isascii() or len(plain) > 18:
        raise ValueError(f"line {at}: {plain[:20]!r} is no count")
    return int(plain)


def _within(taken: int, all_: int) -> int:
    if not 0 <= taken <= all_:
        raise ValueError(f"{taken} of {all_} branches is no share")
    return taken


def merged(
    reports: Iterable[CoverageReport], place: Callable[[str, tuple[str, ...]], str]
) -> dict[str, FileCoverage]:
    """Return the files of several reports by where `place` puts them; a line ran if it ever did."""
    files: dict[str, FileCoverage] = {}
    for report in reports:
        for path, one in report.files.items():
            name = place(path, report.sources)
            if name not in files:
                files[name] = FileCoverage(dict(one.lines), dict(one.branches))
                continue
            file = files[name]
            for line, hit in one.lines.items():
                file.ran(line, hit)
            for line, (taken, all_) in one.branches.items():
                file.branched(line, taken, all_)
    return files
