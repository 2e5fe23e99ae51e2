r"""Dockerfiles as BuildKit reads them: instructions with lines, stages, heredocs.

After Docker's reference: parser directives (`# escape=`), continued lines, comments between them,
`--flags`, JSON (exec) form, here-documents. Text in, data out; nothing is expanded but `ARG`s
that stand before the first `FROM`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(\S+)\s*")
_WORD = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
# A word of its own: `$((1<<N))` of a shell begins no heredoc.
_HEREDOC = re.compile(r"(?:^|\s)[0-9]?<<-?([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1(?=\s|$)")
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?\s*")
_FROM = re.compile(r"(\S+)(?:\s+[Aa][Ss]\s+(\S+))?\s*")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^${}]*))?\}|([A-Za-z_]\w*))")
_WORDS = """
ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL
STOPSIGNAL USER VOLUME WORKDIR
"""
INSTRUCTIONS = frozenset(_WORDS.split())
_FLAGS = 20


@dataclass(frozen=True)
class Instruction:
    """One instruction, its word in capitals."""

    word: str
    text: str
    """What follows, lines joined, flags taken off."""
    line: int
    flags: tuple[tuple[str, str], ...] = ()
    heredoc: str = ""

    @property
    def arguments(self) -> tuple[str, ...] | None:
        """Return the JSON form's texts, `None` where it is written as a shell's line."""
        if not self.text.startswith("["):
            return None
        try:
            listed = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            return None
        return tuple(listed)


@dataclass(frozen=True)
class Stage:
    """One `FROM` with what follows it."""

    image: str
    """What it starts from, with the known `ARG`s filled in."""
    name: str
    line: int
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """All stages in order."""

    stages: tuple[Stage, ...]
    problems: tuple[tuple[int, str], ...] = ()
    """Line and cause of what is no valid Dockerfile."""

    def stage(self, name: str | None) -> Stage | None:
        """Return the stage that `--target` would build, the last by default."""
        if name is None:
            return self.stages[-1] if self.stages else None
        for number, stage in enumerate(self.stages):
            if stage.name.lower() == name.lower() or str(number) == name:
                return stage
        return None

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """Return the stage and the earlier ones that it starts from, itself first."""
        found = [stage]
        while (parent := self.parent(found[-1])) is not None:
            found.append(parent)
        return tuple(found)

    def parent(self, stage: Stage) -> Stage | None:
        """Return the earlier stage that a stage starts from, `None` for an image."""
        before = self.stages[: self.stages.index(stage)]
        named = [one for one in before if one.name and one.name.lower() == stage.image.lower()]
        return named[-1] if named else None


def parse(text: str, given: Mapping[str, str] | None = None) -> Dockerfile:
    """Return the stages of a Dockerfile; what is wrong with it is in `problems`.

    `given` are arguments of the build, which win over the values of `ARG`s before the first `FROM`.
    """
    problems: list[tuple[int, str]] = []
    known = given or {}
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    pending: list[Instruction] = []
    for one in _instructions(text):
        if one.word not in INSTRUCTIONS:
            problems.append((one.line, f"unknown instruction {one.word[:40]}"))
        elif one.word == "FROM":
            match = _FROM.fullmatch(one.text)
            if match is None:
                problems.append((one.line, "FROM takes an image and, after AS, a name"))
                continue
            if stages:
                stages[-1] = _ended(stages[-1], pending)
            pending = []
            image = expanded(match[1], arguments)
            stages.append(Stage(image, match[2] or "", one.line, ()))
        elif stages:
            pending.append(one)
        elif one.word == "ARG":
            name, sign, value = one.text.partition("=")
            if name.strip() in known:
                arguments[name.strip()] = known[name.strip()]
            elif sign:
                arguments[name.strip()] = expanded(value.strip().strip("\"'"), arguments)
        else:
            problems.append((one.line, f"{one.word} before the first FROM"))
    if stages:
        stages[-1] = _ended(stages[-1], pending)
    else:
        problems.append((1, "there is no FROM"))
    return Dockerfile(tuple(stages), tuple(problems))


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the known variables filled in; unknown ones stay as they are written."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[3])
        if known is not None:
            return known
        return match[2] if match[2] is not None else match[0]

    return _VARIABLE.sub(value, text)


def _ended(stage: Stage, instructions: list[Instruction]) -> Stage:
    return Stage(stage.image, stage.name, stage.line, tuple(instructions))


def _instructions(text: str) -> Iterator[Instruction]:
    lines = text.splitlines()
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        first = at
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        at, joined = _joined(lines, at, escape)
        match = _WORD.fullmatch(joined)
        word = match[1].upper() if match is not None else joined.split()[0]
        rest, flags = _flags((match[2] or "").strip() if match is not None else "")
        at, heredoc = _heredocs(lines, at, word, rest)
        yield Instruction(word, rest, first + 1, flags, heredoc)


def _joined(lines: list[str], at: int, escape: str) -> tuple[int, str]:
    """Return the first line after an instruction, and its own lines as one."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at]
        at += 1
        if parts and (not line.strip() or line.lstrip().startswith("#")):
            continue  # BuildKit leaves comments and empty lines out of a continued instruction
        stripped = line.rstrip()
        if not stripped.endswith(escape):
            parts.append(line)
            break
        parts.append(stripped[: -len(escape)])
    return at, " ".join(part.strip() for part in parts)


def _heredocs(lines: list[str], at: int, word: str, text: str) -> tuple[int, str]:
    found: list[str] = []
    if word in {"RUN", "COPY", "ADD"}:
        for _, name in _HEREDOC.findall(text):
            while at < len(lines) and lines[at].strip() != name:
                found.append(lines[at])
                at += 1
            at += 1
    return min(at, len(lines)), "\n".join(found)


def _flags(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    flags: list[tuple[str, str]] = []
    while len(flags) < _FLAGS and (match := _FLAG.match(text)):
        flags.append((match[1], match[2] or ""))
        text = text[match.end() :]
    return text, tuple(flags)


def _escape(lines: list[str]) -> str:
    for line in lines:
        match = _DIRECTIVE.fullmatch(line)
        if match is None:
            break
        if match[1].lower() == "escape" and match[2] in {"`", "\\"}:
            return match[2]
    return "\\"
