"""The rules of `dockerfile-lint`, one function each: what does not hold, with its line."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from readiness_gate.checks.project_files import Problem
from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats.dockerfile import Dockerfile, Instruction, Stage, expanded
from readiness_gate.formats.image_name import ImageName, image_name

Rule = Literal[
    "non-root",
    "pinned-base",
    "pinned-digest",
    "exec-form",
    "no-secrets",
    "health-check",
    "multi-stage",
    "dockerignore",
    "no-remote-add",
]
_SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|pwd|secret|token|credentials?|api_?key|access_?key|private_?key)(_|$)",
    re.IGNORECASE,
)
_SECRET_FILE = re.compile(
    r"(^|/)(\.env|id_rsa|id_ed25519|\.npmrc|\.pypirc|\.netrc|[^/]*\.(pem|key|p12|pfx))$"
)
_CREDENTIALS = re.compile(r"://[^/\s:@$]{1,100}:[^/\s:@$]{1,200}@")
_ROOT = frozenset({"root", "0"})


@dataclass(frozen=True)
class ReadDockerfile:
    """One Dockerfile and the stage of it that is shipped, with the stages that this starts from."""

    name: str
    file: Dockerfile
    lineage: tuple[Stage, ...]
    workspace: Workspace

    @property
    def shipped(self) -> Iterator[Instruction]:
        """The instructions of the shipped stage, the last one first."""
        for stage in self.lineage:
            yield from reversed(stage.instructions)

    @property
    def external(self) -> Iterator[Stage]:
        """The stages that start from an image, not from an earlier stage or from nothing."""
        for stage in self.file.stages:
            if self.file.parent(stage) is None and stage.image.lower() != "scratch":
                yield stage

    def last(self, word: str) -> Instruction | None:
        """Return the last such instruction of what is shipped."""
        return next((one for one in self.shipped if one.word == word), None)

    def at(self, line: int, text: str) -> Problem:
        """Return a problem in this file."""
        return Problem(text, self.name, line)


class Doubtful(Exception):  # noqa: N818 - carries what a rule cannot see
    """A rule cannot be decided from the file alone."""

    def __init__(self, problem: Problem) -> None:
        """Keep what is unclear, and where."""
        super().__init__(str(problem))
        self.problem = problem


def _non_root(read: ReadDockerfile) -> Iterator[Problem]:
    user = read.last("USER")
    if user is None:
        base = read.lineage[-1]
        if "nonroot" not in image_name(base.image).tag:
            yield read.at(read.lineage[0].line, "no USER is set, so the image runs as root")
        return
    name = expanded(user.text, _values(read)).partition(":")[0].strip().strip("\"'")
    if "$" in name:
        raise Doubtful(read.at(user.line, f"USER {user.text[:60]} depends on a variable"))
    if name.lower() in _ROOT or not name:
        yield read.at(user.line, f"the image runs as {name or 'root'}")


def _values(read: ReadDockerfile) -> dict[str, str]:
    """Return the variables that ARG and ENV set in the shipped stage; later ones win."""
    values: dict[str, str] = {}
    for one in reversed(list(read.shipped)):
        if one.word in {"ARG", "ENV"}:
            values |= {name: value for name, value in _assigned(one) if value is not None}
    return values


def _assigned(one: Instruction) -> Iterator[tuple[str, str | None]]:
    """Yield names and values of `ENV a=b c="d e"`, of the older `ENV a b`, and of `ARG a=b`."""
    first = one.text.split(None, 1)
    if one.word == "ENV" and first and "=" not in first[0]:
        yield first[0], first[1].strip() if len(first) > 1 else None
        return
    for match in re.finditer(r"([A-Za-z_]\w*)(?:=(\"[^\"]*\"|'[^']*'|\S*))?", one.text):
        if match.start() and not one.text[match.start() - 1].isspace():
            continue
        yield match[1], match[2].strip("\"'") if match[2] is not None else None


def _images(read: ReadDockerfile) -> Iterator[tuple[Stage, ImageName]]:
    for stage in read.external:
        if "$" in stage.image:
            raise Doubtful(read.at(stage.line, f"FROM {stage.image[:80]} depends on an argument"))
        yield stage, image_name(stage.image)


def _pinned_base(read: ReadDockerfile) -> Iterator[Problem]:
    for stage, image in _images(read):
        if not image.is_pinned:
            yield read.at(stage.line, f"{stage.image} has no tag that pins it")


def _pinned_digest(read: ReadDockerfile) -> Iterator[Problem]:
    for stage, image in _images(read):
        if not image.digest:
            yield read.at(stage.line, f"{stage.image} is not named by digest")


def _exec_form(read: ReadDockerfile) -> Iterator[Problem]:
    for word in ("ENTRYPOINT", "CMD"):
        one = read.last(word)
        if one is not None and one.arguments is None:
            yield read.at(
                one.line, f"{word} is a shell's line, so signals do not reach the program"
            )


def _no_secrets(read: ReadDockerfile) -> Iterator[Problem]:
    for stage in read.file.stages:
        for one in stage.instructions:
            if one.word in {"ENV", "ARG"}:
                for name, value in _assigned(one):
                    if _SECRET_NAME.search(name) and _is_literal(one.word, name, value):
                        yield read.at(one.line, f"{one.word} {name[:60]} stays in the image")
            elif one.word in {"COPY", "ADD"} and not _from(one):
                for source in _sources(one):
                    if _SECRET_FILE.search(source):
                        yield read.at(one.line, f"{source[:80]} is copied into the image")
            if _CREDENTIALS.search(one.text) or _CREDENTIALS.search(one.heredoc):
                yield read.at(one.line, "an address holds a password")


def _is_literal(word: str, name: str, value: str | None) -> bool:
    # A build argument stays in the history with the value that it is given.
    if name.upper().endswith("_FILE"):
        return False
    return word == "ARG" or bool(value and not value.startswith("/run/secrets/"))


def _health_check(read: ReadDockerfile) -> Iterator[Problem]:
    one = read.last("HEALTHCHECK")
    if one is None:
        yield read.at(read.lineage[0].line, "there is no HEALTHCHECK")
    elif one.text.strip().upper() == "NONE":
        yield read.at(one.line, "HEALTHCHECK NONE turns the health check off")


def _multi_stage(read: ReadDockerfile) -> Iterator[Problem]:
    stages = read.file.stages
    names = {stage.name.lower() for stage in stages if stage.name}
    names |= {str(number) for number in range(len(stages))}
    if not any(_from(one).lower() in names for one in read.shipped if _from(one)):
        yield read.at(read.lineage[0].line, "what is shipped copies from no other stage")


def _dockerignore(read: ReadDockerfile) -> Iterator[Problem]:
    folder = read.name.rpartition("/")[0]
    places = {".dockerignore", f"{folder}/.dockerignore".lstrip("/"), f"{read.name}.dockerignore"}
    if any(read.workspace.exists(place) for place in places):
        return
    for one in read.shipped:
        if one.word in {"COPY", "ADD"} and not _from(one) and {".", "./"} & set(_sources(one)):
            yield read.at(one.line, "the whole folder is copied, and there is no .dockerignore")


def _no_remote_add(read: ReadDockerfile) -> Iterator[Problem]:
    for stage in read.file.stages:
        for one in stage.instructions:
            if one.word == "ADD" and "checksum" not in dict(one.flags):
                for source in _sources(one):
                    if source.startswith(("http://", "https://", "git@", "ssh://")):
                        yield read.at(one.line, "ADD fetches from elsewhere without a checksum")


def _from(one: Instruction) -> str:
    if one.word in {"COPY", "ADD"}:
        return dict(one.flags).get("from", "")
    for name, value in one.flags:
        if one.word == "RUN" and name == "mount":
            parts = dict(part.partition("=")[::2] for part in value.split(","))
            if "from" in parts:
                return parts["from"]
    return ""


def _sources(one: Instruction) -> tuple[str, ...]:
    return (one.arguments or tuple(one.text.split()))[:-1]


RULES: Mapping[Rule, Callable[[ReadDockerfile], Iterator[Problem]]] = {
    "non-root": _non_root,
    "pinned-base": _pinned_base,
    "pinned-digest": _pinned_digest,
    "exec-form": _exec_form,
    "no-secrets": _no_secrets,
    "health-check": _health_check,
    "multi-stage": _multi_stage,
    "dockerignore": _dockerignore,
    "no-remote-add": _no_remote_add,
}
"""Every rule by its name."""
